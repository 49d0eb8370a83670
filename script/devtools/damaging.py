"""A plugin of pytest for script/mutate: finds out which test runs which line, or runs tests on damaged code.

The modules of Odoo are loaded once. Each damage is done in a process of its own, forked from the one that has loaded
them, on a fresh copy of the database: none knows of another one.
"""

import ast
import contextlib
import functools
import hashlib
import inspect
import json
import os
import signal
import sys
import time
import unittest
from collections import Counter, defaultdict
from pathlib import Path

import psycopg2
import pytest

import odoo.http
import odoo.modules.registry
import odoo.service.server
import odoo.sql_db
import odoo.tools
from odoo.tests.common import HttpCase

from .damages import CodeDamage, code_files, every_damage, usages
from .paths import ROOT

NOTICED, LIVES = 1, 0


def pytest_configure(config):
    asked = json.loads(os.environ["DEVTOOLS_DAMAGING"])

    def browser_js(self, *args, **kwargs):
        raise unittest.SkipTest("Tests in a browser take too long here.")

    HttpCase.browser_js = browser_js
    config.pluginmanager.register(Watch(asked) if asked["doing"] == "watch" else Damaging(asked))


class Watch:
    """Runs tests, and keeps which lines and checks of rights each of them goes through, and how long it takes."""

    def __init__(self, asked):
        self.watched = Watched(Path(asked["watched"]))
        self.file, self.context = None, ""
        self.ran, self.lines, self.checks = {}, defaultdict(set), defaultdict(set)
        self.outcomes, self.seconds = {}, Counter()

    def pytest_collection_modifyitems(self, items):
        self.known_by = {item.nodeid: _print_of(item) for item in items}
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
            if _module_name(file) in sys.modules:
                self.ran[file] = set()
                _tell_lines(file, self.ran[file].add)

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


def _print_of(item):
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


