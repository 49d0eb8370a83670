import io
from contextlib import contextmanager, nullcontext
from unittest import SkipTest
from unittest.mock import patch

from lxml import etree
from psycopg2.errors import LockNotAvailable
from pypdf import PdfWriter

from odoo import SUPERUSER_ID
from odoo.fields import Command
from odoo.models import BaseModel
from odoo.tests import HttpCase, TransactionCase, new_test_user

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

PRICE_AND_PAYMENT = ("customer", "price", "payment")
GOODS_AND_DATE = ("product", "quantity", "delivery")


def pdf(title="Order", password=None):
    """Return a small PDF of one page, as bytes."""
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


class JobsCase(TransactionCase):
    """Lets jobs of the order policy run."""

    def _run_job(self, name):
        """Let a job of the order policy run, as the server does; with a browser nothing is to be prepared for it."""
        self.env.flush_all()
        with nullcontext() if isinstance(self, HttpCase) else self.enter_registry_test_mode():
            self.env.ref(f"order_policy.{name}").method_direct_trigger()
        self.env.invalidate_all()


class OpeningCase(TransactionCase):
    """Records are opened as the web client opens them: every field of the view, the lists in it and their forms."""

    def _open(self, records, views=((False, "form"),)):
        """Let the user of some records open them, with the views of an action and their subviews.

        :return: what the client received for the last of the views
        """
        described = records.get_views([*views], {"toolbar": True, "load_filters": True})
        for view in described["views"].values():
            spec = self._what_is_read(etree.fromstring(view["arch"]), records._name, described["models"])
            self.env.invalidate_all()  # nobody finds what was read for somebody else
            values = records.web_read(spec)
        return values

    def _what_is_read(self, view, model_name, models):
        spec = {}
        level = view.xpath("count(ancestor::field)")
        for node in view.xpath(f".//field[count(ancestor::field) = {level}]"):
            name, field = node.get("name"), models[model_name]["fields"][node.get("name")]
            read = spec.setdefault(name, {})
            if node.get("invisible") in ("1", "True"):
                continue
            if field["type"] in ("one2many", "many2many"):
                read.setdefault("fields", {"display_name": {}})
                for subview in node.xpath("list | kanban | form"):
                    read["fields"].update(self._what_is_read(subview, field["relation"], models))
            elif field["type"] in ("many2one", "reference"):
                read["fields"] = {"display_name": {}}
        return spec


def mail_in(order, body, **values):
    """Let an e-mail come in to an order: Odoo posts it, whoever reads the mailbox."""
    return order.with_user(SUPERUSER_ID).message_post(body=body, **{"message_type": "email", **values})


