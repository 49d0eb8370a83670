from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrderConfirmation(models.Model):
    """The customer's yes, bound to what the customer agreed to (articles 3.8, 3.9).

    A signature or payment that comes before approval is kept here: it is no approval, and it is never lost.
    """

    _name = "sale.order.confirmation"
    _description = "Customer Confirmation"
    _order = "confirmed_on desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    method = fields.Selection(
        [("signature", "Signature"), ("payment", "Online Payment"), ("online", "Online Order")],
        "Confirmed By",
        required=True,
        readonly=True,
    )
    confirmed_on = fields.Datetime(required=True, readonly=True)
    contact = fields.Char("Contact Person", readonly=True)
    signature = fields.Image(readonly=True, max_width=1024, max_height=1024)
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
    def _keep_for_later(self, orders, placed_online=False):
        """Keep what customers did on orders that wait for approval, and submit those orders.

        :param orders: sale.order records that are about to be confirmed
        :param placed_online: the customers themselves placed these orders, even without signature or payment
        :return: those of which something was kept; the last approval confirms them
        """
        # Superuser: the customer acted, not a member of staff. Signature and payment are facts on the order.
        kept = self._record_acts(self._waiting_orders(orders).sudo(), placed_online)
        kept.filtered(lambda order: not order.policy_submitted_on)._submit_for_review()
        return orders & kept.with_env(orders.env)

    @api.model
    def _waiting_orders(self, orders):
        """Return which of some orders cannot be confirmed before something else is approved."""
        open_orders = orders.filtered(lambda order: order.policy_id and order.state in ("draft", "sent"))
        obstacles = open_orders._policy_gates()
        return open_orders.filtered(lambda order: obstacles[order])

    def _record_acts(self, orders, placed_online):
        """Record what customers did on orders and what was not recorded yet.

        :return: the orders for which there was something new
        """
        vals_list = []
        for order in orders:
            acts = self._prepare_signature_values(order) + self._prepare_payment_values(order)
            if not acts and placed_online and not any(order.confirmation_ids.mapped("is_valid")):
                acts = [self._prepare_values(order, method="online")]
            vals_list += acts
        return self.sudo().create(vals_list).order_id

    @api.model
    def _resume(self, orders):
        """Confirm the orders that customers already agreed to, now that nothing keeps them any more.

        :param orders: sale.order records in superuser mode, of which something was just approved
        """
        for order in orders:
            if order.policy_stage != "confirmation" or not any(order.confirmation_ids.mapped("is_valid")):
                continue
            try:
                with self.env.cr.savepoint():
                    self._resume_order(order)
            except UserError as error:
                # The approval stands; what keeps the order from being confirmed is for sales to solve.
                body = self.env._(
                    "The customer had confirmed, but the order could not be confirmed by itself: %s", error
                )
                order._message_log(body=body)

    def _resume_order(self, order):
        # Payments go on where they stopped: Odoo confirms the order, invoices it and thanks the customer.
        order.transaction_ids.filtered(lambda transaction: transaction.state in ("authorized", "done"))._post_process()
        if order.state != "sale" and not order._has_to_be_paid():
            order._validate_order()

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
