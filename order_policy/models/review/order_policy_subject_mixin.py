from odoo import models


class OrderPolicySubjectMixin(models.AbstractModel):
    """What departments review: an order, or what somebody wants to do with it. Reviews ask their subject about itself.

    A subject has a field ``review_ids``; ``sale.order.review`` gets a field for each model of subjects, named in
    ``_subject_fields``.
    """

    _name = "order.policy.subject.mixin"
    _description = "Subject of Reviews"

    def _subject_order(self):
        """Return the order that the subject is about."""
        raise NotImplementedError

    def _subject_name(self):
        """Return how the subject is called where something is told of its reviews."""
        self.ensure_one()
        return self.display_name

    def _subject_digest(self):
        """Return the fingerprint of the content that is to be decided on."""
        raise NotImplementedError

    def _subject_base(self):
        """Return the snapshot against which changes are told; None where that is what was decided before."""

    def _subject_summaries(self):
        """Return as HTML what the cards of reviews list of each of these subjects."""
        raise NotImplementedError

    def _subject_proposal(self):
        """Return what the card of a review heads with: amount, amount in company currency, and the date promised."""
        raise NotImplementedError

    def _subject_amount_at_stake(self):
        """Return the amount that is decided on, in company currency."""
        raise NotImplementedError

    def _counting_reviews(self):
        """Return the reviews that count for the subject as it is now."""
        raise NotImplementedError

    def _is_to_be_decided(self):
        """Tell whether decisions on the subject are taken still."""
        self.ensure_one()
        return True

    def _why_not_to_be_decided(self, review):
        """Tell what is to be done before a pending review can be decided; False where nothing helps."""
        return False

    def _follow_decision(self, reviews, decision):
        """Do what follows when reviews of these subjects were decided.

        :param reviews: sale.order.review records, in superuser mode
        :param str decision: ``approved`` or ``rejected``
        """
        raise NotImplementedError
