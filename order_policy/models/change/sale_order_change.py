from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..review.sale_order_review import OPEN_STATES
from .sale_order import UNDER_WAY

# What of the order a request can change beside its lines; the present values are kept under "was_…".
ORDER_FIELDS = ("commitment_date", "payment_term_id", "partner_invoice_id", "partner_shipping_id")
# What is asked for: fixed once it is submitted.
APPLICATION = frozenset({"reason_id", "note", "contact", "asked_on", "application_ids", "line_ids", *ORDER_FIELDS})


class SaleOrderChange(models.Model):
    """A request to change or to cancel a confirmed order (articles 2.8, 3.12 to 3.15).

    It opens with the present content of the order and is edited like one. Once submitted it is fixed, and the
    departments that it touches review exactly that. With the last approval the order changes in one transaction, and
    only if its content comes out exactly as approved.
    """

    _name = "sale.order.change"
    _description = "Change or Cancellation Request"
    _inherit = [
        "order.policy.believable.mixin",
        "order.policy.evidence.mixin",
        "order.policy.letter.mixin",
        "order.policy.portal.act.mixin",
        "order.policy.subject.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _mail_post_access = "read"

    name = fields.Char("Number", required=True, readonly=True, copy=False, default=lambda self: self.env._("New"))
    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer", store=True, precompute=True)
    salesperson_id = fields.Many2one(related="order_id.user_id", string="Salesperson", store=True, precompute=True)
    policy_id = fields.Many2one(related="order_id.policy_id", string="Policy")
    application_required = fields.Boolean(related="policy_id.application_required", string="Application Required")
    kind = fields.Selection([("change", "Change"), ("cancel", "Cancellation")], required=True, readonly=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Under Review"),
            ("approved", "Approved"),
            ("applied", "Carried Out"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
        ],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        index=True,
    )

    # The application
    asked_by = fields.Selection(
        [
            ("customer", "Customer, in the Portal"),
            ("salesman", "Sales, for the Customer"),
            ("department", "Department"),
        ],
        required=True,
        readonly=True,
    )
    asked_by_id = fields.Many2one("res.users", "Entered By", readonly=True, ondelete="restrict")
    changed_by_ids = fields.Many2many(
        "res.users",
        "sale_order_change_changed_by_rel",
        string="Written By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who changed what the request asks for. Nobody decides on what he wrote himself.",
    )
    department_id = fields.Many2one(
        "order.policy.department", readonly=True, index="btree_not_null", ondelete="restrict", help="Who asks for it."
    )
    contact = fields.Char("Contact Person", help="Who at the customer asked for it.")
    asked_on = fields.Datetime(required=True, default=fields.Datetime.now)
    reason_id = fields.Many2one(
        "order.policy.reason",
        domain="[('kind', '=', kind)]",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    note = fields.Text("Explanation", help="What the customer or the department wrote or said.")
    application_ids = fields.Many2many(
        "ir.attachment",
        string="Written Application",
        help="The customer's letter or e-mail, signed forms, photographs.",
    )
    customer_note = fields.Text(
        "Message to the Customer",
        help="Is part of the e-mail to the customer, and shown to the customer in the portal.",
    )

    # The content that it starts from, and the content proposed
    base_digest = fields.Char(compute="_compute_base", store=True, precompute=True, exportable=False)
    base_snapshot = fields.Json(compute="_compute_base", store=True, precompute=True, exportable=False)
    proposed_digest = fields.Char(compute="_compute_outcome", store=True, exportable=False)
    proposed_snapshot = fields.Json(compute="_compute_outcome", store=True, exportable=False)
    line_ids = fields.One2many("sale.order.change.line", "change_id", "Lines")
    commitment_date = fields.Datetime("Delivery Date")
    payment_term_id = fields.Many2one("account.payment.term", "Payment Terms", check_company=True)
    partner_invoice_id = fields.Many2one("res.partner", "Invoice Address", check_company=True)
    partner_shipping_id = fields.Many2one("res.partner", "Delivery Address", check_company=True)
    was_commitment_date = fields.Datetime("Present Delivery Date", readonly=True)
    was_payment_term_id = fields.Many2one("account.payment.term", "Present Payment Terms", readonly=True)
    was_partner_invoice_id = fields.Many2one("res.partner", "Present Invoice Address", readonly=True)
    was_partner_shipping_id = fields.Many2one("res.partner", "Present Delivery Address", readonly=True)
    amount_before = fields.Monetary("Present Amount", readonly=True, help="Taxes included.")
    amount_after = fields.Monetary("Amount Afterwards", compute="_compute_outcome", store=True, help="Taxes included.")
    has_progress = fields.Boolean(compute="_compute_has_progress", exportable=False)
    amount_difference = fields.Monetary(
        "Difference in Company Currency",
        compute="_compute_outcome",
        store=True,
        currency_field="company_currency_id",
        help="In the company's currency, taxes included. Minus what a cancelled order was worth.",
    )
    amount_change = fields.Monetary("Amount Changed", compute="_compute_amount_change", help="Taxes included.")
    margin_html = fields.Html("Margin", compute="_compute_margin_html", sanitize=False)
    differences_html = fields.Html("What Changes", compute="_compute_differences_html", sanitize=False)
    consequences_html = fields.Html("Reviews", compute="_compute_consequences_html", sanitize=False)
    moved_html = fields.Html("What Changed on the Order Meanwhile", compute="_compute_needs_refresh", sanitize=False)
    notice_preview = fields.Html("E-mail to the Customer", compute="_compute_notice_preview", sanitize=False)

    # Its way
    submitted_on = fields.Datetime(readonly=True)
    submitted_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    approved_on = fields.Datetime(readonly=True)
    settled_on = fields.Datetime(readonly=True)
    hours_to_settle = fields.Float(
        "Hours to Settle", readonly=True, aggregator="avg", help="From the application until it was settled."
    )
    trouble = fields.Text("Could Not Be Carried Out", readonly=True)
    review_ids = fields.One2many("sale.order.review", "change_id", "Reviews of the Request", readonly=True)
    notice_ids = fields.One2many("sale.order.change.notice", "change_id", "Departments Told", readonly=True)
    needs_refresh = fields.Boolean(compute="_compute_needs_refresh", exportable=False)
    explanation = fields.Text("Where It Stands", compute="_compute_explanation")
    tone = fields.Selection(
        [("info", "Under Way"), ("warning", "Can Go On"), ("danger", "Needs Care")],
        "How It Stands",
        compute="_compute_tone",
        help="How urgent it is what the request waits for; empty when it waits for nothing.",
    )
    can_edit = fields.Boolean(compute="_compute_can_act", exportable=False)
    can_apply = fields.Boolean(compute="_compute_can_act", exportable=False)
    can_record = fields.Boolean(compute="_compute_can_act", exportable=False)
    can_withdraw = fields.Boolean(compute="_compute_can_act", exportable=False)
    my_review_ids = fields.Many2many(
        "sale.order.review",
        string="Reviews I Can Decide",
        compute="_compute_my_review_ids",
        compute_sudo=True,
        exportable=False,
    )

    _under_way = models.Index("(order_id) WHERE state IN ('draft', 'submitted', 'approved')")

    @api.depends("name", "order_id.name", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for change in self:
            number = f" {change.name}" if change._origin else ""
            change.display_name = f"{kinds.get(change.kind, '')}{number} · {change.order_id.sudo().name}"

    # ------------------------------------------------------------------
    # Where it stands
    # ------------------------------------------------------------------

    @api.depends("state", "base_digest", "order_id.content_digest")
    @api.depends_context("lang")
    def _compute_needs_refresh(self):
        Aspect = self.env["order.policy.aspect"]
        for change in self:
            order = change.sudo()._origin_order()
            change.needs_refresh = (
                change.state in ("draft", *UNDER_WAY)
                and order.state == "sale"
                and not order._policy_holds(change.base_digest, change.base_snapshot)
            )
            change.moved_html = change.needs_refresh and Aspect._differences_as_html(
                change.base_snapshot, Aspect._snapshots(order)[order]
            )

    @api.depends("state", "review_ids.state", "trouble", "order_id.change_ids.state", "order_id.confirmation_ids")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for change in self:
            change.explanation = change.sudo()._explain()

    @api.depends("state", "needs_refresh")
    def _compute_tone(self):
        tones = {"draft": "info", "submitted": "info", "approved": "warning", "rejected": "danger"}
        for change in self:
            change.tone = "warning" if change.needs_refresh else tones.get(change.state, False)

    def _explain(self):
        """Tell where the request stands, and what would let it go on."""
        self.ensure_one()
        rejected = self.review_ids.filtered(lambda review: review.state == "rejected")
        if self.needs_refresh:
            return self.env._(
                "The order changed since this was entered. Refresh the request: it then starts from the present order, "
                "with what it asks for, and is submitted again."
            )
        if self.state == "draft":
            return self.env._("Not submitted yet: nobody was asked.")
        if self.state == "submitted":
            earlier = self._earlier_requests()
            if earlier:
                return self.env._("Waits until %s is settled: one request after the other.", earlier[0].name)
            pending = self.review_ids.filtered(lambda review: review.state in OPEN_STATES)
            return "\n".join(review._waiting_in_words() for review in pending.sorted("sequence"))
        if self.state == "approved":
            return self.trouble or self._waits_for_customer() or self.env._("Approved. It can be carried out.")
        if self.state == "applied":
            return self.env._("Carried out on %s.", self.env["order.policy.words"]._day_in_words(self.settled_on))
        if self.state == "rejected":
            return "\n".join(review._decision_in_words() for review in rejected)
        return self.env._("Withdrawn.")

    def _explain_order(self):
        """Tell where a confirmed or cancelled order stands by its requests, or return False when by none."""
        open_requests = self.filtered(lambda change: change.state in UNDER_WAY).sorted("id")
        if open_requests:
            return "\n".join(
                self.env._("%(what)s: %(said)s", what=change.display_name, said=change._explain())
                for change in open_requests
            )
        ended = self.filtered(lambda change: change.kind == "cancel" and change.state == "applied")[:1]
        if ended:
            return self.env._(
                "Cancelled by request %(request)s: %(reason)s.", request=ended.name, reason=ended.reason_id.name
            )
        return False

    def _earlier_requests(self):
        """Return the requests on the same order that have to be settled first."""
        return self.order_id.change_ids.filtered(
            lambda change: change.state in UNDER_WAY and change._turn() < self._turn()
        ).sorted(lambda change: change._turn())

    def _turn(self):
        return (self.submitted_on, self.id)

    def _waits_for_customer(self):
        """Tell that the customer has to agree to the content proposed, or return False when not."""
        self.ensure_one()
        policy = self.order_id.policy_id
        if self.kind == "cancel" or not policy.confirmation_required or self._is_agreed():
            return False
        return self.env._(
            "%(customer)s has to confirm the changed order. Accepted: %(methods)s. Sales records what the customer "
            "says, with Record Confirmation.",
            customer=self.partner_id.display_name,
            methods=policy._ways_to_agree_in_words(self.order_id),
        )

    def _is_agreed(self):
        return any(
            confirmation._is_of(self.proposed_digest, self.proposed_snapshot) and confirmation._is_accepted()
            for confirmation in self.order_id.confirmation_ids
        )

    @api.depends_context("uid")
    def _compute_can_act(self):
        editable = self._filtered_access("write")
        orders = self.order_id.sudo(False)._filtered_access("write")
        for change in self:
            change.can_edit = change.state == "draft" and change in editable
            change.can_apply = (
                change.state == "approved" and not change.needs_refresh and change.order_id._origin in orders
            )
            order = change.order_id._origin
            stored = bool(change._origin)
            change.can_record = stored and order in orders and change._origin == order.sudo()._change_to_confirm()
            change.can_withdraw = stored and change.state in ("draft", *UNDER_WAY) and not change._refusal_to_withdraw()

    @api.depends("review_ids.state")
    @api.depends_context("uid")
    def _compute_my_review_ids(self):
        for change in self:
            change.my_review_ids = change.review_ids.sudo(False)._filtered_access("read").filtered("can_decide")

    # ------------------------------------------------------------------
    # What clients cannot write
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return APPLICATION | {"customer_note"}

    def write(self, vals):
        if APPLICATION & vals.keys():
            self._check_are_drafts()
            self._note_who_writes()
        if "customer_note" in vals:
            self._check_customer_is_still_to_be_told()
        return super().write(vals)

    def _check_customer_is_still_to_be_told(self):
        for change in self.filtered(lambda change: change.state not in ("draft", *UNDER_WAY)):
            raise UserError(
                self.env._(
                    "%s is settled, and stays as the customer was told. Write to the customer on the order instead.",
                    change.display_name,
                )
            )

    def _note_who_writes(self):
        """Note that the current user writes what is asked for, so that he does not decide on that himself."""
        if self.env.su:
            return
        # Superuser: whoever may write the request, who did is not for him to say.
        written = self.sudo().filtered(lambda change: self.env.user not in change.asked_by_id | change.changed_by_ids)
        written.changed_by_ids = [Command.link(self.env.uid)]

    def _check_are_drafts(self):
        """
        :raise UserError: when one of the requests was submitted, and so may not be altered any more
        """
        for change in self.filtered(lambda change: change.state != "draft"):
            raise UserError(
                self.env._(
                    "%s was submitted, and is decided as it is. To ask for something else, withdraw it and make a new "
                    "request.",
                    change.display_name,
                )
            )

    def _check_can_be_deleted(self):
        raise UserError(
            self.env._("Requests are kept with their order. Withdraw a request that is not wanted any more.")
        )

    def _with_lasting_messages(self):
        return self
