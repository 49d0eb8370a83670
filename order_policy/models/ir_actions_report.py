from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Refuse to print quotations that the policy does not let out before approval, for whomever and however."""
        if report.model == "sale.order" and report in self._policy_quotation_reports():
            self.env["sale.order"].browse(docids)._check_policy_lets_out()
        return super()._get_rendering_context(report, docids, data)

    def _policy_quotation_reports(self):
        """Return the reports on orders that are made for customers: all but those of this addon."""
        own = (
            self.env["ir.model.data"]
            .sudo()
            .search([("module", "=like", "order_policy%"), ("model", "=", "ir.actions.report")])
        )
        return (
            self.env["ir.actions.report"]
            .sudo()
            .search([("model", "=", "sale.order"), ("id", "not in", own.mapped("res_id"))])
        )
