from odoo import api, fields, models

from ..models.issue.sale_order_issue_kinds import KINDS, SEVERITIES


class SaleOrderIssueReport(models.TransientModel):
    """Report that something about an order does not go as it was approved."""

    _name = "sale.order.issue.report"
    _description = "Report an Exception"
    _inherit = ["order.policy.entry.mixin"]

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id")
    kind = fields.Selection(KINDS, required=True)
    severity = fields.Selection(SEVERITIES, required=True, default="medium")
    cause = fields.Char("In Short", required=True)
    description = fields.Text("What Happened", required=True)
    department_id = fields.Many2one(
        "order.policy.department",
        "Settled By",
        domain="[('company_id', '=', company_id)]",
        help="Follows from the kind when left empty.",
    )

    @api.constrains("order_id")
    def _check_may_read_order(self):
        self.order_id.sudo(False).check_access("read")  # Odoo checks constraints as superuser

    def action_report(self):
        """Report it, and open the exception."""
        self.ensure_one()
        issue = self.order_id.action_policy_report_issue(
            self.kind, self.severity, self.cause, self.description, self.department_id
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": issue._name,
            "res_id": issue.id,
            "views": [(False, "form")],
        }
