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
    milestone_news = fields.Selection(
        [("letter", "A letter goes out by itself"), ("sales", "Sales tells the customer")],
        "Customers Hear of Milestones",
        required=True,
        default="letter",
        tracking=True,
        help="Of milestones that customers are told of, when they are done. Customers without an e-mail address hear "
        "from sales in any case: a follow-up is due the next working day, and sales sees, edits and sends the message, "
        "or calls.",
    )