class OrderPolicyCommon(JobsCase):
    """A company with a policy in force: finance and production side by side, head of sales, general manager.

    Finance looks at customer, price and payment; production at product, quantity and delivery; the head of sales and,
    from 100,000 or for special orders, the general manager at everything.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create(
            {"name": "Nanhai Furniture", "currency_id": cls.env.ref("base.CNY").id}
        )
        cls.env.ref("base.CNY").active = True
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={"allowed_company_ids": cls.company.ids})
        cls.salesman = cls._user("salesman", "sales_team.group_sale_salesman")
        cls.other_salesman = cls._user("other_salesman", "sales_team.group_sale_salesman")
        cls.sales_head = cls._user("sales_head", "sales_team.group_sale_manager")
        cls.finance = cls._user("finance")
        cls.finance_head = cls._user("finance_head")
        cls.production = cls._user("production")
        cls.general_manager = cls._user("general_manager")
        cls.policy_admin = cls._user("policy_admin", "order_policy.group_order_policy_manager")
        cls.sales_department = cls._department("Sales", cls.sales_head, cls.salesman)
        cls.finance_department = cls._department("Finance", cls.finance_head, cls.finance)
        cls.production_department = cls._department("Production", cls.production)
        cls.management = cls._department("General Manager's Office", cls.general_manager)
        cls.policy = cls._policy()
        cls.policy.action_activate()
        cls.customer = cls.env["res.partner"].create({"name": "Ningbo Trading", "email": "buyer@ningbo.example"})
        cls.desk = cls._product("Desk", 1000.0)
        cls.chair = cls._product("Chair", 200.0)
        cls.env.flush_all()

    @contextmanager
    def assertRaisesRegex(self, expected_exception, expected_regex):
        """Undo what was done until the error, as a request does and as assertRaises does in Odoo."""
        with self.assertRaises(expected_exception) as caught:
            yield caught
        self.assertRegex(str(caught.exception), expected_regex)

    @classmethod
    def _need_apps(cls, *names):
        """Skip tests in a database that lacks apps: with script/test they run in one that has them."""
        for name in names:
            if cls.env["ir.module.module"]._get(name).state != "installed":
                raise SkipTest(f"{name} is not installed in this database")

    @classmethod
    def _load_chart(cls):
        """Give the company a chart of accounts, as whoever invoices has one."""
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        cls.company.currency_id = cls.env.ref("base.CNY")  # the chart brings its own

    @classmethod
    def _user(cls, login, *groups):
        return new_test_user(
            cls.env,
            login,
            ",".join(("base.group_user", *groups)),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _department(cls, name, head, *members):
        return cls.env["order.policy.department"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "head_id": head.id,
                "member_ids": [Command.set([head.id, *(member.id for member in members)])],
            }
        )

    @classmethod
    def _policy(cls, **values):
        return cls.env["order.policy"].create(
            {
                "name": "Department audit",
                "company_id": cls.company.id,
                "step_ids": [
                    Command.create(cls._step("Finance review", 10, cls.finance_department, PRICE_AND_PAYMENT)),
                    Command.create(cls._step("Production review", 10, cls.production_department, GOODS_AND_DATE)),
                    Command.create(
                        cls._step("Head of sales", 20, cls.sales_department, (), kind="approval", authority="head")
                    ),
                    Command.create(
                        cls._step(
                            "General manager",
                            30,
                            cls.management,
                            (),
                            kind="approval",
                            authority="head",
                            applies="amount_or_special",
                            amount_min=100000.0,
                        )
                    ),
                ],
                **values,
            }
        )

    @classmethod
    def _step(cls, name, sequence, department, aspects, **values):
        aspect_ids = [cls.env.ref(f"order_policy.aspect_{aspect}").id for aspect in aspects]
        return {
            "name": name,
            "sequence": sequence,
            "department_id": department.id,
            "aspect_ids": [Command.set(aspect_ids)],
            **values,
        }

    @classmethod
    def _product(cls, name, price, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "list_price": price,
                "taxes_id": False,
                "company_id": False,
                **values,
            }
        )

    @classmethod
    def _order(cls, *lines, user=None, **values):
        """Enter an order as a salesman.

        :param lines: tuples (product, quantity, unit price); a desk for 1000 when there is none
        """
        lines = lines or ((cls.desk, 1, 1000.0),)
        return (
            cls.env["sale.order"]
            .with_user(user or cls.salesman)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "tax_ids": False,
                            }
                        )
                        for product, quantity, price in lines
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _submitted(cls, *lines, **values):
        order = cls._order(*lines, **values)
        order.action_policy_submit()
        return order

    @classmethod
    def _approved(cls, *lines, **values):
        """Return an order that everybody approved, as the salesman sees it."""
        order = cls._submitted(*lines, **values)
        cls._approve_all(order)
        return order

    @classmethod
    def _approve_all(cls, order):
        """Let everybody approve an order, or a request."""
        deciders = {
            cls.finance_department: cls.finance,
            cls.production_department: cls.production,
            cls.sales_department: cls.sales_head,
            cls.management: cls.general_manager,
        }
        while pending := order.sudo().review_ids.filtered(lambda review: review.state == "pending"):
            for review in pending:
                review.with_user(deciders[review.department_id]).action_approve()

    @classmethod
    def _confirmed(cls, *lines, **values):
        """Return an order that everybody approved and that is confirmed, as the salesman sees it."""
        order = cls._approved(*lines, **values)
        order.action_confirm()
        return order

    @classmethod
    def _paper(cls, order, document="original", content=b"We order desks.", name="Letter.txt", user=None):
        """Attach a file to an order, as its salesman does.

        :param document: code of its kind; False when nobody classified it yet
        """
        return (
            cls.env["ir.attachment"]
            .with_user(user or cls.salesman)
            .create(
                {
                    "name": name,
                    "raw": content,
                    "res_model": "sale.order",
                    "res_id": order.id,
                    "policy_document_id": document and cls.env.ref(f"order_policy.document_{document}").id,
                }
            )
        )

    @classmethod
    def _cancel(cls, orders):
        """Cancel quotations for a reason."""
        orders.action_policy_cancel(cls.env.ref("order_policy.reason_cancel_delivery").id)

    @classmethod
    def _requested(cls, order, user=None, reason="special", **values):
        """Return a request for a change of a confirmed order, not submitted yet, as who asks for it sees it.

        :param values: what is asked for, beside the lines
        """
        order = order.with_user(user or cls.salesman)
        change = cls.env["sale.order.change"].with_user(order.env.user).browse(order.action_request_change()["res_id"])
        change.write({"reason_id": cls.env.ref(f"order_policy.reason_change_{reason}").id, **values})
        return change

    @classmethod
    def _cancellation(cls, order, user=None, reason="customer"):
        """Return a request for the cancellation of a confirmed order, not submitted yet."""
        order = order.with_user(user or cls.salesman)
        change = cls.env["sale.order.change"].with_user(order.env.user).browse(order.action_request_cancel()["res_id"])
        change.reason_id = cls.env.ref(f"order_policy.reason_cancel_{reason}")
        return change

    @contextmanager
    def _somebody_works_on(self, model):
        """Let somebody else hold all records of a model, for longer than anybody waits."""
        records = self.env.registry[model]
        with (
            patch.object(records, "try_lock_for_update", lambda records, **_options: records.browse()),
            patch.object(records, "_wait_for_locks", side_effect=LockNotAvailable),
        ):
            yield

    @classmethod
    def _review(cls, order, department):
        """Return the review that is asked of a department now."""
        return order.sudo().review_ids.filtered(lambda review: review.is_current and review.department_id == department)

    @classmethod
    def _states(cls, order):
        """Return the states of the current reviews of finance, production, head of sales and general manager."""
        return [
            cls._review(order, department).state or None
            for department in (cls.finance_department, cls.production_department, cls.sales_department, cls.management)
        ]


class ArchiveCommon(OrderPolicyCommon):
    """Orders that ended, their papers and dossiers; two archivists and a supervisor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.archivist = cls._user("archivist", "order_policy.group_order_policy_archivist")
        cls.other_archivist = cls._user("other_archivist", "order_policy.group_order_policy_archivist")
        cls.supervisor = cls._user("supervisor", "order_policy.group_order_policy_supervisor")

    @classmethod
    def _ended(cls, **paper):
        """Return a cancelled quotation that was under review, with a paper."""
        order = cls._submitted()
        cls._paper(order, **paper)
        cls._cancel(order)
        return order

    @classmethod
    def _dossier(cls, order):
        """Return the dossier of an order, as the archivist sees it."""
        order.with_user(cls.archivist).action_view_dossier()
        return order.sudo().dossier_id.with_user(cls.archivist)

    @classmethod
    def _sealed(cls, **paper):
        dossier = cls._dossier(cls._ended(**paper))
        dossier.action_seal()
        return dossier

    def _letter(self, dossier):
        return dossier.item_ids.filtered(lambda item: item.document_id.code == "original")

    def _disposal(self, dossiers):
        return (
            self.env["sale.order.disposal"]
            .with_user(self.archivist)
            .create({"company_id": self.company.id, "dossier_ids": [Command.set(dossiers.ids)]})
        )

    def _sql(self, query, *params):
        """Tamper with the database below Odoo."""
        self.env.flush_all()
        self.env.cr.execute(query, params)
        self.env.invalidate_all()

    def _problems(self, dossier):
        """Check a dossier as the archivist does, and return what was found."""
        self.env.flush_all()
        self.env.invalidate_all()
        dossier.action_check()
        check = dossier.check_ids[0]
        self.assertEqual(dossier.check_state, check.state)
        return check._in_words()


