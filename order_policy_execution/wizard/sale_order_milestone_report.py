from odoo import api, fields, models


class SaleOrderMilestoneReport(models.TransientModel):
    """Report how far milestones are, or that they are reached (articles 1.10, 3.10)."""

    _name = "sale.order.milestone.report"
    _description = "Report a Milestone"
    _inherit = ["sale.order.milestone.entry.mixin"]

    progress = fields.Integer("Progress (%)", compute="_compute_progress", store=True, readonly=False)
    note = fields.Text(help="For colleagues. The customer does not see it.")

    @api.depends("milestone_ids")
    def _compute_progress(self):
        for wizard in self:
            wizard.progress = wizard.milestone_ids.progress if len(wizard.milestone_ids) == 1 else 0

    def action_report(self):
        """Report the progress."""
        self.ensure_one()
        self.milestone_ids.action_report(self.progress, self.note)
        return {"type": "ir.actions.act_window_close"}

    def action_done(self):
        """Report that the milestones are reached."""
        self.ensure_one()
        self.milestone_ids.action_done(self.note)
        return {"type": "ir.actions.act_window_close"}
