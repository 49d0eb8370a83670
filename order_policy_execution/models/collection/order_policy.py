from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import format_list

# Frozen with the version, as orders are held by it.
RULES_OF_PAYMENT = frozenset({"pay_before", "pay_before_percent", "pay_before_term_ids"})


class OrderPolicy(models.Model):
    """What has to be paid before something is produced or delivered (articles 1.7, 2.9)."""

    _inherit = "order.policy"

    pay_before = fields.Selection(
        [
            ("nothing", "Nothing waits for payment"),
            ("production", "Before production and delivery"),
            ("delivery", "Before delivery"),
        ],
        "Payment in Advance",
        required=True,
        default="nothing",
        help="What may begin only once the customer paid. Production: manufacturing orders may be planned and "
        "confirmed, and neither be started nor finished; nothing is delivered. Delivery: goods do not leave to the "
        "customer. Moves between own locations are free.",
    )
    pay_before_percent = fields.Float(
        "Paid in Advance (%)",
        default=100.0,
        digits=(16, 2),
        help="How much of the order, taxes included, has to be paid by then.",
    )
    pay_before_term_ids = fields.Many2many(
        "account.payment.term",
        "order_policy_pay_before_term_rel",
        "policy_id",
        "term_id",
        "Only Payment Terms",
        help="Only orders with one of these payment terms wait for payment. Leave it empty for all orders.",
    )

    _pay_before_percent_in_range = models.Constraint(
        "CHECK(pay_before_percent > 0 AND pay_before_percent <= 100)",
        "What is paid in advance is more than 0 and at most 100 percent of the order. To ask for nothing, choose that "
        "nothing waits for payment.",
    )

    @api.constrains("pay_before_term_ids", "company_id")
    def _check_terms_of_company(self):
        for policy in self:
            # Superuser: whether a term is of another company does not depend on what this person sees.
            others = policy.sudo().pay_before_term_ids.filtered(
                lambda term, policy=policy: term.company_id and term.company_id != policy.company_id
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(terms)s: of another company. Choose payment terms of %(company)s, or of all companies.",
                        terms=format_list(self.env, others.mapped("name")),
                        company=policy.company_id.name or self.env._("no company"),
                    )
                )

    def write(self, vals):
        if RULES_OF_PAYMENT & vals.keys():
            self._check_are_drafts()
        return super().write(vals)

    def _terms_paid_in_advance(self):
        """Return the ids of the payment terms that wait for payment; none where all do."""
        self.ensure_one()
        return self._read_terms(self.id) if self.state == "draft" else self._cached_terms(self.id)

    @api.model
    @tools.ormcache("policy_id")
    def _cached_terms(self, policy_id):
        return self._read_terms(policy_id)

    @api.model
    def _read_terms(self, policy_id):
        # Superuser: cached for everybody, and only ids.
        return frozenset(self.sudo().browse(policy_id).pay_before_term_ids.ids)

    @api.model
    @tools.ormcache("before")
    def _someone_pays_before(self, before):
        """Tell whether a policy has something wait for payment, so that orders need to be looked at.

        :param str before: ``production`` or ``delivery``
        """
        # What is not even produced is not delivered either.
        asking = ["production"] if before == "production" else ["production", "delivery"]
        # Superuser: cached for everybody, and no more than yes or no.
        return bool(self.sudo().search_count([("state", "!=", "draft"), ("pay_before", "in", asking)], limit=1))