class TwoCompaniesCommon(ArchiveCommon):
    """Two companies, each with its own departments, its own policy and its own archive."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Beihai Furniture", "currency_id": cls.env.ref("base.CNY").id}
        )
        cls.env.user.company_ids |= cls.branch
        # Everybody works in all of his companies, unless a test says otherwise.
        cls.env = cls.env(context={})
        for name, value in list(vars(cls).items()):
            if isinstance(value, BaseModel):
                setattr(cls, name, value.with_env(cls.env))
        cls.branch_salesman = cls._branch_user("branch_salesman", "sales_team.group_sale_salesman")
        cls.branch_finance = cls._branch_user("branch_finance")
        cls.branch_supervisor = cls._branch_user("branch_supervisor", "order_policy.group_order_policy_supervisor")
        cls.branch_admin = cls._branch_user("branch_admin", "order_policy.group_order_policy_manager")
        cls.both = cls._user("both")
        cls.both.company_ids += cls.branch
        cls.branch_department = cls.env["order.policy.department"].create(
            {
                "name": "Branch finance",
                "company_id": cls.branch.id,
                "member_ids": [Command.set([cls.branch_finance.id, cls.both.id])],
            }
        )
        cls.finance_department.member_ids += cls.both
        cls.branch_policy = cls.env["order.policy"].create(
            {
                "name": "Branch policy",
                "company_id": cls.branch.id,
                "step_ids": [Command.create(cls._step("Branch finance", 10, cls.branch_department, ()))],
            }
        )
        cls.branch_policy.with_user(cls.branch_admin).action_activate()

    @classmethod
    def _branch_user(cls, login, *groups):
        user = cls._user(login, *groups)
        user.write({"company_id": cls.branch.id, "company_ids": [Command.set(cls.branch.ids)]})
        return user

    @classmethod
    def _branch_order(cls):
        order = cls._order(user=cls.branch_salesman, company_id=cls.branch.id)
        order.action_policy_submit()
        return order
