"""The figures of a run: medians over the turns of each product, by what was done."""

import statistics

from .names import NAMES

PHASES = {
    "create": "create",
    "submit": "submit",
    "approval": "one approval",
    "customer": "customer's yes recorded",
    "confirm": "confirm",
    "life": "whole life",
}
SCREENS = {
    "counter": "to-do counter",
    "bare count": "bare count of what waits",
    "page": "80 that wait, as a list",
    "cards": "40 that wait, as cards",
    "list": "80 orders, Odoo's columns",
    "own columns": "80 orders, own columns too",
    "form": "one order, the form",
    "views": "views of orders, loaded once",
}
FIELDS = ("queries", "cpu_ms", "pg_ms", "wall_ms")


class Figures:
    """What was found in a run."""

    def __init__(self, found):
        self.about = found["about"]
        self.labels = {key: NAMES[key].label for key in found["products"]}
        self.versions = {key: product["versions"] for key, product in found["products"].items()}
        #: costs by product and phase
        self.lives = {key: _medians(product["lives"]) for key, product in found["products"].items()}
        #: costs by number of orders that wait, product and screen
        self.screens = {}
        for key, product in found["products"].items():
            for waiting, turns in product["screens"].items():
                self.screens.setdefault(int(waiting), {})[key] = _medians(turns)

    def added(self, key):
        """What the life of an order costs more than in plain Odoo; nothing for that itself."""
        if key == "V":
            return None
        return {field: self.lives[key]["life"][field] - self.lives["V"]["life"][field] for field in FIELDS}


def processors(costs):
    """Milliseconds that the processors of Odoo and of PostgreSQL worked, whatever else the machine did meanwhile."""
    return costs["cpu_ms"] + costs["pg_ms"]


def _medians(turns):
    return {
        name: {field: statistics.median(turn["costs"][name][field] for turn in turns) for field in FIELDS}
        for name in turns[0]["costs"]
    }
