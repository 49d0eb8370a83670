from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_amount, format_list

from .order_policy_letter_mixin import LETTER_LAYOUT
from .sale_order_review import COUNTING_STATES, OPEN_STATES

# What of the order a request can change beside its lines; the present values are kept under "was_…".
ORDER_FIELDS = ("commitment_date", "payment_term_id", "partner_invoice_id", "partner_shipping_id")
# What is asked for: fixed once it is submitted.
APPLICATION = frozenset({"reason_id", "note", "contact", "asked_on", "application_ids", "line_ids", *ORDER_FIELDS})
UNDER_WAY = ("submitted", "approved")


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
    # What it would make of the order
    # ------------------------------------------------------------------

    @api.depends("order_id")
    def _compute_base(self):
        """Start from the content that the order has when the request is entered; refreshing starts anew."""
        for change in self:
            # Superuser: who may see the request may see from what it starts.
            order = change.sudo()._origin_order()
            change.update(self._base_values(order) if order else {"base_digest": False, "base_snapshot": False})

    @api.depends(lambda self: ["base_digest", *ORDER_FIELDS, *(f"line_ids.{name}" for name in self._line_fields())])
    def _compute_outcome(self):
        Aspect = self.env["order.policy.aspect"]
        for change in self:
            if change.state != "draft" or not change.order_id:
                for name in ("proposed_digest", "proposed_snapshot", "amount_after", "amount_difference"):
                    change[name] = change[name]
                continue
            # Superuser: who may see the request may see what it would make of the order.
            order, proposed = change.sudo()._origin_order(), change.sudo()._proposed_order()
            snapshot = Aspect._take_snapshots(proposed)[proposed]
            change.proposed_snapshot = snapshot
            change.proposed_digest = Aspect._digest(snapshot)
            ends = change.kind == "cancel"
            change.amount_after = 0.0 if ends else proposed.amount_total
            change.amount_difference = (0.0 if ends else proposed.amount_company) - order.amount_company

    @api.depends("line_ids.progress")
    def _compute_has_progress(self):
        """Whether anything happened with the lines already: until then there is nothing to show of it."""
        for change in self:
            change.has_progress = any(change.line_ids.mapped("progress"))

    @api.depends("amount_before", "amount_after")
    def _compute_amount_change(self):
        for change in self:
            change.amount_change = change.amount_after - change.amount_before

    @api.model
    def _line_fields(self):
        return ["order_line_id", "product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount",
                "is_removed"]  # fmt: skip

    @api.constrains("commitment_date", "asked_on", "contact", "note", "customer_note")
    def _check_can_be_meant(self):
        self._check_is_believable(["asked_on", "contact", "note", "customer_note"])
        # What is on the order already is for the request to mend.
        self.filtered(lambda change: change.commitment_date != change.was_commitment_date)._check_is_believable(
            ["commitment_date"]
        )

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        self.line_ids._let_parts_follow()

    def _origin_order(self):
        return self.order_id._origin

    def _proposed_order(self):
        """Return the order as this request would have it, as a new record that is not stored."""
        self.ensure_one()
        order = self._origin_order()
        if self.kind == "cancel":
            return order
        values = self._order_values()
        lines = {"order_line": values.pop("order_line")} if "order_line" in values else {}
        self._forget_proposals(self._forget_proposals(order.new(origin=order)).order_line)
        proposed = order.new({"policy_id": order.policy_id.id, **lines}, origin=order)
        proposed.update(values)  # with what Odoo lets follow from them
        return proposed

    @api.model
    def _forget_proposals(self, records):
        """Free new records of what was proposed before: those of one origin share their values.

        :param records: new records of stored ones
        :return: the same
        """
        # What asks for it stays known: with requests Odoo would forget of which order a new one is.
        names = [name for name, field in records._fields.items() if field.comodel_name != self._name]
        records.invalidate_recordset(names, flush=False)
        for field in records._fields.values():
            if field.store and field.compute:
                self.env.remove_to_compute(field, records)
        return records

    def _order_values(self):
        """Return what is to be written on the order."""
        self.ensure_one()
        values = {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in ORDER_FIELDS
            if self[name] != self[f"was_{name}"]
        }
        commands = [command for line in self.line_ids for command in line._order_line_commands()]
        return {**values, "order_line": commands} if commands else values

    @api.depends("proposed_digest", "base_digest")
    @api.depends_context("lang")
    def _compute_differences_html(self):
        for change in self:
            change.differences_html = self.env["order.policy.aspect"]._differences_as_html(
                change.base_snapshot, change.proposed_snapshot
            )

    @api.depends("proposed_digest")
    @api.depends_context("lang", "uid")
    def _compute_margin_html(self):
        for change in self:
            change.margin_html = change._margin_in_words()

    def _margin_in_words(self):
        """Tell how the margin changes, to those who may see margins (with the Margins app)."""
        self.ensure_one()
        order = self._origin_order()
        if (
            "margin" not in order._fields
            or not order.sudo(False)._has_field_access(order._fields["margin"], "read")
            or self.kind == "cancel"
            or self.state not in ("draft", *UNDER_WAY)
        ):
            return False
        before, after = order.sudo().margin, self.sudo()._proposed_order().margin

        def amount(value):
            return format_amount(self.env, value, self.currency_id)

        return f"{amount(before)} → {amount(after)}" if before != after else amount(before)

    def _summary_as_html(self):
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

    def _amounts_in_words(self):
        """Tell what the order comes to before and after the request."""
        self.ensure_one()
        return self.env._(
            "Order amount, taxes included: %(was)s → %(now)s",
            was=format_amount(self.env, self.amount_before, self.currency_id),
            now=Markup("<b>%s</b>") % format_amount(self.env, self.amount_after, self.currency_id),
        )

    def _asks_customer_in_words(self):
        """Ask the customer whether the content proposed is agreed to, as the policy lets customers agree."""
        self.ensure_one()
        return self.env._(
            "%(amounts)s. Please tell %(person)s whether you agree: %(ways)s.",
            amounts=self._amounts_in_words(),
            person=self.salesperson_id.name or self.company_id.name,
            ways=self.policy_id._ways_to_agree_in_words(self.order_id),
        )

    # ------------------------------------------------------------------
    # Whom it concerns
    # ------------------------------------------------------------------

    def _steps_to_ask(self, proposed):
        """Return the steps that have to review the request, in the order of the policy.

        :param proposed: the order as the request would have it
        """
        order = self._origin_order()
        steps = order.policy_id._request_steps(self.kind, order, proposed)
        if self.kind == "change":
            required = self.env["order.policy"]._required_steps(proposed)[proposed]
            steps |= required.filtered(lambda step: not self._is_untouched(order, step))
        return steps.sorted(lambda step: (step.sequence, step.id))

    def _is_untouched(self, order, step):
        """Tell whether what a step approved on the order is what the request proposes too."""
        review = order.review_ids.filtered(lambda review: review.is_current and review.step_id == step)
        if review.decision != "approved":
            return False
        if review.is_automatic:
            return self.proposed_digest == order.content_digest
        return self.env["order.policy.aspect"]._is_same(review.snapshot, step._restrict(self.proposed_snapshot))

    def _asks_for_nothing(self):
        return self.env["order.policy.aspect"]._is_same(self.base_snapshot, self.proposed_snapshot)

    @api.depends("proposed_digest", "state")
    @api.depends_context("lang")
    def _compute_consequences_html(self):
        for change in self:
            change.consequences_html = change.state == "draft" and change.sudo()._consequences_as_html()

    def _consequences_as_html(self):
        self.ensure_one()
        if self.kind == "change" and self._asks_for_nothing():
            return False
        steps = self._steps_to_ask(self._proposed_order())
        if not steps:
            return self.env._("No department has to review this.")
        return Markup("<ul class='mb-0 ps-3'>%s</ul>") % Markup().join(
            Markup("<li><b>%s</b> · %s</li>")
            % (
                step.name,
                self.env._("%(what)s: %(said)s", what=step.department_id.name, said=self._why_asked(step)),
            )
            for step in steps
        )

    def _why_asked(self, step):
        if step.used_for == "request":
            return self.env._("reviews every request")
        if self.kind == "cancel":
            return self.env._("approved the order, and so approves its end")
        Aspect = self.env["order.policy.aspect"]
        touched = Aspect._differences(step._restrict(self.base_snapshot), step._restrict(self.proposed_snapshot))
        known = step in self.order_id.review_ids.filtered("is_current").step_id
        if not known:
            return step.condition_in_words
        return format_list(self.env, dict.fromkeys(label for _subject, label, _was, _now in touched)) or self.env._(
            "its checks look at the whole order"
        )

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
                change.base_snapshot, Aspect._take_snapshots(order)[order]
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
            return self.env._("Carried out on %s.", self.env["order.policy.aspect"]._day_in_words(self.settled_on))
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

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    @api.model
    def _open(self, order, kind, asked_by, **values):
        """Open a request with the present content of an order.

        :param order: sale.order record in superuser mode; whether the person may ask was checked before
        """
        return self._make(self._values_from(order, kind, asked_by=asked_by, **values))

    @api.model
    def _make(self, values):
        """Make a request with what it starts from; whether the person may ask was checked before."""
        company = self.env["sale.order"].sudo().browse(values["order_id"]).company_id
        number = self.env["ir.sequence"].sudo().with_company(company).next_by_code(self._name)
        return self.sudo().create({"name": number, **values})

    def _values_from(self, order, kind, **values):
        return {
            "order_id": order.id,
            "kind": kind,
            "asked_by_id": self.env.uid,
            "amount_before": order.amount_total,
            **{name: value for name, value in self._present_values(order).items() if kind == "change"},
            "line_ids": self.line_ids._prepare_from(order.order_line._policy_ordered_lines()),
            **values,
        }

    @api.model
    def default_get(self, fields):
        """Show in the form of a new request what the order is now."""
        defaults = super().default_get(fields)
        order, kind = self._asked_about({})
        if order and not self.env.su:
            values = order._request_values(kind)
            defaults |= {name: values[name] for name in fields if name in values}
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        """Make requests; of what people enter into the form: the present content of the order, and what they changed.

        :raise UserError: when the order is not confirmed under a policy
        :raise AccessError: for people who may not ask, and for values that are not for people to enter
        """
        if self.env.su:
            return super().create(vals_list)
        self.check_access("create")
        return self.browse().concat(*(self._enter(dict(vals)) for vals in vals_list))

    @api.model
    def _enter(self, vals):
        self._check_can_be_stored(vals)
        order, kind = self._asked_about(vals)
        if not order:
            raise AccessError(self._refusal_to_create())
        change = order._make_request(kind).with_env(self.env)
        lines = {line.order_line_id.id: line for line in change.line_ids}
        commands = [self.line_ids._on_order(command, lines) for command in vals.pop("line_ids", [])]
        change.write({**vals, **({"line_ids": commands} if commands else {})})
        return change

    @api.model
    def _asked_about(self, vals):
        """Take out of entered values which order is to be changed or cancelled: they are never entered later.

        :return: tuple of the order and ``change`` or ``cancel``; both empty when none is said
        """
        asked = [vals.pop(name, False) or self.env.context.get(f"default_{name}") for name in ("order_id", "kind")]
        order = self._entered_record("sale.order", asked[0])
        kind = self._entered_text(asked[1])
        if kind not in dict(self._fields["kind"].selection):
            return self.env["sale.order"], False
        return order, kind

    def _base_values(self, order):
        return {
            "base_digest": order.content_digest,
            "base_snapshot": self.env["order.policy.aspect"]._take_snapshots(order)[order],
        }

    def _present_values(self, order):
        present = {name: self._fields[name].convert_to_write(order[name], order) for name in ORDER_FIELDS}
        return {**present, **{f"was_{name}": value for name, value in present.items()}}

    def action_submit(self):
        """Submit requests: the departments that they touch are asked (articles 2.8, 3.13, 3.15).

        :raise UserError: with everything that is missing or not possible
        """
        self.check_access("write")
        # Nobody files what he may not even read; what he may not read the field leaves out.
        self.sudo().application_ids.sudo(False).check_access("read")
        for change in self:
            change.order_id.sudo()._lock_or_refuse()
            change.sudo()._check_can_be_submitted()
            # The person may write the request, and it holds all that it has to.
            change.sudo()._submit()
        return True

    def _check_can_be_submitted(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._("%s was submitted already. Nothing was done. Reload the page.", self.display_name)
            )
        self._check_order_is_confirmed()
        self._check_is_fresh()
        obstacles = self._what_is_missing()
        if self.kind == "change":
            obstacles += self._what_is_impossible() or self._what_the_intake_refuses()
        if obstacles:
            raise UserError(
                self.env._(
                    "%(request)s cannot be submitted yet:\n%(obstacles)s",
                    request=self.display_name,
                    obstacles="\n".join(f"• {obstacle}" for obstacle in obstacles),
                )
            )

    def _check_order_is_confirmed(self):
        if self.order_id.state != "sale":
            raise UserError(
                self.env._(
                    "%s is not a confirmed order any more: there is nothing to change or to cancel by request. "
                    "Withdraw the request.",
                    self.order_id.name,
                )
            )

    def _check_is_fresh(self):
        if self.needs_refresh:
            Aspect = self.env["order.policy.aspect"]
            moved = Aspect._differences_as_text(
                self.base_snapshot, Aspect._take_snapshots(self.order_id)[self.order_id]
            )
            raise UserError(
                self.env._(
                    "%(order)s changed since the request was entered. Refresh the request, look at it again, "
                    "and submit it then.\n%(moved)s",
                    order=self.order_id.name,
                    moved=moved,
                )
            )

    def _what_is_missing(self):
        missing = []
        if not self.reason_id or self.reason_id.kind != self.kind:
            missing.append(self.env._("Choose the reason."))
        if self.asked_on > fields.Datetime.add(fields.Datetime.now(), minutes=1):
            missing.append(self.env._("It cannot have been asked for in the future. Enter when it was."))
        if self.application_required and not self.application_ids and self.asked_by != "customer":
            missing.append(
                self.env._("Attach the written application: the policy requires it for changes and cancellations.")
            )
        return missing

    def _what_is_impossible(self):
        problems = [problem for line in self.line_ids for problem in line._problems()]
        if not problems and self._asks_for_nothing():
            return [self.env._("It asks for nothing: change a line, the delivery date, the terms or an address.")]
        return problems

    def _what_the_intake_refuses(self):
        """Tell what the intake of the policy has against the content proposed (articles 1.5, 3.5)."""
        policy, proposed = self.order_id.policy_id, self._proposed_order()
        missing = [item["label"] for item in policy._requirements()._missing(proposed)[proposed]]
        checks = policy._checks_of_step(self.env["order.policy.step"])
        failed = [outcome for outcome in checks._run(proposed) if outcome["state"] == "fail"]
        return missing + [
            self.env["sale.order.check"]._describe(checks.browse(outcome["check_id"]), outcome["texts"])
            for outcome in failed
        ]

    def _submit(self):
        self.flush_recordset()  # what it proposes is computed for the last time
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self._file_application()
        self.write({"state": "submitted", "submitted_on": fields.Datetime.now(), "submitted_by_id": self.env.uid})
        self._message_log(body=self.env._("Submitted for review."))
        self._start_next(self.order_id)

    def _file_application(self):
        """File the written application with the request; what belongs to another record stays there."""
        own = self.application_ids.filtered(
            lambda file: not file.res_id or (file.res_model, file.res_id) == (self._name, self.id)
        )
        for file in self.application_ids - own:
            self.env["order.policy.document"]._check_readable(file.name, file.raw)
        application = self.env.ref("order_policy.document_application")
        own.write({"res_model": self._name, "res_id": self.id, "policy_document_id": application.id})

    def _attach_application(self, files):
        """File what came with a request as its written application.

        :param list files: pairs of name and content, in bytes
        """
        application = self.env.ref("order_policy.document_application")
        self.application_ids = self.application_ids.with_context(image_no_postprocess=True).create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                    "policy_document_id": application.id,
                }
                for name, content in files
            ]
        )

    def _submit_for_customer(self):
        """Submit what a customer asks for; what is in the way is for sales to solve."""
        failed = self._try(self._check_and_submit)
        if failed:
            self._message_log(body=self.env._("It could not be submitted by itself: %s", failed))

    def _check_and_submit(self):
        self._check_can_be_submitted()
        self._submit()

    def action_refresh(self):
        """Let requests start from the present content of their order, with what they ask for.

        They are drafts again: approvals of what they asked for before do not count.
        """
        self.check_access("write")
        for change in self.filtered("needs_refresh"):
            change.order_id.sudo()._lock_or_refuse()
            # The person may write the request; it goes back to where everything is checked again.
            change.sudo()._refresh()
        return True

    def _refresh(self):
        order = self.order_id
        self._close_reviews()
        self._counting_reviews().state = "outdated"
        self.write(
            {"state": "draft", "trouble": False, "amount_before": order.amount_total, **self._base_values(order)}
        )
        self._message_log(body=self.env._("Starts from what the order holds now, and is a draft again."))
        if self.kind == "change":
            present = self._present_values(order)
            for name in ORDER_FIELDS:
                if self[name] != self[f"was_{name}"]:
                    del present[name]
            self.write(present)
        self.line_ids._refresh(self)
        self._start_next(order)

    def action_withdraw(self):
        """Withdraw requests.

        :raise AccessError: for everybody but who asked; what customers ask for is withdrawn by sales
        """
        for change in self:
            change.check_access("read")
            refusal = change._refusal_to_withdraw()
            if refusal:
                raise AccessError(refusal)
            change.order_id.sudo()._lock_or_refuse()
            if change.state not in ("draft", *UNDER_WAY):
                raise UserError(
                    self.env._("%s is settled already. Nothing was done. Reload the page.", change.display_name)
                )
            # Who asked takes it back.
            change.sudo()._settle("withdrawn")
        return True

    def _refusal_to_withdraw(self):
        self.ensure_one()
        if self.asked_by == "customer":
            allowed = self.order_id.sudo(False).has_access("write")
            who = self.salesperson_id.sudo().name or self.env._("Sales")
        else:
            allowed = self.asked_by_id == self.env.user
            who = self.asked_by_id.sudo().name
        return not allowed and self.env._(
            "%(request)s was asked for by %(person)s. Only who asked withdraws a request.",
            request=self.display_name,
            person=who,
        )

    def _settle(self, state):
        """Close a request, and let the next one on its order begin."""
        now = fields.Datetime.now()
        self._close_reviews()
        self.activity_unlink(["mail.mail_activity_data_todo"])  # what was to be done for it
        if state == "withdrawn":
            self._message_log(body=self.env._("Withdrawn."))
        self.write(
            {
                "state": state,
                "trouble": False,
                "settled_on": now,
                "hours_to_settle": max((now - self.asked_on).total_seconds(), 0.0) / 3600,
            }
        )
        self._start_next(self.order_id)

    def _close_reviews(self):
        """Let nobody decide any more; decisions stay as they are."""
        pending = self.review_ids.filtered(lambda review: review.state in OPEN_STATES)
        pending.write({"state": "not_required", "user_id": False, "date_due": False})

    # ------------------------------------------------------------------
    # Reviews
    # ------------------------------------------------------------------

    @api.model
    def _start_next(self, order):
        """Let departments review the request on an order whose turn it is: one after the other."""
        turn = order.change_ids.filtered(lambda change: change.state in UNDER_WAY).sorted(lambda change: change._turn())
        first = turn[:1]
        if first.state != "submitted" or first._counting_reviews():
            return
        if first.needs_refresh:
            first._tell_who_asked(
                self.env._("Refresh the request: the order changed since"), first.moved_html or first.explanation
            )
        else:
            first._ask_departments()

    def _counting_reviews(self):
        return self.review_ids.filtered(lambda review: review.state in COUNTING_STATES)

    def _ask_departments(self):
        proposed = self._proposed_order()
        self._ask_steps(self._steps_to_ask(proposed), proposed)

    def _ask_steps(self, steps, proposed):
        reviews = self.env["sale.order.review"]._ask_about(self, steps)
        self._follow_reviews()
        to_judge = reviews.filtered(lambda review: review.policy_id._checks_of_step(review.step_id))
        if to_judge:
            to_judge._judge(proposed)._approve_automatically()
            self._follow_reviews()

    def _ask_what_became_needed(self):
        """Ask the steps that the order needs by now with what is proposed, and did not when the request was submitted.

        That is so when, for example, another order of the same customer brings both above a threshold meanwhile.

        :return: whether there are any: the request is under review again
        """
        if self.kind != "change":
            return False
        proposed = self._proposed_order()
        steps = self._steps_to_ask(proposed) - self._counting_reviews().step_id
        if steps:
            self.write({"state": "submitted", "trouble": False})
            self._message_log(
                body=self.env._(
                    "Under review again: since it was submitted, %s became necessary for what it makes of the order.",
                    format_list(self.env, steps.mapped("name")),
                )
            )
            self._ask_steps(steps, proposed)
        return bool(steps)

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

    def _reject(self, reviews):
        self._settle("rejected")
        rejected = reviews.filtered(lambda review: review.decision == "rejected")
        self._tell_who_asked(
            self.env._("Rejected: tell the customer"),
            Markup("<br/>").join(review._decision_in_words() for review in rejected),
        )

    def _approve(self):
        self.write({"state": "approved", "approved_on": fields.Datetime.now()})
        waiting = self._waits_for_customer()
        self._message_log(body=self._approval_in_words(waiting))
        if waiting:
            self._tell_who_asked(self.env._("Ask the customer to confirm the changed order"), waiting)
        else:
            self._try_to_apply()

    def _approval_in_words(self, waiting):
        if waiting:
            return self.env._("Approved by all who were asked. It waits for its customer.")
        if self._counting_reviews():
            return self.env._("Approved by all who were asked.")
        return self.env._("Nobody had to be asked.")

    def _tell_who_asked(self, summary, note):
        """Give who asked for the request an activity; what customers ask for is looked after by the salesperson."""
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=note,
            user_id=self._who_asked().id,
        )

    def _who_asked(self):
        person = self.salesperson_id if self.asked_by == "customer" else self.asked_by_id
        return person.filtered("active") or self._who_looks_after_it()

    def _who_looks_after_it(self):
        """Return the salesperson, else somebody who certainly is there: what is left to do is never nobody's."""
        submitter = self.asked_by_id | self.submitted_by_id
        return self.salesperson_id.filtered("active") or submitter.filtered("active")[:1] or self.env.user

    # ------------------------------------------------------------------
    # Carrying out
    # ------------------------------------------------------------------

    def action_apply(self):
        """Carry out approved requests, where that could not be done at once (articles 2.8, 3.13, 3.15).

        :raise AccessError: for people who may not write the order
        :raise UserError: when one is not approved, or cannot be carried out; nothing is altered then
        """
        self.check_access("read")
        self.order_id.sudo(False).check_access("write")
        for change in self:
            change.order_id.sudo()._lock_or_refuse()
            # Departments approved exactly this content, and the person may write the order.
            change.sudo()._apply()
        return True

    def _try_to_apply(self):
        """Carry out a request with its last approval; what keeps it from that is for sales to solve."""
        failed = self._try(self._apply)
        if failed:
            self.trouble = self.env._("Approved, but it could not be carried out: %s", failed)
            self._tell_who_asked(self.env._("Approved, but not carried out"), self.trouble)

    def _apply(self):
        """Carry out one request as a whole; whatever fails undoes all of it."""
        self.ensure_one()
        self._check_can_be_applied()
        if self._ask_what_became_needed():
            return
        order = self.order_id
        locked = order.locked
        order.locked = False  # by Odoo's lock setting; what departments approved goes through, and locks again
        if self.kind == "cancel":
            order._action_cancel()  # which finishes the request
        else:
            self._carry_out_change()
            self._finish()
        order.locked = locked

    def _finish(self):
        """Close a request that was carried out, and make it known."""
        tasks = self._tasks_by_department()
        self._settle("applied")
        self._message_log(body=self.env._("Carried out."))
        self._log_on_order()
        self.env["sale.order.change.notice"]._tell(self, tasks)
        self._tell_customer()

    def _check_can_be_applied(self):
        if self.state != "approved":
            raise UserError(
                self.env._(
                    "%s is not waiting to be carried out: it is not approved, or it is settled already. "
                    "Reload the page.",
                    self.display_name,
                )
            )
        self._check_order_is_confirmed()
        self._check_is_fresh()
        waiting = self._waits_for_customer()
        if waiting:
            raise UserError(waiting)
        problems = [problem for line in self.line_ids for problem in line._problems()] if self.kind == "change" else []
        if problems:
            raise UserError("\n".join(problems))

    def _carry_out_change(self):
        order, snapshot = self.order_id, self.proposed_snapshot
        with order._policy_gate_at_the_end():
            self._alter(order, self._order_values())
            order.flush_recordset()
            self._check_came_out(order, snapshot)
            self._counting_reviews()._take_over(order)
            obstacles = self.env["sale.order.check"]._take_in(order)[order]
            if obstacles:
                raise UserError("\n".join(item["label"] for item in obstacles))

    def _alter(self, order, values):
        """Write on an order what was approved. Other addons carry it on to what follows from the order."""
        order.write(values)

    def _check_came_out(self, order, snapshot):
        """
        :raise UserError: when the order does not hold exactly what was approved
        """
        if order._policy_holds(self.proposed_digest, snapshot):
            return
        Aspect = self.env["order.policy.aspect"]
        differences = Aspect._differences_as_text(snapshot, Aspect._take_snapshots(order)[order])
        raise UserError(
            self.env._(
                "%(order)s would not be what was approved, so nothing was changed. Approved → what it would be:\n"
                "%(differences)s\nWithdraw the request and make a new one, so that this is reviewed.",
                order=order.name,
                differences=differences,
            )
        )

    def _log_on_order(self):
        words = (
            self.env._("Cancelled by request %(request)s: %(reason)s", request=self.name, reason=self.reason_id.name)
            if self.kind == "cancel"
            else self.env._("Changed by request %(request)s: %(reason)s", request=self.name, reason=self.reason_id.name)
        )
        self.order_id._message_log(body=Markup("%s%s") % (words, self.differences_html or ""))

    # ------------------------------------------------------------------
    # The customer
    # ------------------------------------------------------------------

    @api.depends("kind", "reason_id", "customer_note", "proposed_digest", "amount_after")
    def _compute_notice_preview(self):
        template = self.env.ref("order_policy.mail_template_change").sudo()
        for change in self:
            # As it is being entered: what is proposed then is not stored yet.
            rendered = template._render_field("body_html", list(change._ids), compute_lang=True)
            change.notice_preview = rendered[change.id]

    def _differences_for_customer(self):
        """Return what changes, in the language of the customer's e-mail."""
        self.ensure_one()
        return self.env["order.policy.aspect"]._differences_as_html(self.base_snapshot, self.proposed_snapshot)

    def _tell_customer(self):
        reachable = self._customer_and_who_acted().filtered("email")
        if self.partner_id not in reachable:
            self._message_log(
                body=self.env._("%s has no e-mail address, and was not told.", self.partner_id.display_name)
            )
        if not reachable:
            return
        self.message_post_with_source(
            self.env.ref("order_policy.mail_template_change"),
            partner_ids=reachable.ids,
            email_layout_xmlid=LETTER_LAYOUT,
            subtype_xmlid="mail.mt_comment",
        )

    def _get_portal_status(self):
        """Tell the customer where the request stands.

        :return: tuple of a Bootstrap colour and words
        """
        self.ensure_one()
        if self.state == "approved" and self._waits_for_customer():
            return "warning", self.env._("Waiting for your confirmation")
        colors = {"applied": "success", "rejected": "danger", "withdrawn": "secondary"}
        words = {
            "draft": self.env._("Received"),
            "submitted": self.env._("Being checked"),
            "approved": self.env._("Accepted"),
            "applied": self.env._("Carried out"),
            "rejected": self.env._("Declined"),
            "withdrawn": self.env._("Withdrawn"),
        }
        return colors.get(self.state, "info"), words[self.state]
