from odoo import fields, models


class OrderPolicyMilestone(models.Model):
    """Milestones that follow from payments."""

    _inherit = "order.policy.milestone"

    source = fields.Selection(
        selection_add=[("payment", "Payments of the invoices")], ondelete={"payment": "set default"}
    )
