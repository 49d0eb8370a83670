"""Measure how long it takes to put a policy in force where many quotations are open, and how much memory.

Run it in an Odoo shell on a scratch database that has the addon; what it enters stays there:

    odoo shell -c odoo.conf -d scratch --no-http < benchmarks/activation.py

It copies one quotation of three lines 20,000 times, puts a policy in force, a version with another threshold, and takes
that out of force; after each the job follows. Last result, on two cores that others used too:

    First policy: 2.6 s, 45 statements, 0 MB above idle
    The job: 48.5 s, 724 statements, 18 MB above idle
    Another threshold: 3.6 s, 41 statements, 0 MB above idle
    The job: 54.3 s, 710 statements, 8 MB above idle
    Out of force: 1.8 s, 26 statements, 0 MB above idle
    The job: 20.7 s, 338 statements, 2 MB above idle
    Quotations that still follow: 0
"""

import time
from pathlib import Path

from odoo.fields import Command

COUNT = 20_000


def memory():
    """The memory of this process, and the most that it ever was, in MB."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return [int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")]


def measure(what, act):
    env.invalidate_all()
    Path("/proc/self/clear_refs").write_text("5")  # the most is that of what follows
    before, statements, began = memory()[0], env.cr.sql_log_count, time.monotonic()
    act()
    env.cr.commit()
    took, most = time.monotonic() - began, memory()[1]
    statements = env.cr.sql_log_count - statements
    print(f"{what}: {took:.1f} s, {statements} statements, {max(most - before, 0):.0f} MB above idle")


def copy(order):
    """Copy a quotation with its lines, in SQL: entering so many through Odoo takes an hour."""
    for table, changed in (("sale_order", {}), ("sale_order_line", {"order_id": "o.id"})):
        env.cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        columns = [name for (name,) in env.cr.fetchall() if name != "id"]
        values = ", ".join(changed.get(name, f's."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        orders = "generate_series(1, %(count)s)" if not changed else "(SELECT id FROM sale_order WHERE id > %(last)s)"
        env.cr.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} s, {orders} o"
            f" WHERE s.{'id' if not changed else 'order_id'} = %(order)s",
            {"count": COUNT, "last": order.id, "order": order.id},
        )
    env.cr.commit()
    env.invalidate_all()


person = env["res.users"].create({"name": "Reviewer", "login": f"reviewer {time.time()}"})
department = env["order.policy.department"].create({"name": "Finance", "head_id": person.id})
env["order.policy"].search([("state", "=", "active"), ("company_id", "=", env.company.id)]).action_retire()
product = env["product.product"].create({"name": "Desk", "list_price": 100.0})
order = env["sale.order"].create(
    {
        "partner_id": env["res.partner"].create({"name": "Customer"}).id,
        "order_line": [Command.create({"product_id": product.id, "product_uom_qty": count}) for count in (1, 2, 3)],
    }
)
env.flush_all()
copy(order)
threshold = {"name": "Manager", "sequence": 20, "kind": "approval", "applies": "amount", "amount_min": 1000.0}
policy = env["order.policy"].create(
    {
        "name": "Benchmark",
        "step_ids": [
            Command.create({"name": "Finance", "department_id": department.id}),
            Command.create({**threshold, "department_id": department.id}),
        ],
    }
)
env.cr.commit()
follow = env["order.policy"].with_user(1)._cron_follow_policy
measure("First policy", policy.action_activate)
measure("The job", follow)
version = policy._copy_as_next_version()
version.approval_threshold = 5000.0
measure("Another threshold", version.action_activate)
measure("The job", follow)
measure("Out of force", version.action_retire)
measure("The job", follow)
due = env["sale.order"].search_count([("policy_follow_due", "=", True)])
print(f"Quotations that still follow: {due}")
