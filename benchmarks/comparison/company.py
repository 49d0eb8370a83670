"""The company in which all products work: its people, customers and products."""

import random
from collections import Counter

from odoo.fields import Command

from .products.product import BIG_AMOUNT, BIG_STEP, STEPS

SELLERS, REVIEWERS, CUSTOMERS, PRODUCTS, LINES = 3, 3, 200, 50, 5
MODULE = "__comparison__"  # under which its records are found


def found(env):
    """Enter people, customers and products."""
    user, salesman, all_orders = map(
        env.ref, ("base.group_user", "sales_team.group_sale_salesman", "sales_team.group_sale_salesman_all_leads")
    )
    for step in (*STEPS, BIG_STEP):
        group = env["res.groups"].create({"name": step})
        _name(env, f"group_{step}", group)
        for number in range(REVIEWERS):
            _hire(env, f"{step}_{number}", user | all_orders | group)
    for number in range(SELLERS):
        _hire(env, f"seller_{number}", user | salesman)
    env["res.partner"].create(
        [{"name": f"Customer {n:03}", "ref": f"{MODULE}{n:03}", "is_company": True} for n in range(CUSTOMERS)]
    )
    tax = env["account.tax"].search([("type_tax_use", "=", "sale")], limit=1)
    tax = tax or env["account.tax"].create({"name": "15%", "amount": 15.0, "type_tax_use": "sale"})
    env["product.product"].create(
        [
            {
                "name": f"Product {n:02}",
                "default_code": f"{MODULE}{n:02}",
                "type": "consu",
                "list_price": 100.0 + n,
                "taxes_id": [Command.set(tax.ids)],
            }
            for n in range(PRODUCTS)
        ]
    )


def _hire(env, login, groups):
    users = env["res.users"].with_context(no_reset_password=True, mail_create_nolog=True, tracking_disable=True)
    values = {
        "name": login,
        "login": login,
        "email": f"{login}@example.com",
        "group_ids": [Command.set(groups.ids)],
    }
    _name(env, login, users.create(values))


def _name(env, name, record):
    env["ir.model.data"].create({"module": MODULE, "name": name, "model": record._name, "res_id": record.id})


class Company:
    """Who is there, and what is ordered."""

    def __init__(self, env):
        self.sellers = [self._id(env, f"seller_{number}") for number in range(SELLERS)]
        self.reviewers = {
            step: [self._id(env, f"{step}_{number}") for number in range(REVIEWERS)] for step in (*STEPS, BIG_STEP)
        }
        self.customer_ids = self.customers(env).ids
        self.product_ids = env["product.product"].search([("default_code", "=like", f"{MODULE}%")], order="id").ids
        self._turns = Counter()

    @staticmethod
    def _id(env, name):
        return env.ref(f"{MODULE}.{name}").id

    @staticmethod
    def group(env, step):
        """The group of the people who decide a step."""
        return env.ref(f"{MODULE}.group_{step}")

    @staticmethod
    def customers(env):
        return env["res.partner"].search([("ref", "=like", f"{MODULE}%")], order="id")

    def reviewer(self, step):
        """Who decides a step now: the people of its group take turns."""
        self._turns[step] += 1
        return self.reviewers[step][self._turns[step] % REVIEWERS]

    def order_values(self, number, big):
        """The customer and the lines of an order, the same for each number."""
        chance = random.Random(number)
        price = (BIG_AMOUNT * 1.2 if big else 1500.0) / LINES
        return {
            "partner_id": self.customer_ids[number % CUSTOMERS],
            "order_line": [
                Command.create(
                    {
                        "product_id": chance.choice(self.product_ids),
                        "product_uom_qty": 2,
                        "price_unit": round(price / 2 * chance.uniform(0.95, 1.05), 2),
                    }
                )
                for _line in range(LINES)
            ],
        }
