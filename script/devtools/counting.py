"""A plugin of pytest that counts what became of each test, and tells browser tests from others.

Odoo skips a browser test when there is no browser, and the run then succeeds:
the count is what makes such a run differ from one in which the browser tests passed.
"""

import json
import os
from pathlib import Path

BROWSER = "uses a browser"
WORSE = {"passed": 0, "skipped": 1, "failed": 2}


class Counter:
    def __init__(self):
        self.outcomes = {}
        self.browser = set()
        self.running = None

    def pytest_runtest_logreport(self, report):
        before = self.outcomes.get(report.nodeid, "passed")
        # A part of a test (subTest) that was skipped makes the test one that did not run as a whole.
        self.outcomes[report.nodeid] = max(before, report.outcome, key=WORSE.get)
        if (BROWSER, True) in report.user_properties:
            self.browser.add(report.nodeid)

    def pytest_collectreport(self, report):
        if report.failed:
            self.outcomes[report.nodeid] = "failed"

    def pytest_runtest_setup(self, item):
        self.running = item

    def pytest_sessionfinish(self):
        path = os.environ.get("DEVTOOLS_COUNTS")
        if path and "PYTEST_XDIST_WORKER" not in os.environ:
            every = list(self.outcomes.values())
            counts = {outcome: every.count(outcome) for outcome in ("passed", "failed", "skipped")}
            in_browser = [self.outcomes[nodeid] for nodeid in self.browser]
            counts["browser_ran"] = sum(outcome != "skipped" for outcome in in_browser)
            counts["browser_not_run"] = in_browser.count("skipped")
            Path(path).write_text(json.dumps(counts))


def _mark_browser_tests(counter):
    from odoo.tests.common import HttpCase

    start = HttpCase.browser_js

    def browser_js(self, *args, **kwargs):
        if counter.running and (BROWSER, True) not in counter.running.user_properties:
            counter.running.user_properties.append((BROWSER, True))
        return start(self, *args, **kwargs)

    HttpCase.browser_js = browser_js


def pytest_configure(config):
    counter = Counter()
    config.pluginmanager.register(counter)
    _mark_browser_tests(counter)
