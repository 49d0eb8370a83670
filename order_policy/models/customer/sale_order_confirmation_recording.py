from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import html2plaintext

from ..policy.order_policy import CONFIRMATION_METHODS


class SaleOrderConfirmation(models.Model):
    """What sales records of what customers say (articles 3.8, 3.9)."""

    _inherit = "sale.order.confirmation"

    @api.model
    def _record(self, order, method, contact, note, confirmed_on, message, files, digest):
        """Record what a customer said or wrote; see ``action_policy_record_confirmation`` of orders."""
        order.sudo()._lock_or_refuse()  # who may write it may lock it: two people at once record one confirmation
        subject = order.sudo()._subject_to_confirm()
        self._check_can_be_recorded(order, subject, digest)
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
                **subject._confirmed_content(),
            )
        )
        confirmation._keep_files([*files, *confirmation._files_of_message()])
        confirmation._log_on_orders()
        subject._go_on_when_confirmed()
        return confirmation

    def _log_on_orders(self):
        """Leave a line with each order that its customer confirmed it."""
        methods = dict(self._fields["method"]._description_selection(self.env))
        self.order_id._message_log_batch(
            {
                act.order_id.id: self.env._(
                    "%(contact)s confirmed on %(date)s: %(method)s.",
                    contact=act.contact,
                    date=self.env["order.policy.words"]._day_in_words(act.confirmed_on),
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
        return order.sudo()._subject_to_confirm()._came_in_on()

    @api.model
    def _messages_to_choose(self, order):
        """Return the messages on an order, if any, that can be its customer's confirmation."""
        if not order:
            return self.env["mail.message"]
        since = self._to_be_confirmed_since(order)
        return order._messages_of_customer().filtered(lambda message: message.date >= since)

    def _check_can_be_recorded(self, order, subject, digest):
        is_order = subject == order
        if not order.policy_id or (is_order and order.state not in ("draft", "sent")):
            raise UserError(
                self.env._(
                    "%s is not waiting for its customer: it is not a quotation under an order policy, "
                    "or was confirmed or cancelled meanwhile. Reload the page.",
                    order.name,
                )
            )
        if is_order and not order.policy_submitted_on:
            raise UserError(
                self.env._(
                    "%s was not submitted for review: the customer confirms an order that the company has taken in. "
                    "Nothing was recorded. Submit the order, and record what the customer says then.",
                    order.name,
                )
            )
        present = subject._subject_digest()
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
            in_words = self.env["order.policy.words"]._time_in_words
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
            in_words = self.env["order.policy.words"]._time_in_words
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
