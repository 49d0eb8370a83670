from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_collection import CollectionCase


@tagged("post_install", "-at_install")
class TestPaymentHold(CollectionCase):
    """Prepaid terms hold production and delivery; the reason is told to who can act (articles 1.7, 2.9)."""

    PAYMENT = {"before": "delivery", "percent": 50.0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._confirmed()

    def _hold(self, order=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (order or self.order).with_user(self.salesman).policy_payment_hold

    def assertGoesOn(self, before="delivery", order=None):
        (order or self.order)._check_is_paid(before)

    def assertWaits(self, before="delivery", order=None):
        with self.assertRaisesRegex(UserError, "waits for payment"):
            (order or self.order)._check_is_paid(before)

    def test_tells_what_is_held_paid_and_missing_and_who_acts(self):
        invoice = self._down_payment(self.order, 50)
        self._pay(invoice, 200)
        words = self._hold()
        for part in (r"nothing is delivered before 50 %", "500.00", "200.00", "300.00", "Finance"):
            self.assertRegex(words, part)
        self.assertIn(words, self.order.policy_explanation)
        self.assertEqual(self.order.policy_tone, "warning")
        self.assertWaits()

    def test_goes_on_as_soon_as_it_is_paid(self):
        invoice = self._down_payment(self.order, 50)
        self.assertWaits()
        self._pay(invoice)
        self.assertGoesOn()
        self.assertFalse(self._hold())

    def test_waits_again_when_the_money_goes_back(self):
        invoice = self._down_payment(self.order, 50)
        payment = self._pay(invoice)
        self.assertGoesOn()
        payment.action_draft()
        payment.action_cancel()
        self.assertWaits()

    def test_online_payment_lets_it_go_on(self):
        self._transaction(self.order, 500, "pending")
        self.assertWaits()
        self._transaction(self.order, 501)
        self.assertGoesOn()

    def test_typed_state_of_payment_lets_nothing_go(self):
        invoice = self._down_payment(self.order, 50)
        invoice.with_user(self.clerk).write({"payment_state": "paid", "amount_residual": 0.0})
        self.assertWaits()

    def test_paid_invoice_of_another_order_does_not_count(self):
        paid = self._down_payment(self._confirmed(), 50)
        self._pay(paid)
        line = paid.invoice_line_ids.filtered("sale_line_ids")[:1].with_user(self.clerk)
        with self.assertRaises(AccessError):
            line.write({"sale_line_ids": [Command.set(self.order.order_line[:1].ids)]})
        self.assertWaits()

    def _said_to_be_reconciled(self, invoice, line, amount):
        terms = invoice.line_ids.filtered(lambda found: found.display_type == "payment_term")
        values = {"debit_move_id": terms.id, "credit_move_id": line.id, "amount": amount}
        amounts = {"debit_amount_currency": amount, "credit_amount_currency": amount}
        self.env["account.partial.reconcile"].with_user(self.clerk).create({**values, **amounts})

    def test_what_is_only_said_to_be_reconciled_does_not_count(self):
        invoice = self._down_payment(self.order, 50)
        other = self._down_payment(self._confirmed(), 50)
        income = other.line_ids.filtered(lambda line: line.display_type == "product" and line.credit)[:1]
        self._said_to_be_reconciled(invoice, income, 500)
        self.assertWaits()

    def test_little_money_does_not_count_as_much(self):
        invoice = self._down_payment(self.order, 50)
        terms = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        bank = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        entry = self.env["account.move"].create(
            {
                "journal_id": bank.id,
                "line_ids": [
                    Command.create({"account_id": terms.account_id.id, "credit": 1, "partner_id": terms.partner_id.id}),
                    Command.create({"account_id": bank.default_account_id.id, "debit": 1}),
                ],
            }
        )
        entry.action_post()
        self._said_to_be_reconciled(invoice, entry.line_ids.filtered("credit"), 500)
        self.assertWaits()

    def test_money_that_is_paid_out_does_not_count(self):
        invoice = self._down_payment(self.order, 50)
        payment = self.env["account.payment"].create(
            {"payment_type": "outbound", "partner_type": "supplier", "partner_id": self.customer.id, "amount": 500}
        )
        payment.outstanding_account_id = False
        payment.action_post()
        self.assertFalse(payment.move_id)
        invoice.with_user(self.clerk).matched_payment_ids = [Command.link(payment.id)]
        self.assertWaits()

    def test_delivery_does_not_hold_production(self):
        self.assertGoesOn("production")

    def test_production_holds_delivery_too(self):
        self._pay_before("production", 30)
        order = self._confirmed()
        self.assertWaits("production", order)
        self.assertWaits("delivery", order)
        self.assertRegex(self._hold(order), "nothing is produced or delivered before 30 %")
        self._pay(self._down_payment(order, 30))
        self.assertGoesOn("production", order)
        self.assertGoesOn("delivery", order)

    def test_only_listed_terms_wait(self):
        at_once = self.env["account.payment.term"].create({"name": "In advance"})
        later = self.env["account.payment.term"].create({"name": "Later"})
        self._pay_before("delivery", pay_before_term_ids=[Command.set(at_once.ids)])
        self.assertGoesOn(order=self._confirmed(payment_term_id=later.id))
        self.assertGoesOn(order=self._confirmed())
        self.assertWaits(order=self._confirmed(payment_term_id=at_once.id))

    def test_nothing_waits_where_the_policy_asks_for_nothing(self):
        self._pay_before("nothing")
        order = self._confirmed()
        self.assertGoesOn(order=order)
        self.assertFalse(self._hold(order))

    def test_order_that_costs_nothing_waits_for_nothing(self):
        self.assertGoesOn(order=self._confirmed((self.desk, 1, 0.0)))

    def test_customer_reads_it_in_own_words(self):
        colour, words = self.order._get_policy_portal_status()
        self.assertEqual(colour, "warning")
        self.assertRegex(words, "Waiting for your payment of .*500.00")
        self.assertNotRegex(words, "Finance|Department")


@tagged("post_install", "-at_install")
class TestRuleOfPayment(CollectionCase):
    def test_is_frozen_with_the_version(self):
        version = self._pay_before("delivery", 50)
        for values in (
            {"pay_before": "nothing"},
            {"pay_before_percent": 1},
            {"pay_before_term_ids": [Command.clear()]},
        ):
            with self.assertRaisesRegex(UserError, "new version"):
                version.with_user(self.policy_admin).write(values)

    def test_goes_with_a_new_version(self):
        term = self.env["account.payment.term"].create({"name": "In advance"})
        version = self._pay_before("production", 40, pay_before_term_ids=[Command.set(term.ids)])
        copy = version._copy_as_next_version()
        self.assertEqual((copy.pay_before, copy.pay_before_percent, copy.pay_before_term_ids), ("production", 40, term))

    def test_percent_can_be_meant(self):
        version = self._pay_before("delivery")._copy_as_next_version()
        for percent in (0, -5, 101):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
                version.pay_before_percent = percent
                self.env.flush_all()
            self.env.invalidate_all(flush=False)

    def test_terms_are_of_the_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        term = self.env["account.payment.term"].create({"name": "Theirs", "company_id": other.id})
        version = self._pay_before("delivery")._copy_as_next_version()
        with self.assertRaisesRegex(ValidationError, "Theirs"):
            version.pay_before_term_ids = term
