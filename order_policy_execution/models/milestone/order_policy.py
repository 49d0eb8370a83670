from odoo import api, fields, models


class OrderPolicy(models.Model):
    """Which milestones the orders of a policy have."""

    _inherit = "order.policy"

    milestone_ids = fields.One2many("order.policy.milestone", "policy_id", "Milestones", copy=True)

    @api.depends("milestone_ids.department_id.member_ids", "milestone_ids.department_id.active")
    def _compute_dead_ends(self):
        result = super()._compute_dead_ends()
        for policy in self.filtered(lambda policy: policy.company_id and policy.state != "retired"):
            sentences = [policy.dead_ends, *(milestone._dead_end_in_words() for milestone in policy.milestone_ids)]
            policy.dead_ends = "\n".join(filter(None, sentences)) or False
        return result

    def _milestones(self):
        """Return the milestones that orders of this policy have, in their order."""
        return self._browse_parts("order.policy.milestone", lambda milestone: True)
