"""The life of an order: what it costs to enter, submit, approve and confirm one."""

import gc
import logging
import statistics
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass

from odoo.exceptions import UserError

from .requests import FIELDS, without_values

PROFILED = 5  # orders whose statements are kept


class NotComparable(Exception):
    """A product does not do what it is measured for; the message says what."""


@dataclass
class OrderRef:
    """An order on its way, as somebody outside of any request knows it."""

    id: int
    seller: int
    steps: tuple
    passed: int = 0

    @property
    def next_step(self):
        return self.steps[self.passed]


class Life:
    """Lets people take orders from their entry to their confirmation."""

    def __init__(self, product, requests, company):
        self.product, self.requests, self.company = product, requests, company

    def enter(self, number, big):
        """Enter an order."""
        seller = self.company.sellers[number % len(self.company.sellers)]
        values = {**self.company.order_values(number, big), **self.product.more_values()}
        with self.requests.measured("create", seller) as env:
            order_id = env["sale.order"].create(values).id
        return OrderRef(order_id, seller, self.product.steps(big) if self.product.has_review else ())

    def submit(self, ref):
        if self.product.has_review:
            with self.requests.measured("submit", ref.seller) as env:
                self.product.submit(env["sale.order"].browse(ref.id))

    def approve(self, ref):
        """Approve the step that is next."""
        self.product.approve(ref)
        ref.passed += 1

    def confirm(self, ref):
        with self.requests.measured("confirm", ref.seller) as env:
            self.product.confirm(env["sale.order"].browse(ref.id))

    def live(self, number, big):
        """Take an order from its entry to its confirmation."""
        ref = self.enter(number, big)
        self.submit(ref)
        while ref.passed < len(ref.steps):
            self.approve(ref)
        self.product.ask_customer(ref)
        self.confirm(ref)
        return ref

    def check_gate(self, big):
        """Take an order along the same way, and try to confirm it before each approval.

        :raise NotComparable: when that succeeds, or when it does not succeed at the end
        """
        ref = self.enter(0, big)
        self.submit(ref)
        while ref.passed < len(ref.steps):
            if self._is_confirmed(ref):
                raise NotComparable(f"confirmed after {ref.passed} of {len(ref.steps)} approvals")
            self.approve(ref)
        self.product.ask_customer(ref)
        if not self._is_confirmed(ref):
            raise NotComparable(f"not confirmed after all {len(ref.steps)} approvals")

    def _is_confirmed(self, ref):
        """Try to confirm an order, and tell whether it is."""
        try:
            with _without_log(), self.requests.system(ref.seller) as env:
                self.product.confirm(env["sale.order"].browse(ref.id))
        except UserError:
            pass
        with self.requests.system() as env:
            return env["sale.order"].browse(ref.id).state == "sale"

    def measure(self, orders, warmup):
        """Take orders through their lives.

        :param orders: how many are measured
        :param warmup: how many go before, until the caches are those of a server that has been running
        :return: the costs of each phase, and the statements of each phase of some more orders
        """
        for big in (False, True):
            self.check_gate(big)
        for number in range(warmup):
            self.live(number, big=number % 10 == 0)
        gc.collect()
        lives = []
        for number in range(orders):
            self.requests.begin()
            ref = self.live(number, big=number % 10 == 0)
            costs = dict(self.requests.costs)
            costs["life"] = {field: sum(of_phase[field] for of_phase in costs.values()) for field in FIELDS}
            if ref.steps:
                costs["approval"] = {field: cost / len(ref.steps) for field, cost in costs["approve"].items()}
            lives.append(costs)
        profile = self._profile()
        self._check_confirmed(2 + warmup + orders + PROFILED)
        return {"costs": summary(lives), "statements": profile}

    def _profile(self):
        """The statements of an order's phases, each with how often it is sent."""
        self.requests.begin(keep_statements=True)
        for number in range(PROFILED):
            self.live(10 * number + 1, big=False)
        found = defaultdict(Counter)
        for phase, statement in self.requests.statements:
            found[phase][without_values(statement)] += 1 / PROFILED
        self.requests.begin()
        return {phase: counter.most_common() for phase, counter in found.items()}

    def _check_confirmed(self, expected):
        with self.requests.system() as env:
            confirmed = env["sale.order"].search_count([("state", "=", "sale")])
        if confirmed != expected:
            raise NotComparable(f"{confirmed} of {expected} orders are confirmed in the end")


@contextmanager
def _without_log():
    """What is refused is also noted."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def summary(samples):
    """The median costs of each phase over some samples."""
    return {
        phase: {field: statistics.median(sample[phase][field] for sample in samples) for field in FIELDS}
        for phase in samples[0]
    }
