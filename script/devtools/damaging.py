"""A plugin of pytest for script/mutate: runs tests on damaged code, or has what they go through watched.

The modules of Odoo are loaded once. Each damage is done in a process of its own, forked from the one that has loaded
them, on a fresh copy of the database: none knows of another one.
"""

import contextlib
import json
import os
import signal
import time
import unittest
from collections import Counter, defaultdict
from pathlib import Path

import psycopg2

import odoo.modules.registry
import odoo.service.server
import odoo.sql_db
import odoo.tools
from odoo.tests.common import HttpCase

from .damages import CodeDamage, every_damage, usages
from .loaded import give_code, set_anew
from .watching import Watch, Watched, places, print_of

NOTICED, LIVES = 1, 0


def pytest_configure(config):
    asked = json.loads(os.environ["DEVTOOLS_DAMAGING"])

    def browser_js(self, *args, **kwargs):
        raise unittest.SkipTest("Tests in a browser take too long here.")

    HttpCase.browser_js = browser_js
    config.pluginmanager.register(Watch(asked) if asked["doing"] == "watch" else Damaging(asked))


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
        known = sum(self.watched.is_known(item.nodeid, print_of(item)) for item in session.items)
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
            set_anew(damage)
        else:
            give_code(damage)
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
