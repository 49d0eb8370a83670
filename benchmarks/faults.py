"""Try what goes wrong in a company: everybody at once, processes that are killed, servers that stop, hang or lack.

Run it in an Odoo shell on a scratch database that has the addon; what it enters stays there:

    odoo shell -c odoo.conf -d scratch < benchmarks/faults.py

It is one file, because a shell reads only one from its input.

People decide 200 reviews of 20 orders through two processes of five threads each; processes are killed with kill -9 at
random moments of submitting, approving, carrying out and sealing; a mail server accepts connections and never answers;
there is no wkhtmltopdf. Two more are tried where the environment says how:

    STOP, START   commands that stop PostgreSQL at once (pg_ctl -m immediate stop), and start it again. It must be one
                  that nobody else uses: it is stopped several times while people decide.
    SMALL_DISK    a folder on a small disk that holds the tables of the database (a tablespace) and the data_dir of
                  Odoo. It is filled to the last byte, and emptied.

After each, what must hold is computed anew from the rows. Last result, on two cores; the small disk was a tmpfs:

    200 decisions on 20 orders in 8 s, 0 refused, the middle one 0.1 s, the slowest 3.8 s; everything holds
    kill -9 in submit: 3 of 10 in the middle, everything holds; done afterwards: everything holds
    kill -9 in approve: 3 of 10 in the middle, everything holds; done afterwards: everything holds
    kill -9 in apply: 10 of 10 in the middle, everything holds; done afterwards: everything holds
    requests carried out: 10 of 10
    kill -9 in seal: 2 of 10 in the middle, everything holds; done afterwards: everything holds
    Last approval while the mail server hangs: 2.1 s, order in state sale, letters ['outgoing']
    No wkhtmltopdf: sealed with [('S00015 2026-11-26 132150.html', 'text/html'), ('Review Sheet S00015.html',
    'text/html')]; everything holds
    Disk full: 21 of 40 done, everything holds; with room again: 0 fail, everything holds; orders afterwards: 20 in
    confirmation; 10 of 10 dossiers sealed, 10 of 10 files whole
    PostgreSQL stopped 4 times under load: people interrupted 455 times, told of 198 decisions, of which 0 are lost;
    everything holds; orders afterwards: 20 in confirmation
"""

import contextlib
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

from psycopg2 import Error
from psycopg2.pool import PoolError

from odoo import SUPERUSER_ID, api
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.sql_db import close_all

ORDERS, STEPS, PROCESSES, THREADS, KILLS = 20, 10, 2, 5, int(os.environ.get("KILLS", 10))
STOPS, STOP, START, SMALL_DISK = 4, *(os.environ.get(name) for name in ("STOP", "START", "SMALL_DISK"))
IN_NEED = (Error, PoolError)  # what a database says that is gone or has no room
SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
BROKEN = {
    "reviews decided without who or when": """
        SELECT count(*) FROM sale_order_review
        WHERE decision IS NOT NULL AND NOT is_automatic AND (decided_by_id IS NULL OR decided_on IS NULL)
        OR decision IS NULL AND (decided_by_id IS NOT NULL OR state IN ('approved', 'rejected'))""",
    "steps that count twice for an order": """
        SELECT count(*) FROM (SELECT 1 FROM sale_order_review WHERE is_current GROUP BY order_id, step_id
                              HAVING count(*) > 1) twice""",
    "orders confirmed without an approval of what they hold": """
        SELECT count(*) FROM sale_order WHERE state = 'sale' AND policy_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM sale_order_review WHERE order_id = sale_order.id AND is_current AND state != 'not_required'
            AND (decision IS DISTINCT FROM 'approved' OR content_digest != sale_order.content_digest))""",
    "requests carried out without all approvals": """
        SELECT count(*) FROM sale_order_change change WHERE state = 'applied' AND EXISTS (
            SELECT 1 FROM sale_order_review
            WHERE change_id = change.id AND state IN ('waiting', 'pending', 'rejected'))""",
    "dossiers that are sealed without a line of the register, or have one unsealed": """
        SELECT count(*) FROM sale_order_dossier dossier WHERE (state = 'sealed') != EXISTS (
            SELECT 1 FROM sale_order_dossier_seal WHERE dossier_id = dossier.id)""",
    "lines of the register that do not cover the one before": """
        SELECT count(*) FROM (SELECT previous_hash, position, lag(hash) OVER register AS hash_before,
                                     lag(position) OVER register AS position_before FROM sale_order_dossier_seal
                              WINDOW register AS (PARTITION BY company_id ORDER BY position)) line
        WHERE previous_hash IS DISTINCT FROM hash_before OR position != coalesce(position_before, 0) + 1""",
}

