from odoo import api, fields, models

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
                date=self.env["order.policy.words"]._day_in_words(former.confirmed_on),
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
                self.env["order.policy.words"]._day_in_words(order.validity_date),
            )
        ]

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

    def _prepare_values(self, order, **values):
        return {
            "order_id": order.id,
            "confirmed_on": fields.Datetime.now(),
            "contact": order.partner_id.display_name,
            "digest": order.content_digest,
            "snapshot": self.env["order.policy.aspect"]._snapshots(order.sudo())[order.sudo()],
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
