from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import OrderPolicyCommon


@tagged("post_install", "-at_install")
class TestReview(OrderPolicyCommon):
    """Departments review, the head of sales approves, large orders go on to the general manager."""

    def test_life_of_a_small_order(self):
        order = self._order()
        self.assertEqual(order.policy_stage, "intake")
        order.action_policy_submit()
        self.assertEqual(order.policy_stage, "review")
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", None])
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self.assertEqual(order.policy_stage, "approval")
        self.assertEqual(self._states(order), ["approved", "approved", "pending", None])
        with self.assertRaisesRegex(UserError, "Head of sales"):
            order.action_confirm()
        self._review(order, self.sales_department).with_user(self.sales_head).action_approve()
        self.assertEqual(order.policy_stage, "confirmation")
        order.action_confirm()
        self.assertEqual((order.state, order.policy_stage), ("sale", "execution"))

    def test_large_order_waits_for_the_general_manager(self):
        order = self._submitted((self.desk, 100, 1000.0))
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", "waiting"])
        for department, user in (
            (self.finance_department, self.finance),
            (self.production_department, self.production),
            (self.sales_department, self.sales_head),
        ):
            self._review(order, department).with_user(user).action_approve()
        with self.assertRaisesRegex(UserError, "General manager"):
            order.action_confirm()
        self._review(order, self.management).with_user(self.general_manager).action_approve()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_changed_price_reopens_what_it_touches(self):
        order = self._approved()
        order.order_line.price_unit = 900.0
        self.assertEqual(self._states(order), ["pending", "approved", "waiting", None])
        self.assertIn("900", self._review(order, self.finance_department).changes_html)
        order.order_line.price_unit = 1000.0
        self.assertEqual(self._states(order), ["approved", "approved", "approved", None])

    def test_confirmed_order_does_not_change(self):
        order = self._approved()
        order.action_confirm()
        with self.assertRaises(ValidationError):
            order.order_line.price_unit = 900.0

    def test_facts_cannot_be_written(self):
        with self.assertRaises(AccessError):
            self._order(policy_id=False)
