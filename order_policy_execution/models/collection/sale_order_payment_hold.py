from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class PaymentHold(NamedTuple):
    """Why an order waits for money, in its currency: before what, what is asked for, received and missing."""

    before: str
    asked: float
    received: float
    missing: float


class SaleOrder(models.Model):
    """What is neither produced nor delivered before the customer paid (articles 1.7, 2.9)."""

    _inherit = "sale.order"

    policy_payment_hold = fields.Text(
        "Waits for Payment",
        compute="_compute_policy_payment_hold",
        compute_sudo=True,
        help="What may not begin before the customer paid, what is paid, what is missing, and who acts.",
    )

    @api.depends("policy_amount_paid", "policy_amount_invoiced", "amount_total", "payment_term_id", "policy_stage")
    @api.depends_context("lang")
    def _compute_policy_payment_hold(self):
        holds = self._payment_holds()
        for order in self:
            hold = order.policy_stage == "execution" and holds.get(order)
            order.policy_payment_hold = hold and order._payment_hold_in_words(hold)

    def _is_paid_in_advance(self):
        """Tell whether the policy of the order has something wait for its payment."""
        self.ensure_one()
        policy = self.policy_id.sudo()  # whoever sees the order is told what it waits for
        if self.state != "sale" or policy.pay_before in (False, "nothing") or not self._goes_by_policy():
            return False
        terms = policy._terms_paid_in_advance()
        return not terms or self.payment_term_id.id in terms

    def _payment_holds(self, before=None):
        """Return why orders wait for money now: it is looked up at the time, in what is reconciled and paid.

        :param str before: ``production`` or ``delivery``; either when left out
        :return: dict of ``PaymentHold`` by order, without those that may go on
        """
        # Superuser: whoever produces or delivers for an order is told what it waits for.
        held = self.sudo().filtered(
            lambda order: (
                order._is_paid_in_advance()
                # What is not even produced is not delivered either.
                and (before != "production" or order.policy_id.pay_before == "production")
                and order.currency_id.compare_amounts(order.amount_total, 0.0) > 0
            )
        )
        holds = {}
        for order, money in held._money().items():
            asked = order.currency_id.round(order.amount_total * order.policy_id.pay_before_percent / 100)
            if order.currency_id.compare_amounts(asked, money.received) > 0:
                missing = order.currency_id.round(asked - money.received)
                holds[order] = PaymentHold(order.policy_id.pay_before, asked, money.received, missing)
        return holds

    def _check_is_paid(self, before):
        """
        :param str before: ``production`` or ``delivery``: what is about to happen for these orders
        :raise UserError: when the customer of one of them has to pay first
        """
        for order, hold in self._payment_holds(before).items():
            raise UserError(order._payment_hold_in_words(hold))

    def _payment_hold_in_words(self, hold):
        self.ensure_one()
        amounts = {
            name: formatLang(self.env, getattr(hold, name), currency_obj=self.currency_id)
            for name in ("asked", "received", "missing")
        }
        sentence = (
            self.env._(
                "%(order)s waits for payment: by %(policy)s nothing is produced or delivered before %(percent)s of the "
                "order (%(asked)s) is paid. Received: %(received)s, missing: %(missing)s.",
                **self._words_of_hold(amounts),
            )
            if hold.before == "production"
            else self.env._(
                "%(order)s waits for payment: by %(policy)s nothing is delivered before %(percent)s of the order "
                "(%(asked)s) is paid. Received: %(received)s, missing: %(missing)s.",
                **self._words_of_hold(amounts),
            )
        )
        return f"{sentence} {self._who_acts_on_hold(hold)}"

    def _words_of_hold(self, amounts):
        policy = self.policy_id.sudo()  # as above
        percent = self.env["order.policy.words"]._number_in_words(policy.pay_before_percent, "Discount")
        return {**amounts, "order": self.name, "policy": policy.display_name, "percent": f"{percent} %"}

    def _who_acts_on_hold(self, hold):
        """Tell who does what so that an order goes on."""
        invoiced = self.sudo().policy_amount_invoiced  # no more than the words tell
        if self.currency_id.compare_amounts(hold.asked, invoiced) > 0:
            return self.env._(
                "Invoice the rest of it as a down payment, and have the customer pay. As soon as Finance registers the "
                "money, or the customer pays online, it may go on."
            )
        return self.env._(
            "It is invoiced. As soon as Finance registers the customer's money, it may go on: ask the customer to pay, "
            "and Finance whether the money arrived."
        )

    # ------------------------------------------------------------------
    # Where people read it
    # ------------------------------------------------------------------

    @api.depends("policy_payment_hold")
    def _compute_policy_explanation(self):
        return super()._compute_policy_explanation()

    def _policy_sentence(self, obstacles):
        sentence = super()._policy_sentence(obstacles)
        return "\n".join(filter(None, (self.policy_payment_hold, sentence)))

    def _tone(self):
        return "warning" if self.policy_payment_hold else super()._tone()

    def _get_execution_portal_status(self):
        hold = self._payment_holds().get(self)
        if not hold or self.policy_stage != "execution":
            return super()._get_execution_portal_status()
        return "warning", self._payment_hold_for_customer(hold)

    def _payment_hold_for_customer(self, hold):
        """Tell the customer what the order waits for, without anything internal."""
        missing = formatLang(self.env, hold.missing, currency_obj=self.currency_id)
        if hold.before == "production":
            return self.env._("Waiting for your payment of %s, then we start production", missing)
        return self.env._("Waiting for your payment of %s, then we ship", missing)
