from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ArchiveCommon, OpeningCase

ALL_VIEWS = ((False, "list"), (False, "kanban"), (False, "form"))


@tagged("post_install", "-at_install")
class TestOpenBesideOtherApps(OpeningCase, ArchiveCommon):
    """Everybody opens what concerns him, whatever other apps add to the forms of orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._need_apps("event_sale", "sale_loyalty", "sale_mrp", "sale_project")
        cls._load_chart()
        cls.quality = cls._user("quality")
        cls.quality_department = cls._department("Quality", cls.quality)
        cls.accountant = cls._user("accountant", "account.group_account_invoice")
        cls.keeper = cls._user("keeper", "stock.group_stock_user")
        cls.planner = cls._user("planner", "mrp.group_mrp_user")
        cls.desk.is_storable = True
        cls._bill_of_materials(cls.desk, "phantom")
        cls._bill_of_materials(cls.chair, "normal")
        cls.assembly = cls._product("Assembly", 300.0, type="service", service_tracking="task_global_project")
        cls.assembly.project_id = cls.env["project.project"].create({"name": "Assemblies", "allow_billable": True})
        lines = ((cls.desk, 2, 1000.0), (cls.chair, 1, 200.0), (cls.assembly, 1, 300.0))
        cls.under_review = cls._submitted(*lines)
        cls.confirmed = cls._confirmed(*lines)
        cls.confirmed.sudo().order_line.qty_delivered = 1
        cls.confirmed.with_user(cls.accountant)._create_invoices()
        cls.orders = (cls.under_review + cls.confirmed).sudo()
        cls.change = cls._cancellation(cls.confirmed)
        cls.change.action_submit()
        # The department is told, and was never asked.
        cls.env["sale.order.change.notice"]._tell(cls.change.sudo(), {cls.quality_department: ["Keep the desks."]})

    @classmethod
    def _bill_of_materials(cls, product, kind):
        cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "type": kind,
                "bom_line_ids": [Command.create({"product_id": cls._product("Plank", 10.0, is_storable=True).id})],
            }
        )

    def _everything(self, records):
        """Return a specification of all fields that the user of some records may see."""
        fields = records._fields.items()
        return {name: {} for name, field in fields if records._has_field_access(field, "read")}

    def _opens(self, user, orders):
        for order in orders.with_user(user):
            with self.subTest(user=user.login, state=order.state):
                [values] = self._open(order, ALL_VIEWS)
                self.assertEqual(len(values["order_line"]), 3)
                for records in order, order.order_line:
                    self.env.invalidate_all()
                    records.web_read(self._everything(records))

    def test_departments_open_what_they_review(self):
        for user in self.finance | self.production | self.sales_head:
            self._opens(user, self.orders)

    def test_supervision_and_archive_open_all_orders(self):
        for user in self.supervisor | self.archivist | self.policy_admin:
            self._opens(user, self.orders)

    def test_department_that_was_told_opens_the_order(self):
        self._opens(self.quality, self.confirmed)
        self._open(self.change.with_user(self.quality))
        with self.assertRaises(AccessError):
            self._open(self.under_review.with_user(self.quality))

    def test_sales_and_people_of_other_apps_open_orders(self):
        for user in self.salesman | self.accountant | self.keeper | self.planner:
            self._opens(user, self.orders)

    def test_everybody_opens_reviews_requests_and_dossiers(self):
        self._dossier(self.confirmed)
        for model in ("sale.order.review", "sale.order.change", "sale.order.dossier"):
            for user in self.finance | self.supervisor | self.archivist | self.policy_admin | self.salesman:
                with self.subTest(model=model, user=user.login):
                    records = self.env[model].with_user(user).search([])
                    self.assertTrue(records)
                    self._open(records, ALL_VIEWS)

    def test_everybody_who_sells_enters_an_order(self):
        for user in self.salesman | self.sales_head | self._user("own_documents", "sales_team.group_sale_salesman"):
            with self.subTest(user=user.login), Form(self.env["sale.order"].with_user(user)) as form:
                form.partner_id = self.customer
                for product in self.desk, self.chair, self.assembly:
                    with form.order_line.new() as line:
                        line.product_id = product

    def test_people_of_other_apps_change_an_order(self):
        for user in self.accountant | self.keeper | self.planner:
            with self.subTest(user=user.login):
                with Form(self.under_review.with_user(user)) as form:
                    form.client_order_ref = user.login
                    with form.order_line.edit(0) as line:
                        line.product_uom_qty += 1
                self.assertEqual(self.under_review.client_order_ref, user.login)
        self.assertEqual(self.under_review.order_line[0].product_uom_qty, 5)

    def test_what_apps_keep_to_themselves_stays_empty(self):
        for user, invoices, materials in ((self.finance, 0, 0), (self.supervisor, 0, 0), (self.salesman, 1, 1)):
            self.env.invalidate_all()
            order = self.confirmed.with_user(user)
            [values] = order.web_read({"invoice_count": {}, "invoice_ids": {}, "picking_ids": {"fields": {"name": {}}}})
            self.assertEqual((values["invoice_count"], len(values["invoice_ids"])), (invoices, invoices), user.login)
            self.assertEqual(bool(values["picking_ids"]), bool(materials), user.login)
            self.assertEqual(len(self.confirmed.sudo().invoice_ids), 1, "Nobody else finds it empty for that")

    def test_nothing_else_opens(self):
        order = self.confirmed.with_user(self.finance)
        with self.assertRaises(AccessError):
            order.read(["picking_ids"])
        with self.assertRaises(AccessError):
            order.web_read({"name": {}, "transaction_ids": {}, "invoice_count": {}})
        stranger = self._user("stranger", "order_policy.group_order_policy_user")
        for records, name in (self.confirmed, "invoice_count"), (self.confirmed.order_line, "is_mto"):
            with self.assertRaises(AccessError):
                records.with_user(stranger).web_read({name: {}})
            copied = records.new(origin=records[0]).with_user(stranger)
            with self.assertRaises(AccessError):
                copied.web_read({name: {}})
