import io
import unicodedata
from unittest.mock import patch

from pypdf import PdfReader

from odoo import fields
from odoo.addons.base.models import ir_actions_report
from odoo.tests import tagged
from odoo.tools import format_datetime

from .common import PIXEL, ArchiveCommon, mail_in


@tagged("post_install", "-at_install")
class TestPapers(ArchiveCommon):
    """What is printed, read from the PDF: forms of the company, whole on each of their pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._load_module_terms(["order_policy"], ["zh_CN"])
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"

    def _pages(self, report, records, user, lang="en_US"):
        """Return the text of each page of a paper that somebody prints."""
        printing = self.env["ir.actions.report"].with_user(user).with_context(force_report_rendering=True, lang=lang)
        content, kind = printing._render_qweb_pdf(f"order_policy.action_report_{report}", records.ids)
        self.assertEqual(kind, "pdf")
        return self._texts(content)

    def _texts(self, content):
        texts = (unicodedata.normalize("NFKC", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages)
        return [" ".join(text.split()) for text in texts]

    def _assert_form(self, pages, title, number):
        """Check that each page says of which company's form it is a part, and which part."""
        for count, text in enumerate(pages, start=1):
            self.assertIn("Nanhai Furniture", text)
            self.assertIn(title, text)
            self.assertIn(number, text)
            self.assertRegex(text, rf"(Page|第) ?{count}\D+{len(pages)}\b")

    def test_each_in_both_languages(self):
        order = self._approved()
        mail_in(order.sudo(), "Please deliver early.", subtype_xmlid="mail.mt_comment")
        order.action_confirm()
        change = self._requested(order)
        change.line_ids.product_uom_qty = 2
        change.action_submit()
        dossiers = self._sealed() | self._sealed()
        disposal = self._disposal(dossiers)
        papers = {
            "review_sheet": (order, self.production, order.name, ("Order Review Sheet", "订单评审表")),
            "change_request": (change, self.finance, change.name, ("Order Change Application", "订单变更申请表")),
            "correspondence": (order, self.salesman, order.name, ("Correspondence", "往来函件")),
            "dossier_handover": (
                dossiers,
                self.archivist,
                dossiers[1].name,
                ("Handover List of Dossiers", "档案移交清单"),
            ),
            "disposal": (disposal, self.archivist, dossiers[1].name, ("Disposal List of Dossiers", "档案销毁清单")),
        }
        for report, (records, user, number, titles) in papers.items():
            for lang, title in zip(("en_US", "zh_CN"), titles, strict=True):
                with self.subTest(report=report, lang=lang):
                    self._assert_form(self._pages(report, records, user, lang), title, number)

    def test_fingerprint_is_that_of_the_record(self):
        order = self._submitted()
        copy = self._order_copy(order)
        self._assert_form(copy, "Order Copy", order.name)
        self.assertIn(f"Fingerprint: {order.content_digest}", copy[0])
        self.assertIn("Policy: Department audit · Version: 1", copy[0])
        self._approve_all(order)
        order.action_confirm()
        self.assertIn(f"Fingerprint: {order.content_digest}", self._pages("review_sheet", order, self.finance)[0])
        change = self._requested(order)
        change.line_ids.product_uom_qty = 2
        self.assertNotEqual(change.proposed_digest, order.content_digest)
        pages = self._pages("change_request", change, self.salesman)
        self.assertIn(f"Fingerprint: {change.proposed_digest}", pages[0])

    def _order_copy(self, order):
        Document = self.env["order.policy.document"].with_context(force_report_rendering=True).sudo()
        ((_copy, content, extension),) = Document._print_order_copies(order.sudo())
        self.assertEqual(extension, "pdf")
        return self._texts(content)

    def test_no_row_across_pages(self):
        order = self._order(*((self.desk, 1, 1000.0 + number) for number in range(60)))
        for number, line in enumerate(order.order_line):
            line.name = f"Begin{number}.\n{'Walnut veneer, edges rounded. ' * 6}\nEnd{number}."
        order.action_policy_submit()
        for department, person in (
            (self.finance_department, self.finance),
            (self.production_department, self.production),
        ):
            comment = f"Begin{person.login}. {'Looked at, and agreed with sales. ' * 40} End{person.login}."
            self._review(order, department).with_user(person).action_approve(comment)
        sheet = self._pages("review_sheet", order, self.salesman)
        for pages in (sheet, self._order_copy(order)):
            self._assert_form(pages, "Order", order.name)
            self.assertGreater(len(pages), 3)
            for number in range(60):
                (begin,) = (page for page in pages if f"Begin{number}." in page)
                self.assertIn(f"End{number}.", begin)
        for login in ("finance", "production"):
            (begin,) = (page for page in sheet if f"Begin{login}." in page)
            self.assertIn(f"End{login}.", begin)

    def test_each_paper_counts_its_own_pages(self):
        short, long = self._submitted(), self._order(*((self.desk, 1, 1000.0 + number) for number in range(60)))
        pages = self._pages("review_sheet", short | long, self.salesman)
        self._assert_form(pages[:1], "Order Review Sheet", short.name)
        self._assert_form(pages[1:], "Order Review Sheet", long.name)
        self.assertGreater(len(pages), 2)

    def test_lists_of_two_companies_are_two_lists(self):
        dossiers = self._sealed() | self._sealed()
        with patch.object(type(dossiers), "grouped", lambda records, key: dict(zip(records, records, strict=True))):
            pages = self._pages("dossier_handover", dossiers, self.archivist)
        self._assert_form(pages[:1], "Handover List of Dossiers", dossiers[0].name)
        self._assert_form(pages[1:], "Handover List of Dossiers", dossiers[1].name)

    def test_times_are_those_of_the_company_and_promises_are_days(self):
        self.salesman.name = "Wang"
        order = self._submitted(commitment_date="2030-05-05 16:30:00")
        self.salesman.tz = "America/New_York"
        (sheet,) = self._pages("review_sheet", order, self.salesman)
        moment = format_datetime(self.env, order.policy_submitted_on, tz="Asia/Shanghai", dt_format="MMM d, y, h:mm")
        self.assertIn(f"Submitted Wang · {moment}", sheet)
        self.assertIn("Delivery Date May 6, 2030 Payment Terms", sheet)
        self.assertIn("Delivery Date May 6, 2030 Payment Terms", self._order_copy(order)[0])

    def test_says_once_what_there_is(self):
        order = self._order()
        (sheet,) = self._pages("review_sheet", order, self.salesman)
        for words in ("Submitted", "Proofread", "Refused", "Cancelled", "Earlier Decisions", "Customer Reference"):
            self.assertNotIn(words, sheet)
        order.action_policy_submit()
        self._review(order, self.finance_department).with_user(self.finance).action_reject("Thirty days at most")
        order.order_line.price_unit = 900
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        change = self._requested(order)
        change.line_ids.product_uom_qty = 2
        change.action_submit()
        text = " ".join(self._pages("review_sheet", order, self.salesman))
        self.assertEqual(text.count("Production review Production"), 1)
        self.assertEqual(text.count("Thirty days at most"), 1)
        self.assertEqual(text.count("Earlier Decisions"), 1)
        self.assertIn(f"Signature: {self.finance.name}", text)

    def test_says_for_whom_somebody_signed(self):
        order = self._submitted()
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self._review(order, self.production_department).with_user(self.production).action_approve()
        today = self.env["order.policy.deputy"]._today(self.company)
        self.env["order.policy.deputy"].with_user(self.sales_head).create(
            {
                "user_id": self.sales_head.id,
                "deputy_id": self.finance_head.id,
                "company_id": self.company.id,
                "date_from": today,
                "date_until": fields.Date.add(today, days=2),
            }
        )
        self._review(order, self.sales_department).with_user(self.finance_head).action_approve()
        report = self.env["ir.actions.report"].with_user(self.finance)
        sheet = report._render_qweb_html("order_policy.action_report_review_sheet", order.ids)[0].decode()
        self.assertIn(f"{self.finance_head.name} for {self.sales_head.name}", sheet)

    def test_shows_the_signature_of_the_customer(self):
        order = self._submitted(require_signature=True)
        order.sudo().write({"signature": PIXEL, "signed_by": "Wang", "signed_on": fields.Datetime.now()})
        report = self.env["ir.actions.report"].with_user(self.finance)
        sheet = report._render_qweb_html("order_policy.action_report_review_sheet", order.ids)[0].decode()
        self.assertIn(f'src="data:image/png;base64,{order.sudo().confirmation_ids.signature.decode()}"', sheet)

    def test_needs_nothing_of_the_server_nor_of_the_patched_printer(self):
        """Printed alike with both kinds of wkhtmltopdf: without its heads and feet, scripts and style sheets."""
        order, commands, documents = self._submitted(), [], []
        run = ir_actions_report._run_wkhtmltopdf

        def running(args):
            commands.append(args)
            for path in args:
                if path.endswith(".html"):
                    with open(path) as document:
                        documents.append(document.read())
            return run(args)

        with patch.object(ir_actions_report, "_run_wkhtmltopdf", running):
            self._pages("review_sheet", order, self.salesman)
        self.assertEqual(len(commands), 2, "The paper, and the feet of its pages")
        for command in commands:
            self.assertFalse({"--header-html", "--footer-html", "--header-line"} & set(command))
        self.assertEqual(len(documents), 2)
        for document in documents:
            for words in ("<link", "<script", "http:"):
                self.assertNotIn(words, document)

    def test_other_reports_are_printed_as_ever(self):
        invoice_like = self.env.ref("sale.action_report_saleorder")
        self.assertFalse(invoice_like._is_policy_paper())
        self.assertEqual(invoice_like._get_layout(), self.env.ref("web.minimal_layout"))
        args = self.env["ir.actions.report"]._build_wkhtmltopdf_args(self.company.paperformat_id, False)
        self.assertEqual(args.count("--javascript-delay"), 1)

    def test_feet_fit_whatever_format_is_chosen(self):
        order = self._submitted()
        self.env.ref("order_policy.action_report_review_sheet").paperformat_id = self.env["report.paperformat"].create(
            {"name": "Letter", "format": "Letter", "orientation": "Landscape", "margin_bottom": 5, "margin_top": 5}
        )
        self.company.name = "Nanhai Furniture " * 10
        self.policy.sudo().name = "Rules for the review of orders " * 5
        self._assert_form(self._pages("review_sheet", order, self.salesman), "Order Review Sheet", order.name)
