from odoo import models


class SaleOrderInspection(models.Model):
    """Whoever produced something does not release it (article 1.9)."""

    _inherit = "sale.order.inspection"

    def _producers(self):
        """Those responsible for manufacturing orders of the product for the order, and who worked on them."""
        order, line = self.order_id, self.order_line_id
        goods = line._policy_goods()[line]
        productions = self.env["mrp.production"].search(
            [
                ("product_id", "in", [product.id for product in goods]),
                "|",
                ("sale_line_id.order_id", "=", order.id),
                ("reference_ids.sale_ids", "in", order.ids),
            ]
        )
        return super()._producers() | productions.user_id | productions.workorder_ids.time_ids.user_id
