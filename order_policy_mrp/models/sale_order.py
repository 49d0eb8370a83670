from odoo import models


class SaleOrder(models.Model):
    """Takes hours of work centers when it is confirmed, and ends its production when it ends by request."""

    _inherit = "sale.order"

    def _action_cancel(self):
        """Cancel the manufacturing orders that were not started, which Odoo leaves open (article 3.15)."""
        ending = self.filtered(lambda order: order.state == "sale" and order._goes_by_policy())
        # Refused before anything is cancelled, and as superuser then: sales has no rights in Manufacturing.
        ending._check_policy_lets_go_to("cancel")
        productions = ending.sudo()._policy_productions()
        productions.filtered(lambda production: production.state in ("draft", "confirmed")).action_cancel()
        return super()._action_cancel()

    def _policy_used_records(self):
        """Work centers have only so many hours."""
        # Superuser: whoever confirms the order, it takes of the hours of all that make it.
        order = self.sudo()
        checks = order.policy_id._checks_at_confirmation().filtered(lambda check: check.kind == "capacity")
        centers = checks and checks._work_centers(order)
        return super()._policy_used_records() + [centers] * bool(centers)

    def _policy_productions(self):
        """Return the manufacturing orders that were made for these orders, and for nobody else, in superuser mode."""
        productions = self.stock_reference_ids.production_ids | self.env["mrp.production"].search(
            [("sale_line_id", "in", self.order_line.ids)]
        )
        return productions.filtered(lambda production: production.reference_ids.sale_ids <= self)
