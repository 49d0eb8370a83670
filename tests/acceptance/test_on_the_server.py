"""Everybody's forms, as the web client asks the server for them, without the screen."""

import pytest

from odoo.addons.order_policy.tests.common import OpeningCase
from odoo.fields import Command, Datetime
from odoo.tests import Form, new_test_user

# What departments, archive and supervision work with, as the menus open it.
ACTIONS = (
    "order_policy.sale_order_action",
    "order_policy.sale_order_review_action_all",
    "order_policy.sale_order_change_action_open",
    "order_policy.sale_order_dossier_action",
)
READY = ("risk_control", "department_audit", "accuracy", "strict")
SELLERS = ("sales-anna", "sales-chen", "sales-head")
READERS = (
    *SELLERS, "finance-clerk", "finance-head", "production-planner", "general-manager", "archive-keeper",
    "policy-supervisor", "policy-admin", "admin",
)  # fmt: skip
HEADS = {
    "department_sales": "sales-head",
    "department_finance": "finance-head",
    "department_production": "production-planner",
    "department_quality": "quality-inspector",
    "department_logistics": "warehouse-keeper",
}
# Who may write orders of others, by the apps that they work with.
OTHER_WRITERS = ("account.group_account_invoice", "stock.group_stock_user", "mrp.group_mrp_user")


@pytest.fixture(autouse=True)
def quiet_log():
    """Nothing here uses the served Odoo, whose housekeeping may complain that it waits for what is locked here."""


class DemoCase(OpeningCase):
    """People and records of the demo."""

    def _person(self, login):
        return self.env["res.users"].search([("login", "=", login)])

    def _everybody(self):
        brought = self.env["ir.model.data"].search([("model", "=", "res.users"), ("module", "=", "order_policy")])
        people = self.env["res.users"].browse(brought.mapped("res_id")).exists()
        self.assertGreaterEqual(len(people), 12)
        return people + self.env.ref("base.user_admin")


class TestEverybodyOpensEverything(DemoCase):
    """Every login opens every record that it finds, with every field that its form reads."""

    def _opens(self, user):
        opened = set()
        for name in ACTIONS:
            action = self.env.ref(name)
            views = [(view_id, kind) for view_id, kind in action.views if kind in ("list", "kanban", "form")]
            model = self.env[action.res_model].with_user(user).with_context(lang=user.lang)
            records = model.search([]) if model.has_access("read") else model
            if records:
                with self.subTest(user=user.login, action=action.name):
                    self._open(records, views)
                    opened.add(records._name)
        return opened

    def test_demo(self):
        opened = {user.login: self._opens(user) for user in self._everybody()}
        for login in READERS:
            self.assertIn("sale.order", opened[login])

    def test_each_department_is_there_once(self):
        company = self.env.ref("base.main_company")
        departments = self.env["order.policy.department"].search([("company_id", "=", company.id)])
        self.assertEqual(len(departments), len(departments.origin_id))
        heads = {department.origin_id: department.head_id.login for department in departments}
        for name, login in HEADS.items():
            self.assertEqual(heads[self.env.ref(f"order_policy.{name}")], login)

    def test_salesperson_of_own_documents(self):
        anna = self._person("sales-anna")
        anna.group_ids -= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.assertFalse(anna.has_group("sales_team.group_sale_salesman_all_leads"))
        self.assertIn("sale.order", self._opens(anna))

    def test_salesperson_in_chinese(self):
        chen = self._person("sales-chen")
        chen.lang = "zh_CN"
        self.assertIn("sale.order.review", self._opens(chen))


class TestNewOrders(DemoCase):
    """Whoever may sell enters an order under each ready policy, adopted in a company of its own."""

    def _adopt(self, name):
        company = self.env["res.company"].create({"name": f"Company of {name}"})
        people = self._everybody() | self.env.user
        people.write({"company_ids": [Command.link(company.id)]})
        self._person("policy-admin").company_id = company
        wizard = (
            self.env["order.policy.adopt"]
            .with_user(self._person("policy-admin"))
            .create({"preset_id": self.env.ref(f"order_policy.policy_{name}").id, "company_id": company.id})
        )
        for line in wizard.department_ids:
            known = {self.env.ref(f"order_policy.{department}"): login for department, login in HEADS.items()}
            line.head_id = self._person(known.get(line.preset_department_id, "general-manager"))
            if line.preset_department_id == self.env.ref("order_policy.department_sales"):
                line.member_ids = [Command.set([self._person(login).id for login in SELLERS])]
        wizard.action_adopt()
        return company

    def _products(self):
        # Documents of the demo's products belong to its first company, and Odoo offers them in any.
        documents = [("product_document_ids", "=", False), ("product_tmpl_id.product_document_ids", "=", False)]
        anywhere = [("sale_ok", "=", True), ("company_id", "=", False)]
        sold = self.env["product.product"].search(anywhere + documents)
        kinds = [("consu", True), ("consu", False), ("service", False), ("combo", False)]
        return [
            sold.filtered(lambda product: (product.type, product.is_storable) == (kind, stored))[:1]  # noqa: B023
            for kind, stored in kinds
        ]

    def _enter(self, user, company):
        orders = self.env["sale.order"].with_user(user).with_context(allowed_company_ids=company.ids, lang=user.lang)
        with Form(orders) as form:
            form.partner_id = self.env.ref("base.res_partner_2")
            form.channel_id = self.env.ref("order_policy.channel_phone")
            form.commitment_date = Datetime.add(Datetime.now(), days=60)
            for product in filter(None, self._products()):
                with form.order_line.new() as line:
                    line.product_id = product
        order = form.record
        self.assertTrue(order.policy_id)
        self.assertGreaterEqual(len(order.order_line), 3)
        self._open(order)
        return order

    def test_new_order(self):
        for name in READY:
            company = self._adopt(name)
            for login in SELLERS:
                with self.subTest(policy=name, user=login):
                    self._enter(self._person(login), company)

    def test_people_of_other_apps_change_an_order(self):
        company = self._adopt("strict")
        order = self._enter(self._person("sales-anna"), company)
        for group in OTHER_WRITERS:
            with self.subTest(group=group):
                user = new_test_user(
                    self.env, group, group, company_id=company.id, company_ids=[Command.set(company.ids)]
                )
                with Form(order.with_user(user).with_context(allowed_company_ids=company.ids)) as form:
                    form.client_order_ref = group
                self.assertEqual(order.client_order_ref, group)
