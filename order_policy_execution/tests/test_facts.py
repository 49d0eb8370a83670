"""What facts rest on."""

from odoo.tests import tagged

from .common import MilestoneCase
from .common_facts import FactsCase


@tagged("post_install", "-at_install")
class TestFacts(FactsCase, MilestoneCase):
    """Facts rest on nothing that somebody types, unless it is said why he is believed (articles 1.9, 2.11)."""

    PAYMENT = {}

    believed = {
        # Who has the rights of Invoicing posts, resets and pays invoices with buttons. To type what these do takes the
        # same rights, and tells no other lie than a payment that is registered without money.
        "account.move": {"matched_payment_ids", "state"},
        "account.move.line": {"account_id"},
        "account.payment": {"invoice_ids", "move_id"},
        # As above; what is not between lines of one account, or is more than a line is about, does not count.
        "account.partial.reconcile": {
            "amount", "credit_move_id", "debit_amount_currency", "debit_move_id", "max_date",
        },
        # Of services, and where Inventory is not installed, whoever sells says what was delivered.
        # Marks are proven by documents: see _is_made_by_odoo.
        "sale.order.line": {"is_downpayment", "is_expense", "qty_delivered"},
    }  # fmt: skip

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._confirmed((cls.desk, 2, 1000.0))
        invoice = cls._invoiced(cls.order)
        cls._pay(invoice, 300)
        cls._pay(invoice)

    def test_facts(self):
        order = self.order.sudo()
        milestones = order.milestone_ids
        self._assert_facts_are_believed_for_a_reason(
            milestones._facts_invoice,
            milestones._facts_payment,
            order._money,
            order._payment_holds,
            order._judge_whether_perfect,
        )
