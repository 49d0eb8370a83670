from odoo import models
from odoo.tools import format_amount, formatLang


class SaleOrder(models.Model):
    """Orders are what reviews are about."""

    _name = "sale.order"
    _inherit = ["sale.order", "order.policy.subject.mixin"]

    def _subject_order(self):
        return self

    def _subject_name(self):
        self.ensure_one()
        return self.name

    def _subject_digest(self):
        self.ensure_one()
        return self.content_digest

    def _subject_summary(self):
        self.ensure_one()
        return self.env["ir.qweb"]._render(
            "order_policy.review_card_lines",
            {
                "lines": self.order_line._policy_ordered_lines(),
                "terms": self._terms_in_words(),
                "format_amount": format_amount,
            },
        )

    def _terms_in_words(self):
        """Tell the terms below the lines; the margin to those who may see it (with the Margins app).

        :return: list of short sentences
        """
        terms = []
        if "margin" in self._fields and self.sudo(False)._has_field_access(self._fields["margin"], "read"):
            terms.append(
                self.env._(
                    "Margin: %(amount)s (%(percent)s%%)",
                    amount=format_amount(self.env, self.margin, self.currency_id),
                    percent=formatLang(self.env, 100 * self.margin_percent, digits=1),
                )
            )
        if self.payment_term_id:
            terms.append(self.env._("Payment: %s", self.payment_term_id.display_name))
        if self.partner_shipping_id != self.partner_id:
            terms.append(self.env._("Ship to: %s", self.partner_shipping_id.display_name))
        return terms

    def _subject_proposal(self):
        self.ensure_one()
        return self.amount_total, self.amount_company, self.commitment_date

    def _subject_amount_at_stake(self):
        self.ensure_one()
        return abs(self.amount_company)  # money that goes back is money, too

    def _counting_reviews(self):
        return self.review_ids.filtered("is_current")

    def _follow_decision(self, reviews, decision):
        reviews._note_completion()
        self.env["sale.order.review"]._follow(self)
        if decision == "rejected":
            reviews._tell_sales_of_rejection()
        else:
            self._go_on_when_approved()
            self._tell_of_last_approval()

    def _go_on_when_approved(self):
        """Do what follows for those of these orders of which nothing is to be approved any more."""
