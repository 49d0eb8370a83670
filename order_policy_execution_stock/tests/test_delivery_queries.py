from odoo.tests import tagged

from .common_delivery import LeavingCase
from .common_queries import BridgeCostCase

FEW, MANY = 2, 10


@tagged("post_install", "-at_install")
class TestDeliveryQueries(LeavingCase, BridgeCostCase):
    """What a milestone costs whoever works in the warehouse."""

    def _transfer(self, lines):
        order = self._confirmed(*([(self.desk, 1, 10.0)] * lines))
        [picking] = self._open_transfers(order)
        picking.move_ids.picked = True
        return picking

    def test_following_does_not_grow_with_lines(self):
        orders = [self._confirmed(*([(self.desk, 1, 10.0)] * lines)) for lines in (2, 100)]
        few, many = (self._queries(order.sudo()._follow_milestones) for order in orders)
        self.assertLessEqual(many, few + 2)

    def test_following_does_not_grow_with_orders(self):
        orders = self.env["sale.order"].concat(*(self._confirmed((self.desk, 1, 10.0)) for _n in range(MANY)))
        for order in orders:
            self._ship(order=order)
        orders.sudo()._follow_milestones()
        few, many = (self._queries(some.sudo()._follow_milestones) for some in (orders[:FEW], orders))
        self.assertLessEqual(many, few + 2)

    def test_a_transfer_of_an_order_without_milestones_costs_hardly_more(self):
        self.policy_with_milestones.action_retire()
        self._policy(name="Without").action_activate()
        for lines in (1, 20):
            added = self._added(lambda picking: picking.button_validate(), self._transfer(lines))
            self.assertLessEqual(added, 3, f"{lines} lines")
