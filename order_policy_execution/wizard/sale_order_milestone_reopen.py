from odoo import fields, models


class SaleOrderMilestoneReopen(models.TransientModel):
    """Have milestones done again that were reported or skipped by mistake."""

    _name = "sale.order.milestone.reopen"
    _description = "Reopen a Milestone"
    _inherit = ["sale.order.milestone.entry.mixin"]

    reason = fields.Text(required=True, help="Stays with the milestone and the order. The customer does not see it.")

    def action_reopen(self):
        """Reopen the milestones for the reason."""
        self.ensure_one()
        self.milestone_ids.action_reopen(self.reason)
        return {"type": "ir.actions.act_window_close"}
