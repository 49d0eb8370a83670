from odoo import api, fields, models

from ..models.issue.sale_order_issue_kinds import SEVERITIES


class SaleOrderIssueHandOver(models.TransientModel):
    """Give an exception to another person or department, or judge anew how severe it is."""

    _name = "sale.order.issue.hand.over"
    _description = "Hand Over an Exception"
    _inherit = ["order.policy.entry.mixin"]

    issue_id = fields.Many2one("sale.order.issue", "Exception", required=True, readonly=True)
    company_id = fields.Many2one(related="issue_id.company_id")
    department_id = fields.Many2one(
        "order.policy.department",
        "Settled By",
        compute="_compute_from_issue",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    owner_id = fields.Many2one(
        "res.users", domain="[('share', '=', False)]", help="The head of the department when left empty."
    )
    severity = fields.Selection(SEVERITIES, compute="_compute_from_issue", store=True, readonly=False, required=True)

    @api.constrains("issue_id")
    def _check_may_read_issue(self):
        self.issue_id.sudo(False).check_access("read")  # Odoo checks constraints as superuser

    @api.depends("issue_id")
    def _compute_from_issue(self):
        self.issue_id.check_access("read")
        for wizard in self:
            wizard.department_id = wizard.issue_id.department_id
            wizard.severity = wizard.issue_id.severity

    def action_hand_over(self):
        """Hand it over; who gave it away may not see it any more."""
        self.ensure_one()
        if self.severity != self.issue_id.severity:
            self.issue_id.action_rate(self.severity)
        if self.owner_id or self.department_id != self.issue_id.department_id:
            self.issue_id.action_hand_over(self.owner_id, self.department_id)
        return {"type": "ir.actions.act_window_close"}
