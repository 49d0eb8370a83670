import base64

from odoo import api, models
from odoo.tools.mimetypes import guess_mimetype


class SaleOrderConfirmation(models.Model):
    """Customers who sign, pay or order before the company approved: nothing of it is lost."""

    _inherit = "sale.order.confirmation"

    @api.model
    def _keep_for_later(self, orders, placed_online=False):
        """Keep what customers did on orders that wait for approval, and submit those orders.

        :param orders: sale.order records that are about to be confirmed
        :param placed_online: the customers themselves placed these orders, even without signature or payment
        :return: those of which something was kept and that still wait; the last approval confirms them
        """
        # Superuser: the customer acted, not a member of staff. Payments are facts on the order.
        kept = self._record_acts(self._waiting_orders(orders).sudo(), placed_online)
        self._take_in_from_customers(kept.filtered(lambda order: not order.policy_submitted_on))
        return orders & self._waiting_orders(kept).with_env(orders.env)

    @api.model
    def _keep_signatures(self, orders):
        """Keep what customers sign at the moment they do: bound to what they signed, and to nothing that comes later.

        :param orders: sale.order records that were just signed
        """
        # Superuser: who enters an order may not see its policy. Where there is none, nothing is looked at.
        orders = orders.filtered(lambda order: order.sudo().policy_id)
        if not orders:
            return
        orders._follow_version()
        signed = self._record_signatures(orders, **self._traces())
        signed._send_receipts("order_policy.mail_template_signature_receipt")
        waiting = self._waiting_orders(signed.order_id)
        self._take_in_from_customers(waiting.filtered(lambda order: not order.policy_submitted_on))

    @api.model
    def _is_picture(self, signature):
        """Tell whether what is to be a signature is a picture that shows nothing but itself.

        :param signature: base64, as the page sends it
        """
        try:
            content = base64.b64decode(signature, validate=True)
        except (TypeError, ValueError):
            return False
        return guess_mimetype(content) in ("image/png", "image/jpeg", "image/gif", "image/webp")

    @api.model
    def _take_over_signatures(self, orders):
        """Keep what customers signed before their orders came under a policy; as they are now, they are signed.

        :param orders: sale.order records in superuser mode
        """
        self._record_signatures(orders.filtered(lambda order: not order._last_signature()))

    def _record_signatures(self, orders, **traces):
        # Superuser: the customer acted, not a member of staff. The signature is a fact on the order.
        signed = orders.sudo().filtered(lambda order: order.policy_id and order.state in ("draft", "sent"))
        return self.sudo().create(
            [{**values, **traces} for order in signed for values in self._prepare_signature_values(order)]
        )

    def _take_in_from_customers(self, orders):
        """Submit what customers ordered, as far as the intake lets it; sales completes the rest and submits it."""
        for language, language_orders in orders.grouped(lambda order: order.company_id.partner_id.lang).items():
            language_orders = language_orders.with_context(lang=language)
            language_orders._go_by_policy_in_force()
            obstacles = self.env["sale.order.check"]._take_in(language_orders)
            language_orders.filtered(lambda order, obstacles=obstacles: not obstacles[order])._submit_for_review()

    @api.model
    def _waiting_orders(self, orders):
        """Return which of some orders cannot be confirmed before something else is approved."""
        open_orders = orders.filtered(lambda order: order.policy_id and order.state in ("draft", "sent"))
        if not open_orders:
            return open_orders
        obstacles = open_orders._policy_gates()
        return open_orders.filtered(lambda order: obstacles[order])

    def _record_acts(self, orders, placed_online):
        """Record what customers did on orders and what was not recorded yet.

        :return: the orders for which there was something new
        """
        vals_list = []
        for order in orders:
            acts = self._prepare_payment_values(order)
            if not acts and placed_online and not order._is_agreed():
                acts = [self._prepare_values(order, method="online", **self._traces())]
            vals_list += acts
        acts = self.sudo().create(vals_list)
        acts.filtered(lambda act: act.method == "online")._log_on_orders()  # of payments Odoo leaves a line itself
        # As Odoo has it with money that was announced: a draft is a cart, which the customer would go on filling.
        acts.order_id.filtered(lambda order: order.state == "draft").state = "sent"
        return acts.order_id

    def _resume(self, orders):
        """Confirm the orders that customers already signed or paid, now that nothing keeps them any more."""
        for order in orders:
            acts = order.confirmation_ids.filtered(lambda act: act.is_valid and not act.recorded_by_id)
            if not acts or order.state not in ("draft", "sent"):
                continue
            failed = self._try(lambda order=order: self._resume_order(order))
            if failed:
                self._tell_not_confirmed(order, failed)

    def _tell_not_confirmed(self, order, failed):
        """Tell sales why an order did not go on by itself: the approval stands, and sales confirms when it can be."""
        order._message_log(
            body=self.env._("The customer had confirmed, but the order could not be confirmed by itself: %s", failed)
        )
        salesperson = (order.user_id | order.policy_submitted_by_id).filtered("active")[:1]
        if salesperson:
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Approved, but not confirmed"),
                note=self.env._(
                    "%s The approvals and the customer's word are kept. Once this is settled, confirm the order.",
                    failed,
                ),
                user_id=salesperson.id,
            )

    def _resume_order(self, order):
        # Payments go on where they stopped: Odoo confirms the order, invoices it and thanks the customer.
        order.transaction_ids.filtered(lambda transaction: transaction.state in ("authorized", "done"))._post_process()
        if order.state != "sale":
            order._validate_order()
