import io

from pypdf import PdfReader

from odoo.fields import Command
from odoo.tests import tagged

from .common_change import ChangeCase


@tagged("post_install", "-at_install")
class TestForm(ChangeCase):
    """The application form of a request, on paper."""

    def _text(self, change):
        report = self.env["ir.actions.report"].with_user(self.salesman).with_context(force_report_rendering=True)
        content, kind = report._render_qweb_pdf("order_policy.action_report_change_request", change.ids)
        self.assertEqual(kind, "pdf")
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())

    def test_change(self):
        change = self._desks(3)
        change.line_ids = [Command.create({"product_id": self.chair.id, "product_uom_qty": 7, "price_unit": 180.0})]
        change.write({"note": "新店开业，多要一张。", "contact": "王芳", "commitment_date": "2030-05-05 08:00:00"})
        text = self._text(change)
        for words in (
            "Order Change Application",
            change.name,
            self.order.name,
            "新店开业",
            "王芳",
            "2.00",
            "3",
            "(added)",
        ):
            self.assertIn(words, text)
        self.assertIn("Nobody was asked yet", text)
        self._carried_out(change)
        text = self._text(change)
        for words in ("Production review", "Head of sales", "Departments Told", "5,060.00"):
            self.assertIn(words, text)

    def test_cancellation(self):
        text = self._text(self._carried_out(self._cancellation(self.order)))
        for words in ("Order Cancellation Application", "own decision", "Desk", "Chair", "2,800.00", "Carried Out"):
            self.assertIn(words, text)