company = env["res.company"].create({"name": f"Faults benchmark {time.time():.0f}"})
env.user.company_ids |= company
env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True})


def enter_user(name, group):
    return env["res.users"].create(
        {
            "name": name,
            "login": f"{name} {company.name}",
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set((env.ref("base.group_user") | env.ref(group)).ids)],
        }
    )


seller = enter_user("Seller", "sales_team.group_sale_salesman")
archivist = enter_user("Archivist", "order_policy.group_order_policy_archivist")
people = [enter_user(f"Reviewer {number}", "order_policy.group_order_policy_user") for number in range(STEPS)]
departments = env["order.policy.department"].create(
    [
        {"name": person.name, "company_id": company.id, "head_id": person.id, "member_ids": [Command.set(person.ids)]}
        for person in people
    ]
)
policy = env["order.policy"].create(
    {
        "name": "Benchmark",
        "company_id": company.id,
        "confirmation_required": False,
        "step_ids": [
            Command.create({"name": department.name, "department_id": department.id}) for department in departments
        ],
    }
)
policy.action_activate()
product = env["product.product"].create({"name": "Thing", "list_price": 10.0, "taxes_id": False})
customer = env["res.partner"].create({"name": "Customer", "email": "customer@example.com"})
database, seller_id, archivist_id, people_ids = env.cr.dbname, seller.id, archivist.id, [person.id for person in people]
company_id, product_id, customer_id, context = company.id, product.id, customer.id, dict(env.context)


def enter(count):
    """Return the ids of quotations that the seller entered."""
    line = [Command.create({"product_id": product_id})]
    values = {"partner_id": customer_id, "company_id": company_id, "order_line": line}
    return act(seller_id, lambda env: env["sale.order"].create([values for _ in range(count)]).ids)


def act(user_id, operation):
    """Do something as a request of a person does it: begun anew where Odoo begins anew."""
    with Registry(database).cursor() as cr:
        environment = api.Environment(cr, user_id, context)
        return retrying(lambda: operation(environment), environment)


def submit(order_ids):
    act(seller_id, lambda env: env["sale.order"].browse(order_ids).action_policy_submit())


def reviews_of(env, order_ids):
    return env["sale.order.review"].search([("order_id", "in", order_ids), ("state", "=", "pending")], order="id")


def decide_all(user_id, order_ids):
    """Let a person decide what is to be decided, one order after the other.

    :return: seconds that each decision took, and how many were refused
    """
    took, refused = [], 0
    review_ids = act(user_id, lambda env: reviews_of(env, order_ids).filtered("can_decide").ids)
    random.shuffle(review_ids)
    while review_ids:
        start, review_id = time.perf_counter(), review_ids.pop()
        try:
            act(user_id, lambda env, of=review_id: env["sale.order.review"].browse(of).action_approve())
        except UserError:
            refused += 1
            review_ids.insert(0, review_id)
        took.append(time.perf_counter() - start)
    return took, refused


