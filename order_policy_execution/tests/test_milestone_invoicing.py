from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import MilestoneCase


@tagged("post_install", "-at_install")
class TestMilestonesOfInvoices(MilestoneCase):
    """Invoice and payment follow from what is posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.accountant = cls._user("accountant", "account.group_account_manager", "sales_team.group_sale_manager")
        cls.env["res.partner"].flush_model()

    def _ordered(self, *lines):
        order = self._confirmed(*(lines or ((self.desk, 2, 1000.0),)))
        order.order_line.sudo().product_id.invoice_policy = "order"
        order.order_line.sudo()._compute_qty_to_invoice()
        return order

    def _invoice(self, orders, post=True, **quantities):
        invoice = orders.with_user(self.accountant)._create_invoices()
        for line in invoice.invoice_line_ids:
            if line.product_id.name in quantities:
                line.quantity = quantities[line.product_id.name]
        if post:
            invoice.action_post()
        return invoice

    def _pay(self, invoice, amount=None):
        values = {"amount": amount} if amount else {}
        wizard = self.env["account.payment.register"].with_user(self.accountant)
        wizard = wizard.with_context(active_model="account.move", active_ids=invoice.ids).create(values)
        return wizard._create_payments()

    def _facts(self, order):
        """Return state and progress of invoice and payment."""
        self.env.flush_all()
        self.env.invalidate_all()
        return [self._fact(order, name)[:2] for name in ("Invoice", "Payment")]

    def test_invoices_report_themselves(self):
        order = self._ordered()
        self.assertEqual(self._facts(order), [("planned", 0), ("planned", 0)])
        invoice = self._invoice(order, post=False)
        self.assertEqual(self._facts(order), [("planned", 0), ("planned", 0)])
        invoice.action_post()
        self.assertEqual(self._facts(order), [("done", 100), ("planned", 0)])
        self.assertEqual(self._milestone(order, "Invoice").done_on.date(), invoice.invoice_date)

    def test_part_of_it(self):
        order = self._ordered()
        self._invoice(order, Desk=1)
        self.assertEqual(self._facts(order)[0], ("started", 50))
        self._invoice(order)
        self.assertEqual(self._facts(order)[0], ("done", 100))

    def test_an_invoice_that_is_taken_back(self):
        order = self._ordered()
        invoice = self._invoice(order)
        invoice.button_draft()
        self.assertEqual(self._facts(order)[0], ("planned", 0))
        invoice.button_cancel()
        self.assertEqual(self._facts(order)[0], ("planned", 0))

    def test_payments_report_themselves(self):
        order = self._ordered()
        invoice = self._invoice(order)
        self._pay(invoice, 500.0)
        self.assertEqual(self._facts(order)[1], ("started", 25))
        self._pay(invoice)
        self.assertEqual(self._facts(order)[1], ("done", 100))
        self.assertTrue(self._milestone(order, "Payment").done_on)

    def test_a_payment_that_is_taken_back(self):
        order = self._ordered()
        invoice = self._invoice(order)
        self._pay(invoice)
        self.assertEqual(self._facts(order)[1], ("done", 100))
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._facts(order)[1], ("planned", 0))

    def test_a_state_of_payment_that_is_written(self):
        order = self._ordered()
        invoice = self._invoice(order)
        invoice.payment_state = "paid"
        self.env.flush_all()
        self.assertEqual(self._facts(order)[1][0], "planned")

    def test_that_nothing_is_left_to_be_paid_is_written(self):
        order = self._ordered()
        invoice = self._invoice(order).with_user(self.accountant)
        invoice.write({"payment_state": "paid", "amount_residual": 0.0})
        self.assertEqual(self._facts(order)[1], ("planned", 0))

    def test_credit_notes_take_it_back(self):
        order = self._ordered()
        invoice = self._invoice(order)
        self._pay(invoice)
        refund = invoice._reverse_moves([{"invoice_date": fields.Date.today()}])
        refund.action_post()
        self.assertEqual(self._fact(order, "Invoice")[1], 0)
        self.assertNotEqual(self._fact(order, "Invoice")[0], "done")
        self.assertNotEqual(self._fact(order, "Payment")[0], "done")

    def test_credited_and_invoiced_again(self):
        order = self._ordered()
        invoice = self._invoice(order)
        refund = invoice._reverse_moves([{"invoice_date": fields.Date.today()}], cancel=True)
        self.assertEqual((invoice.payment_state, refund.state), ("reversed", "posted"))
        self.assertNotEqual(self._fact(order, "Payment")[0], "done")
        self._pay(self._invoice(order))
        self.assertEqual(self._facts(order), [("done", 100), ("done", 100)])

    def test_one_invoice_for_several_orders(self):
        first, second = self._ordered(), self._ordered((self.chair, 10, 200.0))
        invoice = self._invoice(first + second)
        self.assertEqual(len(invoice), 1)
        self.assertEqual([self._facts(order)[0] for order in (first, second)], [("done", 100)] * 2)
        self._pay(invoice, 1000.0)
        self.assertEqual([self._facts(order)[1] for order in (first, second)], [("started", 25)] * 2)
        self._pay(invoice)
        self.assertEqual([self._facts(order)[1] for order in (first, second)], [("done", 100)] * 2)

    def test_an_invoice_that_leaves_the_order(self):
        order = self._ordered()
        invoice = self._invoice(order)
        invoice.invoice_line_ids.sale_line_ids = [Command.clear()]
        self.assertEqual(self._facts(order)[0], ("planned", 0))

    def test_down_payments_are_part_of_it(self):
        order = self._ordered()
        wizard = self.env["sale.advance.payment.inv"].with_user(self.accountant)
        wizard = wizard.with_context(active_model="sale.order", active_ids=order.ids)
        wizard.create({"advance_payment_method": "percentage", "amount": 30}).create_invoices()
        [deposit] = order.sudo().invoice_ids
        deposit.action_post()
        self._pay(deposit)
        self.assertEqual([state for state, _progress in self._facts(order)], ["started", "started"])
        self.assertEqual(self._fact(order, "Payment")[1], 30)
        rest = self._invoice(order)
        self._pay(rest)
        self.assertEqual(self._facts(order), [("done", 100), ("done", 100)])

    def test_orders_that_cost_nothing(self):
        order = self._confirmed((self.desk, 1, 0.0))
        self.assertEqual(self._facts(order), [("done", 100), ("done", 100)])

    def test_salespeople_cannot_report_payment(self):
        order = self._ordered()
        with self.assertRaises(AccessError):
            self._milestone(order, "Payment", self.salesman).action_done()

    def test_the_order_is_completed_by_the_last_payment_and_open_again_without_it(self):
        order = self._ordered()
        self._milestone(order, "Production", self.worker).action_done()
        self._milestone(order, "Delivery", self.keeper).action_done()
        invoice = self._invoice(order)
        self.assertEqual(order.policy_stage, "execution")
        self._pay(invoice)
        self.env.flush_all()
        self.assertEqual(order.policy_stage, "completed")
        invoice.line_ids.remove_move_reconcile()
        self.env.flush_all()
        self.assertEqual(order.policy_stage, "execution")
