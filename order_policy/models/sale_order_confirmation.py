from odoo import api, fields, models


class SaleOrderConfirmation(models.Model):
    """The customer's yes, bound to what the customer agreed to (articles 3.8, 3.9).

    A signature or payment that comes before approval is kept here: it is no approval, and it is never lost.
    """

    _name = "sale.order.confirmation"
    _description = "Customer Confirmation"
    _order = "confirmed_on desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", "Order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    method = fields.Selection(
        [("signature", "Signature"), ("payment", "Online Payment"), ("online", "Online Order")],
        "Confirmed By", required=True, readonly=True,
    )
    confirmed_on = fields.Datetime("Confirmed On", required=True, readonly=True)
    contact = fields.Char("Contact Person", readonly=True)
    signature = fields.Image("Signature", readonly=True, max_width=1024, max_height=1024)
    transaction_ref = fields.Char("Payment", readonly=True)
    digest = fields.Char("Agreed Content", required=True, readonly=True)
    is_valid = fields.Boolean(
        "Counts", compute="_compute_is_valid", help="The order still has the content that the customer agreed to."
    )

    @api.depends("digest", "order_id.content_digest")
    def _compute_is_valid(self):
        for confirmation in self:
            confirmation.is_valid = confirmation.digest == confirmation.order_id.content_digest

    @api.model
    def _record_customer_acts(self, orders, placed_online=False):
        """Record what customers did on orders that was not recorded yet: signatures, payments, orders placed online.

        :param orders: sale.order records, in superuser mode
        :param placed_online: record the order itself when there is neither signature nor payment
        :return: the orders for which there was something new
        """
        vals_list = [
            vals
            for order in orders
            for vals in (
                self._prepare_signature_values(order)
                + self._prepare_payment_values(order)
                or placed_online * [self._prepare_values(order, method="online")]
            )
        ]
        # The customer acted, not a member of staff with rights of his own: nobody may create these by hand.
        return self.sudo().create(vals_list).order_id

    def _prepare_values(self, order, **values):
        return {
            "order_id": order.id,
            "confirmed_on": fields.Datetime.now(),
            "contact": order.partner_id.display_name,
            "digest": order.content_digest,
            **values,
        }

    def _prepare_signature_values(self, order):
        known = order.confirmation_ids.filtered(lambda confirmation: confirmation.method == "signature")
        if not order.signature or order.signed_on in known.mapped("confirmed_on"):
            return []
        return [
            self._prepare_values(
                order,
                method="signature",
                confirmed_on=order.signed_on or fields.Datetime.now(),
                contact=order.signed_by,
                signature=order.signature,
            )
        ]

    def _prepare_payment_values(self, order):
        known = set(order.confirmation_ids.mapped("transaction_ref"))
        return [
            self._prepare_values(
                order, method="payment", contact=transaction.partner_id.name, transaction_ref=transaction.reference
            )
            for transaction in order.transaction_ids
            if transaction.state in ("pending", "authorized", "done") and transaction.reference not in known
        ]
