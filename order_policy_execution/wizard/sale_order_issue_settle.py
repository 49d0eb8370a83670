from odoo import fields, models


class SaleOrderIssueSettle(models.TransientModel):
    """Settle exceptions: how, and why they came about."""

    _name = "sale.order.issue.settle"
    _description = "Settle Exceptions"
    _inherit = ["order.policy.entry.mixin"]

    issue_ids = fields.Many2many("sale.order.issue", string="Exceptions", required=True)
    result = fields.Text("How It Was Settled", required=True)
    root_cause = fields.Text("Why It Came About", required=True)

    def action_settle(self):
        """Settle all of them."""
        self.ensure_one()
        self.issue_ids.action_settle(self.result, self.root_cause)
        return {"type": "ir.actions.act_window_close"}
