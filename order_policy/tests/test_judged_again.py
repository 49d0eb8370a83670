from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from .common_orders import CheckCase

SIGNATURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class CreditCase(CheckCase):
    """A customer with credit for 1,000, which several orders want to have."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.company.account_use_credit_limit = True
        cls.customer.credit_limit = 1000.0

    def _of_amount(self, amount, **values):
        return self._order((self.desk, 1, amount), **values)

    def _approved_pair(self, *amounts):
        orders = [self._of_amount(amount) for amount in amounts or (600.0, 500.0)]
        for order in orders:
            order.action_policy_submit()
            self._approve_all(order)
        return orders

    def _invoice(self, order):
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        return invoice


@tagged("post_install", "-at_install")
class TestConfirmedAtOnce(BaseCase):
    """Two people confirm orders of one customer at the same moment, each in a transaction of his own."""

    def test_whoever_does_not_see_the_other_one_is_done_again(self):
        registry = Registry(get_db_name())
        with registry.cursor() as one, registry.cursor() as other:
            orders = []
            for cr in (one, other):
                env = api.Environment(cr, SUPERUSER_ID, {})
                partner = env.ref("base.main_company").partner_id
                self.assertTrue(partner.name)  # from here on it sees nothing of what others do
                orders.append(env["sale.order"].new({"partner_id": partner.id}))
            orders[0]._policy_confirm_one_by_one()
            one.commit()
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                orders[1]._policy_confirm_one_by_one()
            other.rollback()


@tagged("post_install", "-at_install")
class TestJudgedAgain(CreditCase):
    """What others used up between approval and confirmation is noticed at confirmation (articles 1.6, 1.7)."""

    def _finance(self, order):
        return self._review(order, self.finance_department)

    def _assert_asked_again(self, order):
        """The order waits for finance, which reads why; so does the salesperson."""
        self.assertEqual((order.state, order.policy_stage), ("draft", "review"))
        review = self._finance(order)
        self.assertEqual(review.state, "pending")
        self.assertEqual(review.previous_id.state, "outdated")
        self.assertEqual(self._states(order)[1:3], ["approved", "approved"], "They did not look at the credit")
        for text in (order.policy_explanation, review.with_user(self.finance).changes_html):
            self.assertRegex(
                text, r"Asked anew, as it passed before: Check of credit: .*1,100\.00.* At most .*1,000\.00"
            )
        self.assertRegex(review.with_user(self.finance).checks_html, r"1,100\.00")

    def _version_of_customer(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT ctid FROM res_partner WHERE id = %s", [self.customer.commercial_partner_id.id])
        return self.env.cr.fetchone()

    def test_confirmed_one_by_one(self):
        """Two people at once: PostgreSQL refuses who does not see the other one, and Odoo does his again."""
        self._put_in_force(step_checks=[{"kind": "credit"}])
        first, _second = self._approved_pair()
        before = self._version_of_customer()
        first.action_confirm()
        self.env.flush_all()
        self.assertNotEqual(self._version_of_customer(), before)
        self.assertEqual(first.state, "sale")

    def test_reading_an_order_takes_no_approval_back(self):
        self._put_in_force(step_checks=[{"kind": "credit"}])
        first, second = self._approved_pair()
        first.action_confirm()
        with self.assertRaises(AccessError):
            second.with_user(self.finance).action_confirm()
        self.assertEqual(self._finance(second).state, "approved")

    def test_automatic_approval_is_taken_back(self):
        self._put_in_force(step_checks=[{"kind": "credit"}], step={"automatic": True})
        first, second = self._approved_pair()
        self.assertTrue(self._finance(second).is_automatic)
        first.action_confirm()
        action = second.action_confirm()
        self.assertEqual((action["tag"], action["params"]["type"]), ("display_notification", "warning"))
        self.assertRegex(action["params"]["title"], second.name)
        self.assertRegex(
            action["params"]["message"], r"Finance has to approve, waiting for .*Check of credit: .*1,100\.00"
        )
        self._assert_asked_again(second)
        self._finance(second).with_user(self.finance).action_approve("He pays tomorrow.")
        second.action_confirm()
        self.assertEqual(second.state, "sale", "Finance knew")

    def test_person_who_relied_on_the_check_is_asked_again(self):
        self._put_in_force(step_checks=[{"kind": "credit"}])
        first, second = self._approved_pair()
        self.assertEqual(self._finance(second).decided_by_id, self.finance)
        first.action_confirm()
        second.action_confirm()
        self._assert_asked_again(second)
        # whatever happens to the order meanwhile, that approval does not come back
        second.order_line.price_unit = 550.0
        second.order_line.price_unit = 500.0
        self.env.flush_all()
        self._assert_asked_again(second)

    def test_what_a_person_approved_knowing_stays_approved(self):
        self._put_in_force(step_checks=[{"kind": "credit"}])
        [order] = self._approved_pair(1100.0)
        self._approved_pair(400.0)[0].action_confirm()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_order_that_still_passes(self):
        self._put_in_force(step_checks=[{"kind": "credit"}], step={"automatic": True})
        first, second = self._approved_pair(600.0, 400.0)
        first.action_confirm()
        self.assertTrue(second.action_confirm())
        self.assertEqual((second.state, len(second.sudo().review_ids)), ("sale", 3))

    def test_two_orders_confirmed_at_once(self):
        self._put_in_force(step_checks=[{"kind": "credit"}], step={"automatic": True})
        first, second = self._approved_pair()
        (first | second).action_confirm()
        self.assertEqual(first.state, "sale")
        self._assert_asked_again(second)

    def test_no_way_around(self):
        self._put_in_force(step_checks=[{"kind": "credit"}], step={"automatic": True})
        first, second = self._approved_pair()
        first.action_confirm()
        for user in (self.salesman, self.env.user):
            with self.assertRaisesRegex(ValidationError, r"does not any more: Check of credit: .*1,100\.00"):
                second.with_user(user).state = "sale"
        with self.assertRaisesRegex(ValidationError, "does not any more"):
            (second | self._approved_pair(100.0)[0]).write({"state": "sale"})
        self.assertEqual((second.state, self._finance(second).state), ("draft", "approved"))

    def test_switched_off(self):
        self._put_in_force(step_checks=[{"kind": "credit", "at_confirmation": False}], step={"automatic": True})
        first, second = self._approved_pair()
        (first | second).action_confirm()
        self.assertEqual(set((first | second).mapped("state")), {"sale"})

    def test_other_kinds_where_the_company_wants_it(self):
        check = {"kind": "price", "price_basis": "pricelist"}
        self.assertFalse(self.env["order.policy.check"].new(check).at_confirmation)
        self._put_in_force(step_checks=[{**check, "at_confirmation": True}])
        order = self._approved((self.desk, 1, 1000.0))
        self.desk.list_price = 1200.0
        order.action_confirm()
        self.assertEqual((order.state, self._finance(order).state), ("draft", "pending"))
        self.assertRegex(order.policy_explanation, r"Desk: .*1,000\.00, price list .*1,200\.00")

    def test_customer_who_confirmed_ahead(self):
        self._put_in_force(step_checks=[{"kind": "credit"}], step={"automatic": True}, confirmation_required=True)
        first, second = self._of_amount(600.0), self._of_amount(500.0)
        for order in (first, second):
            order.sudo().write({"signed_by": "Ms. Lin", "signed_on": fields.Datetime.now(), "signature": SIGNATURE})
            order.sudo()._validate_order()
            self.assertEqual((order.state, order.policy_stage), ("draft", "review"))
        self._approve_all(first)
        self.assertEqual(first.state, "sale", "Confirmed with its last approval")
        self._approve_all(second)
        # the last approval asked finance anew, and finance approved knowing
        self.assertEqual(
            len(second.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)), 2
        )
        self.assertEqual((second.state, self._finance(second).decided_by_id), ("sale", self.finance))

    def test_warning_of_the_intake_concerns_everybody(self):
        self._put_in_force({"kind": "credit", "severity": "warn"})
        first, second = self._approved_pair()
        first.action_confirm()
        second.action_confirm()
        self.assertEqual((second.state, self._states(second)[:3]), ("draft", ["pending", "pending", "waiting"]))
        self.assertRegex(second.policy_explanation, r"Check of credit: .*1,100\.00")
        self._approve_all(second)
        second.action_confirm()
        self.assertEqual(second.state, "sale")

    def test_what_the_intake_refuses_waits_until_it_passes(self):
        self._put_in_force({"kind": "credit", "severity": "block"})
        first, second = self._approved_pair()
        first.action_confirm()
        second.action_confirm()
        self.assertEqual((second.state, self._states(second)[:3]), ("draft", ["approved"] * 3))
        with self.assertRaisesRegex(UserError, r"Check of credit: .*1,100\.00"):
            second.action_policy_submit()
        self.customer.credit_limit = 1100.0
        second.action_policy_submit()
        second.action_confirm()
        self.assertEqual(second.state, "sale")


@tagged("post_install", "-at_install")
class TestCreditOfRequests(CreditCase):
    """What an order takes of the credit already is not counted against a request for it (articles 2.8, 3.13)."""

    def _found_by_request(self, order, **values):
        """Let the only line of an order be changed by request, and return what finance reads of the credit."""
        change = self._requested(order)
        change.line_ids.write(values)
        change.action_submit()
        review = change.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)
        return review.check_ids.state, review.check_ids.observed.replace("\N{NO-BREAK SPACE}", "")

    def _confirmed_order(self, amount, quantity=1):
        self._put_in_force(step_checks=[{"kind": "credit"}])
        return self._confirmed((self.desk, quantity, amount))

    def test_lower(self):
        self.assertEqual(
            self._found_by_request(self._confirmed_order(600.0), price_unit=500.0),
            ("pass", "¥500.00: owed ¥0.00, orders not invoiced ¥0.00, this order ¥500.00"),
        )

    def test_higher_beside_another_order(self):
        order = self._confirmed_order(600.0)
        self._confirmed((self.desk, 1, 300.0))
        self.assertEqual(
            self._found_by_request(order, price_unit=701.0),
            ("warn", "¥1,001.00: owed ¥0.00, orders not invoiced ¥300.00, this order ¥701.00"),
        )

    def test_request_that_concerns_no_credit(self):
        """What has become of the customer's credit meanwhile keeps no confirmed order from another date."""
        order = self._confirmed_order(600.0)
        self.customer.credit_limit = 500.0
        change = self._requested(order, commitment_date=self._today(30))
        change.action_submit()
        self.assertNotIn(self.finance_department, change.sudo().review_ids.department_id)
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)

    def test_partly_invoiced(self):
        self.desk.invoice_policy = "order"
        order = self._confirmed_order(200.0, quantity=3)
        order.order_line.qty_delivered = 1
        invoice = order.sudo()._create_invoices()
        invoice.invoice_line_ids.quantity = 1
        invoice.action_post()
        self.assertEqual(
            self._found_by_request(order, price_unit=250.0),
            ("pass", "¥750.00: owed ¥200.00, orders not invoiced ¥0.00, this order ¥550.00"),
        )

    def test_wholly_invoiced(self):
        self.desk.invoice_policy = "order"
        order = self._confirmed_order(600.0)
        self._invoice(order)
        self.assertEqual(
            self._found_by_request(order, price_unit=1100.0),
            ("warn", "¥1,100.00: owed ¥600.00, orders not invoiced ¥0.00, this order ¥500.00"),
        )

    def test_credit_that_was_taken_away_meanwhile(self):
        self._put_in_force({"kind": "credit", "severity": "block"})
        order = self._confirmed((self.desk, 1, 600.0))
        change = self._requested(order)
        change.line_ids.price_unit = 800.0
        change.action_submit()
        self.customer.credit_limit = 700.0
        self._approve_all(change)
        self.assertEqual((change.state, order.order_line.price_unit), ("approved", 600.0))
        self.assertRegex(change.trouble, r"could not be carried out: Check of credit: .*800\.00")
        self.customer.credit_limit = 1000.0
        change.action_apply()
        self.assertEqual((change.state, order.order_line.price_unit), ("applied", 800.0), change.trouble)
