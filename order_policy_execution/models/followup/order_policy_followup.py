from odoo import api, fields, models
from odoo.tools import float_compare, format_amount, format_list

FINER_THAN_MONEY = 6  # decimals: no currency has as many


class OrderPolicyFollowup(models.Model):
    """How often sales owes the customer of a confirmed order a word (articles 1.10, 1.11, 2.12, 3.10).

    Of the follow-ups of a policy the first one that an order matches holds.
    """

    _name = "order.policy.followup"
    _description = "Follow-Up of the Order Policy"
    _inherit = ["order.policy.department.part.mixin"]

    currency_id = fields.Many2one(related="policy_id.currency_id")
    days = fields.Integer(
        "Every (Working Days)",
        required=True,
        default=5,
        aggregator=None,
        help="Working days of the company from the confirmation, and then from the last word, to the next one.",
    )
    department_id = fields.Many2one(
        default=lambda self: self.env.ref("order_policy.department_sales")._own_of_company(self.env.company),
        help="Its people follow orders up beside their salesperson; its head learns of what is missed.",
    )
    partner_category_ids = fields.Many2many(
        "res.partner.category",
        "order_policy_followup_partner_category_rel",
        string="Customers with a Tag",
        help="Only orders of customers with one of these tags; of all customers where there is none.",
    )
    amount_min = fields.Monetary(
        "From Amount", help="Only orders from this amount on, in the company's currency and taxes included."
    )
    condition_in_words = fields.Char("Condition", compute="_compute_condition_in_words")

    _days_positive = models.Constraint(
        "CHECK(days BETWEEN 1 AND 365)", "Enter after how many working days the customer hears of you: 1 to 365."
    )
    _amount_not_negative = models.Constraint(
        "CHECK(amount_min >= 0)", "The amount from which orders are followed up cannot be below zero. Enter 0 or more."
    )

    @api.depends("amount_min", "domain", "partner_category_ids")
    @api.depends_context("lang")
    def _compute_condition_in_words(self):
        for rule in self:
            words = []
            if rule.partner_category_ids:
                tags = format_list(self.env, rule.partner_category_ids.mapped("name"), "or")
                words.append(self.env._("customers tagged %s", tags))
            if rule.amount_min:
                currency = rule.currency_id or self.env.company.currency_id
                words.append(self.env._("from %s", format_amount(self.env, rule.amount_min, currency)))
            if self._condition(rule.domain):
                words.append(self.env._("under a condition"))
            rule.condition_in_words = ", ".join(words) or self.env._("All orders")

    def _prepare_known(self):
        return {
            **super()._prepare_known(),
            "days": self.days,
            "department": self.department_id.id,
            "tags": frozenset(self.partner_category_ids.ids),
            "amount_min": self.amount_min,
            "domain": self._condition(self.domain),
        }

    @api.model
    def _holding_for(self, order):
        """Return the follow-up that holds for an order; none where it is not followed up.

        :param order: sale.order record in superuser mode
        """
        tags = {*order.partner_id.category_id.ids, *order.partner_id.commercial_partner_id.category_id.ids}
        for rule_id, known in self._known_of(order.policy_id).items():
            reached = float_compare(order.amount_company, known["amount_min"], precision_digits=FINER_THAN_MONEY) >= 0
            tagged = not known["tags"] or not known["tags"].isdisjoint(tags)
            if reached and tagged and (not known["domain"] or order.filtered_domain(known["domain"])):
                return self.browse(rule_id)
        return self.browse()
