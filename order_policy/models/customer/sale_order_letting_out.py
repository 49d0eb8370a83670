from odoo import api, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import format_list


class SaleOrder(models.Model):
    """What goes out to customers, and what is held back until it is approved."""

    _inherit = "sale.order"

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
