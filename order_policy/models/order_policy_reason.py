from odoo import fields, models


class OrderPolicyReason(models.Model):
    """A reason from the catalogue, so that what happens to orders can be counted (articles 1.5, 1.6)."""

    _name = "order.policy.reason"
    _description = "Reason"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [("refusal", "Refusal")], "Used For", required=True, default="refusal", help="What the reason can be given for."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
