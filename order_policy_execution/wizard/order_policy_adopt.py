from odoo import models


class OrderPolicyAdopt(models.TransientModel):
    """Milestones, inspection plans and follow-ups of a ready policy become those of the company's own departments.

    Whoever adopts it puts people into these, and into those that settle exceptions.
    """

    _inherit = "order.policy.adopt"

    def _departments_asked(self):
        preset = self.preset_id
        parts = (preset.milestone_ids, preset.inspection_ids, preset.followup_ids)
        asked = super()._departments_asked().union(*(part.department_id for part in parts))
        # Exceptions come to all of these, customer service among them.
        return (asked | self.env["sale.order.issue"]._ready_departments()).sorted()

    def _ask_own_departments(self, policy):
        result = super()._ask_own_departments(policy)
        for part in [*policy.milestone_ids, *policy.inspection_ids, *policy.followup_ids]:
            part.department_id = part.department_id._for_company(self.company_id)
        return result