def work(decide, user_ids, order_ids, results):
    threads = [threading.Thread(target=lambda of=user_id: results.put(decide(of, order_ids))) for user_id in user_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.close()
    results.join_thread()
    os._exit(0)


def broken():
    """Return what does not hold, computed from the rows."""
    found = {}
    with Registry(database).cursor() as cr:
        for words, query in BROKEN.items():
            cr.execute(query)
            if count := cr.fetchone()[0]:
                found[words] = count
    return found or "everything holds"


def start_work(decide, order_ids):
    """Let everybody decide on orders through two processes.

    :return: the processes, and the queue of what each person's decisions gave
    """
    results = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=work, args=(decide, people_ids[number::PROCESSES], order_ids, results))
        for number in range(PROCESSES)
    ]
    close_all()  # connections are not for two processes
    for process in processes:
        process.start()
    return processes, results


def everybody_at_once():
    order_ids = enter(ORDERS)
    submit(order_ids)
    start = time.perf_counter()
    processes, results = start_work(decide_all, order_ids)
    outcomes = [results.get() for _person in people_ids]
    for process in processes:
        process.join()
    took = sorted(seconds for of_person, _refused in outcomes for seconds in of_person)
    refused = sum(refused for _took, refused in outcomes)
    done = len(took) - refused
    print(
        f"{done} decisions on {ORDERS} orders in {time.perf_counter() - start:.0f} s, {refused} refused, the middle one"
        f" {took[len(took) // 2]:.1f} s, the slowest {took[-1]:.1f} s; {broken()}"
    )


def decide_through_stops(user_id, order_ids):
    """Let a person decide what is to be decided, again and again while the database is gone.

    :return: ids of the reviews of which he was told that they are decided, and how often he was interrupted
    """
    told, interrupted = [], 0
    while True:
        try:
            review_ids = act(user_id, lambda env: reviews_of(env, order_ids).filtered("can_decide").ids)
            if not review_ids:
                return told, interrupted
            for review_id in random.sample(review_ids, len(review_ids)):
                with contextlib.suppress(UserError):  # somebody else works on the order, or it is decided already
                    act(user_id, lambda env, of=review_id: env["sale.order.review"].browse(of).action_approve())
                    told.append(review_id)
        except IN_NEED:
            interrupted += 1
            time.sleep(0.2)


def stopped_under_load():
    order_ids = enter(ORDERS)
    submit(order_ids)
    with Registry(database).cursor() as cr:  # what somebody was told is on the disk, as it is by default
        cr.execute(f'ALTER DATABASE "{database}" SET synchronous_commit = on')
    processes, results = start_work(decide_through_stops, order_ids)
    for _stop in range(STOPS):
        time.sleep(random.uniform(0.5, 1.5))
        for command in (STOP, START):
            subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
    outcomes = [results.get() for _person in people_ids]
    for process in processes:
        process.join()
    told = [review_id for of_person, _interrupted in outcomes for review_id in of_person]
    interrupted = sum(interrupted for _told, interrupted in outcomes)
    lost = act(
        SUPERUSER_ID,
        lambda env: env["sale.order.review"].browse(told).filtered(lambda review: review.decision != "approved").ids,
    )
    print(
        f"PostgreSQL stopped {STOPS} times under load: people interrupted {interrupted} times, told of {len(told)}"
        f" decisions, of which {len(lost)} are lost; {broken()}; {outcome(order_ids)}"
    )


def outcome(order_ids):
    """Tell how far orders are, in words."""
    stages = act(SUPERUSER_ID, lambda env: env["sale.order"].browse(order_ids).mapped("policy_stage"))
    return "orders afterwards: " + ", ".join(f"{count} in {stage}" for stage, count in Counter(stages).items())


