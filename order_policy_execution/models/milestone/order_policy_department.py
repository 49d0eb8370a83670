from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class OrderPolicyDepartment(models.Model):
    """Which milestones a department reaches."""

    _inherit = "order.policy.department"

    milestone_ids = fields.One2many("order.policy.milestone", "department_id", "Milestones")

    def _check_can_be_deleted(self):
        result = super()._check_can_be_deleted()
        used = self.sudo().filtered(lambda department: department.company_id and department.milestone_ids)
        if used:
            raise UserError(
                self.env._(
                    "%s cannot be deleted: milestones of a policy are theirs. Archive them instead.",
                    format_list(self.env, used.mapped("name")),
                )
            )
        return result

    def _reports_for_itself(self):
        """Tell whether somebody in the department can report milestones; else the general manager's office does."""
        self.ensure_one()
        return bool(self.sudo().active and self._people("member"))
