from odoo.addons.order_policy.tests.common_orders import GateCase
from odoo.addons.order_policy_execution.tests.common_quality import QualityCase
from odoo.tests import tagged

from .common import ProductionCase


@tagged("post_install", "-at_install")
class TestKits(GateCase, QualityCase, ProductionCase):
    """Sets of a table and two stools are inspected: what leaves and comes back is counted in whole sets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table, cls.stool = (cls._product(name, 100.0, is_storable=True) for name in ("Table", "Stool"))
        for product in cls.table | cls.stool:
            cls.env["stock.quant"]._update_available_quantity(product, cls.warehouse.lot_stock_id, 100)
        cls.set = cls._product("Set", 300.0, categ_id=cls.desk.categ_id.id)
        cls._bom(cls.set, (cls.table, 1), (cls.stool, 2), type="phantom")
        cls.service = cls._product("Assembly", 50.0, type="service")
        cls.sets = cls._confirmed((cls.set, 4, 300.0), (cls.service, 1, 50.0))
        cls.sets_line, cls.service_line = cls.sets.order_line
        cls.env.flush_all()

    def _assert_held(self, act, sentence="would have left, and quality released"):
        with self.assertRefused(sentence):
            act()
            self.env.flush_all()
        self.env.invalidate_all()

    def _shipped(self):
        line = self.env["sale.order.line"].sudo().browse(self.sets_line.id)
        return line._policy_shipped()[line]

    def test_some_sets_are_released(self):
        self._release(self.sets, 2)
        self._assert_held(lambda: self._ship({self.table: 2, self.stool: 6}, order=self.sets))
        self._assert_held(lambda: self._ship({self.table: 3, self.stool: 2}, order=self.sets))
        self._ship({self.table: 2, self.stool: 4}, order=self.sets)
        self.assertEqual((self._delivered(self.sets), self._shipped()), (("started", 50), 2))

    def test_parts_of_sets_come_back_and_leave_again(self):
        self._release(self.sets, 2)
        [picking] = self._open_transfers(self.sets)
        self._ship({self.table: 2, self.stool: 4}, order=self.sets)
        back = self._return(picking, {self.stool: 2})
        self.assertEqual(self._delivered(self.sets), ("started", 25))
        # Of the tables as many as are released are at the customer still.
        self._assert_held(lambda: self._ship({self.table: 1, self.stool: 0}, order=self.sets))
        again = self._return(back, {self.stool: 2})
        self.assertEqual(again.state, "done")
        self.assertEqual((self._delivered(self.sets), self._shipped()), (("started", 50), 2))
        self._assert_held(lambda: self._ship({self.table: 0, self.stool: 1}, order=self.sets))

    def test_whole_sets_come_back(self):
        self._release(self.sets)
        [picking] = self._open_transfers(self.sets)
        self._ship(order=self.sets)
        self.assertEqual(self._delivered(self.sets), ("done", 100))
        self._return(picking, {self.table: 1, self.stool: 2})
        self.assertEqual((self._delivered(self.sets), self._shipped()), (("started", 75), 3))

    def test_returned_sets_that_fail_stay(self):
        self._release(self.sets)
        [picking] = self._open_transfers(self.sets)
        self._ship(order=self.sets)
        back = self._return(picking, {self.table: 4, self.stool: 8})
        self.assertEqual(self._shipped(), 0)
        again = self._return(back, {self.table: 4, self.stool: 8})
        self.assertEqual((again.state, self._delivered(self.sets)), ("done", ("done", 100)))

    def test_more_than_left_does_not_come_back(self):
        self._release(self.sets, 2)
        [picking] = self._open_transfers(self.sets)
        self._ship({self.table: 2, self.stool: 4}, order=self.sets)
        self._return(picking, {self.table: 2, self.stool: 4})
        self._assert_held(lambda: self._return(picking, {self.stool: 1}), "come back|left|returned")

    def test_services_neither_hold_nor_are_held(self):
        self.assertFalse(self.service_line.policy_to_inspect)
        self.service_line.qty_delivered = 1
        self.assertEqual(self._delivered(self.sets), ("planned", 0))
        self._release(self.sets)
        self._ship(order=self.sets)
        self.assertEqual(self._delivered(self.sets), ("done", 100))

    def test_kits_within_kits(self):
        self._need_apps("sale_mrp")
        room = self._product("Room", 900.0, categ_id=self.desk.categ_id.id)
        self._bom(room, (self.set, 2), (self.chair, 1), type="phantom")
        order = self._confirmed((room, 2, 900.0))
        self._assert_held(lambda: self._ship(order=order))
        self._release(order, 1)
        self._assert_held(lambda: self._ship({self.table: 3, self.stool: 4, self.chair: 1}, order=order))
        self._ship({self.table: 2, self.stool: 4, self.chair: 1}, order=order)
        self.assertEqual(self._delivered(order), ("started", 50))

    def test_kits_that_are_changed_after_they_left(self):
        """What a set consists of by now does not alter what left of it."""
        self._release(self.sets, 2)
        self._ship({self.table: 2, self.stool: 4}, order=self.sets)
        self.set.bom_ids.bom_line_ids.filtered(lambda line: line.product_id == self.stool).product_qty = 4
        self._assert_held(lambda: self._ship({self.table: 1, self.stool: 2}, order=self.sets))
        self._release(self.sets)
        self._ship(order=self.sets)
