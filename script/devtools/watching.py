"""Finds out for script/mutate which test goes through which line and which check of rights, as a plugin of pytest."""

import ast
import functools
import hashlib
import inspect
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import odoo.modules.registry
import odoo.tools

from .damages import code_files
from .loaded import is_loaded, tell_lines
from .paths import ROOT


class Watch:
    """Runs tests, and keeps which lines and checks of rights each of them goes through, and how long it takes."""

    def __init__(self, asked):
        self.watched = Watched(Path(asked["watched"]))
        self.file, self.context = None, ""
        self.ran, self.lines, self.checks = {}, defaultdict(set), defaultdict(set)
        self.outcomes, self.seconds = {}, Counter()

    def pytest_collection_modifyitems(self, items):
        self.known_by = {item.nodeid: print_of(item) for item in items}
        items[:] = [item for item in items if not self.watched.is_known(item.nodeid, self.known_by[item.nodeid])]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session):
        odoo.modules.registry.Registry(odoo.tools.config["db_name"][0])
        self._watch_lines()
        self._watch_checks()
        result = yield
        self._keep()
        return result

    def _watch_lines(self):
        """Let each statement of the addons say that it runs: to trace all of Odoo would take twice as long."""
        for path in code_files():
            file = str(path.relative_to(ROOT))
            if is_loaded(file):
                self.ran[file] = set()
                tell_lines(file, self.ran[file].add)

    def _watch_checks(self):
        from odoo.addons.base.models.ir_model import IrModelAccess
        from odoo.addons.base.models.ir_rule import IrRule

        check, domain = IrModelAccess.check, IrRule._compute_domain

        def watched_check(access, model, mode="read", raise_exception=True):
            if not access.env.su:
                self.checks[f"access {model.replace('.', '_')} {mode}"].add(self.context)
            return check(access, model, mode, raise_exception)

        def watched_domain(rule, model_name, mode="read"):
            if not rule.env.su:
                self.checks[f"rule {model_name.replace('.', '_')}"].add(self.context)
            return domain(rule, model_name, mode)

        IrModelAccess.check, IrRule._compute_domain = watched_check, watched_domain

    # What runs when a class is set up may be noticed by each of its tests.
    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        if self.file and self.file != _file(item.nodeid):
            self._keep()
        self.file = _file(item.nodeid)
        self._enter(item.parent.nodeid)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        self._enter(item.nodeid)
        return (yield)

    def _enter(self, context):
        for file, lines in self.ran.items():
            for line in lines:
                self.lines[file, line].add(self.context)
            lines.clear()
        self.context = context

    def pytest_runtest_logreport(self, report):
        context = report.nodeid if report.when == "call" else report.nodeid.rpartition("::")[0]
        self.seconds[context] += report.duration
        if report.when == "call" or report.outcome != "passed":
            before = self.outcomes.get(report.nodeid, "passed")
            self.outcomes[report.nodeid] = before if report.outcome == "passed" else report.outcome

    def _keep(self):
        """Keep what is known of the last file of tests: who is interrupted goes on from there."""
        self._enter("")
        found = defaultdict(lambda: {"lines": defaultdict(lambda: defaultdict(list)), "checks": []})
        for (file, line), contexts in self.lines.items():
            function, offset = places(file).get(line, (None, None))
            for context in contexts if function else ():
                found[context]["lines"][file][function].append(offset)
        for check, contexts in self.checks.items():
            for context in contexts:
                found[context]["checks"].append(check)
        for context, outcome in self.outcomes.items():
            found[context]["outcome"] = outcome
        for context in found.keys() - {""}:
            found[context] |= {"by": self.known_by.get(context), "seconds": self.seconds[context]}
            self.watched.tests[context] = found[context]
        self.watched.keep()
        self.lines.clear()
        self.checks.clear()
        self.outcomes.clear()


def _file(test):
    return test.partition("::")[0]


def print_of(item):
    """Changes with a test, so that it is watched anew."""
    return _short_hash(inspect.getsource(item.function))


def _short_hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@functools.cache
def places(file):
    """Where the lines of a file are, told by what stays when other functions change.

    :return: function with its fingerprint, and line within it, by line
    """
    source = (ROOT / file).read_text()
    lines, found = source.splitlines(), {}
    tree = ast.parse(source)
    for owner in (tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))):
        above = f"{owner.name}." if isinstance(owner, ast.ClassDef) else ""
        for node in owner.body:
            if isinstance(node, ast.FunctionDef):
                text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                for line in range(node.lineno, node.end_lineno + 1):
                    found[line] = (f"{above}{node.name}#{_short_hash(text)}", line - node.lineno)
    return found


@functools.cache
def _functions(file):
    """The functions of a file with their fingerprints; none where there is no such file any more."""
    return {function for function, _offset in places(file).values()} if (ROOT / file).is_file() else set()


class Watched:
    """What is known of the tests: what they go through, how long they take, how they end."""

    def __init__(self, path):
        self.path = path
        self.tests = json.loads(path.read_text()) if path.is_file() else {}

    def keep(self):
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps(self.tests))
        partial.rename(self.path)

    def is_known(self, test, print_of_test):
        """Tell whether what a test goes through is known: neither it nor any of that changed since."""
        known = self.tests.get(test, {})
        return known.get("by") == print_of_test and all(
            functions.keys() <= _functions(file) for file, functions in known["lines"].items()
        )

    def passed(self, test):
        return self.tests.get(test, {}).get("outcome") == "passed"

    def seconds(self, context):
        return self.tests.get(context, {}).get("seconds", 0)

    @functools.cached_property
    def _by_function(self):
        """Tests and classes by file, function, its fingerprint, and line within it."""
        found = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
        for context, known in self.tests.items():
            for file, functions in known["lines"].items():
                for function, offsets in functions.items():
                    name, _hash, fingerprint = function.partition("#")
                    for offset in offsets:
                        found[file, name][fingerprint][offset].add(context)
        return found

    def through_line(self, file, line):
        """Tests and classes that go through a line; where its function changed since, those that go through that."""
        if line not in places(file):
            return set()
        function, offset = places(file)[line]
        name, _hash, present = function.partition("#")
        found = set()
        for fingerprint, offsets in self._by_function[file, name].items():
            found |= offsets[offset] if fingerprint == present else set().union(*offsets.values())
        return found

    def depth(self, context, file, functions):
        """How many lines of some functions a test goes through."""
        lines = self.tests[context]["lines"].get(file, {})
        return sum(len(offsets) for name, offsets in lines.items() if name.partition("#")[0] in functions)

    @functools.cached_property
    def through_check(self):
        """Tests and classes by the checks of rights that they go through."""
        found = defaultdict(set)
        for context, known in self.tests.items():
            for check in known["checks"]:
                found[check].add(context)
        return found