def killed(label, tasks):
    """Kill processes in the middle of their work, see what holds, and let the work be done then."""
    ended = 0
    for task in tasks:
        close_all()  # connections are not for two processes
        process = multiprocessing.Process(target=lambda of=task: (of(), os._exit(0)))
        process.start()
        time.sleep(random.uniform(0.0, 0.6))
        if process.is_alive():
            os.kill(process.pid, signal.SIGKILL)
            ended += 1
        process.join()
    between = broken()
    for task in tasks:
        with contextlib.suppress(UserError):  # where it was done before the kill
            task()
    print(f"kill -9 in {label}: {ended} of {len(tasks)} in the middle, {between}; done afterwards: {broken()}")


def kills():
    order_ids = enter(KILLS)
    killed("submit", [lambda of=order_id: submit([of]) for order_id in order_ids])
    for user_id in people_ids[:-1]:
        decide_all(user_id, order_ids)
    killed("approve", [lambda of=order_id: decide_all(people_ids[-1], [of]) for order_id in order_ids])
    act(
        seller_id,
        lambda env: env["sale.order"].browse(order_ids).filtered(lambda order: order.state != "sale").action_confirm(),
    )
    changes = [request(order_id) for order_id in order_ids]
    for user_id in people_ids[:-1]:
        decide_all(user_id, order_ids)
    killed("apply", [lambda of=order_id: decide_all(people_ids[-1], [of]) for order_id in order_ids])
    states = act(SUPERUSER_ID, lambda env: env["sale.order.change"].browse(changes).mapped("state"))
    print(f"requests carried out: {states.count('applied')} of {len(changes)}")
    dossier_ids = act(SUPERUSER_ID, dossiers_to_seal)
    killed(
        "seal",
        [lambda of=dossier_id: seal(of) for dossier_id in dossier_ids],
    )


def request(order_id):
    def ask(env):
        order = env["sale.order"].browse(order_id)
        change = env["sale.order.change"].browse(order.action_request_change()["res_id"])
        change.reason_id = env.ref("order_policy.reason_change_special")
        change.line_ids.product_uom_qty = 2.0
        change.action_submit()
        return change.id

    return act(seller_id, ask)


def dossiers_to_seal(env):
    orders = env["sale.order"].create([{"partner_id": customer_id, "company_id": company_id} for _ in range(KILLS)])
    orders.state = "cancel"
    env["ir.attachment"].create(
        [{"name": "Letter.txt", "raw": b"Letter", "res_model": orders._name, "res_id": order.id} for order in orders]
    )
    dossiers = env["sale.order.dossier"]._open(orders)
    dossiers.class_id = env["order.policy.dossier.class"].search([], limit=1)
    dossiers.missing_reason = "Benchmark"
    return dossiers.ids


def disk_full():
    under_way, entered, dossier_ids = enter(KILLS), enter(KILLS), act(SUPERUSER_ID, dossiers_to_seal)
    submit(under_way)
    for user_id in people_ids[:-1]:
        decide_all(user_id, under_way)
    tasks = [
        *(lambda of=order_id: attach(of) for order_id in entered),
        *(lambda of=order_id: submit([of]) for order_id in entered),
        *(lambda of=order_id: approve_last(of) for order_id in under_way),
        *(lambda of=dossier_id: seal(of) for dossier_id in dossier_ids),
    ]
    filler = os.path.join(SMALL_DISK, "filler")
    fill(filler)
    try:
        done = [task for task in tasks if succeeds(task)]
    finally:
        os.unlink(filler)
    between = broken()
    failing = [task for task in tasks if task not in done and not succeeds(task)]
    for user_id in people_ids:
        decide_all(user_id, entered)
    states = act(SUPERUSER_ID, lambda env: env["sale.order.dossier"].browse(dossier_ids).mapped("state"))
    files = act(SUPERUSER_ID, lambda env: files_of(env, entered).mapped(lambda file: len(file.raw or b"")))
    print(
        f"Disk full: {len(done)} of {len(tasks)} done, {between}; with room again: {len(failing)} fail, {broken()};"
        f" {outcome(under_way + entered)}; {states.count('sealed')} of {len(states)} dossiers sealed,"
        f" {files.count(FILE)} of {len(entered)} files whole"
    )


