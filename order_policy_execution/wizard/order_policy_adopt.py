from odoo import models


class OrderPolicyAdopt(models.TransientModel):
    """Milestones and follow-ups of a ready policy become those of the company's own departments."""

    _inherit = "order.policy.adopt"

    def _departments_asked(self):
        preset = self.preset_id
        return super()._departments_asked() | preset.milestone_ids.department_id | preset.followup_ids.department_id

    def _ask_own_departments(self, policy):
        result = super()._ask_own_departments(policy)
        for milestone in policy.milestone_ids:
            milestone.department_id = milestone.department_id._for_company(self.company_id)
        for followup in policy.followup_ids:
            followup.department_id = followup.department_id._for_company(self.company_id)
        return result
