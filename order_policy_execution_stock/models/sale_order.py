from odoo import models


class SaleOrder(models.Model):
    """What of an order is delivered from stock."""

    _inherit = "sale.order"

    def _policy_lines_from_stock(self):
        """Return the ordered lines that Inventory delivers: not parts, which stay in what is repaired."""
        return self.order_line._policy_ordered_lines().filtered(
            lambda line: (
                line.product_id.type == "consu"
                and line.qty_delivered_method == "stock_move"
                and line.product_uom_id.compare(line.product_uom_qty, 0.0) > 0
                and not line._policy_repair_moves()
            )
        )

    def _report_deliveries(self):
        """Bring the milestones that follow deliveries in line with what left, now that it did. In superuser mode."""
        self.milestone_ids.filtered(lambda milestone: milestone.source == "delivery")._follow_facts()

    def _lines_delivered_by_hand(self):
        # Of what Inventory delivers, the gate of its moves decides.
        return super()._lines_delivered_by_hand() - self._policy_lines_from_stock()
