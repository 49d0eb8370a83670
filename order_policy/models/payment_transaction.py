from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Keep the payments of orders that wait for approval, however often they are processed.

        Their customers are told that the payment arrived; the last approval confirms the order.
        """
        confirmations = self.env["sale.order.confirmation"]
        orders = self.sale_order_ids
        confirmations._keep_for_later(orders.filtered(lambda order: order._is_confirmation_amount_reached()))
        waiting = confirmations._waiting_orders(orders)
        free = self.filtered(lambda transaction: not transaction.sale_order_ids & waiting)
        return super(PaymentTransaction, free)._check_amount_and_confirm_order()
