from odoo import models


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
        self.env["sale.order.review"]._follow_decisions(self)
        if decision == "rejected":
            reviews._tell_sales_of_rejection()
        else:
            self._go_on_when_approved()
            self._tell_of_last_approval()

    def _go_on_when_approved(self):
        """Do what follows for those of these orders of which nothing is to be approved any more."""
