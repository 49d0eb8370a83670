"""Companies that adopt a ready policy."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import JobsCase


class AdoptionCase(JobsCase):
    """A company with people for every department, and nothing adopted yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.CNY").active = True
        cls.company = cls._company("Dongguan Furniture")
        cls.admin = cls._user("policy_admin", "order_policy.group_order_policy_manager")
        cls.sales_head = cls._user("sales_head", "sales_team.group_sale_manager")
        cls.salesman = cls._user("salesman", "sales_team.group_sale_salesman")
        cls.colleague = cls._user("colleague", "sales_team.group_sale_salesman")
        cls.finance_head = cls._user("finance_head")
        cls.finance = cls._user("finance")
        cls.planner = cls._user("planner")
        cls.inspector = cls._user("inspector")
        cls.keeper = cls._user("keeper")
        cls.service = cls._user("service")
        cls.general_manager = cls._user("general_manager")
        cls.staff = {
            cls._ready_department("sales"): cls.sales_head + cls.salesman + cls.colleague,
            cls._ready_department("finance"): cls.finance_head + cls.finance,
            cls._ready_department("production"): cls.planner,
            cls._ready_department("quality"): cls.inspector,
            cls._ready_department("logistics"): cls.keeper,
            cls._ready_department("service"): cls.service,
            cls._ready_department("management"): cls.general_manager,
        }
        cls.customer = cls.env["res.partner"].create({"name": "Xiamen Stores", "phone": "+86 592 555 0101"})
        cls.desk = cls.env["product.product"].create({"name": "Desk", "list_price": 1000.0, "taxes_id": False})
        cls.safe = cls.env["product.product"].create(
            {
                "name": "Gun Safe",
                "list_price": 2000.0,
                "taxes_id": False,
                "product_tag_ids": [Command.link(cls.env.ref("order_policy.product_tag_sensitive").id)],
            }
        )

    @classmethod
    def _company(cls, name):
        return cls.env["res.company"].create({"name": name, "currency_id": cls.env.ref("base.CNY").id})

    @classmethod
    def _user(cls, login, *groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login,
            ",".join(("base.group_user", *groups)),
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _ready_department(cls, name):
        return cls.env.ref(f"order_policy.department_{name}")

    def _wizard(self, preset, user=None):
        return (
            self.env["order.policy.adopt"]
            .with_user(user or self.admin)
            .create(
                {
                    "preset_id": self.env.ref(f"order_policy.policy_{preset}").id,
                }
            )
        )

    def _adopt(self, preset, user=None, staff=None, **values):
        """Adopt a ready policy with everybody in place; the first of each department heads it."""
        wizard = self._wizard(preset, user)
        for line in wizard.department_ids:
            people = (staff or self.staff)[line.preset_department_id]
            line.write({"head_id": people[:1].id, "member_ids": [Command.set(people[1:].ids)]})
        wizard.write(values)
        action = wizard.action_adopt()
        opened = {"type": "ir.actions.act_window", "res_model": "order.policy", "views": [(False, "form")]}
        self.assertEqual(action, {**opened, "res_id": action["res_id"], "target": "main"})
        return self.env["order.policy"].browse(action["res_id"])

    def _order(self, product=None, quantity=1, user=None, **values):
        return (
            self.env["sale.order"]
            .with_user(user or self.salesman)
            .create(
                {
                    "partner_id": self.customer.id,
                    "channel_id": self.env.ref("order_policy.channel_phone").id,
                    "commitment_date": fields.Datetime.add(fields.Datetime.now(), days=60),
                    "payment_term_id": self.env.ref("account.account_payment_term_30days").id,
                    "order_line": [
                        Command.create({"product_id": (product or self.desk).id, "product_uom_qty": quantity})
                    ],
                    **values,
                }
            )
        )

    def _pending(self, order):
        return order.sudo().review_ids.filtered(lambda review: review.state == "pending")


class ReadyPolicyCase(AdoptionCase):
    """A company whose people decide under whatever ready policy it adopts."""

    PRESETS = ("risk_control", "department_audit", "accuracy", "strict")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chair = cls.env["product.product"].create({"name": "Chair", "list_price": 200.0, "taxes_id": False})
        cls.lamp = cls.env["product.product"].create({"name": "Lamp", "list_price": 50.0, "taxes_id": False})
        cls.deciders = {
            department: people[1] if len(people) > 1 else people for department, people in cls.staff.items()
        } | {cls._ready_department("sales"): cls.colleague}

    def _approve_all(self, subject):
        """Let everybody approve an order or a request, each as who may."""
        while pending := subject.sudo().review_ids.filtered(lambda review: review.state == "pending"):
            for review in pending:
                department = review.department_id
                person = department.head_id if review.authority == "head" else self.deciders[department.origin_id]
                review.with_user(person).action_approve("Looked at.")

    def _confirmed(self, *lines):
        """Return an order that went all its way and is confirmed.

        :param lines: pairs of product and quantity
        """
        order = self._order(
            order_line=[
                Command.create({"product_id": product.id, "product_uom_qty": quantity}) for product, quantity in lines
            ]
        )
        order.action_policy_submit()
        self._approve_all(order)
        if order.policy_id.sudo().confirmation_required:
            order.action_policy_record_confirmation("phone", "Ms. Lin", note="Yes, exactly as offered.")
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        return order

    def _request(self, order):
        change = self.env["sale.order.change"].with_user(self.salesman)
        change = change.browse(order.action_request_change()["res_id"])
        change.reason_id = self.env.ref("order_policy.reason_change_special")
        change.application_ids = change.application_ids.create(
            {"name": "letter.txt", "raw": b"Please.", "res_model": change._name, "res_id": change.id}
        )
        return change
