from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common_collection import CollectionCase


@tagged("post_install", "-at_install")
class TestAmounts(CollectionCase):
    """What is invoiced, received, due and overdue follows from reconciled records (articles 2.9, 2.11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._confirmed()

    def test_nothing_is_due_before_it_is_invoiced(self):
        self.assertEqual(self._amounts(self.order), (0, 0, 0, 0))
        self.assertFalse(self.order.policy_collection)

    def test_due_then_partly_then_paid(self):
        invoice = self._invoiced(self.order, due_in=10)
        self.assertEqual((self._amounts(self.order), self.order.policy_collection), ((1000, 0, 1000, 0), "due"))
        self.assertEqual(self.order.policy_due_on, invoice.invoice_date_due)
        self._pay(invoice, 400)
        self.assertEqual((self._amounts(self.order), self.order.policy_collection), ((1000, 400, 600, 0), "partly"))
        self._pay(invoice, 600)
        self.assertEqual((self._amounts(self.order), self.order.policy_collection), ((1000, 1000, 0, 0), "paid"))
        self.assertFalse(self.order.policy_due_on)

    def test_overdue_comes_without_anybody_writing(self):
        self._invoiced(self.order, due_in=10)
        self._amounts(self.order)
        Order = self.env["sale.order"].with_user(self.sales_head)
        late = [("id", "=", self.order.id), ("policy_amount_overdue", ">", 0)]
        self.assertFalse(Order.search(late))
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=13)):
            self.assertEqual(self._amounts(self.order), (1000, 0, 1000, 1000))
            self.assertEqual(self.order.policy_days_late, 3)
            self.assertEqual(Order.search(late), self.order)
            self.assertFalse(Order.search([("id", "=", self.order.id), ("policy_days_late", ">", 3)]))
            self.assertEqual(Order.search([("id", "=", self.order.id), ("policy_days_late", ">=", 3)]), self.order)
            self.assertEqual(self.order.filtered_domain(late), self.order)
            [(customer, amount, days)] = Order._read_group(
                late, ["partner_id"], ["policy_amount_overdue:sum", "policy_days_late:max"]
            )
            self.assertEqual((customer, amount, days), (self.customer, 1000, 3))

    def test_each_instalment_is_late_by_itself(self):
        self._delivered(self.order)
        invoice = self.order.sudo()._create_invoices()
        invoice.invoice_date = fields.Date.subtract(fields.Date.today(), days=40)
        invoice.invoice_payment_term_id = self.env["account.payment.term"].create(
            {
                "name": "Half after 30 days, half after 60",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (30, 60)
                ],
            }
        )
        invoice.action_post()
        self.assertEqual(self._amounts(self.order), (1000, 0, 1000, 500))
        self._pay(invoice, 500)
        self.assertEqual(self._amounts(self.order), (1000, 500, 500, 0))

    def test_credit_note_is_no_payment(self):
        invoice = self._invoiced(self.order)
        invoice._reverse_moves([{"invoice_date": invoice.invoice_date}], cancel=True)
        self.assertEqual(self._amounts(self.order), (0, 0, 0, 0))

    def test_credit_note_of_a_part_lowers_what_is_due(self):
        invoice = self._invoiced(self.order)
        credit = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        credit.invoice_line_ids.price_unit = 300
        credit.action_post()
        self.assertEqual(self._amounts(self.order)[:3], (700, 0, 700))
        self._pay(invoice, 700)
        self.assertEqual(self._amounts(self.order)[:3], (700, 700, 0))

    def test_money_that_is_paid_back_is_not_there(self):
        invoice = self._invoiced(self.order)
        self._pay(invoice)
        credit = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        credit.action_post()
        self._amounts(self.order)
        self.assertEqual(self.order.policy_amount_invoiced, 0)
        self.assertGreaterEqual(self.order.policy_amount_paid, 0)
        if credit.amount_residual:
            self._pay(credit)
        self.assertEqual(self._amounts(self.order)[:3], (0, 0, 0))

    def test_invoice_that_is_cancelled_asks_for_nothing(self):
        invoice = self._invoiced(self.order)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertEqual(self._amounts(self.order), (0, 0, 0, 0))

    def test_one_invoice_for_two_orders(self):
        other = self._confirmed((self.desk, 3, 1000.0))
        invoice = self._invoiced(self.order + other)
        self.assertEqual(len(invoice), 1)
        self._pay(invoice, 2000)
        self.assertEqual(self._amounts(self.order)[:3], (1000, 500, 500))
        self.assertEqual(self._amounts(other)[:3], (3000, 1500, 1500))

    def test_one_payment_for_two_invoices(self):
        other = self._confirmed((self.desk, 3, 1000.0))
        invoices = self._invoiced(self.order) + self._invoiced(other, due_in=10)
        self._pay(invoices, group_payment=True)
        self.assertEqual(self._amounts(self.order)[:3], (1000, 1000, 0))
        self.assertEqual(self._amounts(other)[:3], (3000, 3000, 0))

    def test_invoice_in_another_currency(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": dollar.id, "name": "2020-01-01", "rate": 0.125, "company_id": self.company.id}
        )
        self._delivered(self.order)
        invoice = self.order.sudo()._create_invoices()
        invoice.write({"currency_id": dollar.id, "invoice_date": fields.Date.today()})
        invoice.invoice_line_ids.price_unit = 125
        invoice.action_post()
        self.assertEqual(self._amounts(self.order)[:3], (1000, 0, 1000))
        self._pay(invoice)
        self.assertEqual(self._amounts(self.order)[:3], (1000, 1000, 0))

    def test_down_payment_is_taken_off_the_last_invoice(self):
        down = self._down_payment(self.order)
        self.assertEqual(self._amounts(self.order)[:3], (500, 0, 500))
        self._pay(down)
        self._invoiced(self.order)
        self.assertEqual(self._amounts(self.order)[:3], (1000, 500, 500))

    def test_online_payment_counts_once(self):
        self._transaction(self.order, 300, "pending")
        self.assertEqual(self._amounts(self.order)[1], 0)
        transaction = self._transaction(self.order, 400)
        self.assertEqual(self._amounts(self.order)[1], 400)
        transaction._post_process()
        self.assertEqual(self._amounts(self.order)[1], 400)
        invoice = self._invoiced(self.order)
        self.assertIn(self._amounts(self.order)[1:3], ((400, 600), (400, 1000)))
        transaction.payment_id.invoice_ids = invoice
        lines = transaction.payment_id.move_id.line_ids + invoice.line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled).reconcile()
        self.assertEqual(self._amounts(self.order)[1:3], (400, 600))

    def test_typed_state_of_payment_is_no_money(self):
        invoice = self._invoiced(self.order).with_user(self.clerk)
        invoice.write({"payment_state": "paid", "amount_residual": 0.0})
        self.assertEqual(self._amounts(self.order)[:3], (1000, 0, 1000))

    def test_nobody_writes_what_was_paid(self):
        for person in (self.salesman, self.clerk, self.sales_head):
            with self.assertRaises(AccessError):
                self.order.with_user(person).write({"policy_amount_paid": 1000})

    def test_without_policy_nothing_is_followed(self):
        self.env["order.policy"]._in_force(self.company).with_user(self.policy_admin).action_retire()
        order = self._order()
        order.action_confirm()
        self._invoiced(order)
        self.assertEqual(self._amounts(order), (0, 0, 0, 0))
        self.assertFalse(order.policy_payment_hold)


@tagged("post_install", "-at_install")
class TestWhoCollects(CollectionCase):
    """Finance and sales managers see what is to be collected, and others do not (article 2.11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._pay_before("nothing", departments_read="asked")
        cls.order = cls._confirmed()

    def _menu_shows(self, user):
        menu = self.env.ref("order_policy_execution.menu_collection")
        return menu.id in self.env["ir.ui.menu"].with_user(user).load_menus(False)

    def test_menu(self):
        for person, shows in (
            (self.collector, True),
            (self.sales_head, True),
            (self.policy_admin, True),
            (self.production, False),
            (self.salesman, False),
        ):
            self.assertEqual(self._menu_shows(person), shows, person.login)

    def test_finance_reads_orders_as_long_as_something_is_due(self):
        Order = self.env["sale.order"].with_user(self.collector)
        mine = [("id", "=", self.order.id)]
        self.assertFalse(Order.search(mine))
        invoice = self._invoiced(self.order)
        self.env.flush_all()
        self.assertEqual(Order.search(mine), self.order)
        self.assertEqual(Order.search(mine).policy_amount_due, 1000)
        self.assertFalse(self.env["sale.order"].with_user(self.production).search(mine))
        self._pay(invoice)
        self.env.flush_all()
        self.assertFalse(Order.search(mine))

    def test_opens_for_a_collector_without_rights_in_invoicing(self):
        self._invoiced(self.order)
        self.env.flush_all()
        action = self.env.ref("order_policy_execution.sale_order_action_collection")
        orders = self.env["sale.order"].with_user(self.collector)
        result = orders.web_search_read(
            [("id", "=", self.order.id), ("policy_collection", "!=", False)],
            {name: {} for name in ("policy_amount_due", "policy_amount_overdue", "policy_days_late", "policy_due_on")},
        )
        self.assertEqual(result["records"][0]["policy_amount_due"], 1000)
        groups = orders.web_read_group(
            [("id", "=", self.order.id)], ["partner_id"], ["policy_amount_due:sum", "policy_amount_overdue:sum"]
        )
        self.assertEqual(groups["groups"][0]["policy_amount_due:sum"], 1000)
        self.assertEqual(action.res_model, "sale.order")

    def test_list_of_many_costs_what_a_list_of_few_does(self):
        orders = self.env["sale.order"].browse()
        for _number in range(6):
            orders += self._confirmed()
        for order in orders:
            self._invoiced(order)
        names = ["policy_amount_due", "policy_amount_overdue", "policy_days_late", "policy_payment_hold"]

        def read(found):
            return lambda: found.with_user(self.sales_head).read(names)

        self._queries(read(orders[:2]))
        self.assertEqual(self._queries(read(orders[:2])), self._queries(read(orders)))

    def test_many_invoices_cost_what_few_do(self):
        orders = self.env["sale.order"].browse([self._confirmed().id for _number in range(6)])
        for order in orders:
            self._pay(self._invoiced(order), amount=10)

        def compute(some):
            self.env.add_to_compute(some._fields["policy_amount_due"], some)
            some.flush_recordset()

        few, many = (self._queries(lambda some=some: compute(some.sudo())) for some in (orders[:2], orders))
        self.assertEqual(few, many)
