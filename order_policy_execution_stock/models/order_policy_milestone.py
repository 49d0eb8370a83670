from odoo import fields, models


class OrderPolicyMilestone(models.Model):
    """Milestones that follow from what leaves the warehouse."""

    _inherit = "order.policy.milestone"

    source = fields.Selection(selection_add=[("delivery", "Deliveries")], ondelete={"delivery": "set default"})
