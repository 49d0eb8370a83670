from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Print for customers only what the policy lets out."""
        if report.model == "sale.order" and not report._is_policy_paper():
            self.env["sale.order"].browse(docids)._check_policy_lets_out()
        return super()._get_rendering_context(report, docids, data)
