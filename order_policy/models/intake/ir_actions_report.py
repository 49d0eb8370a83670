import io
from copy import deepcopy

from lxml import html

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

ORDER_COPY = "order_policy.report_order_copy"
FOOT_HEIGHT = 17  # mm at the bottom of a page
POINTS_PER_MM = 72 / 25.4


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Refuse to print quotations that the policy does not let out before approval, for whomever and however.

        What this addon prints of orders is for colleagues. The order copy is made of what was submitted, and of nothing
        that somebody hands over.
        """
        if report.report_name == ORDER_COPY and not self.env.su:
            raise UserError(
                self.env._(
                    "The order copy is printed and filed by itself when an order is submitted. Open it among the files "
                    "of the order."
                )
            )
        return super()._get_rendering_context(report, docids, data)

    # ------------------------------------------------------------------
    # Papers of the order policy
    # ------------------------------------------------------------------

    def _is_policy_paper(self):
        """Tell whether this is a form of the order policy, or of its addons: with its own head, foot and style."""
        addon, _dot, name = (self.report_name or "").partition(".")
        return addon.startswith("order_policy") and name.startswith("report_")

    def _render_qweb_html(self, report_ref, docids, data=None):
        """Print times as they are in the company, whoever prints: a paper is read by others, and filed."""
        report = self._get_report(report_ref)
        if report._is_policy_paper():
            company = self.env[report.model].browse(docids)[:1].company_id
            self = self.with_context(tz=company._policy_timezone())
        return super()._render_qweb_html(report_ref, docids, data=data)

    def _get_layout(self):
        if self._is_policy_paper():
            return self.env.ref("order_policy.paper_page")
        return super()._get_layout()

    def _build_wkhtmltopdf_args(
        self, paperformat_id, landscape, specific_paperformat_args=None, set_viewport_size=False
    ):
        args = super()._build_wkhtmltopdf_args(
            paperformat_id, landscape, specific_paperformat_args, set_viewport_size=set_viewport_size
        )
        if paperformat_id == self.env.ref("order_policy.paperformat", raise_if_not_found=False):
            args += ["--javascript-delay", "0"]  # papers have no scripts to wait for
        return args

    def _run_wkhtmltopdf(self, bodies, report_ref=False, header=None, footer=None, **options):
        """Print papers one by one, then their feet onto their pages: "page x of y" and the fingerprint.

        Debian's wkhtmltopdf has neither running feet nor prints several documents at once; others do the same this way.
        """
        report = report_ref and self._get_report(report_ref)
        if not report or not report._is_policy_paper():
            return super()._run_wkhtmltopdf(bodies, report_ref=report_ref, header=header, footer=footer, **options)
        papers = [
            PdfFileReader(io.BytesIO(super(IrActionsReport, self)._run_wkhtmltopdf([body], report_ref, **options)))
            for body in bodies
        ]
        page_height = float(papers[0].pages[0].mediaBox.getHeight()) / POINTS_PER_MM
        options["specific_paperformat_args"] = {
            **(options.get("specific_paperformat_args") or {}),
            "data-report-margin-top": page_height - FOOT_HEIGHT,
            "data-report-margin-bottom": 0,
        }
        feet = report._feet_of_pages(footer, papers)
        stamps = PdfFileReader(io.BytesIO(super()._run_wkhtmltopdf([feet], report_ref, **options)))
        return self._with_feet(papers, stamps)

    def _feet_of_pages(self, footer, papers):
        """Return a page of HTML with the foot of each page of some papers.

        :param str footer: HTML with the feet of these papers
        :param papers: PdfFileReader of each
        """
        root = html.fromstring(footer)
        parent = root.get_element_by_id("minimal_layout_report_footers")
        templates = list(parent)
        for template, paper in zip(templates, papers, strict=True):
            parent.remove(template)
            for number in range(1, len(paper.pages) + 1):
                foot = deepcopy(template)
                for name, value in (("page", number), ("topage", len(paper.pages))):
                    for node in foot.find_class(name):
                        node.text = str(value)
                foot.set("style", "page-break-after: always;")
                parent.append(foot)
        parent[-1].set("style", "")  # no empty page after the last one
        return html.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>")

    def _with_feet(self, papers, stamps):
        """Return the pages of some papers as one PDF, each with its foot.

        :param papers: PdfFileReader of each
        :param stamps: PdfFileReader with a page for each of theirs
        """
        writer, content = PdfFileWriter(), io.BytesIO()
        for paper in papers:
            writer.appendPagesFromReader(paper)
        for number, stamp in enumerate(stamps.pages):
            page = writer.getPage(number)
            page.mergePage(stamp)
            page.compress_content_streams()
        writer.write(content)
        return content.getvalue()
