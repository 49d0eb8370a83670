from odoo import models


class OrderPolicy(models.Model):
    """Which steps review requests to change or cancel orders (articles 2.8, 3.13, 3.15)."""

    _inherit = "order.policy"

    def _request_steps(self, kind, order, proposed):
        """Return the steps that review every request, beside those whose content it touches (articles 2.8, 3.13, 3.15).

        A cancellation touches no aspect: whoever approves the order approves its end; where nobody approves orders,
        and no step is for requests, everybody who reviewed it does.

        :param kind: of the request: ``change`` or ``cancel``
        :param order: sale.order record in superuser mode
        :param proposed: the order as the request would have it
        """
        self.ensure_one()
        amounts = {proposed: proposed.amount_company}
        steps = self._steps_in_order().filtered(
            lambda step: step.used_for == "request" and step._concerned_orders(proposed, amounts)
        )
        if kind == "cancel":
            required = self._required_steps(order)[order]
            steps |= required.filtered(lambda step: step.kind == "approval")
            steps = steps or required
        return steps
