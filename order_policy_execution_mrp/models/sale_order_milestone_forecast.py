from odoo import models


class SaleOrderMilestone(models.Model):
    """When Odoo itself expects production to be through (article 1.11)."""

    _inherit = "sale.order.milestone"

    def _expected_by_documents(self):
        expected = super()._expected_by_documents()
        following = self.filtered(lambda milestone: milestone.source == "production")
        following.order_id._read_productions()
        for milestone in following:
            productions = milestone.order_id._policy_counted_productions()
            moments = [production._policy_expected_on() for production in productions]
            if any(moments):
                expected[milestone] = milestone._local_day(max(filter(None, moments)))
        return expected
