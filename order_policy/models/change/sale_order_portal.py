from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Changes and cancellations that customers ask for in the portal."""

    _inherit = "sale.order"

    def _can_customer_request(self):
        """Tell whether the customer can ask for a change or a cancellation of the order in the portal."""
        self.ensure_one()
        return self.state == "sale" and self._goes_by_policy() and not self._policy_is_closed()

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
                    self.env["order.policy.words"]._day_in_words(known[0].asked_on),
                )
            )
