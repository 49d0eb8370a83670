from odoo import fields, models


class SaleOrderMilestoneSkip(models.TransientModel):
    """Let milestones be that an order does not need."""

    _name = "sale.order.milestone.skip"
    _description = "Skip a Milestone"
    _inherit = ["sale.order.milestone.entry.mixin"]

    reason = fields.Text(required=True, help="Stays with the milestone. The customer does not see it.")

    def action_skip(self):
        """Skip the milestones for the reason."""
        self.ensure_one()
        self.milestone_ids.action_skip(self.reason)
        return {"type": "ir.actions.act_window_close"}
