import io
import unicodedata
from datetime import timedelta

from pypdf import PdfReader

from odoo import fields
from odoo.addons.order_policy.tests.common import ArchiveCommon
from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.addons.order_policy_execution.models.record.sale_order import SECTIONS
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import MilestoneCase
from .common_quality import QualityCase

REPORT = "order_policy_execution.action_report_execution_record"
FEW, MANY = 3, 40


class RecordCase(ArchiveCommon, QualityCase, MilestoneCase, QueriesCase):
    """Orders with milestones, of which desks are inspected and whose customers are called."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._inspect_by(
            cls._plan(),
            followup_ids=[Command.create({"name": "All", "days": 3, "department_id": cls.sales_department.id})],
        )
        cls.order = cls._confirmed((cls.desk, 5, 1000.0), (cls.chair, 2, 100.0))

    @classmethod
    def _carry_out(cls, order):
        """Do what is done for an order, by whom it is done."""
        cls._milestone(order, "Production", cls.worker).action_done("Two shifts.")
        cls._milestone(order, "Invoice", cls.finance_head).action_skip("It is a gift.")
        cls._to_do(order).action_rework("Scratches")
        cls._to_do(order, cls.quality_head).action_concede("Lighter colour", "Ms. Wang agrees")
        issue = order.with_user(cls.salesman).action_policy_report_issue(
            kind="damage",
            severity="high",
            cause="Broken leg",
            description="One leg is broken.",
            department=cls.sales_department.id,
        )
        issue.action_plan_measure("Send another leg", cls.salesman.id, fields.Date.today())
        issue.measure_ids.action_done("Sent.")
        issue.action_settle("It has four legs again.", "It fell.")
        order.with_user(cls.salesman).action_policy_record_followup("phone", "It is on its way.", "At last.")
        order.sudo().order_line[-1].qty_delivered = 1
        order._feedback_from_customer("4", "Nice chairs.", "Ms. Wang")

    def _html(self, orders, user, lang="en_US"):
        printing = self.env["ir.actions.report"].with_user(user).with_context(lang=lang)
        return printing._render_qweb_html(REPORT, orders.ids)[0].decode()


@tagged("post_install", "-at_install")
class TestExecutionRecord(RecordCase):
    """How an order was carried out stands on one paper, which is filed with it (articles 3.11, 3.16)."""

    def _filed(self, order):
        return self._dossier(order).item_ids.filtered(lambda item: item.document_id.code == "execution")

    def test_tells_what_was_done_and_by_whom(self):
        self._carry_out(self.order)
        paper = self._html(self.order, self.salesman)
        for words in (
            "Two shifts.",
            self.worker.name,
            "It is a gift.",
            self.finance_head.name,
            "Scratches",
            "Lighter colour",
            "Ms. Wang agrees",
            self.quality_head.name,
            "Broken leg",
            "Send another leg",
            "It has four legs again.",
            "It fell.",
            "It is on its way.",
            "At last.",
            "Nice chairs.",
            "Nothing is invoiced or paid yet.",
        ):
            with self.subTest(words):
                self.assertIn(words, paper)

    def test_says_what_there_is_nothing_of(self):
        order = self._confirmed((self.chair, 1, 10.0))
        paper = self._html(order, self.supervisor)
        for words in ("Nothing of this order is inspected.", "None was reported.", "The customer gave none."):
            self.assertIn(words, paper)

    def test_tells_that_something_was_reopened(self):
        production = self._milestone(self.order, "Production", self.worker)
        production.action_done()
        production.with_user(self.production_department.head_id).action_reopen("It was another order.")
        self.assertIn("It was another order.", self._html(self.order, self.salesman))

    def test_is_read_by_whoever_reads_its_parts(self):
        self._carry_out(self.order)
        for person in (self.salesman, self.supervisor, self.archivist, self.keeper):
            with self.subTest(person.name):
                self.assertNotIn("without what is not for this person to read", self._html(self.order, person))
        outsider = self._user("outsider", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self._html(self.order, outsider)

    def test_says_that_something_is_left_out(self):
        self._carry_out(self.order)
        self.env["ir.rule"].create(
            {
                "name": "None",
                "model_id": self.env.ref("order_policy_execution.model_sale_order_issue").id,
                "domain_force": "[('kind', '!=', 'damage')]",
            }
        )
        paper = self._html(self.order, self.salesman)
        self.assertIn("without what is not for this person to read", paper)
        self.assertNotIn("Broken leg", paper)
        # The one that is filed is whole.
        self.assertIn("Broken leg", self._html(self.order, self.env.ref("base.user_root")))

    def test_is_printed_from_the_menu_of_orders(self):
        actions = self.env["ir.actions.actions"].with_user(self.salesman).get_bindings("sale.order")
        self.assertIn("Execution Record", [action["name"] for action in actions.get("report", ())])

    def test_is_filed_as_a_kind_of_its_own(self):
        self._carry_out(self.order)
        item = self._filed(self.order)
        self.assertEqual((item.record_model, item.record_id), ("sale.order", self.order.id))
        self.assertEqual(item.document_id.name, "Execution Record")

    def test_what_happens_later_makes_it_another_paper(self):
        self._milestone(self.order, "Production", self.worker).action_start()
        first = self._filed(self.order)
        self.assertTrue(first)
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            self._milestone(self.order, "Production", self.worker).action_done()
        last = self._filed(self.order)
        self.assertEqual(len(last), 1)
        self.assertNotEqual(last, first)

    def test_orders_that_nothing_was_done_for_have_none(self):
        self.assertFalse(self._filed(self._ended()))

    def test_is_sealed_with_the_dossier(self):
        order = self._confirmed((self.chair, 1, 10.0))
        order.sudo().order_line.qty_delivered = 1
        for name, person in (("Production", self.worker), ("Delivery", self.keeper)):
            self._milestone(order, name, person).action_done()
        for name in ("Invoice", "Payment"):
            self._milestone(order, name, self.finance_head).action_skip("It is a gift.")
        self._paper(order)
        dossier = self._dossier(order)
        dossier.with_context(force_report_rendering=True).action_seal()
        item = dossier.item_ids.filtered(lambda item: item.document_id.code == "execution")
        self.assertEqual(item.format, "application/pdf")
        pages = PdfReader(io.BytesIO(item.sudo().attachment_id.raw)).pages
        text = " ".join(unicodedata.normalize("NFKC", page.extract_text()) for page in pages)
        self.assertIn("It is a gift.", " ".join(text.split()))
        self.assertIn(order.name, text)


@tagged("post_install", "-at_install")
class TestExecutionRecordQueries(RecordCase):
    """What the paper costs grows neither with the lines of an order nor with orders."""

    def test_it_does_not_grow_with_lines(self):
        few, many = (self._confirmed(*[(self.desk, 1, 10.0)] * count) for count in (FEW, MANY))
        for order in (few, many):
            self._to_do(order).action_rework("Scratches")
        self._html(few, self.salesman)
        counts = [self._queries(lambda order=order: self._html(order, self.salesman)) for order in (few, many)]
        self.assertLessEqual(counts[1], counts[0] + 3)

    def test_when_something_was_recorded_is_told_without_counting(self):
        self._carry_out(self.order)
        order = self.order.sudo()
        counted = self._queries(lambda: [order._count_execution_section(name) for name in SECTIONS])
        self.assertEqual(counted, len(SECTIONS))
        told = self._queries(order._execution_recorded_on)
        self.assertLessEqual(told, self._queries(order._execution_records) - counted + 2)

    def test_it_does_not_grow_with_orders(self):
        orders = self.env["sale.order"].concat(*(self._confirmed((self.desk, 1, 10.0)) for _n in range(8)))
        for order in orders:
            self._carry_out(order)
        self._html(orders, self.salesman)
        counts = [self._queries(lambda some=some: self._html(some, self.salesman)) for some in (orders[:2], orders)]
        self.assertLessEqual(counts[1], counts[0] + 3)
