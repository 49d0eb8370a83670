from odoo import models


class SaleOrderLine(models.Model):
    """What really left to the customer for a line."""

    _inherit = "sale.order.line"

    def _policy_left_lines(self):
        """Return the lines of moves by which something of these order lines left to the customer, or came back."""
        return self.move_ids.move_line_ids.filtered("policy_left_qty")

    def _policy_left_qty(self):
        """Return what really left to the customer less what came back, in the unit of the line."""
        self.ensure_one()
        left = self._policy_left_lines().filtered(lambda moved: moved.product_id == self.product_id)
        return self.product_id.uom_id._compute_quantity(sum(left.mapped("policy_left_qty")), self.product_uom_id)

    def _policy_delivered_share(self):
        """Return which share of the line is delivered, from 0 to 1."""
        self.ensure_one()
        return self._policy_share(self._policy_left_qty())
