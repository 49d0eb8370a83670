from odoo import models
from odoo.tools import float_compare


class SaleOrderLine(models.Model):
    """Which share of a line something is."""

    _inherit = "sale.order.line"

    def _policy_share(self, quantity):
        """Return which share of the ordered quantity a quantity is, from 0 to 1; quantities in the unit of the line."""
        self.ensure_one()
        ordered = self.product_uom_qty
        if float_compare(abs(quantity), abs(ordered), precision_rounding=self.product_uom_id.rounding or 0.01) >= 0:
            return 1.0
        return max(0.0, quantity / ordered)
