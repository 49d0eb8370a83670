"""script/test --upstream: Odoo's own tests of the apps that the addons extend, without and with the addons.

Nobody who installs the addons and puts no policy in force may notice them: a test of Odoo that ends in another way
beside them names somebody who would. The tests in a browser are left out: they take hours.
"""

import re
import time

from .paths import ROOT, addons
from .steps import lock, note, step
from .workplace import SETTING_UP

MODULES = ("sale", "sale_stock", "sale_mrp", "website_sale", "sale_loyalty")
RESULT = ROOT / "benchmarks" / "upstream.txt"
LINE = re.compile(r" odoo\.addons\.(\S+): (Starting|FAIL:|ERROR:) (?:Subtest )?(\w+(?:\.\w+)+)")


def compare(databases, apps):
    """Run the tests in both databases, keep and tell the result.

    :return: how many tests end differently
    """
    with lock("setup", SETTING_UP):
        base, prepared = databases.prepare_tests("tests_apps", apps)
    without, seconds_without = _outcomes(databases, base, "without the addons")
    beside, seconds_beside = _outcomes(databases, prepared, "with the addons")
    different = sorted(test for test in without.keys() | beside.keys() if without.get(test) != beside.get(test))
    lines = [
        f"Odoo's tests of {', '.join(MODULES)}, without and with {', '.join(addons())}, no policy in force.",
        f"Without: {_counted(without)}, {seconds_without} s. With: {_counted(beside)}, {seconds_beside} s.",
        f"Ending differently: {len(different)}.",
        *(f"    {test}: {without.get(test, 'not run')}, {beside.get(test, 'not run')}" for test in different),
    ]
    RESULT.write_text("\n".join(lines) + "\n")
    for line in lines:
        note(line)
    return len(different)


def _outcomes(databases, prepared, words):
    """Run the tests in a copy of a database, by Odoo's own runner, as some run before all modules are loaded.

    :return: passed or failed by the name of the test, and how many seconds it took
    """
    step(f"Running the tests of {', '.join(MODULES)} {words}")
    begun = time.monotonic()
    tags = ",".join([*(f"/{module}" for module in MODULES), "-is_tour"])
    with databases.cloned_for_tests(prepared) as database:
        lines = databases.run_own_tests(database, MODULES, tags, log=f"upstream {words}".replace(" ", "_"))
    outcomes = {}
    for module, event, test in (found.groups() for line in lines if (found := LINE.search(line))):
        outcomes[f"{module}.{test}"] = "passed" if event == "Starting" else "failed"
    return outcomes, round(time.monotonic() - begun)


def _counted(outcomes):
    failed = sum(outcome == "failed" for outcome in outcomes.values())
    return f"{len(outcomes)} tests, {failed} failed"
