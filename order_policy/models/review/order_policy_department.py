from odoo import fields, models


class OrderPolicyDepartment(models.Model):
    """What waits for a department."""

    _inherit = "order.policy.department"

    pending_count = fields.Integer("Reviews to Decide", compute="_compute_pending_count")

    def _compute_pending_count(self):
        counts = dict(
            self.env["sale.order.review"]._read_group(
                [("department_id", "in", self.ids), ("state", "=", "pending")], ["department_id"], ["__count"]
            )
        )
        for department in self:
            department.pending_count = counts.get(department, 0)

    def _follow_office(self):
        result = super()._follow_office()
        if self.company_id:
            # Superuser: whoever may say who is in the office.
            self.env["sale.order.review"].sudo()._follow_offices(self.company_id)
        return result