FILE = 200_000  # bytes


def fill(path):
    """Write a file until the disk takes no byte more."""
    with open(path, "wb", buffering=0) as file:
        for size in (1024**2, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


def succeeds(task):
    try:
        task()
    except (UserError, OSError, *IN_NEED):
        return False
    return True


def attach(order_id):
    content = f"{company_id} {order_id} ".encode().ljust(FILE, b".")
    values = {"name": "Order.txt", "raw": content, "res_model": "sale.order", "res_id": order_id}
    act(seller_id, lambda env: env["ir.attachment"].create(values).id)


def files_of(env, order_ids):
    domain = [("res_model", "=", "sale.order"), ("res_id", "in", order_ids), ("name", "=", "Order.txt")]
    return env["ir.attachment"].search(domain)


def approve_last(order_id):
    def approve(env):
        reviews_of(env, [order_id]).filtered("can_decide").action_approve()

    act(people_ids[-1], approve)


def seal(dossier_id):
    act(archivist_id, lambda env: env["sale.order.dossier"].browse(dossier_id).action_seal())


def no_printer():
    path, os.environ["PATH"] = os.environ["PATH"], "/nowhere"
    _wkhtml.cache_clear()
    try:
        order_ids = enter(1)
        submit(order_ids)
        for user_id in people_ids:
            decide_all(user_id, order_ids)
        act(seller_id, lambda env: env["sale.order"].browse(order_ids).action_confirm())
        act(SUPERUSER_ID, lambda env: env["order.policy.document"]._cron_file_order_copies())
        dossier_id = act(SUPERUSER_ID, lambda env: dossier_of(env, order_ids).id)
        seal(dossier_id)
    finally:
        os.environ["PATH"] = path
        _wkhtml.cache_clear()
    papers = act(
        SUPERUSER_ID,
        lambda env: [(item.name, item.format) for item in env["sale.order.dossier"].browse(dossier_id).item_ids],
    )
    print(f"No wkhtmltopdf: sealed with {papers}; {broken()}")


def dossier_of(env, order_ids):
    dossier = env["sale.order.dossier"]._open(env["sale.order"].browse(order_ids))
    dossier.class_id = env["order.policy.dossier.class"].search([], limit=1)
    dossier.missing_reason = "Benchmark"
    return dossier


def mail_server_that_hangs():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        act(
            SUPERUSER_ID,
            lambda env: env["ir.mail_server"].create(
                {"name": "Hangs", "smtp_host": "127.0.0.1", "smtp_port": port, "sequence": -1}
            ),
        )
        order_ids = enter(1)
        act(
            seller_id,
            lambda env: (
                env["sale.order"].browse(order_ids).sudo().write({"signed_by": "Customer", "signature": SIGNATURE})
            ),
        )
        submit(order_ids)
        for user_id in people_ids[:-1]:
            decide_all(user_id, order_ids)
        start = time.perf_counter()
        decide_all(people_ids[-1], order_ids)
        seconds = time.perf_counter() - start
        state, letters = act(
            SUPERUSER_ID,
            lambda env: (
                env["sale.order"].browse(order_ids).state,
                env["mail.mail"].search([("model", "=", "sale.order"), ("res_id", "in", order_ids)]).mapped("state"),
            ),
        )
        act(SUPERUSER_ID, lambda env: env["ir.mail_server"].search([("smtp_port", "=", port)]).unlink())
    print(f"Last approval while the mail server hangs: {seconds:.1f} s, order in state {state}, letters {letters}")


env.cr.commit()
env.cr.close()
everybody_at_once()
kills()
mail_server_that_hangs()
no_printer()
if SMALL_DISK:
    disk_full()
if STOP:
    stopped_under_load()
sys.stdout.flush()
os._exit(0)  # the shell would only complain that its own connection was closed
