from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_list, formatLang

# What a customer can attach to a request in the portal.
MAX_FILES = 5
MAX_FILE_SIZE = 10 * 1024**2
SIGNATURE = frozenset({"signature", "signed_by", "signed_on"})


class SaleOrder(models.Model):
    """What customers of an order are sent, confirm and see."""

    _inherit = "sale.order"

    confirmation_ids = fields.One2many(
        "sale.order.confirmation",
        "order_id",
        "Customer Confirmations",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    policy_ask_customer = fields.Boolean(
        readonly=True,
        copy=False,
        help="The approved quotation, or the confirmation of the order, is about to be sent to the customer.",
        exportable=False,
    )

    policy_can_record = fields.Boolean(compute="_compute_policy_explanation", exportable=False)
    policy_payment_due = fields.Boolean(
        compute="_compute_policy_explanation",
        help="Only the payment that the order asks for is still to come.",
        exportable=False,
    )

    _policy_ask_customer = models.Index("(id) WHERE policy_ask_customer")

    # ------------------------------------------------------------------
    # How it stands with the customer
    # ------------------------------------------------------------------

    def _policy_gates(self):
        obstacles = super()._policy_gates()
        for order, found in obstacles.items():
            # The customer is asked once everything is approved: until then that is nobody's next step.
            if not found and order._goes_by_policy():
                found += self.env["sale.order.confirmation"]._obstacles(order.sudo())
        return obstacles

    def _policy_refusal(self, obstacles):
        return self._not_confirmed_in_words() if self._is_customer_asking() else super()._policy_refusal(obstacles)

    @api.depends("require_payment", "prepayment_percent", "amount_paid", "validity_date")
    def _compute_policy_explanation(self):
        return super()._compute_policy_explanation()

    def _show_obstacles(self, obstacles):
        result = super()._show_obstacles(obstacles)
        is_open = self._is_policy_open()
        self.policy_payment_due = bool(
            is_open and not obstacles and not self.policy_exempt_reason and self._payment_due()
        )
        self.policy_can_record = bool(
            is_open
            and self.policy_can_edit
            and self.policy_submitted_on
            and self.policy_id.sudo().confirmation_required
            and not self._is_agreed()
        )
        return result

    def _policy_sentence(self, obstacles):
        due = self._goes_by_policy() and not obstacles and self._payment_due()
        if not due:
            return super()._policy_sentence(obstacles)
        return self.env._(
            "Everything that the policy asks for is there, but %(due)s of the payment that the order asks for "
            "(%(percent)s) is still due. When the money arrives, the order is confirmed by itself. Sales may "
            "confirm it now without the money.",
            due=formatLang(self.env, due, currency_obj=self.currency_id),
            percent=f"{self.env['order.policy.aspect']._number_in_words(100 * self.prepayment_percent)} %",
        )

    def _tone(self):
        if self.policy_stage == "confirmation" and self.policy_payment_due:
            return "warning"
        return super()._tone()

    def _go_on_when_approved(self):
        result = super()._go_on_when_approved()
        self.env["sale.order.confirmation"]._go_on(self)
        return result

    @api.depends("confirmation_ids", "amount_paid")
    def _compute_policy_ready(self):
        result = super()._compute_policy_ready()
        for order in self.filtered("policy_payment_due"):
            order.policy_ready = False
        return result

    @api.model
    def _domain_ready(self):
        agreed = Domain("policy_id", "any!", Domain("confirmation_required", "=", False)) | Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "EXISTS (SELECT FROM sale_order_confirmation agreed WHERE agreed.order_id = %s AND agreed.digest = %s)",
                SQL.identifier(alias, "id"),
                SQL.identifier(alias, "content_digest"),
            )
        )
        # What is to be paid online is confirmed by the payment.
        return super()._domain_ready() & Domain("require_payment", "=", False) & agreed

    # ------------------------------------------------------------------
    # What customers see
    # ------------------------------------------------------------------

    def _get_policy_portal_status(self):
        """Tell customers where their order stands, in their words and without anything internal.

        :return: tuple of a Bootstrap colour and a sentence; False when no policy applies
        """
        self.ensure_one()
        order = self.sudo()  # the customer may see the order, and learns no more than these words
        if not order.policy_id:
            return False
        if order.state == "cancel":
            return "secondary", self.env._("Cancelled")
        if order.state == "sale":
            return order._get_execution_portal_status()
        due = order._payment_due()
        if order._is_agreed() and due:
            return order._get_payment_portal_status(formatLang(self.env, due, currency_obj=order.currency_id))
        if order._is_agreed() or (order.policy_submitted_on and order.policy_stage != "confirmation"):
            return "info", self.env._("Being checked")
        if order.is_expired:
            return "secondary", self.env._("Expired")
        if order._has_to_be_signed() or order._has_to_be_paid() or order.policy_stage == "confirmation":
            return "warning", self.env._("Waiting for your confirmation")
        return "info", self.env._("Being prepared")

    def _get_payment_portal_status(self, amount):
        if self.policy_stage == "confirmation":
            return "warning", self.env._("Waiting for your payment of %s", amount)
        return "warning", self.env._("Being checked, your payment of %s is due", amount)

    def _get_execution_portal_status(self):
        ordered = self.order_line._policy_ordered_lines().filtered("product_id")
        remaining = [line for line in ordered if line.qty_delivered < line.product_uom_qty]
        if not remaining:
            return "success", self.env._("Delivered")
        if any(ordered.mapped("qty_delivered")):
            return "success", self.env._("Partly delivered")
        return "success", self.env._("In production")

    # ------------------------------------------------------------------
    # What customers agreed to
    # ------------------------------------------------------------------

    def _is_agreed(self):
        """Tell whether the customer agreed to the present content, in a way that the policy accepts."""
        self.ensure_one()
        # Superuser: whoever sees the order learns no more than this.
        return any(self.sudo().confirmation_ids.mapped("is_valid"))

    def _can_be_edited_on_portal(self):
        """Customers choose what is optional until they agree; then the order is what they agreed to."""
        return super()._can_be_edited_on_portal() and not (self.policy_id and self._is_agreed())

    def _is_signature_current(self):
        """Tell whether the signature stands under what the customer signed, and not under content that came later."""
        self.ensure_one()
        order = self.sudo()  # the signature shows to whoever sees the order
        signed = order._last_signature()
        if not order.signature or not order.policy_id or (order.state == "sale" and not signed):
            return bool(order.signature)  # without a policy, or confirmed before it: as in plain Odoo
        return order._policy_holds(signed.digest, signed.snapshot)

    def _last_signature(self):
        """Return what was kept of the signature that is on the order."""
        return self.confirmation_ids.filtered(lambda act: act.method == "signature" and not act.recorded_by_id)[:1]

    def _has_to_be_signed(self):
        """Ask for a signature also where the customer signed other content: what was signed then is kept."""
        return super()._has_to_be_signed() or (
            self.state in ("draft", "sent")
            and not self.is_expired
            and self.require_signature
            and not self._is_signature_current()
        )

    @api.depends("state", "validity_date")
    def _compute_is_expired(self):
        """What the customer agreed to in time does not expire while the company checks it: it can still be paid."""
        result = super()._compute_is_expired()
        for order in self:
            if order.is_expired and order.policy_id and order._is_agreed():
                order.is_expired = False
        return result

    def _payment_due(self):
        """Return what is still to be paid before the order is confirmed by itself, also when the quotation expired.

        Money counts when it is authorised or paid; announced, it does not. What is paid on delivery is not due before.

        :return: in the currency of the order; 0.0 when no payment is asked for, or it is there
        """
        self.ensure_one()
        order = self.sudo()  # whoever sees the order sees what is due, and nothing of the payments
        if order.state not in ("draft", "sent") or not order.require_payment:
            return 0.0
        asked = order._get_prepayment_required_amount()
        there = sum(order.transaction_ids.filtered(lambda transaction: transaction._is_payment()).mapped("amount"))
        return asked - there if order.currency_id.compare_amounts(asked, there) > 0 else 0.0

    # ------------------------------------------------------------------
    # What customers have to agree to, as a subject of reviews
    # ------------------------------------------------------------------

    def _subject_to_confirm(self):
        """Return to what the customer has to agree now."""
        self.ensure_one()
        return self

    def _confirmed_content(self):
        """Return what is kept of the content that is confirmed, where that is not the order as it is."""
        return {}

    def _came_in_on(self):
        """Return since when customers can have agreed."""
        return self.received_on or self.create_date

    def _go_on_when_confirmed(self):
        """Do what follows when the customer agreed: what waited for that alone is the salesperson's to confirm."""
        ready = self.filtered(lambda order: order._counts_as_ready() and order.sudo().policy_id.confirmation_required)
        for salesperson, orders in ready.grouped("user_id").items():
            if salesperson:
                salesperson._bus_send("mail.activity/updated", {"activity_created": True, "count_diff": len(orders)})

    def _counts_as_ready(self):
        """Tell whether the activity menu counts an order to which its customer agreed; see ``_domain_ready``."""
        self.ensure_one()
        return self.policy_stage == "confirmation" and not self.require_payment

    # ------------------------------------------------------------------
    # Files of customers
    # ------------------------------------------------------------------

    def _check_customer_uploads(self, uploads):
        """Make sure that files may be taken in, before anybody reads them.

        :param list uploads: pairs of name and size, in bytes
        :raise UserError: when they are too many, or one is too large
        """
        if len(uploads) > MAX_FILES:
            raise UserError(self.env._("Please attach at most %s files.", MAX_FILES))
        for name, size in uploads:
            if size > MAX_FILE_SIZE:
                raise UserError(
                    self.env._(
                        "“%(name)s” is too large: a file may have at most %(size)s MB.",
                        name=name,
                        size=MAX_FILE_SIZE // 1024**2,
                    )
                )

    def _check_customer_files(self, files):
        self._check_customer_uploads([(name, len(content)) for name, content in files])
        for name, content in files:
            try:
                self.env["order.policy.document"]._check_readable(name, content)
            except ValidationError as error:
                raise UserError(str(error)) from error

    def _check_customer_signs(self):
        # Customers sign in the portal, where Odoo writes for them; what staff say of a signature is a record of theirs.
        if not self.env.su and self.sudo().policy_id:
            raise AccessError(
                self.env._(
                    "The signature is the customer's own. When the customer signed on paper, record it with "
                    "Record Confirmation and attach the scan."
                )
            )

    def action_confirm(self):
        """Confirm orders. One that the customer just signed or paid, but that waits for approval, is kept for later.

        :return: what Odoo does next; or the action that tells why departments are asked anew about orders, instead
        """
        self.check_access("write")
        self._leave_alone_what_an_app_brings()
        kept = self.env["sale.order.confirmation"]._keep_for_later(self)
        to_confirm = self - kept
        # One after the other where that matters: the first may use up what the next was approved on.
        one_by_one = to_confirm._policy_is_judged_again()
        result, asked_again = True, self.browse()
        for orders in to_confirm if one_by_one else [to_confirm]:
            if one_by_one and orders._policy_ask_again():
                asked_again += orders
                continue
            for part in orders._by_who_is_told():
                result = super(SaleOrder, part).action_confirm()
        return asked_again._tell_asked_again() if asked_again else result

    def _by_who_is_told(self):
        """Return orders to confirm in parts: of those whose policy wants it Odoo tells the customers (article 1.6)."""
        # Superuser: whoever may confirm an order, its policy says what the customer is told.
        told = self.filtered(lambda order: order._goes_by_policy() and order.sudo().policy_id.acceptance_letter)
        self.sudo().filtered("policy_ask_customer").policy_ask_customer = False  # the quotation, which is out of date
        ready = self.filtered(lambda order: order._counts_as_ready() and order.user_id == self.env.user)
        if ready:
            self.env.user._bus_send("mail.activity/updated", {"activity_deleted": True, "count_diff": -len(ready)})
        return [part for part in (told.with_context(send_email=True), self - told) if part]

    def _send_order_confirmation_mail(self):
        """Leave it to a job: nobody who confirms waits for a printer or a mail server, and neither undoes anything."""
        by_job = self.filtered("policy_id")
        self.env["sale.order.confirmation"]._tell_customers(by_job.sudo())  # the letter that Odoo would send now
        if not self.env.su:  # no payment, signature or last approval, but somebody who confirms
            by_job._tell_who_confirms()
        return super(SaleOrder, self - by_job)._send_order_confirmation_mail()

    def _tell_who_confirms(self):
        """Tell the current user in a short note whether the customers are told: what confirming returns is Odoo's."""
        reachable = self.filtered("partner_id.email")
        for orders, tone, told in (
            (reachable, "success", self.env._("The customer is told by e-mail")),
            (self - reachable, "warning", self.env._("Confirmed, but the customer has no e-mail address")),
        ):
            if orders:
                self.env.user._bus_send(
                    "simple_notification",
                    {"title": told, "message": format_list(self.env, orders.mapped("name")), "type": tone},
                )

    def _validate_order(self):
        """Confirm what a customer signed, paid or placed online; without error when approval or payment is to come."""
        self.env["sale.order.confirmation"]._keep_for_later(self, placed_online=True)
        waiting = self.env["sale.order.confirmation"]._waiting_orders(self)
        waiting += (self - waiting).filtered(lambda order: order.policy_id and order._payment_due())
        return super(SaleOrder, self - waiting)._validate_order() if self - waiting else None

    def _message_receive_bounce(self, email, partner):
        """Tell the salesperson that the customer was not reached."""
        result = super()._message_receive_bounce(email, partner)
        for order in self.filtered(lambda order: order.policy_id and order.state in ("draft", "sent")):
            order.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("E-mail came back"),
                note=self.env._(
                    "The message to %s came back. Correct the address, or ask the customer by phone and record it.",
                    email,
                ),
                user_id=order.user_id.id or self.env.uid,
            )
        return result

    # ------------------------------------------------------------------
    # What is stored, whoever stores it
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: any(order[name] for name in SIGNATURE))._check_customer_signs()
        self.env["sale.order.confirmation"]._keep_signatures(orders.filtered("signature"))
        return orders

    def write(self, vals):
        signed = {name: vals[name] for name in SIGNATURE & vals.keys()}
        if any(signed.values()) or (signed and vals.get("state") != "draft"):  # a new draft is not signed any more
            self._check_customer_signs()
        if vals.get("state") == "sent" and not self.env.su:
            # Odoo itself marks what a customer is paying already.
            self.filtered(lambda order: order.state == "draft")._check_policy_lets_out()
        result = super().write(vals)
        if vals.get("signature"):
            # At once, and not with the payment that may be asked for too: bound to what was signed.
            self.env["sale.order.confirmation"]._keep_signatures(self)
        return result

    def _check_may_be_automated(self, names):
        result = super()._check_may_be_automated(names)
        if not SIGNATURE.isdisjoint(names):
            self._check_customer_signs()
        return result

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered("confirmation_ids")

    @api.model
    def _follow_policy_in_force(self, company):
        result = super()._follow_policy_in_force(company)
        # At once, however long the rest takes: they signed the orders as these are now.
        signed = Domain("signature", "!=", False) & Domain("policy_follow_due", "=", True)
        orders = self.sudo().search(Domain("company_id", "=", company.id) & signed)
        orders._follow_version()
        self.env["sale.order.confirmation"]._take_over_signatures(orders)
        return result
