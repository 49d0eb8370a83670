from odoo import models
from odoo.tools import float_is_zero


class SaleOrder(models.Model):
    """What of an order is invoiced, by what is posted."""

    _inherit = "sale.order"

    def _policy_invoice_lines(self):
        """Return the posted lines of invoices and credit notes of the order."""
        self.ensure_one()
        return self.order_line.invoice_lines.filtered(lambda line: line.parent_state == "posted")

    def _policy_posted_invoices(self):
        """Return the posted invoices of the order, without credit notes."""
        return self._policy_invoice_lines().move_id.filtered(lambda move: move.move_type == "out_invoice")

    def _policy_invoiced_share(self):
        """Return which share of what is ordered is invoiced, from 0 to 1; None when there is nothing to invoice."""
        self.ensure_one()
        lines = self.order_line._policy_ordered_lines().filtered("product_id")
        charged = lines.filtered(lambda line: not float_is_zero(line.price_total, precision_digits=6))
        if not charged or self.currency_id.is_zero(self.amount_total):
            return None
        shares = [line._policy_share(line.qty_invoiced_posted) for line in charged]
        return sum(shares) / len(shares)
