from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

from ..policy.order_policy import CONFIRMATION_METHODS


class OrderPolicy(models.Model):
    """The ways by which customers agree to their orders."""

    _inherit = "order.policy"

    def _accepted_methods(self):
        """Return the ways by which a customer can confirm an order under this policy, for the domain of selections."""
        self.ensure_one()
        return {method for method in CONFIRMATION_METHODS if self[f"confirm_by_{method}"]}

    def _ways_to_agree(self, order):
        """Return the ways by which the customer of an order can agree to it now.

        A change of a confirmed order is neither ordered nor paid online: sales records what the customer says of it,
        in any way where the policy accepts nothing else of orders.
        """
        accepted = self._accepted_methods()
        if order.state != "sale":
            return accepted
        return accepted - {"payment"} or set(CONFIRMATION_METHODS) - {"payment"}

    def _ways_to_agree_in_words(self, order):
        self.ensure_one()
        ways = self._ways_to_agree(order)
        return format_list(
            self.env,
            (
                self._fields[f"confirm_by_{method}"]._description_string(self.env)
                for method in CONFIRMATION_METHODS
                if method in ways
            ),
            "or",
        )

    @api.constrains("confirmation_required", *(f"confirm_by_{method}" for method in CONFIRMATION_METHODS))
    def _check_customers_can_confirm(self):
        for policy in self:
            if policy.confirmation_required and not policy._accepted_methods():
                raise ValidationError(
                    self.env._(
                        "%s asks customers to confirm, but accepts no way of doing so. Tick at least one.", policy.name
                    )
                )
