from odoo import models
from odoo.tools import format_amount

from ..review.sale_order_review import COUNTING_STATES


class SaleOrderChange(models.Model):
    """Requests are what reviews are about: the content that they propose."""

    _inherit = "sale.order.change"

    def _subject_order(self):
        return self.order_id

    def _subject_digest(self):
        return self.proposed_digest

    def _subject_base(self):
        return self.base_snapshot

    def _subject_summaries(self):
        return {change: change._summary() for change in self}

    def _summary(self):
        """Return what a reviewer has to know of the request, for the card of a review."""
        self.ensure_one()
        margin = self.sudo(False)._margin_in_words()
        return self.env["ir.qweb"]._render(
            "order_policy.change_summary",
            {
                "change": self,
                "lines": self.line_ids.sorted(),
                "margin": margin and self.env._("Margin: %s", margin),
                "format_amount": format_amount,
            },
        )

    def _subject_proposal(self):
        """A request proposes amount and date; who wants to cancel proposes none, and the order is what it ends."""
        self.ensure_one()
        order = self.order_id
        if self.kind != "change":
            return order._subject_proposal()
        is_open = self.state not in ("applied", "rejected", "withdrawn")
        difference = self.amount_difference if is_open else 0.0
        return self.amount_after, order.amount_company + difference, self.commitment_date

    def _subject_amount_at_stake(self):
        """The larger one of before and after."""
        amount = self.order_id.amount_company
        return max(self.order_id._subject_amount_at_stake(), abs(amount + self.amount_difference))

    def _counting_reviews(self):
        return self.review_ids.filtered(lambda review: review.state in COUNTING_STATES)

    def _is_to_be_decided(self):
        self.ensure_one()
        return self.state == "submitted" and not self.needs_refresh

    def _why_not_to_be_decided(self, review):
        if not self.needs_refresh:
            return super()._why_not_to_be_decided(review)
        return self.env._(
            "%(review)s cannot be decided: the order changed since the request was entered. Sales "
            "refreshes the request, and submits it again. Nothing was recorded.",
            review=review.display_name,
        )

    def _follow_decision(self, reviews, decision):
        if decision == "rejected":
            reviews._tell_sales_of_rejection()
        self._follow_reviews()

    def _follow_reviews(self):
        """Let requests go on after something was decided."""
        for change in self.filtered(lambda change: change.state == "submitted"):
            reviews = change._counting_reviews()
            if "rejected" in reviews.mapped("decision"):
                change._reject(reviews)
            elif all(review.decision == "approved" for review in reviews):
                change._approve()
            else:
                reviews._take_turns([(reviews, reviews.step_id)])

    # ------------------------------------------------------------------
    # As what customers have to agree to
    # ------------------------------------------------------------------

    def _confirmed_content(self):
        return {"digest": self.proposed_digest, "snapshot": self.proposed_snapshot}

    def _came_in_on(self):
        return self.asked_on

    def _go_on_when_confirmed(self):
        if self.state == "approved":
            self._try_to_apply()
