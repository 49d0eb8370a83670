from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list

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
        prefetch=False,
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
    # Only what is open, so that history falls out; in the order of the to-do list, so that a page reads no more than it
    # shows; with what the list and its counter ask for, so that they need not look further.
    _pending = models.Index(
        "(department_id, date_due, id) "
        "INCLUDE (user_id, authority, order_id, company_id, policy_id, "
        "salesperson_id, sold_by_id, entered_by_id, requested_by_id) "
        "WHERE state = 'pending'"
    )
    _decided = models.Index("(decided_by_id, order_id) WHERE is_current AND decided_by_id IS NOT NULL")

    @api.depends("order_id.name", "step_id.name")
    def _compute_display_name(self):
        for review in self:
            review.display_name = f"{review._subject()._subject_name()} · {review.step_id.name}"

    @api.model
    def _subject_fields(self):
        """Return by which field a review belongs to its subject, by the model of that. The last one tells the most."""
        return {"sale.order": "order_id"}

    def _subject(self):
        """Return what is to be decided on: the order, or what somebody wants to do with it."""
        self.ensure_one()
        names = reversed(self._subject_fields().values())
        return next((self[name] for name in names if self[name]), self.order_id)

    def _by_subject(self):
        """Return these reviews by what they are about, one model of subjects after the other."""
        return self.grouped(lambda review: review._subject())

    def _by_subjects(self):
        """Return pairs of subjects of one model, and of the reviews of those."""
        by_model = {}
        for subject, reviews in self._by_subject().items():
            subjects, of_model = by_model.get(subject._name, (subject.browse(), self.browse()))
            by_model[subject._name] = subjects | subject, of_model | reviews
        return list(by_model.values())

    def _log_on_subjects(self, words, **author):
        """Leave a line about reviews with what they are about.

        :param words: a function that returns the words for reviews of one subject
        """
        for subjects, reviews in self._by_subjects():
            by_subject = reviews._by_subject()
            subjects._message_log_batch({subject.id: words(by_subject[subject]) for subject in subjects}, **author)

    @api.constrains("comment")
    def _check_can_be_read(self):
        self._check_is_believable(["comment"])

    @api.depends("order_id.content_digest")
    def _compute_order_digest(self):
        for review in self:
            review.order_digest = review._subject()._subject_digest()

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
            changes = ""
            if review._may_have_changed():
                changes = self.env["order.policy.aspect"]._differences_as_html(review._base_snapshot(), review.snapshot)
            if lapsed_because := review.sudo().previous_id.lapsed_because:
                changes = Markup("<p class='text-danger'>%s</p>%s") % (lapsed_because, changes)
            review.changes_html = changes

    def _may_have_changed(self):
        """Tell by what is at hand whether the content that a change is told against may be another one."""
        self.ensure_one()
        review = self.sudo()  # whoever reads a review reads what changed
        if review._subject() != review.order_id or review.asked_snapshot:
            return True
        return bool(review.previous_id) and (not review.digest or review.previous_id.digest != review.digest)

    def _changes_as_text(self):
        self.ensure_one()
        changes = self.env["order.policy.aspect"]._differences_as_text(self._base_snapshot(), self.snapshot)
        return changes or self.env._("What changed does not concern this step.")

    def _base_snapshot(self):
        """Return the content that a change is told against: what was decided before, else what was asked."""
        self.ensure_one()
        base = self.sudo()._subject()._subject_base()
        if base is not None:
            return self.step_id._restrict(base)
        return self.sudo().previous_id.snapshot or self.asked_snapshot or self.snapshot

    @api.depends("order_id.order_line")
    @api.depends_context("lang")
    def _compute_content_html(self):
        # Superuser: what is to be decided on is for everybody to see who reads the review.
        summaries = {}
        for subjects, _reviews in self.sudo()._by_subjects():
            summaries |= subjects._subject_summaries()
        for review in self:
            review.content_html = summaries[review.sudo()._subject()]

    @api.depends("check_ids.state", "order_id.check_ids.state")
    @api.depends_context("lang")
    def _compute_checks_html(self):
        # Superuser: what was found is for everybody to see who reads the review.
        results = self.env["sale.order.check"].sudo()
        results = results.search_fetch(
            [("order_id", "in", self.order_id.ids), ("is_current", "=", True)],
            ["order_id", "review_id", "check_id", "state", "texts"],
            order="id",
        )
        # What the intake let through with a warning concerns every reviewer of the order.
        of_intake = results.filtered(lambda result: not result.review_id and result.state != "pass").grouped("order_id")
        of_reviews = results.grouped("review_id")
        for review in self:
            shown = of_reviews.get(review._origin, results.browse())
            if review._subject() == review.order_id:
                shown += of_intake.get(review.order_id, results.browse())
            review.checks_html = shown._as_html()

    @api.depends("order_id.review_ids.state")
    @api.depends_context("lang")
    def _compute_earlier_html(self):
        # Superuser: what was decided before is for everybody to see who reads the review.
        decided = self.env["sale.order.review"].sudo()
        decided = decided.search_fetch(
            [("order_id", "in", self.order_id.ids), ("decision", "!=", False)],
            [
                *self._subject_fields().values(),
                *("company_id", "step_id", "department_id", "decision", "decided_by_id", "decided_for_id"),
                *("decided_on", "is_automatic", "way_out", "comment"),
            ],
            order="decided_on, id desc",
        )
        by_subject = decided.grouped(lambda review: review._subject())
        for review in self:
            # Of the order, and of what is to be decided on where that is not the order.
            subjects = {review.order_id, review._subject()} & by_subject.keys()
            others = decided.browse().concat(*map(by_subject.get, subjects)) - review
            review.earlier_html = Markup().join(
                Markup("<div>%s</div>") % other._decision_in_words()
                for other in others.with_prefetch(decided.ids).sorted("decided_on")
            )

    def _dates(self):
        """Return what tells days and times: those of the company of the order where the reader's are not known."""
        return self.env["order.policy.words"].with_company(self.company_id)

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
                comment=self.env["order.policy.words"]._within_sentence(self.comment),
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
