import base64

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import (
    email_normalize,
)

from ..policy.order_policy_entry_mixin import NO_VALUE


class SaleOrder(models.Model):
    """What customers say and write of an order, and how sales records it (articles 3.8, 3.9)."""

    _inherit = "sale.order"

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
