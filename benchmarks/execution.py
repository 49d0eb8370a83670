"""Measure the nightly forecast of 20,000 orders in execution, and the list of orders in danger.

Run it in an Odoo shell on a scratch database that has order_policy_execution; what it enters stays there:

    odoo shell -c odoo.conf -d scratch --no-http < benchmarks/execution.py

It confirms one order of three lines and four milestones, and copies it 20,000 times; a fifth of the copies is late.
Last result, on two cores that others used too:

    A batch of 1,000: 0.5 s, 0.4 s of the processor, 32 statements
    All 20,001: 11.8 s, 9.2 s of the processor, 625 statements
    In danger: 4,000
    80 of them, Odoo's columns: 5 statements
    80 of them, own columns too: 8 statements
"""

import time
from datetime import timedelta

from odoo import fields
from odoo.fields import Command

COUNT = 20_000


def measure(what, act):
    env.invalidate_all()
    statements, began, cpu = env.cr.sql_log_count, time.monotonic(), time.process_time()
    act()
    env.flush_all()
    took, cpu, statements = time.monotonic() - began, time.process_time() - cpu, env.cr.sql_log_count - statements
    print(f"{what}: {took:.1f} s, {cpu:.1f} s of the processor, {statements} statements")


def copy(table, of, column, key, **changed):
    """Copy rows in SQL: confirming so many orders through Odoo takes an hour."""
    env.cr.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND"
        " attgenerated = ''",
        [table],
    )
    columns = [name for (name,) in env.cr.fetchall() if name != "id"]
    values = ", ".join(changed.get(name, f's."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    env.cr.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} s, {of} o WHERE s.{column} = %(key)s",
        {"count": COUNT, "key": key, "last": key},
    )


company = env.company
env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True, "lang": "en_US", "tz": "UTC"})
departments = env["order.policy.department"].create(
    [
        {"name": name, "company_id": company.id, "head_id": env.ref("base.user_admin").id}
        for name in ("Production", "Quality", "Warehouse", "Finance")
    ]
)
kinds = ("production", "inspection", "delivery", "payment")
env["order.policy"].search([("company_id", "=", company.id), ("state", "=", "active")]).action_retire()
policy = env["order.policy"].create(
    {
        "name": "Benchmark",
        "company_id": company.id,
        "step_ids": [
            Command.create(
                {
                    "name": "Large orders",
                    "kind": "approval",
                    "department_id": departments[0].id,
                    "applies": "amount",
                    "amount_min": 1e9,
                }
            )
        ],
        "milestone_ids": [
            Command.create(
                {
                    "name": department.name,
                    "sequence": 10 * number,
                    "kind": kind,
                    "department_id": department.id,
                    "planned_days": number - 3,
                }
            )
            for number, (kind, department) in enumerate(zip(kinds, departments, strict=True), 1)
        ],
    }
)
policy.action_activate()
product = env["product.product"].create({"name": "Service", "type": "service", "list_price": 10.0})
order = env["sale.order"].create(
    {
        "partner_id": env["res.partner"].create({"name": "Customer"}).id,
        "commitment_date": fields.Datetime.now() + timedelta(days=30),
        "order_line": [Command.create({"product_id": product.id, "product_uom_qty": n}) for n in (1, 2, 3)],
    }
)
order.action_confirm()
env.cr.commit()
copy("sale_order", "generate_series(1, %(count)s)", "id", order.id)
of_copies = "(SELECT id FROM sale_order WHERE id > %(last)s)"
copy("sale_order_line", of_copies, "order_id", order.id, order_id="o.id")
late = "CASE WHEN o.id %% 5 = 0 THEN s.planned_on - 45 ELSE s.planned_on END"
copy("sale_order_milestone", of_copies, "order_id", order.id, order_id="o.id", planned_on=late)
env.cr.commit()
env.cr.execute("ANALYZE")
Order = env["sale.order"]
batch = Order.search(Order._domain_to_forecast(), limit=1000)
measure("A batch of 1,000", batch._forecast_anew)
ids = Order.search(Order._domain_to_forecast()).ids


def forecast_all():
    for start in range(0, len(ids), 1000):
        Order.browse(ids[start : start + 1000])._forecast_anew()
        env.cr.commit()
        env.invalidate_all()


measure(f"All {len(ids):,}", forecast_all)
danger = Order.search_count(Order._domain_in_danger())
print(f"In danger: {danger:,}")
spec = {"name": {}, "partner_id": {"fields": {"display_name": {}}}, "user_id": {"fields": {"display_name": {}}}}
own = {
    "policy_forecast_on": {},
    "policy_danger_days": {},
    "policy_danger_department_id": {"fields": {"display_name": {}}},
    "policy_danger_in_words": {},
    "policy_danger": {},
}
page = [("policy_danger", "in", ("medium", "high", "late"))]
by_days = "policy_danger_days desc, id"
Order.web_search_read(page, spec | own, limit=80, order=by_days)
measure("80 of them, Odoo's columns", lambda: Order.web_search_read(page, spec, limit=80, order=by_days))
measure("80 of them, own columns too", lambda: Order.web_search_read(page, spec | own, limit=80, order=by_days))
