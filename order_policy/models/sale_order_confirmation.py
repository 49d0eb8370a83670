import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import html2plaintext
from odoo.tools.mimetypes import guess_mimetype

from .order_policy import CONFIRMATION_METHODS

METHODS = [
    ("phone", "Phone"),
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("signature", "Signature"),
    ("payment", "Online Payment"),
    ("online", "Online Order"),
]


class SaleOrderConfirmation(models.Model):
    """The customer's yes, bound to what the customer agreed to (articles 3.8, 3.9).

    Customers sign or pay in the portal; what they say by phone, e-mail, SMS or on paper is recorded by sales, with its
    evidence. A yes that comes before approval is kept: it is no approval, and it is never lost.
    """

    _name = "sale.order.confirmation"
    _description = "Customer Confirmation"
    _inherit = [
        "order.policy.believable.mixin",
        "order.policy.evidence.mixin",
        "order.policy.backlog.mixin",
        "order.policy.portal.act.mixin",
    ]
    _order = "confirmed_on desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    method = fields.Selection(METHODS, "Confirmed By", required=True, readonly=True)
    confirmed_on = fields.Datetime(required=True, readonly=True)
    contact = fields.Char("Contact Person", readonly=True, help="Who at the customer agreed.")
    note = fields.Text(readonly=True, help="What was said or written.")
    recorded_by_id = fields.Many2one(
        "res.users", readonly=True, ondelete="restrict", help="Empty when the customer confirmed in the portal."
    )
    signature = fields.Image(readonly=True, max_width=1024, max_height=1024)
    transaction_ref = fields.Char("Payment", readonly=True)
    message_id = fields.Many2one("mail.message", readonly=True, ondelete="restrict", help="The customer's message.")
    # As it was when it was recorded: what becomes of the message, and of its files, changes nothing.
    message_text = fields.Text(
        "What the Customer Wrote", readonly=True, help="The message as it was when the confirmation was recorded."
    )
    message_from = fields.Char("Written By", readonly=True)
    message_date = fields.Datetime("Written On", readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Files", readonly=True)
    digest = fields.Char("Agreed Content", required=True, readonly=True, exportable=False)
    snapshot = fields.Json("What Was Agreed", readonly=True, prefetch=False, exportable=False)
    is_valid = fields.Boolean(
        "Counts",
        compute="_compute_is_valid",
        help="The order still has the content that the customer agreed to, and the policy accepts this way.",
    )

    @api.depends("digest", "method", "order_id.content_digest", "order_id.policy_id", "order_id.state")
    def _compute_is_valid(self):
        for confirmation in self:
            confirmation.is_valid = confirmation._is_accepted() and confirmation.order_id._policy_holds(
                confirmation.digest, confirmation.snapshot
            )

    @api.constrains("confirmed_on", "contact", "note")
    def _check_can_be_meant(self):
        self._check_is_believable(["confirmed_on", "contact", "note"])

    def _is_of(self, digest, snapshot):
        """Tell whether this is the customer's yes to some content."""
        self.ensure_one()
        return self.digest == digest or self.env["order.policy.aspect"]._is_same(self.snapshot, snapshot)

    def _is_accepted(self):
        """Tell whether the policy accepts the way of this confirmation."""
        self.ensure_one()
        policy = self.order_id.policy_id.sudo()  # whoever reads the confirmation may learn what it is worth
        method = "payment" if self.method == "online" else self.method
        accepted = policy._accepted_methods() | policy._ways_to_agree(self.order_id)
        return not policy.confirmation_required or method in accepted

    # ------------------------------------------------------------------
    # The gate
    # ------------------------------------------------------------------

    @api.model
    def _obstacles(self, order):
        """Tell whether the customer still has to confirm.

        :param order: sale.order record in superuser mode
        :return: list of sentences; empty when the customer agreed to the present content, or need not
        """
        if not order.policy_id.confirmation_required or any(order.confirmation_ids.mapped("is_valid")):
            return []
        methods = order.policy_id._ways_to_agree_in_words(order)
        former = order.confirmation_ids[:1]
        if former and not order._policy_holds(former.digest, former.snapshot):
            sentence = self.env._(
                "%(contact)s confirmed other content on %(date)s: the order changed since, so the customer has to "
                "confirm again. Accepted: %(methods)s.",
                contact=former.contact or order.partner_id.display_name,
                date=self.env["order.policy.aspect"]._day_in_words(former.confirmed_on),
                methods=methods,
            )
        else:
            sentence = self.env._(
                "%(customer)s has to confirm the order. Accepted: %(methods)s. What the customer says is recorded with "
                "Record Confirmation.",
                customer=order.partner_id.display_name,
                methods=methods,
            )
        return [sentence, *self._expiry_in_words(order)]

    def _expiry_in_words(self, order):
        if not order.is_expired:
            return []
        return [
            self.env._(
                "The quotation expired on %s: to let the customer sign or pay in the portal, set a later expiration "
                "date.",
                self.env["order.policy.aspect"]._day_in_words(order.validity_date),
            )
        ]

    # ------------------------------------------------------------------
    # What sales records
    # ------------------------------------------------------------------

    @api.model
    def _record(self, order, method, contact, note, confirmed_on, message, files, digest):
        """Record what a customer said or wrote; see ``action_policy_record_confirmation`` of orders."""
        order.sudo()._lock_or_refuse()  # who may write it may lock it: two people at once record one confirmation
        change = order.sudo()._change_to_confirm()
        self._check_can_be_recorded(order, change, digest)
        self._check_method(order, method)
        since = self._to_be_confirmed_since(order)
        self._check_said(contact, confirmed_on, since)
        self._check_message(order, message, since)
        self._check_evidence(method, note, message, files)
        # Who gets here may write the order, and everything was checked above.
        confirmation = self.sudo().create(
            self._prepare_values(
                order,
                method=method,
                contact=contact.strip(),
                note=(note or "").strip(),
                confirmed_on=confirmed_on or fields.Datetime.now(),
                recorded_by_id=self.env.uid,
                **self._prepare_message_values(message),
                **({"digest": change.proposed_digest, "snapshot": change.proposed_snapshot} if change else {}),
            )
        )
        confirmation._keep_files([*files, *confirmation._files_of_message()])
        confirmation._log_on_orders()
        if change.state == "approved":
            change._try_to_apply()
        return confirmation

    def _log_on_orders(self):
        """Leave a line with each order that its customer confirmed it."""
        methods = dict(self._fields["method"]._description_selection(self.env))
        self.order_id._message_log_batch(
            {
                act.order_id.id: self.env._(
                    "%(contact)s confirmed on %(date)s: %(method)s.",
                    contact=act.contact,
                    date=self.env["order.policy.aspect"]._day_in_words(act.confirmed_on),
                    method=methods[act.method],
                )
                for act in self
            }
        )

    def _prepare_message_values(self, message):
        """Return what is kept of the customer's message."""
        return {
            "message_id": message.id,
            "message_text": message.body and html2plaintext(message.body).strip(),
            "message_from": message.email_from or message.author_id.display_name,
            "message_date": message.date,
        }

    def _files_of_message(self):
        # A link to somewhere else has no content that could be kept.
        return [(file.name, file.raw) for file in self.message_id.attachment_ids if file.type == "binary"]

    def _keep_files(self, files):
        """Keep files that prove the confirmation.

        :param list files: pairs of name and content, in bytes
        """
        evidence = self.env.ref("order_policy.document_confirmation")
        self.attachment_ids += self.attachment_ids.with_context(image_no_postprocess=True).create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                    "policy_document_id": evidence.id,
                }
                for name, content in files
            ]
        )

    @api.model
    def _to_be_confirmed_since(self, order):
        """Return when what the customer is to confirm came in: the order, or the request for its change."""
        return order.sudo()._change_to_confirm().asked_on or order.received_on or order.create_date

    @api.model
    def _messages_to_choose(self, order):
        """Return the messages on an order, if any, that can be its customer's confirmation."""
        if not order:
            return self.env["mail.message"]
        since = self._to_be_confirmed_since(order)
        return order._messages_of_customer().filtered(lambda message: message.date >= since)

    def _check_can_be_recorded(self, order, change, digest):
        if not order.policy_id or (order.state not in ("draft", "sent") and not change):
            raise UserError(
                self.env._(
                    "%s is not waiting for its customer: it is not a quotation under an order policy, "
                    "or was confirmed or cancelled meanwhile. Reload the page.",
                    order.name,
                )
            )
        if not order.policy_submitted_on and not change:
            raise UserError(
                self.env._(
                    "%s was not submitted for review: the customer confirms an order that the company has taken in. "
                    "Nothing was recorded. Submit the order, and record what the customer says then.",
                    order.name,
                )
            )
        present = change.proposed_digest or order.content_digest
        known = order.sudo().confirmation_ids.filtered(
            lambda confirmation: confirmation.digest == present and confirmation._is_accepted()
        )[:1]
        if known:
            raise UserError(
                self.env._(
                    "%(contact)s confirmed %(order)s already, as it is now. Nothing was recorded. Reload the page.",
                    contact=known.contact,
                    order=order.name,
                )
            )
        if digest and digest != present:
            raise UserError(
                self.env._(
                    "%s changed since you opened it, so it is not what the customer agreed to. Nothing was recorded. "
                    "Look at it again, and ask the customer if need be.",
                    order.name,
                )
            )

    def _check_method(self, order, method):
        if (
            method in CONFIRMATION_METHODS
            and method != "payment"
            and method in order.policy_id.sudo()._ways_to_agree(order)
        ):
            return
        if method == "payment":
            raise UserError(self.env._("Online payments are recorded by themselves when the money arrives."))
        raise UserError(
            self.env._(
                "The policy does not accept a confirmation by %(method)s. Accepted: %(methods)s.",
                method=dict(self._fields["method"]._description_selection(self.env)).get(method, method),
                methods=order.policy_id.sudo()._ways_to_agree_in_words(order),
            )
        )

    def _check_said(self, contact, confirmed_on, since):
        if not (contact or "").strip():
            raise UserError(self.env._("Say who at the customer confirmed the order."))
        if confirmed_on and fields.Datetime.to_datetime(confirmed_on) > fields.Datetime.now():
            raise UserError(self.env._("The customer cannot have confirmed in the future. Enter when it was."))
        if confirmed_on and fields.Datetime.to_datetime(confirmed_on) < since:
            in_words = self.env["order.policy.aspect"]._time_in_words
            raise UserError(
                self.env._(
                    "The customer cannot have confirmed on %(date)s: what there is to confirm came in on %(since)s. "
                    "Enter when it was.",
                    date=in_words(confirmed_on),
                    since=in_words(since),
                )
            )

    def _check_message(self, order, message, since):
        if not message:
            return
        if message.model != "sale.order" or message.res_id != order.id:
            raise UserError(self.env._("This message belongs to another order. Choose one of %s.", order.name))
        if message not in order._messages_of_customer():
            raise UserError(
                self.env._(
                    "%(author)s wrote this message, which is not %(customer)s: it is no confirmation. Choose a message "
                    "that the customer wrote, or enter what the customer said.",
                    author=order._colleague_behind(message).name
                    or message.author_id.display_name
                    or message.email_from
                    or self.env._("Nobody known"),
                    customer=order.partner_id.display_name,
                )
            )
        if message.date < since:
            in_words = self.env["order.policy.aspect"]._time_in_words
            raise UserError(
                self.env._(
                    "The customer wrote this message on %(date)s, before what there is to confirm came in on "
                    "%(since)s. Choose a later one.",
                    date=in_words(message.date),
                    since=in_words(since),
                )
            )

    def _check_evidence(self, method, note, message, files):
        for name, content in files:
            try:
                self.env["order.policy.document"]._check_readable(name, content)
            except ValidationError as error:
                raise UserError(str(error)) from error
        if method == "signature" and not files:
            raise UserError(self.env._("Attach the scan of the paper that the customer signed."))
        if not files and not message and not (note or "").strip():
            raise UserError(
                self.env._(
                    "Write what the customer said, choose the customer's message, or attach a file: the evidence."
                )
            )

    # ------------------------------------------------------------------
    # Asking the customer
    # ------------------------------------------------------------------

    @api.model
    def _go_on(self, orders):
        """Let orders go on after something was approved: confirm them, or ask their customers (article 3.8).

        :param orders: sale.order records in superuser mode
        """
        approved = orders.filtered(lambda order: order.policy_stage == "confirmation")
        self._resume(approved)
        self._ask_customers(approved)

    def _ask_customers(self, orders):
        """Send the quotations that are approved and that customers have to confirm, or have to pay."""
        waiting = orders.filtered(
            lambda order: (
                order.state in ("draft", "sent")
                and (order.policy_id.confirmation_required or order.require_payment)
                and (order._payment_due() if order._is_agreed() else order.policy_id.confirmation_required)
            )
        )
        reachable = waiting.filtered("partner_id.email")
        for order in waiting - reachable:
            order._message_log(
                body=self.env._(
                    "The order is approved, but could not be sent: %s has no e-mail address. "
                    "Ask the customer by phone, and record what was said.",
                    order.partner_id.display_name,
                )
            )
        if reachable:
            reachable.filtered(lambda order: order.state == "draft").state = "sent"
            self._send_by_job(reachable)

    @api.model
    def _tell_customers(self, orders):
        """Send the confirmations of orders to their customers (article 1.6).

        :param orders: confirmed sale.order records in superuser mode
        """
        reachable = orders.filtered("partner_id.email")
        unreachable = orders - reachable
        unreachable._message_log_batch(
            {
                order.id: self.env._("%s has no e-mail address, and was not told.", order.partner_id.display_name)
                for order in unreachable
            }
        )
        if reachable:
            self._send_by_job(reachable)

    def _send_by_job(self, orders):
        orders.policy_ask_customer = True
        self._job()._trigger()

    @api.model
    def _cron_ask_customers(self):
        """Send approved quotations, and confirmations: printing and sending takes too long for anybody to wait."""
        self._work_off()

    @api.model
    def _job(self):
        return self.env.ref("order_policy.ir_cron_ask_customers")

    @api.model
    def _job_domain(self):
        return [("policy_ask_customer", "=", True)]

    @api.model
    def _do_job(self, order, prepared):
        order.policy_ask_customer = False
        if order.state in ("sent", "sale"):
            known = order.policy_file_ids
            order._send_order_notification_mail(order._find_mail_template(), allow_deferred_sending=False)
            order.invalidate_recordset(["policy_file_ids"])
            # The company's own letter: nobody has to say what it is.
            sent = order.policy_file_ids - known
            sent.policy_document_id = self.env.ref("order_policy.document_correspondence")

    # ------------------------------------------------------------------
    # Customers who are ahead of the approval
    # ------------------------------------------------------------------

    @api.model
    def _keep_for_later(self, orders, placed_online=False):
        """Keep what customers did on orders that wait for approval, and submit those orders.

        :param orders: sale.order records that are about to be confirmed
        :param placed_online: the customers themselves placed these orders, even without signature or payment
        :return: those of which something was kept and that still wait; the last approval confirms them
        """
        # Superuser: the customer acted, not a member of staff. Payments are facts on the order.
        kept = self._record_acts(self._waiting_orders(orders).sudo(), placed_online)
        self._take_in_from_customers(kept.filtered(lambda order: not order.policy_submitted_on))
        return orders & self._waiting_orders(kept).with_env(orders.env)

    @api.model
    def _keep_signatures(self, orders):
        """Keep what customers sign at the moment they do: bound to what they signed, and to nothing that comes later.

        :param orders: sale.order records that were just signed
        """
        # Superuser: who enters an order may not see its policy. Where there is none, nothing is looked at.
        orders = orders.filtered(lambda order: order.sudo().policy_id)
        if not orders:
            return
        signed = self._record_signatures(orders, **self._traces())
        signed._send_receipts("order_policy.mail_template_signature_receipt")
        waiting = self._waiting_orders(signed.order_id)
        self._take_in_from_customers(waiting.filtered(lambda order: not order.policy_submitted_on))

    @api.model
    def _is_picture(self, signature):
        """Tell whether what is to be a signature is a picture that shows nothing but itself.

        :param signature: base64, as the page sends it
        """
        try:
            content = base64.b64decode(signature, validate=True)
        except (TypeError, ValueError):
            return False
        return guess_mimetype(content) in ("image/png", "image/jpeg", "image/gif", "image/webp")

    @api.model
    def _take_over_signatures(self, orders):
        """Keep what customers signed before their orders came under a policy; as they are now, they are signed.

        :param orders: sale.order records in superuser mode
        """
        self._record_signatures(orders.filtered(lambda order: not order._last_signature()))

    def _record_signatures(self, orders, **traces):
        # Superuser: the customer acted, not a member of staff. The signature is a fact on the order.
        signed = orders.sudo().filtered(lambda order: order.policy_id and order.state in ("draft", "sent"))
        return self.sudo().create(
            [{**values, **traces} for order in signed for values in self._prepare_signature_values(order)]
        )

    def _take_in_from_customers(self, orders):
        """Submit what customers ordered, as far as the intake lets it; sales completes the rest and submits it."""
        for language, language_orders in orders.grouped(lambda order: order.company_id.partner_id.lang).items():
            language_orders = language_orders.with_context(lang=language)
            language_orders._go_by_policy_in_force()
            obstacles = self.env["sale.order.check"]._take_in(language_orders)
            language_orders.filtered(lambda order, obstacles=obstacles: not obstacles[order])._submit_for_review()

    @api.model
    def _waiting_orders(self, orders):
        """Return which of some orders cannot be confirmed before something else is approved."""
        open_orders = orders.filtered(lambda order: order.policy_id and order.state in ("draft", "sent"))
        obstacles = open_orders._policy_gates()
        return open_orders.filtered(lambda order: obstacles[order])

    def _record_acts(self, orders, placed_online):
        """Record what customers did on orders and what was not recorded yet.

        :return: the orders for which there was something new
        """
        vals_list = []
        for order in orders:
            acts = self._prepare_payment_values(order)
            if not acts and placed_online and not order._is_agreed():
                acts = [self._prepare_values(order, method="online", **self._traces())]
            vals_list += acts
        acts = self.sudo().create(vals_list)
        acts.filtered(lambda act: act.method == "online")._log_on_orders()  # of payments Odoo leaves a line itself
        # As Odoo has it with money that was announced: a draft is a cart, which the customer would go on filling.
        acts.order_id.filtered(lambda order: order.state == "draft").state = "sent"
        return acts.order_id

    def _resume(self, orders):
        """Confirm the orders that customers already signed or paid, now that nothing keeps them any more."""
        for order in orders:
            acts = order.confirmation_ids.filtered(lambda act: act.is_valid and not act.recorded_by_id)
            if not acts or order.state not in ("draft", "sent"):
                continue
            failed = self._try(lambda order=order: self._resume_order(order))
            if failed:
                self._tell_not_confirmed(order, failed)

    def _tell_not_confirmed(self, order, failed):
        """Tell sales why an order did not go on by itself: the approval stands, and sales confirms when it can be."""
        order._message_log(
            body=self.env._("The customer had confirmed, but the order could not be confirmed by itself: %s", failed)
        )
        salesperson = (order.user_id | order.policy_submitted_by_id).filtered("active")[:1]
        if salesperson:
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Approved, but not confirmed"),
                note=self.env._(
                    "%s The approvals and the customer's word are kept. Once this is settled, confirm the order.",
                    failed,
                ),
                user_id=salesperson.id,
            )

    def _resume_order(self, order):
        # Payments go on where they stopped: Odoo confirms the order, invoices it and thanks the customer.
        order.transaction_ids.filtered(lambda transaction: transaction.state in ("authorized", "done"))._post_process()
        if order.state != "sale":
            order._validate_order()

    def _prepare_values(self, order, **values):
        return {
            "order_id": order.id,
            "confirmed_on": fields.Datetime.now(),
            "contact": order.partner_id.display_name,
            "digest": order.content_digest,
            "snapshot": self.env["order.policy.aspect"]._take_snapshots(order.sudo())[order.sudo()],
            **values,
        }

    def _prepare_signature_values(self, order):
        known = {(act.confirmed_on, act.digest) for act in order.confirmation_ids if act.method == "signature"}
        if not order.signature or (order.signed_on, order.content_digest) in known:
            return []
        return [
            self._prepare_values(
                order,
                method="signature",
                confirmed_on=order.signed_on or fields.Datetime.now(),
                contact=order.signed_by,
                signature=order.signature,
            )
        ]

    def _prepare_payment_values(self, order):
        """Return values for the payments that reach what the order asks for, each bound to what was being paid."""
        if order._payment_due():
            return []
        known = set(order.confirmation_ids.mapped("transaction_ref"))
        return [
            self._prepare_values(
                order,
                method="payment",
                contact=transaction.partner_id.name,
                transaction_ref=transaction.reference,
                digest=self.env["order.policy.aspect"]._digest(transaction._paid_content(order)),
                snapshot=transaction._paid_content(order),
                **(transaction.policy_traces or {}),
            )
            for transaction in order.transaction_ids
            if transaction._is_payment() and transaction.reference not in known
        ]
