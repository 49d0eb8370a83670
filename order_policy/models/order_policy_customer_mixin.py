import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import request
from odoo.tools import email_normalize, format_list, formatLang

from .order_policy_entry_mixin import NO_VALUE

# What a customer can attach to a request in the portal.
MAX_FILES = 5
MAX_FILE_SIZE = 10 * 1024**2


class OrderPolicyCustomerMixin(models.AbstractModel):
    """What customers of an order are sent, confirm and see."""

    _name = "order.policy.customer.mixin"
    _description = "Customers of Orders"

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

    # ------------------------------------------------------------------
    # What goes out before approval
    # ------------------------------------------------------------------

    def _check_policy_lets_out(self):
        """Make sure that quotations may be sent or printed: some policies do not let them out before approval.

        :raise UserError: when one is not approved yet
        """
        held = self._held_back()
        if held and self._is_customer_asking():
            raise UserError(held._being_checked_in_words())
        if held:
            raise UserError(
                self.env._(
                    "%(orders)s cannot be sent or printed yet: under %(policy)s quotations go to customers only after "
                    "approval.\n%(obstacles)s",
                    orders=format_list(self.env, held.mapped("name")),
                    policy=held.policy_id[:1].display_name,
                    obstacles="\n".join(sentence for order in held for sentence in order._approvals_missing()),
                )
            )

    def _held_back(self):
        """Return the quotations that neither go out nor are shown to their customers before they are approved."""
        return self._before_approval().filtered(
            # Who signed has seen it: Odoo files what was signed. Who filled a cart knows what is in it.
            lambda order: (
                order.policy_id.before_approval == "block"
                and not order._is_agreed()
                and not order._is_known_to_customer()
            )
        )

    def _is_known_to_customer(self):
        """Tell whether the customer put this order together on the website, and set out to pay it as it is now."""
        self.ensure_one()
        # The website enters a cart as OdooBot; what a person entered does not become the customer's own by a website.
        filled_cart = "website_id" in self._fields and self.website_id and self.create_uid._is_superuser()
        return bool(filled_cart) and any(
            transaction.state in ("pending", "authorized", "done") and transaction._is_for_present_content(self)
            for transaction in self.transaction_ids
        )

    def _being_checked_in_words(self):
        return self.env._(
            "%s is still being checked, and cannot be shown yet. You receive it as soon as it is approved.",
            format_list(self.env, self.mapped("name")),
        )

    def _only_customer_acts_in_words(self):
        """Tell somebody of the company why nothing was done in the customer's name, and what to do instead."""
        return self.env._(
            "You are logged in as %(user)s, and only the customer signs, pays, declines or asks for something on "
            "this page. Nothing was done. What the customer told you is recorded on the order: a yes with Record "
            "Confirmation, a change or the end of the order with Request Change, Request Cancellation or Cancel.",
            user=request.env.user.name,
        )

    def _not_confirmed_in_words(self):
        return self.env._(
            "%s cannot be confirmed or changed here at the moment: we are still checking it. Nothing was done. "
            "We let you know as soon as it goes on; if you have a question, write us a message on its page.",
            self.name,
        )

    @api.model
    def _is_customer_asking(self):
        """Tell whether it is a customer, or nobody known, who reads the answer: nothing internal is told to them.

        In the portal and for payments Odoo acts as a superuser: only the request knows for whom.
        """
        return bool(request and request.env.uid) and not request.env.user._is_internal()

    def _has_policy_banner(self):
        """Tell whether the printed quotation says that it is not yet approved."""
        return bool(self._before_approval().filtered(lambda order: order.policy_id.before_approval == "banner"))

    def _before_approval(self):
        """Return the quotations that are not approved yet, as far as a policy wants them to be."""
        return self.sudo().filtered(
            lambda order: (
                order.policy_id
                and not order.policy_exempt_reason
                and order.state in ("draft", "sent")
                and order._approvals_missing()
            )
        )

    def _approvals_missing(self):
        self.ensure_one()
        return self.review_ids._obstacles(self, self.env["order.policy"]._required_steps(self)[self])

    def action_quotation_send(self):
        """Open the e-mail composer, unless the policy does not let quotations out before approval."""
        self.check_access("read")
        self._check_policy_lets_out()
        return super().action_quotation_send()

    def action_quotation_sent(self):
        """Mark quotations as sent, unless the policy does not let them out before approval."""
        self.check_access("read")
        self._check_policy_lets_out()
        return super().action_quotation_sent()

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

    def _messages_of_customer(self):
        """Return the messages on the order that its customer wrote, by e-mail or in the portal."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        # Superuser: the addresses of the customer's colleagues are compared, and not shown.
        people = self.env["res.partner"].sudo().search([("commercial_partner_id", "=", customer.id)])
        addresses = set(filter(None, people.mapped("email_normalized")))
        return self.message_ids.filtered(
            lambda message: (
                message.message_type in ("email", "comment")
                and not message.is_internal
                and not self._colleague_behind(message)
                and (
                    message.author_id.sudo().commercial_partner_id == customer
                    or email_normalize(message.email_from) in addresses
                )
            )
        )

    def _colleague_behind(self, message):
        """Return who of the company wrote a message, if anybody did: as its author, or in the name of somebody else.

        Whoever posts a message can name its author. What comes in by e-mail is posted by Odoo itself.
        """
        posted_by = message.sudo().create_uid - self.env.ref("base.user_root")
        return (posted_by | message.author_id.sudo().user_ids).filtered(self._is_colleague)[:1]

    def _is_colleague(self, user):
        return user._is_internal() and self.company_id in user.company_ids

    # ------------------------------------------------------------------
    # Confirmation
    # ------------------------------------------------------------------

    def action_policy_ask_by_sms(self):
        """Open Odoo's SMS composer with the question whether the customer confirms the order.

        :raise UserError: when the customer has no phone number
        """
        self.ensure_one()
        self.check_access("write")
        if not self.partner_id.phone:
            raise UserError(
                self.env._(
                    "%s has no phone number. Enter it on the customer, or ask in another way.",
                    self.partner_id.display_name,
                )
            )
        self._portal_ensure_token()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sms.composer",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Ask the Customer by SMS"),
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref("order_policy.sms_template_confirmation").id,
            },
        }

    def action_policy_record_confirmation(
        self, method=False, contact=False, note=False, confirmed_on=False, message_id=False, files=None, digest=False
    ):
        """Record that the customer confirmed what is on the order, by phone, e-mail, SMS or on paper (article 3.9).

        :param str method: ``phone``, ``email``, ``sms`` or ``signature``
        :param str contact: who at the customer confirmed
        :param str note: what was said or written
        :param confirmed_on: when, in UTC; now when left out
        :param int message_id: id of the customer's message on the order
        :param list files: pairs of name and base64 content of scans and messages
        :param str digest: content digest of the order as displayed; refused when the order changed since
        :return: id of the confirmation
        :raise UserError: when the order does not wait for it, the policy does not accept it, or evidence lacks
        """
        self.ensure_one()
        self.check_access("write")
        method, contact, note = (self._entered_text(text) for text in (method, contact, note))
        message = self._entered_record("mail.message", message_id)
        message.check_access("read")
        if not self._can_be_stored(self._fields["received_on"], confirmed_on):
            raise UserError(self.env._("“%s” is no time. Enter when the customer confirmed.", repr(confirmed_on)[:50]))
        confirmation = self.env["sale.order.confirmation"]._record(
            self, method, contact, note, confirmed_on, message, self._decode_files(files), digest
        )
        return confirmation.id

    def _decode_files(self, files):
        try:
            named = [(self._entered_text(name), content) for name, content in files or []]
        except NO_VALUE as error:
            raise UserError(
                self.env._("The files did not arrive with their names. Nothing was recorded. Attach them again.")
            ) from error
        return [(name, self._decode_file(name, content)) for name, content in named]

    def _decode_file(self, name, content):
        try:
            return base64.b64decode(content or "")
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._("“%s” did not arrive as a whole. Nothing was recorded. Attach it again.", name)
            ) from error

    # ------------------------------------------------------------------
    # Changes and cancellations that customers ask for
    # ------------------------------------------------------------------

    def _can_customer_request(self):
        """Tell whether the customer can ask for a change or a cancellation of the order in the portal."""
        self.ensure_one()
        return self.state == "sale" and self._goes_by_policy() and not self._is_archived()

    def _request_reasons(self, kind):
        """Return the reasons among which customers choose."""
        # Those with another code than the customer's own are given by the policy itself.
        return self.env["order.policy.reason"].search([("kind", "=", kind), ("code", "in", (False, "customer"))])

    def _customer_requests(self):
        """Return the requests that the customer sees: own ones, and others that he has to confirm or that are done."""
        return self.change_ids.filtered(
            lambda change: (
                change.asked_by == "customer"
                or change.state == "applied"
                or (change.state == "approved" and change._waits_for_customer())
            )
        )

    def _request_from_customer(self, kind, reason, note, contact, files):
        """Take in what a customer asks for in the portal (articles 2.8, 3.12, 3.14).

        A cancellation goes to its reviewers at once; for a change sales enters what exactly is to change.

        :param str kind: ``change`` or ``cancel``
        :param reason: order.policy.reason record
        :param str note: what the customer writes
        :param str contact: who at the customer writes
        :param list files: pairs of name and content, in bytes
        :return: sale.order.change record
        :raise UserError: in words for the customer; nothing is kept then
        """
        self.ensure_one()
        self._lock_for_one()
        self._check_customer_can_request(kind, reason, note)
        self._check_customer_files(files)
        Change = self.env["sale.order.change"]
        change = Change._open(
            self,
            kind,
            "customer",
            reason_id=reason.id,
            note=note.strip(),
            contact=contact.strip(),
            **Change._traces(),
        )
        change._attach_application(files)
        if kind == "cancel":
            change._submit_for_customer()
        change._tell_who_asked(
            self.env._("%s asks for a change: enter it, and submit it", self.partner_id.display_name)
            if kind == "change"
            else self.env._("%s asks for the cancellation", self.partner_id.display_name),
            change.note,
        )
        change._send_receipts("order_policy.mail_template_request_receipt")
        return change

    def _check_customer_can_request(self, kind, reason, note):
        if not self._can_customer_request():
            raise UserError(
                self.env._("This order cannot be changed or cancelled here any more. Please write us a message below.")
            )
        if kind not in ("change", "cancel") or reason not in self._request_reasons(kind):
            raise UserError(self.env._("Please choose a reason."))
        if kind == "change" and not (note or "").strip():
            raise UserError(self.env._("Please tell us what is to be changed."))
        known = self.change_ids.filtered(
            lambda change: (
                change.kind == kind
                and change.asked_by == "customer"
                and change.state in ("draft", "submitted", "approved")
            )
        )
        if known:
            raise UserError(
                self.env._(
                    "We have your request of %s already, and are working on it. To add something, write us a message "
                    "below.",
                    self.env["order.policy.aspect"]._day_in_words(known[0].asked_on),
                )
            )

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
                result = super(OrderPolicyCustomerMixin, part).action_confirm()
        return asked_again._tell_asked_again() if asked_again else result

    def _by_who_is_told(self):
        """Return orders to confirm in parts: of those whose policy wants it Odoo tells the customers (article 1.6)."""
        # Superuser: whoever may confirm an order, its policy says what the customer is told.
        told = self.filtered(lambda order: order._goes_by_policy() and order.sudo().policy_id.acceptance_letter)
        self.sudo().filtered("policy_ask_customer").policy_ask_customer = False  # the quotation, which is out of date
        ready = self.filtered(lambda order: order.policy_stage == "confirmation" and order.user_id == self.env.user)
        if ready:
            self.env.user._bus_send("mail.activity/updated", {"activity_deleted": True, "count_diff": -len(ready)})
        return [part for part in (told.with_context(send_email=True), self - told) if part]

    def _send_order_confirmation_mail(self):
        """Leave it to a job: nobody who confirms waits for a printer or a mail server, and neither undoes anything."""
        by_job = self.filtered("policy_id")
        self.env["sale.order.confirmation"]._tell_customers(by_job.sudo())  # the letter that Odoo would send now
        if not self.env.su:  # no payment, signature or last approval, but somebody who confirms
            by_job._tell_who_confirms()
        return super(OrderPolicyCustomerMixin, self - by_job)._send_order_confirmation_mail()

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
        return super(OrderPolicyCustomerMixin, self - waiting)._validate_order() if self - waiting else None

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
