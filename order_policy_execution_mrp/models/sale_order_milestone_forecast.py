from odoo import models


class SaleOrderMilestone(models.Model):
    """When Odoo itself expects production to be through (article 1.11)."""

    _inherit = "sale.order.milestone"

    def _expected_by_documents(self):
        expected = super()._expected_by_documents()
        for milestone in self.filtered(lambda milestone: milestone.source == "production"):
            productions = milestone.order_id._policy_counted_productions()
            moments = productions.filtered(lambda production: production.state != "done").mapped("date_finished")
            if any(moments):
                expected[milestone] = milestone._local_day(max(filter(None, moments)))
        return expected
