"""script/test --upstream: Odoo's own tests of the apps that the addons extend, without and with the addons.

Nobody who installs the addons and puts no policy in force may notice them: a test of Odoo that ends in another way
beside them names somebody who would. The tests in a browser are left out: they take hours. How the tests end without
the addons is kept for as long as the same Odoo is used.
"""

import json
import re
import time

from .paths import LOCAL, ROOT, addons
from .steps import lock, note, step
from .workplace import SETTING_UP

MODULES = ("sale", "sale_stock", "sale_mrp", "website_sale", "sale_loyalty")
RESULT = ROOT / "benchmarks" / "upstream.txt"
WITHOUT = LOCAL / "upstream.json"
LINE = re.compile(
    r" odoo\.(?:addons\.)?(\S+): (Starting|skipped|FAIL:|ERROR:) (?:Subtest )?(\w+(?:\.\w+)+|setUpClass \(\S+\))"
)
OUTCOMES = {"Starting": "passed", "skipped": "skipped", "FAIL:": "failed", "ERROR:": "failed"}


def compare(databases, apps, tags):
    """Run the tests in both databases and tell the result, which is kept when it is of all of them.

    :param tags: those of the tests as Odoo takes them, such as /sale:TestSaleOrder; all tests when empty
    :return: how many tests end differently
    """
    with lock("setup", SETTING_UP):
        base, prepared = databases.prepare_tests("tests_apps", apps)
    chosen = ",".join([*(tags or (f"/{module}" for module in MODULES)), "-is_tour"])
    without, seconds_without = _outcomes_without(databases, base, chosen)
    beside, seconds_beside = _outcomes(databases, prepared, chosen, "with the addons")
    different = sorted(test for test in without.keys() | beside.keys() if without.get(test) != beside.get(test))
    lines = [
        f"Odoo's tests of {', '.join(MODULES)}, without and with {', '.join(addons())}, no policy in force.",
        f"Without: {_counted(without)}, {seconds_without} s. With: {_counted(beside)}, {seconds_beside} s.",
        f"Ending differently: {len(different)}.",
        *(f"    {test}: {without.get(test, 'not run')}, {beside.get(test, 'not run')}" for test in different),
    ]
    if not tags:
        RESULT.write_text("\n".join(lines) + "\n")
    for line in lines:
        note(line)
    return len(different)


def _outcomes_without(databases, base, tags):
    """Run the tests without the addons, unless they were run before; see ``_outcomes``."""
    key = f"{databases.origin(base)} {tags}"
    known = json.loads(WITHOUT.read_text()) if WITHOUT.is_file() else {}
    if key not in known:
        known[key] = _outcomes(databases, base, tags, "without the addons")
        WITHOUT.write_text(json.dumps(known))
    return known[key]


def _outcomes(databases, prepared, tags, words):
    """Run the tests in a copy of a database, by Odoo's own runner, as some run before all modules are loaded.

    :return: passed, skipped or failed by the name of the test, and how many seconds it took
    """
    step(f"Running Odoo's tests {words}")
    begun = time.monotonic()
    with databases.cloned_for_tests(prepared) as database:
        lines = databases.run_own_tests(database, MODULES, tags, log=f"upstream {words}".replace(" ", "_"))
    outcomes = {}
    for module, event, test in (found.groups() for line in lines if (found := LINE.search(line))):
        outcomes[f"{module}.{test}"] = OUTCOMES[event]
    return outcomes, round(time.monotonic() - begun)


def _counted(outcomes):
    failed = sum(outcome == "failed" for outcome in outcomes.values())
    return f"{len(outcomes)} tests, {failed} failed"
