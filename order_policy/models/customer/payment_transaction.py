from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request

# Paid when the goods are handed over: for these Odoo confirms orders before any money is there.
ON_DELIVERY = ("cash_on_delivery", "on_site")
# What makes a payment of an order out of it: customers and their banks, and Odoo for them.
PAID = frozenset({
    "state", "amount", "currency_id", "partner_id", "provider_id", "payment_method_id", "operation", "sale_order_ids",
})  # fmt: skip


class PaymentTransaction(models.Model):
    """Payments of customers who are ahead of the approval, or whose order changed while the money was under way."""

    _name = "payment.transaction"
    _inherit = ["order.policy.evidence.mixin", "payment.transaction"]

    policy_contents = fields.Json(
        exportable=False,
        readonly=True,
        copy=False,
        prefetch=False,
        help="By order: the content that it had when the customer set out to pay it.",
    )

    policy_traces = fields.Json(
        readonly=True,
        copy=False,
        help="From where, and as whom, the customer set out to pay.",
        exportable=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        transactions = super().create(vals_list)
        transactions._check_comes_from_customer()
        transactions._check_nobody_pays_for_customer()
        transactions._bind_to_content()
        # Superuser: from where somebody pays is for nobody to choose.
        transactions.sudo().policy_traces = self.env["sale.order.confirmation"]._traces()
        return transactions

    def write(self, vals):
        if PAID & vals.keys():
            self._check_comes_from_customer()
        result = super().write(vals)
        if "sale_order_ids" in vals:
            self._check_comes_from_customer()
            self._bind_to_content()
        return result

    def _check_comes_from_customer(self):
        """
        :raise AccessError: when a person, and not a provider of payments, says what was paid for orders under a policy
        """
        if self.env.su:
            return
        # Superuser: who may write payments may not see the orders; no more is told than that they were paid.
        if self.sudo().sale_order_ids.policy_id:
            raise AccessError(
                self.env._(
                    "What a customer pays online for an order is entered and altered by nobody: it counts as the "
                    "customer's yes. Money that arrives in another way is registered as a payment of the invoice."
                )
            )

    def _check_nobody_pays_for_customer(self):
        """Let people of the company pay in the web shop what they order there themselves, and no other quotation.

        :raise AccessError: when somebody of the company is logged in who is not the customer
        """
        if not request or not request.env.uid or not request.env.user._is_internal():
            return
        # Superuser: pages take payments for whoever has the link.
        quotations = self.sudo().sale_order_ids.filtered(
            lambda order: order.policy_id and order.state in ("draft", "sent") and not order.policy_exempt_reason
        )
        for order in quotations:
            if order.partner_id != request.env.user.partner_id:
                raise AccessError(order._only_customer_acts_in_words())

    def _check_may_be_automated(self, names):
        result = super()._check_may_be_automated(names)
        if not PAID.isdisjoint(names):
            self._check_comes_from_customer()
        return result

    def _bind_to_content(self):
        """Remember what is being paid: when the money arrives, days later, the orders may hold something else."""
        # Superuser: what was paid follows from the orders, and is for nobody to choose.
        for transaction in self.sudo().filtered("sale_order_ids"):
            orders = transaction.sale_order_ids.filtered("policy_id")
            snapshots = self.env["order.policy.aspect"]._snapshots(orders)
            contents = {str(order.id): snapshots[order] for order in orders}
            transaction.policy_contents = contents | (transaction.policy_contents or {})

    @api.model
    def _is_kept_from_clients(self, field):
        return field.name in ("policy_contents", "policy_traces")

    @api.model
    def _clients_create(self):
        return True

    def _check_can_be_deleted(self):
        """Keep the payments that count as the yes of a customer; all others are for Payment to keep."""
        kept = self.sudo().filtered(
            lambda transaction: transaction._is_payment() and transaction.sale_order_ids.policy_id
        )
        return not kept or super(PaymentTransaction, kept)._check_can_be_deleted()

    def _paid_content(self, order):
        """Return what the customer set out to pay, as a snapshot; the present content where no policy applied then.

        :param order: sale.order record
        """
        self.ensure_one()
        paid = (self.policy_contents or {}).get(str(order.id))
        return paid or self.env["order.policy.aspect"]._snapshots(order)[order]

    def _is_for_present_content(self, order):
        """Tell whether an order still holds what its customer set out to pay."""
        paid = (self.policy_contents or {}).get(str(order.id))
        return not paid or order._policy_holds(self.env["order.policy.aspect"]._digest(paid), paid)

    def _is_payment(self):
        """Tell whether the money is there: authorised, paid, or agreed to be paid on delivery; announced is not."""
        self.ensure_one()
        on_delivery = "custom_mode" in self.provider_id._fields and self.provider_id.custom_mode in ON_DELIVERY
        return self.state in ("authorized", "done") or (self.state == "pending" and on_delivery)

    def _check_amount_and_confirm_order(self):
        """Keep the payments of orders that wait for approval, however often they are processed.

        Their customers are told that the payment arrived; the last approval confirms the order. An order that changed
        since its customer set out to pay is not confirmed by itself: the customer never saw what it holds now.
        """
        confirmations = self.env["sale.order.confirmation"]
        orders = self.sale_order_ids
        confirmations._keep_for_later(orders.filtered(lambda order: order._is_confirmation_amount_reached()))
        waiting = confirmations._waiting_orders(orders)
        free = self.filtered(
            lambda transaction: (
                not transaction.sale_order_ids & waiting
                and all(
                    order._is_agreed() or transaction._is_for_present_content(order)
                    for order in transaction.sale_order_ids
                )
            )
        )
        confirmed = super(PaymentTransaction, free)._check_amount_and_confirm_order()
        return confirmed.filtered(lambda order: order.state == "sale")  # departments may be asked anew instead
