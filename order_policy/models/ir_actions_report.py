from odoo import models
from odoo.exceptions import UserError

ORDER_COPY = "order_policy.report_order_copy"


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
        if report.model == "sale.order" and not report.report_name.startswith("order_policy."):
            self.env["sale.order"].browse(docids)._check_policy_lets_out()
        return super()._get_rendering_context(report, docids, data)
