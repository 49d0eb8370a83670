"""Measure the daily letters to reviewers of a large company.

Run it in an Odoo shell on a scratch database that has the addon; what it enters stays there:

    odoo shell -c odoo.conf -d scratch < benchmarks/letters.py

It enters 500 people in 20 departments, multiplies one order in SQL to 20,000 that wait for them among as many decided
reviews, and prints how many queries and milliseconds each batch of letters takes. On the first day it is looked up in
which departments each of them is. Last result, on two cores that had much else to do:

    First day, nothing in the caches of the server: 10 batches of 50 people, 257 to 274 queries each, median 5306 ms,
    worst 10229 ms, 60.4 s in all
    Any other day: 10 batches of 50 people, 57 to 57 queries each, median 4345 ms, worst 6306 ms, 38.6 s in all
    1000 letters; open reviews: 20020
"""

import statistics
import time
from contextlib import closing
from datetime import datetime, timezone

import psycopg2

from odoo.fields import Command
from odoo.sql_db import connection_info_for

PEOPLE, DEPARTMENTS, WAITING, DECIDED_PER_ORDER = 500, 20, 20_000, 1
BATCH = 50


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


company = env["res.company"].create({"name": "Benchmark"})
env.user.company_ids |= company
env = env(context={"allowed_company_ids": company.ids, "no_reset_password": True})
# It is noon of a working day.
company.resource_calendar_id.write(
    {
        "tz": f"Etc/GMT{datetime.now(timezone.utc).hour - 12:+d}",
        "attendance_ids": [
            Command.clear(),
            *(
                Command.create({"name": "Open", "dayofweek": str(day), "hour_from": 8, "hour_to": 17})
                for day in range(7)
            ),
        ],
    }
)
seller, reviewer = env["res.users"].create(
    [
        {
            "name": name,
            "login": f"bench_{name}",
            "email": f"bench_{name}@example.com",
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
        }
        for name in ("seller", "reviewer")
    ]
)
env.flush_all()
# Odoo draws a picture of everybody whom it enters, which would take most of the time.
partner_id, last_id = multiply(
    "res_partner", reviewer.partner_id.id, PEOPLE, name="'Reviewer ' || n",
    email="'bench_' || n || '@example.com'", email_normalized="'bench_' || n || '@example.com'",
)  # fmt: skip
env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id BETWEEN %s AND %s", [partner_id, last_id])
first_id, last_id = multiply(
    "res_users", reviewer.id, PEOPLE, login="'bench_' || n", partner_id=f"{partner_id} + n - 1"
)
for table, person, of in (("res_groups_users_rel", "uid", "gid"), ("res_company_users_rel", "user_id", "cid")):
    env.cr.execute(
        f"""INSERT INTO {table} ({person}, {of})
            SELECT n, {of} FROM {table}, generate_series({first_id}, {last_id}) n WHERE {person} = {reviewer.id}"""
    )
env.invalidate_all()
env.registry.clear_cache()
reviewers = env["res.users"].browse(range(first_id, last_id + 1))
each = PEOPLE // DEPARTMENTS
departments = env["order.policy.department"].create(
    [
        {
            "name": f"Department {number}",
            "company_id": company.id,
            "head_id": reviewers[number * each].id,
            "member_ids": [Command.set(reviewers[number * each : (number + 1) * each].ids)],
        }
        for number in range(DEPARTMENTS)
    ]
)
policy = env["order.policy"].create(
    {
        "name": "Benchmark",
        "company_id": company.id,
        "step_ids": [
            Command.create({"name": f"Review {department.name}", "department_id": department.id, "time_limit": 8.0})
            for department in departments
        ],
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

first, last = multiply("sale_order", order.id, WAITING, name="'BENCH' || n")
# Else PostgreSQL looks each of them up as in the small tables that these were.
env.cr.execute("ANALYZE sale_order, res_users, res_partner")
pending = order.review_ids.sorted("id")
for number, review in enumerate(pending):
    share = WAITING // DEPARTMENTS
    multiply(
        "sale_order_review", review.id, share, order_id=f"{first} + {number * share} + n - 1",
        user_id=f"CASE WHEN n % 2 = 0 THEN {reviewers[number * each].id} + n % {each} END",
        date_due="now() AT TIME ZONE 'UTC' + (n % 400 - 200) * interval '1 hour'",
    )  # fmt: skip
multiply(
    "sale_order_review", pending[0].id, WAITING * DECIDED_PER_ORDER, order_id=f"{first} + n % {WAITING}",
    is_current="false", state="'approved'", decision="'approved'", decided_by_id=str(reviewers[0].id),
)  # fmt: skip
env["res.users"].search([("id", "not in", reviewers.ids)]).review_letters = "odoo"
env.cr.commit()
with closing(psycopg2.connect(**connection_info_for(env.cr.dbname)[1])) as connection:
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE sale_order_review")  # as PostgreSQL does by itself after a while


def measure(label):
    """Write the letters of a day, in batches as the job does."""
    Review = env["sale.order.review"]
    reviewers.policy_letter_on = False  # as if nobody had been written to today
    env.cr.commit()
    costs = []
    for start in range(0, PEOPLE, BATCH):
        env.invalidate_all()
        queries, begin = env.cr.sql_log_count, time.perf_counter()
        Review._write_daily(reviewers[start : start + BATCH])
        env.flush_all()
        env.cr.commit()
        costs.append((env.cr.sql_log_count - queries, (time.perf_counter() - begin) * 1000))
    queries, times = zip(*costs, strict=True)
    print(
        f"{label}: {len(costs)} batches of {BATCH} people, {min(queries)} to {max(queries)} queries each, "
        f"median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms, {sum(times) / 1000:.1f} s in all"
    )


measure("First day, nothing in the caches of the server")
measure("Any other day")
letters = env["mail.mail"].search_count([("email_to", "like", "bench_")])
print(f"{letters} letters; open reviews: {env['sale.order.review'].search_count([('state', '=', 'pending')])}")
