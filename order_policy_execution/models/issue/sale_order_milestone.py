from odoo import fields, models


class SaleOrderMilestone(models.Model):
    """Milestones that were reported because they are late (article 1.11)."""

    _inherit = "sale.order.milestone"

    issue_ids = fields.One2many("sale.order.issue", "milestone_id", "Exceptions", readonly=True)

    def _follow_reopening(self):
        result = super()._follow_reopening()
        # An exception that is settled is not about what is to be done again: where that is late, it is reported anew.
        self.issue_ids.filtered(lambda issue: issue.state == "settled").is_of_the_past = True
        return result
