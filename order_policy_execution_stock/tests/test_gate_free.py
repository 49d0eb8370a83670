"""What lets nothing more leave, whatever quality decided since."""

from odoo.tests import tagged

from .common import GateCase


@tagged("post_install", "-at_install")
class TestWhatLetsNothingMoreLeave(GateCase):
    """Goods come back and move inside though less is released than left; and nothing leaves by that (article 3.10)."""

    def _leave_and_be_rejected(self):
        self._to_do(self.order, self.quality_head).action_release_later("The ship leaves today")
        self._validate()
        self._to_do(self.order).action_rework("Scratches")
        self.env.flush_all()
        self.assertEqual((self.desk_line.policy_released_qty, self._at_customers()), (0, (5, 5)))

    def test_rejected_goods_come_back(self):
        self._leave_and_be_rejected()
        back = self._return(self.transfer, 2)
        self._validate(back)
        self.desks.quantity = 4
        self.assertEqual(self._at_customers(), (2, 2))
        inner = self._inner(self.desk, 1, sale_line_id=self.desk_line.id)
        inner._action_done()
        self.env.flush_all()
        self.assertEqual(inner.state, "done")
        self._assert_held(lambda: inner.write({"location_dest_id": self.to_customers.id}))

    def test_nothing_leaves_by_what_came_back(self):
        self._leave_and_be_rejected()
        back = self._return(self.transfer, 2)
        self._validate(back)
        for vals in ({"quantity": 1}, {"quantity": 0}, {"location_id": self.stock.id}):
            self._assert_held(lambda vals=vals: back.move_ids.write(vals), "quality released 0|stays")
            self._assert_held(lambda vals=vals: back.move_line_ids.write(vals), "quality released 0|stays")
        self._assert_held(lambda: self.desks.write({"quantity": 6}), "quality released 0")
        again = self._return(back, 1)
        self._assert_held(lambda: self._validate(again), "quality released 0")
        self._assert_held(lambda: self._validate(again | self._return(self.transfer, 1)), "quality released 0")

    def test_no_more_comes_back_than_left(self):
        self._leave_and_be_rejected()
        self._validate(self._return(self.transfer, 4))
        self._assert_held(lambda: self.desks.write({"quantity": 3}), "more would have come back than left")

    def test_what_comes_back_besides_is_added_to_the_order(self):
        """As Odoo does it with a return into which something else was put."""
        self._release(self.order)
        self._validate()
        back = self._return(self.transfer, 1)
        extra = self._product("Screws", 1.0, is_storable=True)
        places = {"location_id": self.to_customers.id, "location_dest_id": self.stock.id}
        self._inner(extra, 2, picking_id=back.id, to_refund=True, **places)
        self._validate(back.sudo())
        self.assertEqual(self.order.sudo().order_line.filtered(lambda line: line.product_id == extra).qty_delivered, -2)
        self.assertEqual(self._at_customers(), (4, 4))
        alone = self._inner(self.chair, 1, **places)
        alone._action_done()
        self._assert_held(lambda: alone.write({"sale_line_id": self.chair_line.id}), "stays as it was")

    def test_parts_of_repairs_are_added_to_their_order(self):
        part = self._inner(self.chair, 1)
        part._action_done()
        part.sale_line_id = self.chair_line
        self.assertEqual(self.chair_line.qty_delivered, 0)
