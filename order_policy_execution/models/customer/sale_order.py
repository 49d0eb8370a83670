from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order_feedback import STARS

CONFIRMED_ONCE = ("sale", "cancel")


class SaleOrder(models.Model):
    """What customers say of delivered orders (articles 1.11, 2.13, 3.10)."""

    _inherit = "sale.order"

    feedback_ids = fields.One2many(
        "sale.order.feedback",
        "order_id",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )

    def _can_customer_give_feedback(self):
        """Tell whether the customer can say now how it was: as soon as something was delivered."""
        self.ensure_one()
        order = self.sudo()  # whoever opens the page of the order sees what was delivered
        if order.state != "sale" or not order._goes_by_policy():
            return False
        lines = order.order_line._policy_ordered_lines().filtered("product_id")
        return any(line.qty_delivered > 0 for line in lines) or any(
            milestone.state == "done" for milestone in order._told_milestones("delivery")
        )

    def _customer_gave_feedback_today(self):
        self.ensure_one()
        today = fields.Date.context_today(self)
        return any(
            fields.Datetime.context_timestamp(self, given_on).date() == today
            for given_on in self._feedback_for_customer().mapped("given_on")
        )

    def _feedback_for_customer(self):
        """Return what the customer said so far, the latest first, in superuser mode."""
        self.ensure_one()
        return self.sudo().feedback_ids  # it is the customer's own

    def _feedback_from_customer(self, stars, words, contact):
        """Take in what a customer says of an order in the portal (article 2.13).

        :param str stars: from ``1`` to ``5``
        :param str words: what the customer writes
        :param str contact: who at the customer writes
        :return: sale.order.feedback record
        :raise UserError: in words for the customer; nothing is kept then
        """
        self.ensure_one()
        order = self.sudo()
        order._lock_for_one()
        order._check_customer_can_give_feedback(stars)
        Feedback = order.env["sale.order.feedback"]
        feedback = Feedback.create(
            {
                "order_id": order.id,
                "partner_id": order.partner_id.id,
                "stars": stars,
                "words": words,
                "contact": contact,
                **Feedback._traces(),
            }
        )
        order._message_log(body=feedback._in_words())
        feedback._report_if_bad()
        feedback._send_receipts("order_policy_execution.mail_template_feedback_receipt")
        return feedback

    def _check_customer_can_give_feedback(self, stars):
        if not self._can_customer_give_feedback():
            raise UserError(
                self.env._(
                    "You can tell us how it was once something of your order is delivered. Please come back then."
                )
            )
        if stars not in dict(STARS):
            raise UserError(self.env._("Please choose from one to five stars."))
        if self._customer_gave_feedback_today():
            raise UserError(
                self.env._(
                    "We have your feedback of today already, thank you. To add something, write us a message below."
                )
            )

    # ------------------------------------------------------------------
    # Who reads it
    # ------------------------------------------------------------------

    @api.model
    def _reader_dependencies(self):
        return [*super()._reader_dependencies(), "feedback_ids"]

    def _readers(self):
        """Customer service reads the orders that customers said something of."""
        readers = super()._readers()
        # Of quotations there is none: they are not asked for it, each time that one is submitted.
        if self.state not in CONFIRMED_ONCE or not self.feedback_ids:
            return readers
        department = self.env["sale.order.issue"]._department_for("customer", self)
        return readers | {self._reader_of_department(found.id) for found in department}

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered(
            lambda order: order.state in CONFIRMED_ONCE and order.feedback_ids
        )
