from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Refuse to print quotations that the policy does not let out before approval, for whomever and however.

        What this addon prints of orders is for colleagues.
        """
        if report.model == "sale.order" and not report.report_name.startswith("order_policy."):
            self.env["sale.order"].browse(docids)._check_policy_lets_out()
        return super()._get_rendering_context(report, docids, data)
