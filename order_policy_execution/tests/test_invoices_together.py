"""Invoices for several orders, taken back and paid in all ways."""

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import MilestoneCase
from .common_collection import CollectionCase


@tagged("post_install", "-at_install")
class TestInvoicesTogether(CollectionCase, MilestoneCase):
    """Whatever is done to an invoice for two orders, each has its part of what is due and paid (articles 2.9, 2.11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller = cls._user("biller", "account.group_account_invoice", "sales_team.group_sale_salesman_all_leads")
        cls.small = cls._delivered(cls._confirmed((cls.desk, 1, 1000.0)))
        cls.large = cls._delivered(cls._confirmed((cls.desk, 3, 1000.0)))
        cls.orders = cls.small | cls.large
        cls.invoice = cls._billed(cls.orders)
        cls.env.flush_all()

    @classmethod
    def _billed(cls, orders, due_in=-5):
        """Invoice orders together, as the action on their list does, and post it."""
        wizard = cls.env["sale.advance.payment.inv"].with_user(cls.biller)
        wizard = wizard.with_context(active_ids=orders.ids, active_model="sale.order")
        wizard = wizard.create({"advance_payment_method": "delivered", "consolidated_billing": True})
        wizard.create_invoices()
        invoice = orders.order_line.sudo().invoice_lines.move_id.filtered(lambda move: move.state == "draft")
        invoice = invoice.with_user(cls.biller).sudo(False)
        today = fields.Date.today()
        invoice.write({"invoice_date": fields.Date.add(today, days=-30), "invoice_payment_term_id": False})
        invoice.invoice_date_due = fields.Date.add(today, days=due_in)
        invoice.action_post()
        return invoice

    def _credited(self, lines=None, cancel=False):
        """Credit the invoice as a whole, or some of its lines with other quantities."""
        wizard = self.env["account.move.reversal"].with_user(self.biller)
        wizard = wizard.with_context(active_ids=self.invoice.ids, active_model="account.move")
        wizard = wizard.create({"journal_id": self.invoice.journal_id.id, "reason": "Scratches"})
        wizard.reverse_moves()
        credit = wizard.new_move_ids
        if lines is not None:
            for line in credit.invoice_line_ids:
                line.quantity = lines.get(line.sale_line_ids.order_id.id, 0)
        credit.action_post()
        return credit

    def _stands(self, order):
        """Return states of the milestones Invoice and Payment, and what is invoiced, paid, due and overdue."""
        amounts = self._amounts(order)
        return (self._milestone(order, "Invoice").state, self._milestone(order, "Payment").state, *amounts)

    def _assert_stand(self, small, large):
        self.assertEqual((self._stands(self.small), self._stands(self.large)), (small, large))

    def test_one_invoice_for_two_orders(self):
        self.assertEqual(len(self.invoice), 1)
        self._assert_stand(("done", "planned", 1000, 0, 1000, 1000), ("done", "planned", 3000, 0, 3000, 3000))

    def test_it_is_paid_in_parts(self):
        self._pay(self.invoice, 1000)
        self._assert_stand(("done", "started", 1000, 250, 750, 750), ("done", "started", 3000, 750, 2250, 2250))
        self._pay(self.invoice)
        self._assert_stand(("done", "done", 1000, 1000, 0, 0), ("done", "done", 3000, 3000, 0, 0))

    def test_a_payment_is_taken_off_it_again(self):
        self._pay(self.invoice)
        terms = self.invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        terms.with_user(self.biller).remove_move_reconcile()
        self._assert_stand(("done", "planned", 1000, 0, 1000, 1000), ("done", "planned", 3000, 0, 3000, 3000))

    def test_a_payment_is_cancelled(self):
        payment = self._pay(self.invoice)
        self._assert_stand(("done", "done", 1000, 1000, 0, 0), ("done", "done", 3000, 3000, 0, 0))
        payment.action_draft()
        payment.action_cancel()
        self._assert_stand(("done", "planned", 1000, 0, 1000, 1000), ("done", "planned", 3000, 0, 3000, 3000))

    def test_it_is_set_to_draft_and_posted_again(self):
        self.invoice.button_draft()
        self._assert_stand(("planned", "planned", 0, 0, 0, 0), ("planned", "planned", 0, 0, 0, 0))
        self.invoice.action_post()
        self._assert_stand(("done", "planned", 1000, 0, 1000, 1000), ("done", "planned", 3000, 0, 3000, 3000))

    def test_it_is_cancelled_and_made_anew_for_each(self):
        self.invoice.button_draft()
        self.invoice.button_cancel()
        self._assert_stand(("planned", "planned", 0, 0, 0, 0), ("planned", "planned", 0, 0, 0, 0))
        alone = self._billed(self.small)
        self._pay(alone)
        self._assert_stand(("done", "done", 1000, 1000, 0, 0), ("planned", "planned", 0, 0, 0, 0))

    def test_it_is_credited_as_a_whole(self):
        self._credited()
        self._assert_stand(("started", "planned", 0, 0, 0, 0), ("started", "planned", 0, 0, 0, 0))

    def test_what_is_of_one_order_is_credited(self):
        self._credited({self.small.id: 1})
        self.assertEqual(self._milestone(self.small, "Invoice").state, "started")
        self.assertEqual(self._milestone(self.large, "Invoice").state, "done")
        small, large = self._amounts(self.small), self._amounts(self.large)
        self.assertEqual((small[0], large[0]), (0, 3000))
        # The credit note is settled with the invoice, of which each order has its part.
        self.assertEqual(small[2] + large[2], 3000)
        self.assertEqual((small[2], large[2]), (0, 3000))

    def test_what_is_of_one_order_is_credited_in_part(self):
        self._credited({self.large.id: 1})
        self.assertEqual(self._milestone(self.large, "Invoice").state, "started")
        self.assertEqual(self._milestone(self.small, "Invoice").state, "done")
        self.assertEqual((self._amounts(self.small)[2], self._amounts(self.large)[2]), (1000, 2000))
        self._pay(self.invoice)
        self.assertEqual((self._amounts(self.small)[1:], self._amounts(self.large)[1:]), ((1000, 0, 0), (2000, 0, 0)))

    def test_it_is_paid_and_credited_afterwards(self):
        self._pay(self.invoice)
        self._credited({self.small.id: 1})
        self.assertEqual(self._amounts(self.large), (3000, 3000, 0, 0))
        self.assertEqual(self._amounts(self.small)[0], 0)
        self.assertEqual(self._milestone(self.large, "Payment").state, "done")

    def test_lines_of_two_orders_are_put_into_one(self):
        """As somebody does it by hand in a draft: one line for both, at the price of both."""
        self.invoice.button_draft()
        first, second = self.invoice.invoice_line_ids.sorted("quantity")
        first.write({"quantity": 4, "sale_line_ids": [Command.link(line.id) for line in second.sale_line_ids]})
        second.unlink()
        self.invoice.action_post()
        small, large = self._amounts(self.small), self._amounts(self.large)
        self.assertEqual((small[2], large[2]), (1000, 3000))

    def test_due_later_is_not_overdue(self):
        self.invoice.button_draft()
        self.invoice.invoice_date_due = fields.Date.add(fields.Date.today(), days=9)
        self.invoice.action_post()
        self._assert_stand(("done", "planned", 1000, 0, 1000, 0), ("done", "planned", 3000, 0, 3000, 0))