class Damaging:
    """Does one damage after another, and runs the tests that go through the damaged place until one fails."""

    def __init__(self, asked):
        self.asked = asked
        self.noticed_by = defaultdict(Counter)
        self.database = odoo.tools.config["db_name"][0]

    def pytest_runtestloop(self, session):
        self.watched = Watched(Path(self.asked["watched"]))
        self.items = {item.nodeid: item for item in session.items if self.watched.passed(item.nodeid)}
        self.of_class = defaultdict(list)
        for test in self.items:
            self.of_class[test.rpartition("::")[0]].append(test)
        odoo.modules.registry.Registry(self.database)
        odoo.service.server.load_server_wide_modules()
        self.usages = usages()
        wanted = set(self.asked["keys"])
        damages = {damage.key: damage for damage in every_damage() if damage.key in wanted}
        known = sum(self.watched.is_known(item.nodeid, _print_of(item)) for item in session.items)
        results = {}
        end = time.monotonic() + 60 * self.asked["minutes"]
        for number, key in enumerate(self.asked["keys"], 1):
            if time.monotonic() > end:
                break
            results[key] = self._try(session, damages[key])
            print(f"{number:5}/{len(self.asked['keys'])} {results[key]['became']:11} {damages[key]}", flush=True)
            self._keep(known, len(session.items), results)
        self._check_undamaged(session, results)
        self._keep(known, len(session.items), results)
        return True

    def _keep(self, known, tests, results):
        Path(self.asked["results"]).write_text(json.dumps({"known": known, "tests": tests, "results": results}))

    # The tests

    def _contexts(self, damage):
        """The tests and classes that go through what is damaged, and through how much around it."""
        if not isinstance(damage, CodeDamage):
            return Counter(self.watched.through_check[damage.checked])
        lines = [(damage.file, line) for line in range(damage.inside_line, damage.last_line + 1)]
        if damage.is_set_once:
            lines = self.usages[damage.names[-1]]
        through = set().union(*(self.watched.through_line(file, line) for file, line in lines))
        around = {place[0].partition("#")[0] for file, line in lines if (place := places(file).get(line))}
        return Counter({context: self.watched.depth(context, damage.file, around) for context in through})

    def _tests(self, damage):
        """The tests that may notice a damage: who noticed others nearby first, then who goes through most around it."""
        contexts = self._contexts(damage)
        depth = Counter()
        for context, lines in contexts.items():
            for test in self.of_class.get(context, [context]):
                if test in self.items:
                    depth[test] += lines + 1
        nearby, anywhere = self.noticed_by[damage.file], self.noticed_by[None]

        def last(test):
            return (-nearby[test], -anywhere[test], -depth[test], self.watched.seconds(test), test)

        by_class = defaultdict(list)  # which is set up once
        for test in sorted(depth, key=last):
            by_class[test.rpartition("::")[0]].append(test)
        return [test for tests in by_class.values() for test in tests]

    # One damage

    def _try(self, session, damage):
        tests = self._tests(damage)
        result = {"key": damage.key, "tests": len(tests), "ran": 0, "by": None, "seconds": 0}
        if not tests:
            return {**result, "became": "not run"}
        begun = time.monotonic()
        ended, by = self._run(session, damage, tests)
        result["seconds"] = round(time.monotonic() - begun, 1)
        if ended is None:
            return {**result, "became": "noticed", "by": "does not end"}
        if ended == LIVES:
            ran = int(by)
            return {**result, "ran": ran, "became": "not noticed" if ran == len(tests) else "undecided"}
        if by not in self.items:
            return {**result, "became": "cannot be", "by": by or f"ends with {ended}"}
        self.noticed_by[damage.file][by] += 1
        self.noticed_by[None][by] += 1
        return {**result, "became": "noticed", "by": by}

    def _check_undamaged(self, session, results):
        """Take back what was noticed by tests that fail without any damage as well."""
        noticed_by = {result["by"] for result in results.values() if result["by"] in self.items}
        _ended, failing = self._run(session, None, sorted(noticed_by)) if noticed_by else (None, "")
        for result in results.values():
            if result["by"] in failing.splitlines():
                result |= {"became": "cannot be", "by": f"{result['by']} fails without it too"}

    def _run(self, session, damage, chosen):
        """Run tests in a process of its own.

        :return: its exit code, nothing if it had to be ended; the tests that failed, or what else went wrong
        """
        self._renew_database()
        reading, writing = os.pipe()
        process = os.fork()
        if not process:
            os.close(reading)
            self._in_child(session, damage, chosen, writing)
        os.close(writing)
        ended = self._wait(process, 5 * self.asked["seconds"])
        with os.fdopen(reading) as pipe:
            return ended, pipe.read().strip()

    def _wait(self, process, seconds):
        """The exit code of a process, or nothing if it had to be ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        return None

    def _renew_database(self):
        odoo.sql_db.close_all()
        _name, connection = odoo.sql_db.connection_info_for("postgres")
        with contextlib.closing(psycopg2.connect(**connection)) as server:
            server.autocommit = True
            with server.cursor() as cr:
                cr.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
                cr.execute(f'CREATE DATABASE "{self.database}" TEMPLATE "{self.asked["prepared"]}"')

    def _in_child(self, session, damage, chosen, writing):
        """Damage the code of this process, run the tests, tell who noticed, and end."""
        code = NOTICED
        try:
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            if damage:
                self._do(damage)
            told = Told(writing, session, time.monotonic() + self.asked["seconds"] if damage else float("inf"))
            session.config.pluginmanager.register(told)
            session.config.pluginmanager.unregister(self)
            session.items[:] = [self.items[test] for test in chosen]
            session.config.option.maxfail = int(bool(damage))
            with contextlib.suppress(session.Failed, session.Interrupted):
                session.config.hook.pytest_runtestloop(session=session)
            code = NOTICED if session.testsfailed else LIVES
            if code == LIVES:
                os.write(writing, str(told.ran).encode())
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}"[:500].encode())
        finally:
            os._exit(code)

    def _do(self, damage):
        registry = odoo.modules.registry.Registry(self.database)
        if not isinstance(damage, CodeDamage):
            with registry.cursor() as cr:
                cr.execute(damage.statement)
                if cr.rowcount != 1:
                    raise ValueError("it is not there")
        elif damage.is_set_once:
            _set_anew(damage)
        else:
            _give_code(damage)
        registry.clear_all_caches()


class Told:
    """Tells the tests that fail, and ends the run when its time is over."""

    def __init__(self, pipe, session, end):
        self.pipe, self.session, self.end = pipe, session, end
        self.told, self.ran = set(), 0

    def pytest_runtest_logfinish(self):
        self.ran += 1
        if time.monotonic() > self.end:
            self.session.shouldstop = "the time of this damage is over"

    def pytest_runtest_logreport(self, report):
        if report.failed and report.nodeid not in self.told:
            self.told.add(report.nodeid)
            os.write(self.pipe, f"{report.nodeid}\n".encode())


# Damaged code


def _module_name(file):
    return f"odoo.addons.{file.removesuffix('.py').replace('/', '.')}"


def _function(found):
    """The function that was written, whatever decorators and descriptors there are around it."""
    if isinstance(found, property):
        found = found.fget
    return inspect.unwrap(getattr(found, "__func__", found))


def _find(module, names):
    owner = vars(module)
    for name in names[:-1]:
        owner = vars(owner[name])
    return _function(owner[names[-1]])


def _give_code(damage):
    function = _find(sys.modules[_module_name(damage.file)], damage.names)
    code = _code_of(compile(damage.do(), function.__code__.co_filename, "exec"), damage.names)
    if code.co_freevars != function.__code__.co_freevars:
        _keep_free_variable(damage)
        code = _code_of(compile(damage.do(), function.__code__.co_filename, "exec"), damage.names)
    function.__code__ = code


def _tell_lines(file, told):
    """Let each statement of a file tell its line when it runs."""
    tree, module = ast.parse((ROOT / file).read_text()), sys.modules[_module_name(file)]
    module.__dict__["__ran__"] = told
    owners = [(tree, ()), *((node, (node.name,)) for node in tree.body if isinstance(node, ast.ClassDef))]
    functions = {
        (*above, node.name): node for owner, above in owners for node in owner.body if isinstance(node, ast.FunctionDef)
    }
    for node in [node for function in functions.values() for node in ast.walk(function)]:
        for name in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(node, name, None), list):
                block[:] = [part for statement in block for part in (_telling(statement), statement)]
    code = compile(ast.fix_missing_locations(tree), str(ROOT / file), "exec")
    for names in functions:
        with contextlib.suppress(KeyError, AttributeError):  # replaced by another one of its name
            _find(module, names).__code__ = _code_of(code, names)


def _telling(statement):
    call = ast.Call(ast.Name("__ran__", ast.Load()), [ast.Constant(statement.lineno)], [])
    return ast.copy_location(ast.Expr(ast.copy_location(call, statement)), statement)


def _code_of(code, names):
    for name in names:
        code = next(const for const in code.co_consts if inspect.iscode(const) and const.co_name == name)
    return code


def _keep_free_variable(damage):
    """A method that called super() and does not any more has to be one that could."""
    tree = damage.do()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == damage.names[-1]:
            node.body.append(ast.Expr(ast.Lambda(_no_arguments(), ast.Name("__class__", ast.Load()))))


def _no_arguments():
    return ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


def _set_anew(damage):
    """Set what a class or a file sets once to its damaged value, wherever it was taken to."""
    module, tree = sys.modules[_module_name(damage.file)], damage.do()
    body = tree.body
    for name in damage.names[:-1]:
        body = next(node.body for node in body if isinstance(node, ast.ClassDef) and node.name == name)
    name = damage.names[-1]
    assigned = next(
        node for node in body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name
    )
    owner, known = module, dict(vars(module))
    for outer in damage.names[:-1]:
        owner = getattr(owner, outer)
        known |= vars(owner)
    before = vars(owner)[name]
    value = eval(compile(ast.Expression(assigned.value), damage.file, "eval"), known)
    setattr(owner, name, value)
    for other in list(sys.modules.values()):
        if getattr(other, "__name__", "").startswith("odoo.addons.order_policy") and vars(other).get(name) is before:
            setattr(other, name, value)
