from odoo import fields, models


class OrderPolicyMilestone(models.Model):
    """Milestones that follow from manufacturing."""

    _inherit = "order.policy.milestone"

    source = fields.Selection(
        selection_add=[("production", "Manufacturing Orders")], ondelete={"production": "set default"}
    )
