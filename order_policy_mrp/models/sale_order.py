from odoo import models


class SaleOrder(models.Model):
    """Ends the production of orders that end by request."""

    _inherit = "sale.order"

    def _action_cancel(self):
        """Cancel the manufacturing orders that were not started, which Odoo leaves open (article 3.15)."""
        ending = self.filtered(lambda order: order.state == "sale" and order._goes_by_policy())
        # Refused before anything is cancelled, and as superuser then: sales has no rights in Manufacturing.
        ending._check_policy_lets_go_to("cancel")
        productions = ending.sudo()._policy_productions()
        productions.filtered(lambda production: production.state in ("draft", "confirmed")).action_cancel()
        return super()._action_cancel()

    def _policy_productions(self):
        """Return the manufacturing orders that were made for these orders, and for nobody else, in superuser mode."""
        productions = self.stock_reference_ids.production_ids | self.env["mrp.production"].search(
            [("sale_line_id", "in", self.order_line.ids)]
        )
        return productions.filtered(lambda production: production.reference_ids.sale_ids <= self)
