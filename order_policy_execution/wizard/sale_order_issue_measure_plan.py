from odoo import api, fields, models


class SaleOrderIssueMeasurePlan(models.TransientModel):
    """Plan what is done about an exception."""

    _name = "sale.order.issue.measure.plan"
    _description = "Plan a Measure"
    _inherit = ["order.policy.entry.mixin"]

    issue_id = fields.Many2one("sale.order.issue", "Exception", required=True, readonly=True)
    company_id = fields.Many2one(related="issue_id.company_id")
    name = fields.Char("What Is Done", required=True)
    user_id = fields.Many2one(
        "res.users",
        "By",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_due = fields.Date("Until", required=True)

    @api.constrains("issue_id")
    def _check_may_read_issue(self):
        self.issue_id.sudo(False).check_access("read")  # Odoo checks constraints as superuser

    def action_plan(self):
        """Plan it."""
        self.ensure_one()
        self.issue_id.action_plan_measure(self.name, self.user_id, self.date_due)
        return {"type": "ir.actions.act_window_close"}
