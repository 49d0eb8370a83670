from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_list

SIGNATURE = frozenset({"signature", "signed_by", "signed_on"})
TOTALS = frozenset({"amount_untaxed", "amount_tax", "amount_total"})
# What follows from lines and payments.
FOLLOWS = TOTALS | {"transaction_ids"}
# What Odoo keeps of the decisions on an order. People may act on it, but an order is never born with it.
DECISIONS = SIGNATURE | {"state", "locked", "access_token"}
# What was chosen and entered where a product is configured.
CONFIGURATION = ("product_no_variant_attribute_value_ids", "product_custom_attribute_value_ids")


class SaleOrder(models.Model):
    """Hooks of the order policy into the order: its fields, the gate, and calls to the models that own each matter.

    The invariant: an order under a policy is in state ``sale`` only if every step that the policy requires for its
    present content holds an approval of exactly that content.
    """

    _name = "sale.order"
    _inherit = [
        "order.policy.intake.mixin",
        "order.policy.review.mixin",
        "order.policy.customer.mixin",
        "order.policy.change.mixin",
        "order.policy.archive.mixin",
        "order.policy.reading.mixin",
        "order.policy.believable.mixin",
        "order.policy.evidence.mixin",
        "order.policy.lock.mixin",
        "order.policy.letter.mixin",
        "sale.order",
    ]

    policy_id = fields.Many2one(
        "order.policy",
        compute="_compute_policy_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        help="The version of the company's order policy that this order goes by.",
    )
    policy_stage = fields.Selection(
        [
            ("intake", "Intake"),
            # Before it goes to review again: in the bar of stages it stands where the order stands.
            ("rejected", "Sent Back"),
            ("review", "Review"),
            ("approval", "Approval"),
            ("confirmation", "Confirmation"),
            ("execution", "Execution"),
            ("completed", "Completed"),
            ("archived", "Archived"),
            ("cancelled", "Cancelled"),
        ],
        "Stage",
        compute="_compute_policy_stage",
        store=True,
        copy=False,
        help="Where the order stands under the order policy.",
    )
    special_order = fields.Boolean(
        copy=False,
        tracking=True,
        help="Special orders may need more approvals, such as the general manager's, whatever their amount.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    amount_company = fields.Monetary(
        "Amount in Company Currency",
        compute="_compute_amount_company",
        store=True,
        copy=False,
        currency_field="company_currency_id",
        help="What is ordered, taxes included, at the rate of the day of submission. Thresholds compare with this.",
    )
    content_digest = fields.Char(compute="_compute_content_digest", store=True, copy=False, exportable=False)
    policy_cleared_digest = fields.Char(
        readonly=True,
        copy=False,
        help="The content with which the policy last let the order be confirmed.",
        exportable=False,
    )
    policy_cleared_snapshot = fields.Json(
        readonly=True, copy=False, prefetch=False, help="That content itself.", exportable=False
    )
    policy_exempt_reason = fields.Char(
        "Exemption", copy=False, tracking=True, help="Why the policy does not apply to this order."
    )
    policy_exempt_by_id = fields.Many2one("res.users", "Exempted By", readonly=True, copy=False)
    policy_exempt_on = fields.Datetime("Exempted On", readonly=True, copy=False)
    exemption_ids = fields.One2many(
        "sale.order.exemption",
        "order_id",
        "Exemptions",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    policy_explanation = fields.Text("Why It Waits", compute="_compute_policy_explanation")
    policy_tone = fields.Selection(
        [("info", "Under Way"), ("success", "Can Go On"), ("warning", "Up to the Customer"), ("danger", "Needs Care")],
        "How It Stands",
        compute="_compute_policy_tone",
        help="How urgent it is what the order waits for; empty when it waits for nothing.",
    )
    policy_can_edit = fields.Boolean(compute="_compute_policy_can_edit", exportable=False)
    policy_can_submit = fields.Boolean(compute="_compute_policy_explanation", exportable=False)
    policy_comment_due = fields.Boolean(
        compute="_compute_policy_explanation",
        help="Who submits it again says what was agreed, as nothing changed.",
        exportable=False,
    )
    policy_can_confirm = fields.Boolean(compute="_compute_policy_explanation", exportable=False)
    policy_can_record = fields.Boolean(compute="_compute_policy_explanation", exportable=False)
    policy_payment_due = fields.Boolean(
        compute="_compute_policy_explanation",
        help="Only the payment that the order asks for is still to come.",
        exportable=False,
    )

    _policy_copies_due = models.Index("(id) WHERE policy_copies_due IS NOT NULL")
    _policy_ask_customer = models.Index("(id) WHERE policy_ask_customer")
    _policy_sent_back = models.Index("(user_id) WHERE policy_stage = 'rejected'")
    _policy_to_confirm = models.Index("(user_id) WHERE policy_stage = 'confirmation'")
    _policy_under_way = models.Index(
        "(policy_stage) WHERE policy_stage IN ('intake', 'review', 'approval', 'confirmation')"
    )

    # ------------------------------------------------------------------
    # Facts and what follows from them
    # ------------------------------------------------------------------

    @api.depends("company_id")
    def _compute_policy_id(self):
        for order in self:
            confirmed = order.state == "sale" and order._origin
            under_review = order.policy_submitted_on and order.policy_id.company_id == order.company_id
            if not confirmed and not under_review:
                order.policy_id = self.env["order.policy"]._in_force(order.company_id)
            else:
                order.policy_id = order.policy_id  # as submitted; or confirmed, and left alone

    def _goes_by_mail_queue(self):
        return bool(self.sudo().policy_id)  # whoever writes a letter: how it goes out is no secret

    def _go_by_policy_in_force(self):
        for company, orders in self.grouped("company_id").items():
            policy = self.env["order.policy"]._in_force(company)
            orders.filtered(lambda order, policy=policy: order.policy_id != policy).policy_id = policy

    @api.depends(
        lambda self: [
            "policy_id",
            "state",
            "policy_submitted_on",
            "review_ids.state",
            "review_ids.is_current",
            *self._completion_dependencies(),
        ]
    )
    def _compute_policy_stage(self):
        for order in self:
            current = order.sudo().review_ids.filtered(
                lambda review: review.is_current and review.state != "not_required"
            )
            order.review_count = len(current)
            order.review_done_count = len(current.filtered(lambda review: review.state == "approved"))
            order.policy_stage = order._stage_with(current)

    def _stage_with(self, reviews):
        self.ensure_one()
        if not self.policy_id:
            return False
        if self.state in ("sale", "cancel"):
            return self._stage_at_the_end()
        if not self.policy_submitted_on:
            return "intake"
        if "rejected" in reviews.mapped("state"):
            return "rejected"
        waiting = reviews.filtered(lambda review: review.state != "approved")
        if not waiting:
            return "confirmation"
        if "proofread" in waiting.mapped("kind"):
            return "intake"
        return "review" if "review" in waiting.mapped("kind") else "approval"

    @api.depends("policy_submitted_on", "company_id.currency_id", "order_line.price_total", "content_digest")
    def _compute_amount_company(self):
        rates = {}
        for order in self:
            if not order.policy_id:
                order.amount_company = 0.0
                continue
            rate_of = (order.currency_id, order.company_id, order._policy_day_of_rate())
            if rate_of not in rates:
                rates[rate_of] = order.currency_id._get_conversion_rate(
                    order.currency_id, order.company_id.currency_id, order.company_id, rate_of[2]
                )
            ordered = sum(order.order_line._policy_ordered_lines().mapped("price_total"))
            order.amount_company = order.company_id.currency_id.round(ordered * rates[rate_of])

    def _policy_day_of_rate(self):
        """Return the day of submission, or else today, as it is in the company; False where no rate is needed."""
        if self.currency_id == self.company_id.currency_id:
            return False
        return self.env["order.policy.check"]._local_date(self, self.policy_submitted_on or fields.Datetime.now())

    def _policy_without_rate(self):
        """Return the orders whose amount in company currency nobody knows, as their currency never had a rate."""
        foreign = self.filtered(lambda order: order.currency_id != order.company_id.currency_id)
        if not foreign:
            return foreign
        # Superuser: rates are no secret, and Odoo converts with those of the main company.
        known = {
            (currency, company)
            for currency, company in self.env["res.currency.rate"]
            .sudo()
            ._read_group(
                [
                    ("currency_id", "in", foreign.currency_id.ids),
                    ("company_id", "in", [False, *foreign.sudo().company_id.root_id.ids]),
                ],
                ["currency_id", "company_id"],
            )
        }
        return foreign.filtered(
            lambda order: known.isdisjoint(
                (order.currency_id, company) for company in (order.company_id.browse(), order.sudo().company_id.root_id)
            )
        )

    def _policy_lacking_rate_in_words(self):
        self.ensure_one()
        return self.env._(
            "Exchange rate: none of %(currency)s is known in %(company)s, so the amount of the order cannot be "
            "compared with the limits of the policy. Ask accounting to enter the rate under "
            "Invoicing > Configuration > Currencies.",
            currency=self.currency_id.name,
            company=self.company_id.sudo().root_id.name,
        )

    @api.depends(lambda self: self.env["order.policy.aspect"]._content_dependencies())
    def _compute_content_digest(self):
        Aspect = self.env["order.policy.aspect"]
        under_policy = self.filtered("policy_id")
        (self - under_policy).content_digest = False
        for order, snapshot in Aspect._take_snapshots(under_policy.sudo()).items():
            order.sudo(False).content_digest = Aspect._digest(snapshot)

    def _compute_field_value(self, field):
        """Let the reviews follow whenever the content was recomputed, by whatever path it changed."""
        if field.name != "content_digest":
            return super()._compute_field_value(field)
        stored = self.filtered("id")
        was = {order: order.content_digest for order in stored}
        result = super()._compute_field_value(field)
        stored.filtered(
            lambda order: was[order] and order.content_digest not in (was[order], False)
        )._note_who_changes_content()
        if stored:
            submitted = self.filtered(lambda order: order.id and order.policy_submitted_on)
            if submitted:
                submitted._lock_with_siblings()
                submitted._lock_or_refuse()  # an order comes before its reviews, as for who decides
                self.env["sale.order.review"]._follow(submitted)
        return result

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Describe the fields, the delivery date in the words of the policy: in Chinese Odoo has another one for it."""
        described = super().fields_get(allfields, attributes)
        if "string" in described.get("commitment_date", {}):
            described["commitment_date"]["string"] = self.env._("Delivery Date")
        return described

    @api.model
    def _policy_aspect_fields(self):
        """Return the fields that make up the content of an order, by aspect and model. Other addons add theirs.

        Content is what changes what the customer gets, pays or when; doc/content.md says of each field why it is, or
        is not.
        """
        return {
            "customer": self._known_fields(["partner_id", "partner_invoice_id"]),
            "product": self._known_fields(
                [], ["product_id", "name", *CONFIGURATION, "event_id", "event_slot_id", "event_ticket_id"]
            ),
            "quantity": self._known_fields([], ["product_id", "product_uom_qty", "product_uom_id"]),
            "price": self._known_fields(
                ["currency_id"],
                ["product_id", *CONFIGURATION, "event_ticket_id", "product_uom_id", "price_unit", "discount",
                 "tax_ids", "extra_tax_data"],
            ),
            "delivery": self._known_fields(
                ["partner_shipping_id", "pickup_location_data", "commitment_date"],
                ["product_id", "event_id", "event_slot_id", "customer_lead"],
            ),
            "payment": self._known_fields(
                ["payment_term_id", "preferred_payment_method_line_id", "require_payment", "prepayment_percent", "note"]
            ),
        }  # fmt: skip

    @api.model
    def _known_fields(self, of_order, of_lines=()):
        """Leave out what belongs to apps that are not installed."""
        return {
            "sale.order": [name for name in of_order if name in self._fields],
            "sale.order.line": [name for name in of_lines if name in self.order_line._fields],
        }

    # ------------------------------------------------------------------
    # What people see
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_policy_can_edit(self):
        editable = self._filtered_access("write")
        for order in self:
            order.policy_can_edit = order in editable

    @api.depends(
        "policy_stage",
        "content_digest",
        "policy_exempt_reason",
        "review_ids.state",
        "review_ids.is_current",
        "require_payment",
        "prepayment_percent",
        "amount_paid",
        "validity_date",
    )
    @api.depends_context("lang", "uid")
    def _compute_policy_explanation(self):
        open_orders = self.filtered(lambda order: order.policy_id and order.state in ("draft", "sent"))
        obstacles = open_orders._policy_gates()
        for order in self:
            order.policy_explanation = order.policy_id.sudo()._explain(order, obstacles.get(order, []))
            order.policy_can_confirm = order.policy_can_edit and not obstacles.get(order)
            order.policy_payment_due = bool(
                order in open_orders
                and not obstacles[order]
                and not order.policy_exempt_reason
                and order._payment_due()
            )
            order.policy_can_record = bool(
                order in open_orders
                and order.policy_can_edit
                and order.policy_submitted_on
                and order.policy_id.sudo().confirmation_required
                and not order._is_agreed()
            )
            order.policy_can_submit = bool(
                order in open_orders
                and order.policy_can_edit
                and not order.policy_exempt_reason
                and obstacles[order]
                and (not order.policy_submitted_on or order._must_be_asked_again())
            )
            rejections = self.env["sale.order.review"]._rejections(order if order.policy_can_submit else self.browse())
            order.policy_comment_due = bool(rejections._of_what_did_not_change())

    @api.depends("policy_stage", "policy_exempt_reason", "policy_explanation", "policy_overdue", "change_under_way")
    @api.depends_context("uid")
    def _compute_policy_tone(self):
        for order in self:
            order.policy_tone = not order.policy_exempt_reason and order._tone()

    def _tone(self):
        self.ensure_one()
        if self.policy_stage == "rejected":
            return "danger"
        if self.policy_stage in ("intake", "review", "approval"):
            return "danger" if self.policy_overdue else "info"
        if self.policy_stage == "confirmation":
            return "success" if self.policy_can_confirm and not self.policy_payment_due else "warning"
        return "info" if self.policy_stage and self.state == "sale" and self.change_under_way else False

    # ------------------------------------------------------------------
    # The gate
    # ------------------------------------------------------------------

    @api.model
    def _policy_entered_fields(self):
        """Return the fields in which people enter what reviewers read, beside those of the lines."""
        content = self.env["order.policy.aspect"]._content_fields()["sale.order"]
        said = ["policy_refusal_note", "policy_cancel_note", "policy_exempt_reason"]
        return self._with_limits([*content, *said, "date_order", "validity_date", "received_on"])

    @api.constrains(lambda self: self._policy_entered_fields())
    def _check_can_be_meant(self):
        self.filtered("policy_id")._check_is_believable(self._policy_entered_fields())

    @api.constrains(lambda self: self._policy_gate_triggers())
    def _check_policy_gate(self):
        """Refuse every confirmed order that the policy does not let through, whoever stored it and however.

        An order that was let through stays confirmed as long as its content does not change, also when the customer's
        tags or other things that conditions look at do.
        """
        self.mapped("content_digest")  # recomputed at once, so that the reviews follow before anybody reads them
        self.filtered(lambda order: order.state == "sale")._leave_alone_what_an_app_brings()
        confirmed = self._policy_finished().filtered(lambda order: order.state == "sale" and order.policy_id)
        self.filtered(lambda order: order.state != "sale" and order.policy_cleared_digest)._note_cleared()
        to_clear = confirmed.filtered(lambda order: order.content_digest != order.policy_cleared_digest)
        to_check = to_clear.filtered(
            lambda order: not order._policy_holds(order.policy_cleared_digest, order.policy_cleared_snapshot)
        )
        # Nobody submitted these, so no day is set whose rate counts: it is that of today.
        self.env.add_to_compute(
            self._fields["amount_company"], to_check.filtered(lambda order: not order.policy_submitted_on)
        )
        for order, obstacles in to_check._policy_gates().items():
            obstacles = obstacles or order._policy_used_up()
            if obstacles:
                raise ValidationError(order.policy_id.sudo()._refuse(order, obstacles))
        to_clear._note_cleared()
        # Superuser: what nobody needs any more is nobody's to do, whoever confirms the order.
        to_clear.sudo().review_ids._close()

    def _note_cleared(self):
        """Keep with what content the gate let orders through; nothing of those that are not confirmed any more."""
        # Superuser: what the gate let through is for the gate alone to record.
        orders = self.sudo()
        snapshots = self.env["order.policy.aspect"]._take_snapshots(
            orders.filtered(lambda order: order.state == "sale")
        )
        for order in orders:
            order.policy_cleared_digest = order in snapshots and order.content_digest
            order.policy_cleared_snapshot = snapshots.get(order, False)

    def _policy_holds(self, digest, snapshot):
        """Tell whether the order holds content that was recorded.

        :param digest: fingerprint of that content
        :param snapshot: that content itself, by which it is compared where the fingerprint is another one
        """
        self.ensure_one()
        if digest == self.content_digest:
            return bool(digest)
        # Superuser: no more is told than whether it is the same.
        Aspect, order = self.env["order.policy.aspect"].sudo(), self.sudo()
        return bool(snapshot) and Aspect._is_same(snapshot, Aspect._take_snapshots(order)[order])

    def _changes_since_cleared_as_text(self):
        """Tell what would be changed of the content with which the order was confirmed."""
        self.ensure_one()
        # Superuser: what was confirmed is for the gate to record, and who changes the order knows what he changes.
        Aspect, order = self.env["order.policy.aspect"].sudo(), self.sudo()
        return Aspect._differences_as_text(order.policy_cleared_snapshot, Aspect._take_snapshots(order)[order])

    def _policy_used_up(self):
        """Tell what does not pass any more that approvals relied on, of an order that is being confirmed.

        Once it is confirmed its content changes by request, and reviewers of that see what the checks find.

        :return: list of sentences
        """
        self.ensure_one()
        if self.policy_cleared_digest or self.policy_exempt_reason:
            return []
        if self.sudo().policy_id._checks_at_confirmation():
            self._policy_confirm_one_by_one()
        # Superuser: whoever stores the order, it is judged by all that its policy looks at.
        found = self.env["sale.order.check"]._newly_failing(self.sudo()).get(self.sudo(), [])
        return [
            self.env._(
                "It passed when it was approved, and does not any more: %s Choose Confirm on the order, and those "
                "concerned are asked anew.",
                former._fails_now(vals),
            )
            for former, vals in found
        ]

    def _policy_confirm_one_by_one(self):
        """Let nobody confirm another order at this moment that uses up the same, without seeing this one.

        Whoever comes second waits until this one is kept, and is done again by Odoo from the start, where it is seen.
        """
        for used in self._policy_used_records():
            self.env.execute_query(
                SQL(
                    "UPDATE %(table)s SET write_date = write_date WHERE id IN %(ids)s RETURNING id",
                    table=SQL.identifier(used._table),
                    ids=tuple(used.ids),
                )
            )

    def _policy_used_records(self):
        """Return of what there is only so much: the customer, of whose credit it takes. Other addons add theirs.

        :return: list of recordsets, none of them empty
        """
        return [self.sudo().partner_id.commercial_partner_id]

    @api.model
    def _policy_gate_triggers(self):
        content = self.env["order.policy.aspect"]._content_fields()["sale.order"]
        return ["state", "content_digest", "order_line", *content]

    def _policy_gates(self):
        """Return what keeps each order from being confirmed. Other addons add their own gates.

        :return: dict of lists of sentences by order; an empty list lets the order through
        """
        governed = self.filtered(lambda order: order.policy_id and not order.policy_exempt_reason)
        required = self.env["order.policy"]._required_steps(governed.sudo())
        obstacles = {order: [] for order in self}
        for order, order_sudo in zip(governed, governed.sudo(), strict=True):
            reviews = order_sudo.review_ids._obstacles(order_sudo, required[order_sudo])
            intake = self.env["sale.order.check"]._obstacles(order_sudo)
            customer = self.env["sale.order.confirmation"]._obstacles(order_sudo)
            # The customer is asked once everything is approved: until then that is nobody's next step.
            obstacles[order] = intake + reviews or customer
        return obstacles

    def _leave_alone_what_an_app_brings(self):
        """Take orders that an app brings along, confirmed by its own data, as confirmed before the policy.

        Examples come with many apps, and must not keep them from being installed. Nobody gets here by himself: a
        registry that is not ready serves no one. Orders that were submitted, or let through, stay under the policy.
        """
        if self.pool.ready:
            return
        brought = self.filtered(
            lambda order: order.policy_id and not order.policy_submitted_on and not order.policy_cleared_digest
        )
        for order, obstacles in brought._policy_gates().items():
            if obstacles:
                order.sudo().policy_id = False

    def _confirmation_error_message(self):
        obstacles = self._policy_gates()[self] if self.policy_id else []
        refusal = self.policy_id.sudo()._refuse(self, obstacles) if obstacles else False
        return super()._confirmation_error_message() or refusal

    # ------------------------------------------------------------------
    # What clients cannot write
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        entered = {"channel_id", "received_on", "special_order", "policy_paper_ids", "policy_file_ids"}
        if self.env.user.has_group("order_policy.group_order_policy_manager"):
            entered.add("policy_exempt_reason")
        return frozenset(entered)

    @api.model
    def _clients_create(self):
        return True

    @api.model
    def _is_kept_from_clients(self, field):
        # Of the other fields of orders the apps that they come from say who writes them.
        return self._is_of_policy(field) and super()._is_kept_from_clients(field)

    @api.model
    def _takes_defaults(self, field):
        decides = field.name in DECISIONS | FOLLOWS or field.name == "policy_exempt_reason"
        return not decides and super()._takes_defaults(field)

    @api.model
    def _is_of_policy(self, field):
        return any(module.startswith("order_policy") for module in field._modules[:1])

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and field.name in FOLLOWS and self._is_policy_concerned():
            return False
        # Customers read their orders, but not what departments say about them.
        return super()._has_field_access(field, operation) and (
            self.env.su or not self._is_of_policy(field) or self.env.user._is_internal()
        )

    def _check_field_access(self, field, operation):
        if operation == "write" and not self._has_field_access(field, operation):
            if field.name == "policy_exempt_reason":
                raise AccessError(
                    self.env._(
                        "Only an administrator of the order policy may exempt an order from it. Ask one, and say why."
                    )
                )
            if field.name in TOTALS:
                raise AccessError(
                    self.env._("The amounts of an order follow from its lines. Change the lines instead.")
                )
            if field.name == "transaction_ids":
                raise AccessError(
                    self.env._(
                        "The online payments of an order are those that its customer made. Money that arrives in "
                        "another way is registered as a payment of the invoice."
                    )
                )
        return super()._check_field_access(field, operation)

    def _check_may_be_automated(self, names):
        result = super()._check_may_be_automated(names)
        if not SIGNATURE.isdisjoint(names):
            self._check_customer_signs()
        return result

    def _is_policy_concerned(self):
        """Tell whether one of these orders, or else an order that this person may enter, is under a policy."""
        companies = self.env.user.company_ids if not self else ()
        return bool(self.sudo().policy_id) or any(self.env["order.policy"]._in_force(company) for company in companies)

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: any(order[name] for name in SIGNATURE))._check_customer_signs()
        self.env["sale.order.confirmation"]._keep_signatures(orders.filtered("signature"))
        orders.filtered("policy_exempt_reason")._stamp_exemption()
        return orders

    def write(self, vals):
        if "policy_exempt_reason" in vals:
            self._check_exemption_stays(vals["policy_exempt_reason"])
        signed = {name: vals[name] for name in SIGNATURE & vals.keys()}
        if any(signed.values()) or (signed and vals.get("state") != "draft"):  # a new draft is not signed any more
            self._check_customer_signs()
        if "state" in vals:
            self._check_policy_lets_go_to(vals["state"])
        if vals.get("state") == "sent" and not self.env.su:
            # Odoo itself marks what a customer is paying already.
            self.filtered(lambda order: order.state == "draft")._check_policy_lets_out()
        if vals.get("locked") is False:
            self._check_policy_lets_unlock()
        if "company_id" in vals:
            self._check_policy_lets_move(self.env["res.company"].browse(vals["company_id"]), vals.get("state"))
            # In a company without a policy nothing tells who changes what.
            self.filtered(lambda order: order.company_id.id != vals["company_id"])._note_who_changes_content()
        newly_exempt = self.filtered(lambda order: vals.get("policy_exempt_reason") and not order.policy_exempt_reason)
        result = super().write(vals)
        if newly_exempt:
            newly_exempt._stamp_exemption()
        if vals.get("signature"):
            # At once, and not with the payment that may be asked for too: bound to what was signed.
            self.env["sale.order.confirmation"]._keep_signatures(self)
        if vals.get("state") == "cancel":
            self.filtered("policy_submitted_on")._end_review()
            self._close_requests()
        if vals.get("state") in ("draft", "sent"):
            self._forget_why_it_ended()
        if vals.get("state", "sale") != "sale":
            # Confirmed before the policy took effect, and not any more: from here on it goes by the policy.
            self.filtered(lambda order: not order.policy_id).sudo()._go_by_policy_in_force()
        self.mapped("policy_id")  # at once, before the order is confirmed and left alone
        return result

    def _check_policy_lets_move(self, company, state):
        """Confirmed orders stay in their company: another one has other rules."""
        moving = self.filtered(lambda order: "sale" in (order.state, state) and order.company_id != company)
        if moving and (moving.policy_id or self.env["order.policy"]._in_force(company)):
            raise UserError(
                self.env._(
                    "%s cannot be moved to another company once it is confirmed. "
                    "Cancel it, and enter it in the other company.",
                    format_list(self.env, moving.mapped("name")),
                )
            )

    def _check_policy_lets_unlock(self):
        locked = self.filtered(lambda order: order.policy_id and order.locked)
        if locked and not self.env.su and not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(
                self.env._(
                    "%s is locked. Only a sales manager may unlock it.", format_list(self.env, locked.mapped("name"))
                )
            )

    def _check_can_be_deleted(self):
        kept = self._with_lasting_messages()
        for order in kept[:1]:
            instead = {
                "sale": self.env._("To end the order, use Request Cancellation."),
                "cancel": self.env._("It is cancelled, and nobody has to do anything about it."),
            }.get(order.state, self.env._("Cancel the order instead."))
            raise UserError(
                self.env._(
                    "%(orders)s cannot be deleted: the order policy keeps its reviews and confirmations. %(instead)s",
                    orders=format_list(self.env, kept.mapped("name")),
                    instead=instead,
                )
            )

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered(
            lambda order: (
                order.review_ids
                or order.change_ids
                or order.check_ids
                or order.confirmation_ids
                or order.dossier_ids
                or order.exemption_ids
                or order.policy_refused_on
                or (order.policy_id and order.state == "sale")
            )
        )

    # ------------------------------------------------------------------
    # Exempting
    # ------------------------------------------------------------------

    def action_policy_exempt(self, reason=False):
        """Exempt orders from the policy, such as orders of the past that are imported. The reason stays on the order.

        :param str reason: why, shown on the order
        :raise AccessError: for everybody but an administrator of the policy
        :raise UserError: without a reason
        """
        self.check_access("read")
        self._check_field_access(self._fields["policy_exempt_reason"], "write")
        reason = self._entered_text(reason)
        if not reason:
            raise UserError(self.env._("Say why the order is exempt: the reason stays on the order."))
        # The person administers the policy; an order of another salesperson is his to exempt as well.
        self.sudo().policy_exempt_reason = reason
        return True

    def action_policy_end_exemption(self, reason=False):
        """Take an exemption back: from then on the orders go by the policy. Both stay recorded.

        Orders that were confirmed by their exemption stay confirmed as they are, change by request from then on, and
        are reported to the administrators and supervisors of the policy.

        :param str reason: why, kept with the order
        :raise AccessError: for everybody but an administrator of the policy
        :raise UserError: without a reason, or when an order is not exempt
        """
        self.check_access("read")
        self._check_field_access(self._fields["policy_exempt_reason"], "write")
        reason = self._entered_text(reason)
        if not reason:
            raise UserError(self.env._("Say why the exemption is taken back: the reason stays with the order."))
        if others := self.filtered(lambda order: not order.policy_exempt_reason):
            raise UserError(
                self.env._(
                    "%s: not exempt, so there is nothing to take back.", format_list(self.env, others.mapped("name"))
                )
            )
        # The person administers the policy; an order of another salesperson is his to take back as well.
        orders = self.sudo()
        self.env["sale.order.exemption"]._record(orders, "ended", dict.fromkeys(orders, reason))
        for order in orders:
            order._tell_that_exemption_ended(reason)
        orders.write({"policy_exempt_reason": False, "policy_exempt_by_id": False, "policy_exempt_on": False})
        return True

    def _tell_that_exemption_ended(self, reason):
        """Note it on the order; of a confirmed order, tell those who administer and supervise the policy."""
        self.ensure_one()
        watching = self.env["res.users"]
        if self.state == "sale":
            for group in ("manager", "supervisor"):
                watching |= self.env.ref(f"order_policy.group_order_policy_{group}").all_user_ids
        body = self.env._(
            "The exemption from the order policy was taken back: “%(reason)s”. %(person)s had given it: “%(former)s”.",
            reason=self.env["order.policy.aspect"]._within_sentence(reason),
            person=self.policy_exempt_by_id.name,
            former=self.env["order.policy.aspect"]._within_sentence(self.policy_exempt_reason),
        )
        if watching:
            body += " " + self.env._(
                "The order was confirmed without review. It stays confirmed as it is; see whether that is right."
            )
        self.message_post(
            body=body,
            partner_ids=watching.filtered(
                lambda user: self.company_id in user.company_ids and user != self.env.user
            ).partner_id.ids,
        )

    def _check_exemption_stays(self, reason):
        """Let an exemption neither be altered nor erased: it ends by a record of its own.

        :raise AccessError: for everybody but an administrator of the policy
        :raise UserError: when one of the orders is exempt, for another reason, and nobody took that back
        """
        self._check_field_access(self._fields["policy_exempt_reason"], "write")
        for order in self.sudo().filtered("policy_exempt_reason"):
            ended = order.exemption_ids.sorted("id")[-1:].kind == "ended" and not reason
            if order.policy_exempt_reason != reason and not ended:
                raise UserError(
                    self.env._(
                        "%s was exempted from the order policy, which stays as it was recorded. "
                        "To take the exemption back, choose End Exemption.",
                        order.name,
                    )
                )

    def _stamp_exemption(self):
        # Only administrators of the policy may write the reason (field access); who and when is not for them to choose.
        self.sudo().write({"policy_exempt_by_id": self.env.uid, "policy_exempt_on": fields.Datetime.now()})
        reasons = {order: order.policy_exempt_reason for order in self}
        self.env["sale.order.exemption"]._record(self, "given", reasons)
        self.sudo().filtered("policy_submitted_on")._end_review()
