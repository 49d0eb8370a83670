from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderPolicyCommon


@tagged("post_install", "-at_install")
class TestCostsThatSellersEnter(OrderPolicyCommon):
    """With the Margins app sellers can enter the cost of a line. No approval follows from that (articles 1.6, 3.7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk.standard_price = 950.0
        policy = cls._policy().with_user(cls.policy_admin)
        check = {"name": "Margin", "kind": "price", "price_basis": "margin", "percent": 10.0}
        policy.step_ids[0].write({"automatic": True, "check_ids": [Command.create(check)]})
        policy.action_activate()

    def _margin(self, order):
        """Submit an order; return what finance is shown of its margin, and where the review stands."""
        order.action_policy_submit()
        review = self._review(order, self.finance_department)
        return review.state, review.check_ids.filtered("is_current").observed

    def test_lower_cost_is_not_believed(self):
        order = self._order()
        order.order_line.purchase_price = 1.0
        state, observed = self._margin(order)
        self.assertEqual(state, "pending")
        self.assertRegex(observed, r"^Desk: 5\.0% margin; Desk: a cost of .*1\.00 was entered, it is .*950\.00$")

    def test_lower_cost_is_told_where_the_margin_is_kept(self):
        self.desk.standard_price = 800.0
        order = self._order()
        order.order_line.purchase_price = 1.0
        state, observed = self._margin(order)
        self.assertEqual(state, "approved")
        self.assertRegex(observed, r"All lines; Desk: a cost of .*1\.00 was entered, it is .*800\.00")

    def test_higher_cost_is_believed(self):
        self.desk.standard_price = 800.0
        order = self._order()
        self.assertEqual(self._margin(order), ("approved", "All lines"))
        order = self._order()
        order.order_line.purchase_price = 950.0
        self.assertEqual(self._margin(order), ("pending", "Desk: 5.0% margin"))

    def test_cost_that_only_the_seller_knows(self):
        order = self._order((self.chair, 1, 200.0))
        order.order_line.purchase_price = 1.0
        self.assertEqual(self._margin(order)[0], "pending")

    def test_cost_in_the_unit_of_the_line(self):
        self.desk.standard_price = 800.0
        order = self._order((self.desk, 1, 12000.0))
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        order.order_line.price_unit = 12000.0
        self.assertEqual(self._margin(order), ("approved", "All lines"))
