from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Leave out the orders that wait for approval: their customers are told that the payment arrived."""
        return super()._check_amount_and_confirm_order().filtered(lambda order: order.state == "sale")
