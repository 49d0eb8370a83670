"""Measure the to-do counter and the review list of a reviewer with many orders waiting.

Run it in an Odoo shell on a scratch database that has the addon; what it enters stays there:

    odoo shell -c odoo.conf -d scratch < benchmarks/to_do.py

It enters one order, multiplies it in SQL to 20,000 orders that wait for finance among 1,000,000 decided reviews, and
prints how many queries and milliseconds a reviewer's counter and first page of reviews take. Last result, on two cores:

    To-do counter: 2 queries, median 4 ms
"""

import statistics
import time
from contextlib import closing

import psycopg2

from odoo.fields import Command
from odoo.sql_db import connection_info_for

WAITING, DECIDED_PER_ORDER, DEPARTMENTS = 20_000, 50, 5


def multiply(table, record_id, count, **replaced):
    """Insert copies of a row; replaced columns are SQL expressions in which ``n`` counts the copies."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name != 'id'", [table]
    )
    columns = [column for [column] in env.cr.fetchall()]
    values = [replaced.get(column, f'"{column}"') for column in columns]
    env.cr.execute(
        f"""INSERT INTO {table} ({", ".join(f'"{column}"' for column in columns)})
            SELECT {", ".join(values)} FROM {table}, generate_series(1, {count}) n
             WHERE {table}.id = {record_id} RETURNING id"""
    )
    ids = [row_id for [row_id] in env.cr.fetchall()]
    return ids[0], ids[-1]


def measure(label, operation, rounds=20):
    timings = []
    for _round in range(rounds):
        env.invalidate_all()
        queries, start = env.cr.sql_log_count, time.perf_counter()
        operation()
        timings.append((time.perf_counter() - start) * 1000)
        queries = env.cr.sql_log_count - queries
    print(f"{label}: {queries} queries, median {statistics.median(timings):.1f} ms, worst {max(timings):.1f} ms")


company = env["res.company"].create({"name": "Benchmark"})
env.user.company_ids |= company
env = env(context={"allowed_company_ids": company.ids})
users = env["res.users"].create(
    [
        {"name": login, "login": login, "company_id": company.id, "company_ids": [Command.set(company.ids)]}
        for login in ("bench_reviewer", "bench_seller")
    ]
)
reviewer, seller = users
departments = env["order.policy.department"].create(
    [
        {"name": f"Department {number}", "company_id": company.id, "head_id": reviewer.id}
        for number in range(DEPARTMENTS)
    ]
)
policy = env["order.policy"].create(
    {
        "name": "Benchmark",
        "company_id": company.id,
        "step_ids": [Command.create({"name": "Review", "department_id": department.id}) for department in departments],
    }
)
policy.action_activate()
product = env["product.product"].create({"name": "Thing", "list_price": 10.0, "taxes_id": False})
order = env["sale.order"].create(
    {
        "partner_id": env["res.partner"].create({"name": "Customer"}).id,
        "user_id": seller.id,
        "order_line": [Command.create({"product_id": product.id})],
    }
)
order.action_policy_submit()
env.flush_all()
env.cr.execute("UPDATE sale_order SET create_uid = %s WHERE id = %s", [seller.id, order.id])
env.cr.execute("UPDATE sale_order_review SET requested_by_id = %s WHERE order_id = %s", [seller.id, order.id])

pending = order.review_ids[0]
first, last = multiply("sale_order", order.id, WAITING, name="'BENCH' || n")
# Else PostgreSQL looks each of them up as in the small table that this was.
env.cr.execute("ANALYZE sale_order")
multiply("sale_order_review", pending.id, WAITING, order_id=f"{first} + n - 1", is_current="true", state="'pending'")
multiply(
    "sale_order_review", pending.id, WAITING * DECIDED_PER_ORDER,
    order_id=f"{first} + n % {WAITING}", is_current="false", state="'approved'", decision="'approved'",
    decided_by_id=str(reviewer.id), department_id=f"{departments[0].id} + n % {DEPARTMENTS}",
)  # fmt: skip
env.cr.commit()
with closing(psycopg2.connect(**connection_info_for(env.cr.dbname)[1])) as connection:
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE sale_order_review")  # as PostgreSQL does by itself after a while
env.invalidate_all()

as_reviewer = env(user=reviewer)
page = {"order_id": {"fields": {"display_name": {}}}, "department_id": {"fields": {"display_name": {}}}, "state": {}}
measure("To-do counter", lambda: as_reviewer["res.users"]._get_policy_activity_groups())
measure(
    "First page of reviews to decide",
    lambda: as_reviewer["sale.order.review"].web_search_read(
        [("state", "=", "pending"), ("can_decide", "=", True)], page, limit=80, order="date_due, id"
    ),
)
