from odoo import fields, models


class OrderPolicy(models.Model):
    """How often sales owes customers a word."""

    _inherit = "order.policy"

    followup_ids = fields.One2many(
        "order.policy.followup",
        "policy_id",
        "Follow-Ups",
        copy=True,
        help="The first one that an order matches says how often its customer hears of us.",
    )
