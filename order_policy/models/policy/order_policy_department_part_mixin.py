from odoo import api, fields, models
from odoo.exceptions import ValidationError


class OrderPolicyDepartmentPartMixin(models.AbstractModel):
    """A part of a policy that a department carries out, such as a step.

    The department is one of the company of the policy; ready policies, which have no company, are made of ready-made
    departments.
    """

    _name = "order.policy.department.part.mixin"
    _description = "Part of an Order Policy for a Department"
    _inherit = "order.policy.part.mixin"

    department_id = fields.Many2one(
        "order.policy.department",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )

    @api.constrains("department_id", "company_id")
    def _check_department_company(self):
        for part in self:
            company = part.department_id.company_id
            if part.company_id and company and company != part.company_id:
                raise ValidationError(
                    self.env._(
                        "%(part)s: %(department)s belongs to %(company)s. Choose a department of %(own_company)s.",
                        part=part.name,
                        department=part.department_id.name,
                        company=company.name,
                        own_company=part.company_id.name,
                    )
                )
