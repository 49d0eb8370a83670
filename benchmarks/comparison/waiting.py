"""Many orders that wait, and what the screens of one reviewer cost then."""

import gc
import itertools
import random
import time
from collections import Counter
from contextlib import closing

import psycopg2

from odoo.sql_db import connection_info_for

from . import copies
from .client import Client
from .life import NotComparable, summary
from .products.product import STEPS

VARIANTS = 3  # of each state in which orders wait, others are copied from
LONGEST = 240  # seconds for one screen
FEWEST = 5  # samples of it all the same


class Waiting:
    """Fills a database with orders under review, and reads them as their reviewer does."""

    def __init__(self, life):
        self.life = life
        self.product, self.requests, self.company = life.product, life.requests, life.company

    # Filling

    def fill(self, waiting):
        """Let orders wait, one in ten of them large, evenly for the steps that they pass.

        :param waiting: how many
        :raise NotComparable: when the product counts others than were made
        """
        makings = [(big, passed) for big in (False, True) for passed in range(len(self.product.steps(big)))]
        seeds = {making: [self._wait(number, *making) for number in range(VARIANTS)] for making in makings}
        chance = random.Random(20)
        plan, made = [], [making for making in makings for _variant in range(VARIANTS)]
        for _copy in range(waiting - len(made)):
            big = chance.random() < 0.1
            making = (big, chance.randrange(len(self.product.steps(big))))
            plan.append(chance.choice(seeds[making]))
            made.append(making)
        chance.shuffle(plan)
        with self.requests.system() as env:
            tables = {model._table: name for name, model in env.registry.items() if model._auto}
            rows = copies.copy(env.cr, tables, plan, self.product.joined_by_name, self._others())
        self._vacuum()
        counts = Counter(self.product.steps(big)[passed] for big, passed in made)
        if self.product.has_review:
            self._check_counts(counts)
        return {"rows": rows, "counts": counts}

    def _wait(self, number, big, passed):
        """Let an order wait for the step after some that it passed."""
        ref = self.life.enter(number, big)
        self.life.submit(ref)
        while self.product.has_review and ref.passed < passed:
            self.life.approve(ref)
        return ref.id

    def _others(self):
        """What of copies is different: SQL by table and column, where ``m.n`` is the number of the copy."""
        ids = self.company.customer_ids
        customer = f"(ARRAY{ids})[1 + m.n % {len(ids)}]"
        age = "(m.n % 300) * interval '1 day' + (m.n % 1439) * interval '1 minute'"
        return {
            ("sale_order", "name"): "'B' || lpad(m.n::text, 6, '0')",
            ("sale_order", "partner_id"): customer,
            ("sale_order", "partner_invoice_id"): customer,
            ("sale_order", "partner_shipping_id"): customer,
            ("sale_order_line", "order_partner_id"): customer,
            ("sale_order", "date_order"): f"src.date_order - {age}",
            ("sale_order", "create_date"): f"src.create_date - {age}",
            ("mail_message", "message_id"): "src.message_id || '-' || m.n",
        }

    def _vacuum(self):
        """What PostgreSQL does by itself after a while."""
        database = self.requests.registry.db_name
        with closing(psycopg2.connect(**connection_info_for(database)[1])) as connection:
            connection.autocommit = True
            connection.cursor().execute("VACUUM (ANALYZE)")

    def _check_counts(self, expected):
        for step, count in expected.items():
            with self.requests.system(self.company.reviewers[step][0]) as env:
                found = self.product.count_to_do(env)
            if found != count:
                raise NotComparable(f"{found} orders wait for {step} by the product's own counter, {count} do")

    # Reading

    def measure(self, samples):
        """Read each screen of the reviewer of the first step.

        :param samples: how often
        :return: the costs of each screen
        """
        reviewer = self.company.reviewers[STEPS[0]][0]
        with self.requests.system() as env:
            orders = env["sale.order"].search([("state", "=", "draft")], order="name").ids
        random.Random(7).shuffle(orders)
        screens = self._screens(itertools.cycle(orders))
        return {"costs": {name: self._measure(name, screen, reviewer, samples) for name, screen in screens.items()}}

    def _screens(self, order_ids):
        client, product = Client(), self.product
        return {
            "counter": product.count_to_do,
            "page": lambda env: product.read_to_do(env, client),
            "list": lambda env: client.read_orders(env, []),
            "own columns": lambda env: client.read_orders(env, [], product.own_columns()),
            "form": lambda env: client.read_order(env, next(order_ids)),
            "views": client.get_order_views,
            **product.more_screens(client),
        }

    def _measure(self, name, screen, reviewer, samples):
        costs, end = [], time.monotonic() + LONGEST
        for number in range(-2, samples):  # twice for the caches
            if number >= FEWEST and time.monotonic() > end:
                break
            gc.collect()
            self.requests.begin()
            with self.requests.measured(name, reviewer) as env:
                screen(env)
            if number >= 0:
                costs.append(dict(self.requests.costs))
        return summary(costs)[name]
