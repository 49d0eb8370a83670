from odoo import models


class SaleOrder(models.Model):
    """What of an order is delivered from stock."""

    _inherit = "sale.order"

    def _policy_lines_from_stock(self):
        """Return the ordered lines that Inventory delivers."""
        return self.order_line._policy_ordered_lines().filtered(
            lambda line: (
                line.product_id.type == "consu"
                and line.qty_delivered_method == "stock_move"
                and line.product_uom_id.compare(line.product_uom_qty, 0.0) > 0
            )
        )
