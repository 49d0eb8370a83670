"""Transfers for several orders, and orders with several transfers."""

from odoo.addons.order_policy.tests.common_orders import GateCase
from odoo.addons.order_policy_execution.tests.common_quality import QualityCase
from odoo.tests import tagged

from .common_delivery import LeavingCase


@tagged("post_install", "-at_install")
class TestMergedTransfers(GateCase, QualityCase, LeavingCase):
    """However moves are put together or taken apart, each order line is judged by itself (articles 1.9, 2.10, 3.10)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._confirmed((cls.desk, 5, 1000.0), (cls.chair, 4, 200.0))
        cls.second = cls._confirmed((cls.desk, 3, 1000.0))
        cls.env.flush_all()

    def _transfers(self, *orders):
        transfers = self.env["stock.picking"].concat(*(self._open_transfers(order) for order in orders))
        transfers.action_assign()
        return transfers

    def _into_one(self):
        """Put the moves of the second order into the transfer of the first, as the list of moves lets do."""
        one, other = self._transfers(self.first, self.second)
        other.move_ids.write({"picking_id": one.id})
        one.move_line_ids.filtered(lambda detail: detail.picking_id != one).picking_id = one
        self.env.flush_all()
        return one

    def _validate(self, transfer):
        transfer.move_ids.picked = True
        transfer.with_context(skip_backorder=True).button_validate()
        self.env.flush_all()

    def _assert_held(self, act):
        with self.assertRefused("would have left, and quality released"):
            act()
            self.env.flush_all()
        self.env.invalidate_all()

    def test_one_transfer_for_two_orders(self):
        one = self._into_one()
        self._assert_held(lambda: self._validate(one))
        self._release(self.first)
        one.invalidate_recordset()
        self.assertRegex(one.policy_hold, "Desk: 0 of 3 may leave now")
        self._assert_held(lambda: self._validate(one))
        self._release(self.second, 2)
        of_second = one.move_ids.filtered(lambda move: move.sudo().sale_line_id.order_id == self.second.sudo())
        of_second.quantity = 2
        self._validate(one)
        self.assertEqual(self._delivered(self.first), ("done", 100))
        self.assertEqual(self._delivered(self.second), ("started", 66))
        self._release(self.second)
        rest = one.sudo().backorder_ids.with_user(self.warehouse_user).sudo(False)
        self._validate(rest)
        self.assertEqual(self._delivered(self.second), ("done", 100))

    def test_what_is_released_for_one_order_does_not_leave_for_another(self):
        one = self._into_one()
        self._release(self.first)
        for move in one.move_ids:
            move.quantity = 0
        desks = one.move_ids.filtered(lambda move: move.sudo().sale_line_id.order_id == self.second.sudo())
        desks.quantity = 3
        self._assert_held(lambda: self._validate(one))

    def test_moves_are_merged_only_within_a_line(self):
        one = self._into_one()
        moves = one.move_ids
        merged = moves.sudo()._merge_moves()
        self.assertEqual(len(merged.exists().filtered(lambda move: move.product_id == self.desk)), 2)
        twin = (
            self.env["stock.move"]
            .with_user(self.warehouse_user)
            .create(
                {
                    "product_id": self.desk.id,
                    "product_uom_qty": 2,
                    "location_id": one.location_id.id,
                    "location_dest_id": one.location_dest_id.id,
                    "picking_id": one.id,
                }
            )
        )
        twin._action_confirm()
        twin.exists().quantity = 2
        self._release(self.first)
        self._release(self.second)
        self._assert_held_or_without_order(one)

    def _assert_held_or_without_order(self, one):
        with self.assertRefused("without an order|would have left"):
            self._validate(one)
            self.env.flush_all()
        self.env.invalidate_all()

    def test_a_transfer_that_is_split(self):
        [transfer] = self._transfers(self.first)
        desks = transfer.move_ids.filtered(lambda move: move.product_id == self.desk)
        desks.quantity = 3
        transfer.action_split_transfer()
        [other] = self._open_transfers(self.first) - transfer
        other.action_assign()
        self._release(self.first, 3)
        self._validate(transfer)
        self.assertEqual(self._delivered(self.first), ("started", 80))
        self._assert_held(lambda: self._validate(other))
        self._release(self.first)
        self._validate(other)
        self.assertEqual(self._delivered(self.first), ("done", 100))

    def test_what_comes_back_of_a_merged_transfer_counts_for_its_order(self):
        one = self._into_one()
        self._release(self.first)
        self._release(self.second)
        self._validate(one)
        self.assertEqual((self._delivered(self.first), self._delivered(self.second)), (("done", 100), ("done", 100)))
        wizard = (
            self.env["stock.return.picking"]
            .with_user(self.warehouse_user)
            .with_context(active_id=one.id, active_model="stock.picking")
            .create({})
        )
        second = self.second.sudo().order_line
        for line in wizard.product_return_moves:
            line.quantity = 1 if line.move_id.sudo().sale_line_id == second else 0
        back = self.env["stock.picking"].with_user(self.warehouse_user).browse(wizard.action_create_returns()["res_id"])
        self._validate(back)
        self.assertEqual((self._delivered(self.first), self._delivered(self.second)), (("done", 100), ("started", 66)))

    def test_customers_see_what_left_for_them_in_a_merged_transfer(self):
        one = self._into_one()
        self._release(self.first)
        self._release(self.second)
        self._validate(one)
        for order in (self.first, self.second):
            self.assertEqual([bool(shipment["done"]) for shipment in order.sudo()._customer_shipments()], [True])

    def test_a_merged_transfer_that_is_cancelled(self):
        one = self._into_one()
        one.action_cancel()
        self.env.flush_all()
        for order in (self.first, self.second):
            self.assertEqual(self._delivered(order), ("planned", 0))

    def test_details_of_two_orders_in_one_package(self):
        one = self._into_one()
        self._release(self.first)
        one.move_ids.picked = True
        one.action_put_in_pack()
        self._assert_held(lambda: self._validate(one))
        self._release(self.second)
        self._validate(one)
        self.assertEqual(self._delivered(self.second), ("done", 100))

    def test_a_release_is_not_moved_with_a_detail(self):
        """A detail of the order that was released, put under the move of the other."""
        one = self._into_one()
        self._release(self.first)
        of_second = one.move_ids.filtered(lambda move: move.sudo().sale_line_id.order_id == self.second.sudo())
        of_first = (one.move_ids - of_second).filtered(lambda move: move.product_id == self.desk)
        of_first.move_line_ids.write({"move_id": of_second.id})
        self._assert_held(lambda: self._validate(one))

    def test_an_order_whose_line_is_given_a_second_transfer(self):
        [transfer] = self._transfers(self.first)
        self._release(self.first)
        self._validate(transfer)
        again = transfer.copy()
        for move in again.move_ids:
            move.sudo().sale_line_id = self.first.sudo().order_line.filtered(
                lambda line, move=move: line.product_id == move.product_id
            )
        again.action_confirm()
        again.action_assign()
        self._assert_held(lambda: self._validate(again))
