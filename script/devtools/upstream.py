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
LINE = re.compile(r" odoo\.addons\.(\S+): (Starting|skipped|FAIL:|ERROR:) (?:Subtest )?(\w+(?:\.\w+)+)")
SETTING_UP_FAILED = re.compile(r" ERROR: setUpClass \(odoo\.addons\.(\S+)\)")
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
    different = _different(without, beside)
    if different:
        # By themselves, as a page may take too long while a machine is busy with something else.
        chosen = ",".join(sorted({_tag(test) for test in different}))
        again = _outcomes(databases, base, chosen, "that end differently, without the addons")[0]
        without = {**_others(without, different), **again}
        again = _outcomes(databases, prepared, chosen, "that end differently, with the addons")[0]
        beside = {**_others(beside, different), **again}
        different = _different(without, beside)
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


def _different(without, beside):
    return sorted(test for test in without.keys() | beside.keys() if without.get(test) != beside.get(test))


def _others(outcomes, tests):
    return {test: outcome for test, outcome in outcomes.items() if test not in tests}


def _tag(test):
    """Return the tag by which Odoo runs one test, or a whole class that could not be set up."""
    module, *_path, case, name = test.split(".")
    return f"/{module}:{case}" if name == "setUpClass" else f"/{module}:{case}.{name}"


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
        lines = databases.run_own_tests(database, MODULES, tags, log=re.sub(r"\W+", "_", f"upstream {words}"))
    outcomes = {}
    for line in lines:
        if found := LINE.search(line):
            module, event, test = found.groups()
            outcomes[f"{module}.{test}"] = OUTCOMES[event]
        elif found := SETTING_UP_FAILED.search(line):
            outcomes[f"{found[1]}.setUpClass"] = "failed"
    return outcomes, round(time.monotonic() - begun)


def _counted(outcomes):
    failed = sum(outcome == "failed" for outcome in outcomes.values())
    return f"{len(outcomes)} tests, {failed} failed"
