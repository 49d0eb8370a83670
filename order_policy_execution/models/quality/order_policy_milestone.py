from odoo import fields, models


class OrderPolicyMilestone(models.Model):
    """Milestones that are reached when quality released what was ordered (articles 1.9, 3.10)."""

    _inherit = "order.policy.milestone"

    source = fields.Selection(selection_add=[("inspection", "Inspections")], ondelete={"inspection": "set default"})
