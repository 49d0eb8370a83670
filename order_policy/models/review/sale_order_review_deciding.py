from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from ..policy.order_policy_entry_mixin import NO_VALUE


class SaleOrderReview(models.Model):
    """How reviews are decided, and what follows (articles 1.6, 2.6, 2.7, 3.7)."""

    _inherit = "sale.order.review"

    def action_approve(self, comment=False, digests=None):
        """Approve reviews (articles 1.6, 2.6, 2.7).

        :param str comment: required where the step asks for one
        :param dict digests: content digest of the order as displayed, by id of the review; the decision is refused
            for an order that changed since
        :raise AccessError: when the person may not decide one of them
        :raise UserError: when one is not to be decided any more, the order changed, or a comment lacks
        """
        self._decide("approved", comment, digests)
        return True

    def action_reject(self, comment=False, digests=None):
        """Reject reviews: their orders go back to sales (article 1.6).

        :param str comment: the reason, for the salesperson
        :param dict digests: as for approval
        :raise AccessError: when the person may not decide one of them
        :raise UserError: when one is not to be decided any more, the order changed, or the comment lacks
        """
        self._decide("rejected", comment, digests)
        return True

    def _decide(self, decision, comment, digests):
        comment = self._entered_text(comment)
        reviews = self._with_siblings()
        reviews._check_is_asked_still()
        reviews.check_access("read")
        reviews._decide_each(decision, comment, digests)

    def _with_siblings(self):
        """Return these reviews, read together with those of the same order, which every decision looks at."""
        self._check_are_ids()
        # Superuser: nothing is told of the others.
        siblings = self.sudo().search_fetch([("order_id.review_ids", "any", [("id", "in", self.ids)])], order="id")
        return self.with_prefetch((siblings | self).ids)

    def _decide_each(self, decision, comment, digests):
        # Whoever decides is checked below; nothing is decided of an order on which somebody else works.
        self.order_id._lock_with_siblings()
        self.order_id.sudo()._lock_or_refuse()
        self._check_still_to_decide()
        self._check_comment(decision, comment)
        self._check_seen(digests)
        for review in self:
            refusal = review._refusal_to_decide()
            if refusal:
                raise AccessError(refusal)
        self._check_one_decision_per_person()
        # Every review was checked above: the person has the authority, for this very content.
        self.sudo()._record_decision(decision, comment)

    def _check_is_asked_still(self):
        """Tell people of the department that they are not asked any more, where the order is closed to them by now."""
        if self.has_access("read"):
            return
        departments = self.env.user._policy_department_ids()
        # Superuser: they read these reviews for as long as they were asked.
        asked_before = self.sudo().filtered(lambda review: review.asked_on and review.department_id.id in departments)
        asked_before.filtered(lambda review: review.state == "not_required")._check_still_to_decide()

    def _check_one_decision_per_person(self):
        for subject, reviews in self.sudo()._by_subject().items():
            if len(reviews) > 1 and any(reviews.policy_id.mapped("one_decision_per_person")):
                raise AccessError(
                    self.env._(
                        "The policy asks for a different person at each step of %s. "
                        "Decide one of them, and leave the others to somebody else.",
                        subject._subject_order().name,
                    )
                )

    def _check_still_to_decide(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for review in self.sudo():
            subject = review._subject()
            if review.state == "pending" and subject._is_to_be_decided():
                continue
            if review.decision:
                raise UserError(
                    self.env._(
                        "%(review)s is already decided: %(decision)s. Nothing was recorded. Reload the page.",
                        review=review.display_name,
                        decision=self.env["order.policy.words"]._within_sentence(review._decision_in_words()),
                    )
                )
            if review.state == "waiting":
                raise UserError(
                    self.env._(
                        "%(review)s cannot be decided yet: the steps before it are not through, "
                        "or the order was sent back to sales.",
                        review=review.display_name,
                    )
                )
            if review.state == "pending" and (why_not := subject._why_not_to_be_decided(review)):
                raise UserError(why_not)
            raise UserError(
                self.env._(
                    "%(review)s is not to be decided any more (%(state)s): "
                    "it was withdrawn, cancelled or confirmed meanwhile. Reload the page.",
                    review=review.display_name,
                    state=labels[review.state],
                )
            )

    def _check_comment(self, decision, comment):
        if comment:
            return
        if decision == "rejected":
            raise UserError(self.env._("Say why you reject: sales needs the reason to go on."))
        asking = self.sudo().step_id.filtered("comment_required")
        if asking:
            raise UserError(
                self.env._(
                    "%s asks for a comment on approval. Write one.", format_list(self.env, asking.mapped("name"))
                )
            )

    def _check_seen(self, digests):
        """You approve what you saw.

        :raise UserError: when an order changed since it was displayed
        """
        seen = self._shown_digests(digests)
        changed = self.filtered(lambda review: review.id in seen and seen[review.id] != review.order_digest)
        if not changed:
            return
        raise UserError(
            self.env._("The order changed since you opened it. Nothing was decided. Look at it again, then decide.")
            + "".join(f"\n\n{review.order_id.sudo().name}\n{review._changes_as_text()}" for review in changed)
        )

    @api.model
    def _shown_digests(self, digests):
        """Return which content of its order a page showed, by the id of the review."""
        try:
            return {int(review_id): digest for review_id, digest in (digests or {}).items()}
        except NO_VALUE as error:
            raise UserError(
                self.env._("What was displayed is not known. Nothing was decided. Reload the page and look again.")
            ) from error

    def _record_decision(self, decision, comment):
        now = fields.Datetime.now()
        for review in self:
            review.write(
                {
                    **review._prepare_decider(self.env.user),
                    "state": decision,
                    "decision": decision,
                    "decided_on": now,
                    "hours_to_decide": (now - review.asked_on).total_seconds() / 3600,
                    "comment": comment,
                    "rejection_rate": 1.0 if decision == "rejected" else 0.0,
                    "automatic_rate": 0.0,
                }
            )
        for person, reviews in self.grouped(lambda review: review.user_id or self.env.user).items():
            person._bus_send("mail.activity/updated", {"activity_deleted": True, "count_diff": -len(reviews)})
        self._log_decisions()
        for subjects, reviews in self._by_subjects():
            subjects._follow_decision(reviews, decision)

    def _log_decisions(self, **author):
        self._log_on_subjects(
            lambda reviews: Markup("<br/>").join(review._decision_in_words() for review in reviews), **author
        )

    def _tell_sales_of_rejection(self):
        for salesperson, reviews in self.grouped(lambda review: review.order_id.user_id).items():
            if salesperson:
                salesperson._bus_send(
                    "simple_notification",
                    {
                        "title": self.env._(
                            "Sent back by %s", format_list(self.env, reviews.department_id.mapped("name"))
                        ),
                        "message": format_list(self.env, reviews.order_id.mapped("name")),
                        "type": "warning",
                    },
                )
