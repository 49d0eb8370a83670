import re, traceback
from collections import Counter
from unittest.mock import patch
from odoo.sql_db import Cursor
from odoo.tests import tagged
from . import test_queries
FEW, MANY = 10, 80

class Trace:
    def __init__(self):
        self.counter = Counter()
    def __enter__(self):
        original = Cursor.execute
        counter = self.counter
        def execute(cr, query, params=None, log_exceptions=True):
            code = query.code if hasattr(query, "code") else str(query)
            key = re.sub(r"\s+", " ", re.sub(r"(%s(, )?)+", "%s", code))[:110]
            frames = [f"{f.filename.rsplit('/',1)[1]}:{f.lineno}:{f.name}" for f in traceback.extract_stack() if "order_policy/" in f.filename or "/sale/" in f.filename or "/account/" in f.filename]
            counter[key, " < ".join(reversed(frames[-5:]))] += 1
            return original(cr, query, params, log_exceptions)
        self.patch = patch.object(Cursor, "execute", execute)
        self.patch.start()
        return self
    def __exit__(self, *args):
        self.patch.stop()

@tagged("post_install", "-at_install")
class TestScratch(test_queries.TestQueriesOfChecks):
    def _traced(self, operation):
        self.env.flush_all(); self.env.invalidate_all()
        with Trace() as trace:
            operation(); self.env.flush_all()
        return trace.counter
    def test_scratch(self):
        counters = []
        for count in (1, 10, 80):
            orders = self._orders(count)
            counters.append(self._traced(orders.with_user(self.salesman).action_policy_submit))
        for key, n in counters[1].most_common(90):
            print("TT", n, key)
        diff = counters[2] - counters[1]
        print("TOTALS", [c.total() for c in counters])
        for key, n in diff.most_common(30):
            print("QQ", n, key)
