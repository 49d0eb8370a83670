from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import format_list


class AccountMoveLine(models.Model):
    """Lines of invoices, and the orders that they are for."""

    _inherit = "account.move.line"

    def _policy_parts(self):
        """Return which part of a line is for which order, by the amounts of the order lines that it stands for.

        :return: dict by order, parts of 1.0
        """
        self.ensure_one()
        lines = self.sale_line_ids
        if len(lines.order_id) < 2:
            return {lines.order_id: 1.0} if lines else {}
        total = sum(lines.mapped("price_total"))
        return {
            order: sum(own.mapped("price_total")) / total if total else len(own) / len(lines)
            for order, own in lines.grouped("order_id").items()
        }

    def write(self, vals):
        if "sale_line_ids" in vals and not self.env.su:
            self._check_stays_with_orders()
            result = super().write(vals)
            self._check_stays_with_orders()  # nor is it given to another one
            return result
        return super().write(vals)

    def _check_stays_with_orders(self):
        """
        :raise AccessError: when a posted invoice is for an order that is paid in advance, and so lets go or holds goods
        """
        # Superuser: who invoices may not see the orders; no more is told than their numbers.
        posted = self.sudo().filtered(lambda line: line.parent_state == "posted")
        orders = posted.sale_line_ids.order_id.filtered(lambda order: order._is_paid_in_advance())
        if orders:
            raise AccessError(
                self.env._(
                    "%s: what is paid of these orders decides whether they may be produced and delivered, so posted "
                    "invoices stay with the orders that they were made for. Reset the invoice to draft, or make a "
                    "credit note and a new invoice.",
                    format_list(self.env, orders.mapped("name")),
                )
            )
