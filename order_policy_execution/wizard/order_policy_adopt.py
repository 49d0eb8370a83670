from odoo import models


class OrderPolicyAdopt(models.TransientModel):
    """Milestones of a ready policy become those of the company's own departments."""

    _inherit = "order.policy.adopt"

    def _departments_asked(self):
        return super()._departments_asked() | self.preset_id.milestone_ids.department_id

    def _ask_own_departments(self, policy):
        result = super()._ask_own_departments(policy)
        for milestone in policy.milestone_ids:
            milestone.department_id = milestone.department_id._for_company(self.company_id)
        return result
