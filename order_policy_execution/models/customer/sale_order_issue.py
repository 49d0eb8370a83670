from odoo import models


class SaleOrderIssue(models.Model):
    """Exceptions that customers brought up themselves: they read their own words (article 2.13)."""

    _inherit = "sale.order.issue"

    def _cause_for_customer(self):
        feedback = self.env["sale.order.feedback"].search([("issue_id", "=", self.id)], order="id desc", limit=1)
        if not feedback:
            return super()._cause_for_customer()
        if not feedback.words:
            return self.env._("You told us that you are not satisfied.")
        return self.env._("You told us: “%s”", self.env["order.policy.words"]._shortened(feedback.words))
