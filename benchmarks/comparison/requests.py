"""Requests of people to one database, and what each costs."""

import re
import threading
import time
from collections import defaultdict
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

FIELDS = ("requests", "queries", "wall_ms", "cpu_ms", "pg_ms")


class Requests:
    """Counts every statement that goes through a cursor of Odoo, whichever: some open one of their own."""

    def __init__(self, configuration, database):
        config.parse_config(
            ["-c", configuration, "-d", database, "--no-http", "--max-cron-threads=0", "--log-level=warn"],
            setup_logging=True,
        )
        thread = threading.current_thread()
        thread.dbname = database
        thread.query_hooks = [self._count]
        self._phase = None
        self.begin()
        self.registry = Registry(database)

    def begin(self, keep_statements=False):
        """Forget what was measured.

        :param keep_statements: keep the statements from now on, which costs time
        """
        self.costs = defaultdict(lambda: dict.fromkeys(FIELDS, 0.0))
        self.statements = [] if keep_statements else None

    def _count(self, cr, _query, _parameters, _start, _delay):
        if self._phase is None:
            return
        self.costs[self._phase]["queries"] += 1
        if self.statements is not None:
            self.statements.append((self._phase, (cr._obj.query or b"").decode(errors="replace")))

    @contextmanager
    def system(self, uid=SUPERUSER_ID):
        """An environment of which nothing is measured."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, uid, _context(uid) if uid != SUPERUSER_ID else {})
            yield env
            env.flush_all()
            cr.commit()

    @contextmanager
    def measured(self, phase, uid):
        """An environment of a person's request.

        :param phase: to which part of the work its costs belong
        """
        costs, backend, before = self.costs[phase], None, None
        cpu, wall = time.process_time(), time.perf_counter()
        self._phase = phase
        try:
            with self.registry.cursor() as cr:
                backend = cr._cnx.info.backend_pid
                before = _processor_ms(backend)
                env = api.Environment(cr, uid, _context(uid))
                yield env
                env.flush_all()
                cr.commit()
        finally:
            self._phase = None
            costs["wall_ms"] += (time.perf_counter() - wall) * 1000
            costs["cpu_ms"] += (time.process_time() - cpu) * 1000
            costs["pg_ms"] += _processor_ms(backend) - before if before is not None else 0.0
            costs["requests"] += 1


def _context(uid):
    return {"lang": "en_US", "tz": "UTC", "uid": uid, "allowed_company_ids": [1]}


def _processor_ms(process):
    """Milliseconds that the processors worked for a process; nothing where the kernel does not tell."""
    try:
        with open(f"/proc/{process}/schedstat") as file:
            return int(file.read().split()[0]) / 1e6
    except (OSError, ValueError):
        return None


def without_values(statement):
    """A statement as others of its kind are: without its values, and not longer than a few lines."""
    statement = re.sub(r"\s+", " ", statement)
    statement = re.sub(r"'(?:[^']|'')*'", "?", statement)
    statement = re.sub(r"\b\d+(\.\d+)?\b", "?", statement)
    statement = re.sub(r"\((?:\?(?:, ?)?)+\)", "(?)", statement)
    statement = re.sub(r"(\((?:\?|, |NULL|DEFAULT|true|false)*\)(?:, )?){2,}", "(?) ", statement)
    return statement.strip()[:600]
