from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount, format_list

from .order_policy_entry_mixin import NO_VALUE
from .sale_order_check import NOT_PASSED

OPEN_STATES = ("waiting", "pending")
COUNTING_STATES = (*OPEN_STATES, "approved", "rejected")


class SaleOrderReview(models.Model):
    """One step asked of one order (articles 1.6, 2.6, 2.7, 3.7).

    A decided review is never altered again: it tells who approved or rejected exactly what. It counts while the order
    has the content that was decided on; when that changes the step is asked again, in a new record.

    Reviews of a change request are bound to the content proposed. They become those of the order when it is applied.
    """

    _name = "sale.order.review"
    _description = "Order Review"
    _inherit = ["order.policy.believable.mixin", "order.policy.evidence.mixin"]
    _order = "id desc"
    _rec_name = "step_id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    change_id = fields.Many2one(
        "sale.order.change",
        "Request",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The change or cancellation that is to be decided; empty when it is the order itself.",
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id")
    salesperson_id = fields.Many2one(related="order_id.user_id", string="Salesperson", store=True, precompute=True)
    sold_by_id = fields.Many2one(
        "res.users",
        "Salesperson When Asked",
        readonly=True,
        ondelete="restrict",
        help="Does not decide, even after handing the order to somebody else.",
    )
    entered_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    changed_by_ids = fields.Many2many(
        "res.users",
        "sale_order_review_changed_by_rel",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who changed the content since the order was entered, or since this step was approved; "
        "of requests, who wrote them. Nobody decides on what he changed himself.",
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_total = fields.Monetary(related="order_id.amount_total", string="Order Amount")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    amount_company = fields.Monetary(
        related="order_id.amount_company", string="Amount in Company Currency", currency_field="company_currency_id"
    )
    commitment_date = fields.Datetime(related="order_id.commitment_date", string="Promised Date")
    order_digest = fields.Char("Present Content", compute="_compute_order_digest", compute_sudo=True, exportable=False)
    step_id = fields.Many2one("order.policy.step", required=True, readonly=True, index=True, ondelete="restrict")
    policy_id = fields.Many2one(related="step_id.policy_id", string="Policy", store=True, precompute=True)
    department_id = fields.Many2one("order.policy.department", required=True, readonly=True, ondelete="restrict")
    kind = fields.Selection(related="step_id.kind", store=True, precompute=True)
    sequence = fields.Integer(related="step_id.sequence", store=True, precompute=True)
    authority = fields.Selection(related="step_id.authority", store=True, precompute=True)
    comment_required = fields.Boolean(related="step_id.comment_required", string="Comment on Approval")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("pending", "To Decide"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("outdated", "Outdated"),
            ("not_required", "Not Required"),
        ],
        "Status",
        required=True,
        default="waiting",
        readonly=True,
        help="Waiting: an earlier step is not through yet. Outdated: the order changed after this approval.",
    )
    is_current = fields.Boolean(
        "Current",
        default=True,
        readonly=True,
        help="Unticked for history, as the step was asked again since; and for requests that are not carried out.",
    )
    user_id = fields.Many2one("res.users", "Assigned To", readonly=True, ondelete="restrict")
    requested_by_id = fields.Many2one("res.users", "Submitted By", readonly=True, ondelete="restrict")
    asked_on = fields.Datetime(readonly=True)
    date_due = fields.Datetime("Due", readonly=True)
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    is_automatic = fields.Boolean(
        "Automatic", readonly=True, help="All checks of the step passed, so that it was approved without a person."
    )
    automatic_rate = fields.Float(readonly=True, aggregator="avg", help="Share of the decisions that were automatic.")
    untouched_rate = fields.Float(
        "Untouched Orders",
        readonly=True,
        aggregator="avg",
        help="Share of the approved orders that no person had to look at. Told by the review that came last.",
    )
    channel_id = fields.Many2one(related="order_id.channel_id", string="Channel", store=True, precompute=True)
    check_ids = fields.One2many("sale.order.check", "review_id", "Checks", readonly=True)
    checked_digest = fields.Char(
        readonly=True, help="The content of the order for which the checks were run.", exportable=False
    )
    decision = fields.Selection([("approved", "Approved"), ("rejected", "Rejected")], readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_on = fields.Datetime(readonly=True)
    comment = fields.Text(readonly=True)
    previous_id = fields.Many2one("sale.order.review", "Asked Before", readonly=True, index="btree_not_null")
    snapshot = fields.Json(
        "Content",
        readonly=True,
        help="What is to be decided on; once decided, what was decided on.",
        exportable=False,
    )
    asked_snapshot = fields.Json(
        "Content When Asked",
        readonly=True,
        help="Set when the order changed before the decision.",
        exportable=False,
    )
    digest = fields.Char("Fingerprint", readonly=True, help="Of what the step looks at.", exportable=False)
    content_digest = fields.Char(
        "Fingerprint of the Order",
        readonly=True,
        help="Of the last content of the whole order that agrees with this review; an approval counts for that alone.",
        exportable=False,
    )
    lapsed_because = fields.Text(
        readonly=True, help="Why this approval does not count any more, though the order holds what was approved."
    )
    hours_to_decide = fields.Float("Hours to Decide", readonly=True, aggregator="avg")
    rejection_rate = fields.Float(readonly=True, aggregator="avg")
    changes_html = fields.Html("What Changed", compute="_compute_changes_html", sanitize=False)
    content_html = fields.Html("Order Lines", compute="_compute_content_html", sanitize=False)
    checks_html = fields.Html("Check Results", compute="_compute_checks_html", sanitize=False)
    earlier_html = fields.Html("Earlier Decisions", compute="_compute_earlier_html", sanitize=False)

    _one_current = models.UniqueIndex(
        "(order_id, step_id) WHERE is_current", "This step was already asked of the order."
    )
    _one_of_change = models.UniqueIndex(
        "(change_id, step_id) WHERE change_id IS NOT NULL AND state IN ('waiting', 'pending', 'approved', 'rejected')",
        "This step was already asked of the request.",
    )
    # Only what is open, so that history falls out; with what the to-do list asks for, so that it need not look further.
    _pending = models.Index(
        "(department_id, user_id, authority, date_due) "
        "INCLUDE (company_id, policy_id, salesperson_id, sold_by_id, entered_by_id, requested_by_id) "
        "WHERE state = 'pending'"
    )
    _decided = models.Index("(decided_by_id, order_id) WHERE is_current AND decided_by_id IS NOT NULL")

    @api.depends("order_id.name", "change_id.name", "step_id.name")
    def _compute_display_name(self):
        for review in self:
            subject = review.change_id.display_name or review.order_id.name
            review.display_name = f"{subject} · {review.step_id.name}"

    @api.constrains("comment")
    def _check_can_be_read(self):
        self._check_is_believable(["comment"])

    @api.depends("order_id.content_digest", "change_id.proposed_digest")
    def _compute_order_digest(self):
        for review in self:
            review.order_digest = (
                review.change_id.proposed_digest if review.change_id else review.order_id.content_digest
            )

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for review in self:
            review.is_overdue = review.state == "pending" and review.date_due and review.date_due < now

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "pending") & Domain("date_due", "<", fields.Datetime.now())

    # ------------------------------------------------------------------
    # What a reviewer has to see
    # ------------------------------------------------------------------

    @api.depends("snapshot", "asked_snapshot", "previous_id.snapshot", "previous_id.lapsed_because")
    @api.depends_context("lang")
    def _compute_changes_html(self):
        for review in self:
            changes = self.env["order.policy.aspect"]._differences_as_html(review._base_snapshot(), review.snapshot)
            if lapsed_because := review.sudo().previous_id.lapsed_because:
                changes = Markup("<p class='text-danger'>%s</p>%s") % (lapsed_because, changes)
            review.changes_html = changes

    def _changes_as_text(self):
        self.ensure_one()
        changes = self.env["order.policy.aspect"]._differences_as_text(self._base_snapshot(), self.snapshot)
        return changes or self.env._("What changed does not concern this step.")

    def _base_snapshot(self):
        """Return the content that a change is told against: what was decided before, else what was asked."""
        self.ensure_one()
        if self.change_id:
            return self.step_id._restrict(self.sudo().change_id.base_snapshot)
        return self.sudo().previous_id.snapshot or self.asked_snapshot or self.snapshot

    @api.depends("order_id.order_line")
    @api.depends_context("lang")
    def _compute_content_html(self):
        self.order_id.sudo().order_line.mapped("product_id")  # one query for the cards of a whole page
        for review in self:
            if review.change_id:
                review.content_html = review.sudo().change_id._summary_as_html()
                continue
            order = review.order_id.sudo()
            review.content_html = self.env["ir.qweb"]._render(
                "order_policy.review_card_lines",
                {
                    "lines": order.order_line._policy_ordered_lines(),
                    "terms": review._terms_in_words(order),
                    "format_amount": format_amount,
                },
            )

    @api.depends("check_ids.state", "order_id.check_ids.state")
    @api.depends_context("lang")
    def _compute_checks_html(self):
        for review in self:
            # What the intake let through with a warning concerns every reviewer.
            of_intake = review.order_id.sudo().check_ids.filtered(
                lambda result, review=review: (
                    result.is_current and not result.review_id and not review.change_id and result.state != "pass"
                )
            )
            review.checks_html = (review.sudo().check_ids.filtered("is_current") | of_intake)._as_html()

    @api.depends("order_id.review_ids.state")
    @api.depends_context("lang")
    def _compute_earlier_html(self):
        for review in self:
            decided = review.order_id.sudo().review_ids.filtered(
                lambda other, review=review: (
                    # Of the order, and of the request where it is one that is to be decided.
                    other.decision and other != review and other.change_id <= review.change_id
                )
            )
            review.earlier_html = Markup().join(
                Markup("<div>%s</div>") % other._decision_in_words() for other in decided.sorted("decided_on")
            )

    def _dates(self):
        """Return what tells days and times: those of the company of the order where the reader's are not known."""
        return self.env["order.policy.aspect"].with_company(self.company_id)

    def _decision_in_words(self):
        self.ensure_one()
        if self.is_automatic:
            return self.env._(
                "%(step)s was approved automatically on %(date)s: all checks passed.",
                step=self.step_id.name,
                date=self._dates()._day_in_words(self.decided_on),
            )
        words = {
            "approved": self.env._("%(person)s approved for %(department)s on %(date)s"),
            "rejected": self.env._("%(person)s rejected for %(department)s on %(date)s"),
        }[self.decision] % {
            "person": self._decider_in_words(),
            "department": self.department_id.name,
            "date": self._dates()._day_in_words(self.decided_on),
        }
        return self.env._("%(decision)s: %(comment)s", decision=words, comment=self.comment) if self.comment else words

    def _obstacles(self, order, required):
        """Tell what keeps an order, whose reviews these are, from being confirmed.

        :param required: the steps that the order needs for its present content
        :return: list of sentences; empty when every step approved exactly this content
        """
        current = {review.step_id: review for review in self if review.is_current}
        unmet = required.filtered(
            lambda step: (
                step not in current
                or current[step].decision != "approved"
                or current[step].content_digest != order.content_digest
            )
        )
        if unmet and not order.policy_submitted_on:
            return [self.env._("To be submitted for review: %s.", format_list(self.env, unmet.mapped("name")))]
        missing = unmet.filtered(lambda step: step not in current or current[step].decision == "approved")
        asked = [current[step] for step in unmet - missing]
        # Once it is sent back the order waits for sales alone.
        sent_back = [review for review in asked if review.state == "rejected"]
        sentences = [review._waiting_in_words() for review in sent_back or asked]
        if missing and not sent_back:
            sentences.append(
                self.env._(
                    "%s: not asked yet for the present content. Submit the order again.",
                    format_list(self.env, missing.mapped("name")),
                )
            )
        return sentences

    def _waiting_in_words(self):
        """Tell why this review still keeps its order, what would let it go, and why it is asked anew where it is."""
        self.ensure_one()
        waiting, lapsed_because = self._waiting_for_whom_in_words(), self.previous_id.lapsed_because
        return f"{waiting} {lapsed_because}" if lapsed_because and self.state in OPEN_STATES else waiting

    def _waiting_for_whom_in_words(self):
        step, department = self.step_id.name, self.department_id.name
        if self.state == "rejected":
            return self.env._(
                "%(step)s: %(person)s rejected it on %(date)s: “%(comment)s”. Change the order, or agree on it as it "
                "is, and submit it again.",
                step=step,
                person=self._decider_in_words(),
                date=self._dates()._day_in_words(self.decided_on),
                comment=self.env["order.policy.aspect"]._within_sentence(self.comment),
            )
        if self.state == "waiting":
            return self.env._(
                "%(step)s: %(department)s is asked once the steps before are through.", step=step, department=department
            )
        if self.way_out:
            return self._way_out_in_words()
        people = self.user_id.name or format_list(self.env, self._people_without_part().mapped("name")[:3])
        if not people:
            return self._dead_end_in_words()
        if self.is_overdue:
            return self.env._(
                "%(step)s: %(department)s has to approve. It is overdue: %(people)s had until %(date)s.",
                step=step,
                department=department,
                people=people,
                date=self._dates()._time_in_words(self.date_due),
            )
        if self.date_due:
            return self.env._(
                "%(step)s: %(department)s has to approve, waiting for %(people)s until %(date)s.",
                step=step,
                department=department,
                people=people,
                date=self._dates()._time_in_words(self.date_due),
            )
        return self.env._(
            "%(step)s: %(department)s has to approve, waiting for %(people)s.",
            step=step,
            department=department,
            people=people,
        )

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

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
        self._check_is_asked_still()
        self.check_access("read")
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
        for (order, _change), reviews in (
            self.sudo().grouped(lambda review: (review.order_id, review.change_id)).items()
        ):
            if len(reviews) > 1 and any(reviews.policy_id.mapped("one_decision_per_person")):
                raise AccessError(
                    self.env._(
                        "The policy asks for a different person at each step of %s. "
                        "Decide one of them, and leave the others to somebody else.",
                        order.name,
                    )
                )

    def _check_still_to_decide(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for review in self.sudo():
            if review.state == "pending" and review._is_subject_open():
                continue
            if review.decision:
                raise UserError(
                    self.env._(
                        "%(review)s is already decided: %(decision)s. Nothing was recorded. Reload the page.",
                        review=review.display_name,
                        decision=self.env["order.policy.aspect"]._within_sentence(review._decision_in_words()),
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
            if review.state == "pending" and review.change_id.needs_refresh:
                raise UserError(
                    self.env._(
                        "%(review)s cannot be decided: the order changed since the request was entered. Sales "
                        "refreshes the request, and submits it again. Nothing was recorded.",
                        review=review.display_name,
                    )
                )
            raise UserError(
                self.env._(
                    "%(review)s is not to be decided any more (%(state)s): "
                    "it was withdrawn, cancelled or confirmed meanwhile. Reload the page.",
                    review=review.display_name,
                    state=labels[review.state],
                )
            )

    def _is_subject_open(self):
        """Tell whether the request that is to be decided still is; reviews of an order are closed with it."""
        self.ensure_one()
        return not self.change_id or (self.change_id.state == "submitted" and not self.change_id.needs_refresh)

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
            hours = (now - review.asked_on).total_seconds() / 3600
            review.write({"hours_to_decide": hours, **review._prepare_decider(self.env.user)})
        self.write(
            {
                "state": decision,
                "decision": decision,
                "decided_on": now,
                "comment": comment,
                "rejection_rate": 1.0 if decision == "rejected" else 0.0,
                "automatic_rate": 0.0,
            }
        )
        for person, reviews in self.grouped(lambda review: review.user_id or self.env.user).items():
            person._bus_send("mail.activity/updated", {"activity_deleted": True, "count_diff": -len(reviews)})
        self._log_decisions()
        of_requests = self.filtered("change_id")
        of_orders = self - of_requests
        of_orders._note_completion()
        self._follow(of_orders.order_id)
        if decision == "rejected":
            self._tell_sales_of_rejection()
        else:
            self.env["sale.order.confirmation"]._go_on(of_orders.order_id)
            of_orders.order_id._tell_of_last_approval()
        of_requests.change_id._follow_reviews()

    def _log_decisions(self, **author):
        """Leave a line with what was decided on: the order, or the request."""
        of_requests = self.filtered("change_id")
        for reviews, name in ((self - of_requests, "order_id"), (of_requests, "change_id")):
            if reviews:
                lines = {
                    subject.id: Markup("<br/>").join(review._decision_in_words() for review in decided)
                    for subject, decided in reviews.grouped(name).items()
                }
                reviews[name]._message_log_batch(lines, **author)

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

    # ------------------------------------------------------------------
    # Following the order
    # ------------------------------------------------------------------

    @api.model
    def _follow(self, orders, resubmitted=False):
        """Bring the reviews of orders in line with their present content and progress.

        Approvals of other content become outdated and are asked again, those of this content count again, steps that
        became necessary are asked, those that are not any more are closed, and what is next is opened.

        :param orders: sale.order records
        :param resubmitted: ask again what was rejected of these orders; others that count with them stay sent back
        """
        orders = orders.sudo()
        resubmitted = orders if resubmitted else orders.browse()
        siblings = self.env["order.policy"]._siblings(orders)
        (siblings - orders).filtered(lambda order: order.state in ("draft", "sent"))._lock_or_refuse()
        orders |= siblings
        under_review = orders.filtered(lambda order: order.policy_submitted_on and order.state in ("draft", "sent"))
        (orders - under_review).review_ids._close()
        changed = under_review.filtered(
            lambda order: order.policy_intake_digest != order.content_digest and order.policy_id._has_intake()
        )
        self.env["sale.order.check"]._take_in(changed)
        required = self.env["order.policy"]._required_steps(under_review, siblings)
        self.sudo()._settle(under_review, required, resubmitted)
        self._open_next(under_review, required)
        self._run_checks(under_review, required)

    def _close(self):
        """Let nobody decide any more on what orders wait for; decisions stay as they are."""
        for review in self:
            if review.is_current and review.state in OPEN_STATES:
                review.state = "not_required"

    def _settle(self, orders, required, resubmitted):
        """Compare the reviews of orders with their content, and ask anew what has to be."""
        unsettled = orders.filtered(
            lambda order: order.review_ids._is_unsettled(order, required[order], order in resubmitted)
        )
        vals_list = []
        for order, snapshot in self.env["order.policy.aspect"]._take_snapshots(unsettled).items():
            current = {review.step_id: review for review in order.review_ids if review.is_current}
            for step in required[order] | self.env["order.policy.step"].concat(*current):
                review = current.get(step, self.browse())
                part = step._restrict(snapshot)
                if review._is_settled_by(order, part, order in resubmitted) or step not in required[order]:
                    continue
                vals_list.append(self._prepare_values(order, step, part, previous=review))
        if vals_list:
            self.flush_model(["is_current"])  # history first, or the unique index refuses what takes its place
            self.create(vals_list)

    def _is_unsettled(self, order, required, resubmitted):
        current = self.filtered("is_current")
        return bool(
            required - current.step_id
            or any(review.content_digest != order.content_digest or review.lapsed_because for review in current)
            or (resubmitted and "rejected" in current.mapped("decision"))
        )

    def _is_settled_by(self, order, snapshot, resubmitted):
        """Bring one review, if any, in line with the content that its step looks at.

        :return: whether that settles the step, so that it is not asked anew
        """
        digest = self.env["order.policy.aspect"]._digest(snapshot)
        if self.decision == "approved" and not self._agrees_with(order, snapshot):
            self.write({"state": "outdated", "is_current": False})
        elif self.decision == "rejected" and resubmitted:
            self.is_current = False
        elif self.decision:
            self.content_digest = order.content_digest
            return True
        elif self.previous_id.decision == "approved" and self.previous_id._agrees_with(order, snapshot):
            # The order is again what was approved: that approval counts again.
            self.write({"state": "not_required", "is_current": False})
            self.flush_recordset(["is_current"])
            self.previous_id.write({"state": "approved", "is_current": True, "content_digest": order.content_digest})
            return True
        elif self and self.digest != digest:
            self.write(
                {
                    "asked_snapshot": self.asked_snapshot or self.snapshot,
                    "snapshot": snapshot,
                    "digest": digest,
                    "content_digest": order.content_digest,
                }
            )
            return True
        elif self:
            self.content_digest = order.content_digest
            return True
        return False

    def _agrees_with(self, order, part):
        """Tell whether a decision was made on what an order holds now.

        A person looked at what the step looks at; checks may have looked at anything.

        :param part: what the step looks at of the present content
        """
        if self.lapsed_because:
            return False
        if self.is_automatic:
            return self.content_digest == order.content_digest
        return self.env["order.policy.aspect"]._is_same(self.snapshot, part)

    @api.model
    def _ask_again(self, failing):
        """Ask departments anew about orders of which something does not pass any more that they relied on.

        What the intake only warns of concerns every reviewer; what it refuses keeps the order until it passes again.

        :param dict failing: see ``_newly_failing`` of check results
        """
        for order, found in failing.items():
            for former, vals in found:
                approvals = former.review_id
                if not former.review_id:
                    order.policy_intake_digest = NOT_PASSED
                    if vals["state"] == "warn":
                        approvals = order.review_ids.filtered("is_current")  # approved: nothing else keeps the order
                for review in approvals:
                    words = self.env._("Asked anew, as it passed before: %s", former._fails_now(vals))
                    review.lapsed_because = "\n".join(filter(None, (review.lapsed_because, words)))
            self._follow(order)
            order._message_log(
                body=self.env._("Not confirmed: %s", "; ".join(former._fails_now(vals) for former, vals in found))
            )

    def _who_changed(self, order):
        """Return who changed the content of an order since this review of it was approved; since it was entered."""
        changed_on = order.policy_changed_by or {}
        since = self.decided_on and fields.Datetime.to_string(self.decided_on)
        people = self.env["res.users"].browse(int(person) for person, on in changed_on.items() if on >= (since or ""))
        # What was sent back nobody approved yet.
        return people.exists() | (self.changed_by_ids if self.decision == "rejected" else people.browse())

    def _prepare_values(self, order, step, snapshot, previous):
        return {
            "order_id": order.id,
            "step_id": step.id,
            "department_id": step.department_id.id,
            "sold_by_id": previous.sold_by_id.id or order.user_id.id,
            "entered_by_id": order.create_uid.id,
            "requested_by_id": order.policy_submitted_by_id.id,
            "changed_by_ids": [Command.set(previous._who_changed(order).ids)],
            "previous_id": previous.id,
            "snapshot": snapshot,
            "digest": self.env["order.policy.aspect"]._digest(snapshot),
            "content_digest": order.content_digest,
        }

    @api.model
    def _open_next(self, orders, required):
        """Open the reviews whose turn it is, and take back the turn of those before which something is open again."""
        self._take_turns((order.review_ids.filtered("is_current"), required[order]) for order in orders)

    @api.model
    def _take_turns(self, asked):
        """Let reviews take turns: those of equal sequence side by side, the next once those before are through.

        :param asked: pairs of the reviews that count for an order or a request, and the steps that it requires
        """
        turn, states = self.sudo().browse(), defaultdict(self.sudo().browse)
        for reviews, required in asked:
            current = reviews.sorted(lambda review: (review.sequence, review.id))
            blocked = "rejected" in current.mapped("decision")
            sequence = None
            for review in current:
                if review.sequence != sequence:
                    blocked = blocked or any(
                        earlier.step_id in required and earlier.decision != "approved"
                        for earlier in current
                        if earlier.sequence < review.sequence
                    )
                    sequence = review.sequence
                if review.decision:
                    continue
                state = "not_required" if review.step_id not in required else "waiting" if blocked else "pending"
                if state == "pending" and review.state != "pending":
                    turn += review
                elif state != review.state:
                    states[state] += review
        for state, reviews in states.items():
            reviews.write({"state": state, "user_id": False, "way_out": False, "date_due": False})
        turn._ask()

    def _run_checks(self, orders, required):
        """Run the checks of the reviews to decide, for the present content; let those pass that need nobody."""
        reviews = orders.review_ids.filtered(
            lambda review: (
                review.state == "pending"
                and review.checked_digest != review.order_id.content_digest
                and review.policy_id._checks_of_step(review.step_id)
            )
        )
        if not reviews:
            return
        passed = reviews._judge(orders)
        if passed:
            passed._approve_automatically()
            passed._note_completion()
            self._open_next(orders, required)
            self._run_checks(orders, required)

    def _judge(self, orders):
        """Run the checks of these reviews, and record what they find.

        :param orders: sale.order records with the content to judge: as stored, or as requests would have them
        :return: the reviews that need nobody, as their step approves by itself and all its checks passed
        """
        vals_list = []
        judged = {order._origin: order for order in orders}
        for step, reviews in self.grouped("step_id").items():
            review_of = {review.order_id.id: review for review in reviews}
            outcomes = step.policy_id._checks_of_step(step)._run(
                orders.browse().concat(*map(judged.get, reviews.order_id))
            )
            for vals in outcomes:
                review = review_of[vals["order_id"]]
                vals_list.append({**vals, "review_id": review.id, "content_digest": review.order_digest})
        former = self.filtered("checked_digest").check_ids.filtered("is_current")
        results = self.env["sale.order.check"]._replace(former, vals_list).grouped("review_id")
        automatic = self.filtered("step_id.automatic")
        passed = automatic.filtered(lambda review: set(results[review].mapped("state")) == {"pass"})
        (automatic - passed).filtered(lambda review: not review.checked_digest)._tell_assignees()
        for review in self:
            review.checked_digest = review.order_digest
        return passed

    def _approve_automatically(self):
        """Approve reviews of which all checks passed; the results of the checks are the evidence."""
        now = fields.Datetime.now()
        self.write(
            {
                "state": "approved",
                "decision": "approved",
                "is_automatic": True,
                "decided_on": now,
                "user_id": False,
                "rejection_rate": 0.0,
                "automatic_rate": 1.0,
                "hours_to_decide": 0.0,
            }
        )
        self._log_decisions(author_id=self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root"))

    def _note_completion(self):
        """Note on the review that completed the approval of its order whether any person had to look at it."""
        for order, reviews in self.grouped("order_id").items():
            asked = order.review_ids.filtered(lambda review: review.is_current and review.state != "not_required")
            if set(asked.mapped("decision")) == {"approved"}:
                reviews[-1:].untouched_rate = float(all(asked.mapped("is_automatic")))

    def _ask(self):
        """Ask departments for reviews whose turn it is: assign each one, set when it is due, tell who has to decide."""
        now = fields.Datetime.now()
        deadlines = {step: step._deadline() for step in self.step_id}
        assignments = self._prepare_assignments()
        for review in self:
            review.write(
                {
                    "state": "pending",
                    "asked_on": now,
                    "date_due": deadlines[review.step_id],
                    **assignments[review],
                }
            )
        self.filtered(lambda review: not review.step_id.automatic)._tell_assignees()

    def _tell_assignees(self):
        for person, reviews in self.grouped("user_id").items():
            if person:
                person._bus_send("mail.activity/updated", {"activity_created": True, "count_diff": len(reviews)})

    # ------------------------------------------------------------------
    # Requests
    # ------------------------------------------------------------------

    @api.model
    def _ask_about(self, change, steps):
        """Ask the departments that a request touches to review it (articles 2.8, 3.13, 3.15).

        :param change: sale.order.change record in superuser mode, with its frozen content
        :param steps: order.policy.step records, see ``_steps_to_ask`` of requests
        """
        order, snapshot = change.order_id, change.proposed_snapshot
        vals_list = []
        for step in steps:
            current = order.review_ids.filtered(lambda review, step=step: review.is_current and review.step_id == step)
            vals = self._prepare_values(order, step, step._restrict(snapshot), previous=current)
            vals_list.append(
                {
                    **vals,
                    "change_id": change.id,
                    "is_current": False,
                    "content_digest": change.proposed_digest,
                    "requested_by_id": change.submitted_by_id.id,
                    "changed_by_ids": [Command.set((change.asked_by_id | change.changed_by_ids).ids)],
                }
            )
        return self.sudo().create(vals_list)

    def _take_over(self, order):
        """Let approvals of a request count for its order, which now has the content that they approved.

        Other approvals count on where their step does not look at what changed.

        :param order: sale.order record in superuser mode
        """
        snapshot = self.env["order.policy.aspect"]._take_snapshots(order)[order]
        approvals = self.filtered(lambda review: review.step_id.used_for == "order")
        current = order.review_ids.filtered("is_current")
        replaced = current.filtered(lambda review: review.step_id in approvals.step_id)
        replaced.write({"state": "outdated", "is_current": False})
        replaced.flush_recordset(["is_current"])  # history first, or the unique index refuses what takes its place
        approvals.write({"is_current": True, "content_digest": order.content_digest})
        for review in current - replaced:
            if review.decision == "approved" and review._agrees_with(order, review.step_id._restrict(snapshot)):
                review.content_digest = order.content_digest
