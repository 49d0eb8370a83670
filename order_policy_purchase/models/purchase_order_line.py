from odoo import models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _in_words_for_request(self):
        """Name the purchase, its vendor and how far it is, for who learns of a changed or cancelled order."""
        self.ensure_one()
        order = self.order_id
        status = dict(order._fields["state"]._description_selection(self.env))[order.state]
        if self.qty_received > 0:
            status = self.env._(
                "%(received)s of %(quantity)s received",
                received=self.env["order.policy.words"]._number_in_words(self.qty_received),
                quantity=self.env["order.policy.words"]._number_in_words(self.product_qty),
            )
        return f"{order.name} ({order.partner_id.display_name}, {status})"
