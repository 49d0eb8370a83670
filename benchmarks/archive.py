"""Measure the archive: sealing from several processes at once, the memory of an export and of the checks.

Run it in an Odoo shell on a scratch database that has the addon; what it enters stays there:

    odoo shell -c odoo.conf -d scratch < benchmarks/archive.py

It seals DOSSIERS dossiers from four processes and looks whether they make one chain, checks all of them ten times, and
exports one dossier of 1 GB. Last result, on two cores:

    Sealed 1000 dossiers from 4 processes in 20 s; positions without gaps: True, numbers without gaps: True,
    one chain: True
    10000 checks of dossiers: 0 MB above idle, 57 s, 0 failed
    Export of 1 GB: 0 MB above idle, 20 s, 1008 MB packed
"""

import io
import itertools
import multiprocessing
import os
import sys
import time

from PIL import Image
from psycopg2 import OperationalError

from odoo import api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.sql_db import close_all

DOSSIERS, PROCESSES, AT_ONCE, ROUNDS = int(os.environ.get("DOSSIERS", 1_000)), 4, 10, 10
FILES, SIDES = 20, (4_000, 4_400)  # 50 MB each


def memory(name):
    """Return a figure of this process in MB: ``VmRSS``, what it has now, or ``VmHWM``, the most it had."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name))


def measure_memory(label, operation):
    with open("/proc/self/clear_refs", "w") as control:
        control.write("5")  # the most it had counts from now
    idle, start = memory("VmRSS"), time.perf_counter()
    outcome = operation()
    print(f"{label}: {memory('VmHWM') - idle:.0f} MB above idle, {time.perf_counter() - start:.0f} s, {outcome}")


company = env["res.company"].create({"name": f"Archive benchmark {time.time():.0f}"})
env.user.company_ids |= company
env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True})
head = env["res.users"].create(
    {"name": "Head", "login": company.name, "company_id": company.id, "company_ids": [Command.set(company.ids)]}
)
department = env["order.policy.department"].create({"name": "Sales", "company_id": company.id, "head_id": head.id})
policy = env["order.policy"].create(
    {
        "name": "Benchmark",
        "company_id": company.id,
        "step_ids": [Command.create({"name": "Review", "department_id": department.id})],
    }
)
policy.action_activate()
product = env["product.product"].create({"name": "Thing", "list_price": 10.0, "taxes_id": False})
customer = env["res.partner"].create({"name": "Customer"})
reason = env.ref("order_policy.reason_cancel_customer")


def enter(count, env):
    """Return cancelled quotations, each with a letter."""
    line = [Command.create({"product_id": product.id})]
    orders = env["sale.order"].create([{"partner_id": customer.id, "order_line": line} for _ in range(count)])
    orders.action_policy_cancel(reason.id)
    env["ir.attachment"].create(
        [
            {"name": "Letter.txt", "raw": f"Letter {order.id}".encode(), "res_model": order._name, "res_id": order.id}
            for order in orders
        ]
    )
    return env["sale.order.dossier"]._open(orders)


def seal(dossier_ids):
    """Seal dossiers some at a time, as an archivist would who tries again when somebody else is sealing."""
    registry = Registry(database)
    for start in range(0, len(dossier_ids), AT_ONCE):
        while True:
            try:
                with registry.cursor() as cr:
                    process_env = api.Environment(cr, uid, context)
                    some = process_env["sale.order.dossier"].browse(dossier_ids[start : start + AT_ONCE])
                    retrying(some.action_seal, process_env)
                break
            except (UserError, OperationalError):
                time.sleep(0.05)


dossiers = env["sale.order.dossier"]
for _start in range(0, DOSSIERS, 500):
    dossiers += enter(min(500, DOSSIERS - len(dossiers)), env)
    env.cr.commit()
database, uid, context, ids = env.cr.dbname, env.uid, dict(env.context), dossiers.ids
close_all()
began = time.perf_counter()
processes = [
    multiprocessing.get_context("fork").Process(target=seal, args=(ids[number::PROCESSES],))
    for number in range(PROCESSES)
]
for process in processes:
    process.start()
for process in processes:
    process.join()
took = time.perf_counter() - began
env = api.Environment(Registry(database).cursor(), uid, context)  # the connection from before is closed
company = env["res.company"].browse(company.id)
seals = env["sale.order.dossier.seal"].search([("company_id", "=", company.id)], order="position")
whole = all(later.previous_hash == before.hash for before, later in itertools.pairwise(seals))
numbers = sorted(int(number.rpartition("-")[2]) for number in seals.mapped("number"))
print(
    f"Sealed {len(seals)} dossiers from {PROCESSES} processes in {took:.0f} s; "
    f"positions without gaps: {seals.mapped('position') == list(range(1, DOSSIERS + 1))}, "
    f"numbers without gaps: {numbers == list(range(1, DOSSIERS + 1))}, one chain: {whole}"
)


def check_all():
    Dossier = env["sale.order.dossier"]
    for start in [*range(0, len(ids), 100)] * ROUNDS:
        env["sale.order.dossier.check"]._check(Dossier.browse(ids[start : start + 100]))
        env.cr.commit()
        env.invalidate_all()
    failed = Dossier.search_count([("id", "in", ids), ("check_state", "=", "fail")])
    return f"{failed} failed"


env.invalidate_all()
measure_memory(f"{ROUNDS * DOSSIERS} checks of dossiers", check_all)

large = enter(1, env)
for number in range(FILES):
    scan = io.BytesIO()
    Image.frombytes("RGB", SIDES, os.urandom(3 * SIDES[0] * SIDES[1])).save(scan, "PNG", compress_level=0)
    env["ir.attachment"].with_context(image_no_postprocess=True).create(
        {
            "name": f"Scan {number}.png",
            "raw": scan.getvalue(),
            "res_model": "sale.order",
            "res_id": large.order_id.id,
        }
    )
    env.cr.commit()
    env.invalidate_all()
large.action_seal()
env.cr.commit()
env.invalidate_all()
export = env["sale.order.dossier.export"]
measure_memory("Export of 1 GB", lambda: f"{sum(map(len, export._stream_zip(large))) / 1024**2:.0f} MB packed")
env.cr.close()
sys.stdout.flush()
os._exit(0)  # the shell would only complain that its own connection was closed before the processes began
