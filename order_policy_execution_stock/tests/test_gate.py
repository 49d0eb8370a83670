"""Each way out of the warehouse. One file, because all of them are tried on the same transfer."""

from contextlib import contextmanager, suppress
from unittest.mock import patch

from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import GateCase


@tagged("post_install", "-at_install")
class TestGate(GateCase):
    """What quality did not release does not leave, whichever way out somebody takes (articles 1.9, 3.10)."""

    # The button

    def test_nothing_leaves_before_it_is_released(self):
        self._assert_held(self._validate, "5 would have left, and quality released 0.*Quality inspects it first")
        self._release(self.order)
        self._validate()
        self.assertEqual(self._at_customers(), (5, 5))
        self.assertEqual(self.order.order_line.mapped("qty_delivered"), [5, 4])

    def test_what_is_released_leaves_and_the_rest_waits(self):
        self._release(self.order, 2)
        self._assert_held(self._validate, "5 would have left, and quality released 2")
        self.desks.quantity = 2
        self._validate()
        self.assertEqual(self._at_customers(), (2, 2))
        backorder = self.order.sudo().picking_ids.with_user(self.keeper) - self.transfer
        self._assert_held(lambda: self._validate(backorder), "5 would have left, and quality released 2")
        self._release(self.order)
        self._validate(backorder)
        self.assertEqual(self._at_customers(), (5, 5))

    def test_what_is_not_inspected_leaves(self):
        self.desks.quantity = 0
        self._validate()
        self.assertEqual(self.chair_line.qty_delivered, 4)

    def test_concessions_let_leave(self):
        inspection = self._to_do(self.order, self.quality_head)
        inspection.action_concede("Lighter colour", "Ms. Wang agrees")
        self._validate()
        self.assertEqual(self._at_customers(), (5, 5))

    def test_heads_let_leave_before_inspection(self):
        self._to_do(self.order, self.quality_head).action_release_later("The ship leaves today")
        self._validate()
        self.assertEqual(self._at_customers(), (5, 5))

    def test_what_was_rejected_stays(self):
        self._to_do(self.order).action_rework("Scratches")
        self._assert_held(self._validate)

    def test_the_transfer_says_before_what_may_not_leave(self):
        self.assertRegex(self.transfer.policy_hold, "Desk: 0 of 5 may leave now")
        self.assertNotIn("Chair", self.transfer.policy_hold)
        self._release(self.order, 2)
        self.transfer.invalidate_recordset()
        self.assertRegex(self.transfer.policy_hold, "Desk: 2 of 5 may leave now")
        self._release(self.order)
        self.transfer.invalidate_recordset()
        self.assertFalse(self.transfer.policy_hold)

    def test_forms_of_transfers_open(self):
        self.assertIn("Desk", Form(self.transfer).policy_hold)

    # Other ways out

    def test_moves_are_not_done_past_the_transfer(self):
        self.desks.picked = True
        self._assert_held(self.desks._action_done)
        self._release(self.order)
        self.desks._action_done()
        self.assertEqual(self._at_customers(), (5, 5))

    def test_single_pieces_are_held_as_scanned(self):
        """As barcodes do it: lines of the transfer one by one, picked each."""
        detail = self.desks.move_line_ids
        detail.write({"quantity": 1, "picked": True})
        self._assert_held(self._validate, "1 would have left")

    def test_transfers_validated_together_are_held(self):
        """As batches and waves do it."""
        other = self._confirmed((self.chair, 1, 200.0)).sudo().picking_ids.with_user(self.keeper)
        other.action_assign()
        together = self.transfer | other
        self._assert_held(lambda: self._validate(together))
        self.assertNotIn("done", together.mapped("state"))
        self._release(self.order)
        self._validate(together)
        self.assertEqual(self._at_customers(), (5, 5))

    def test_done_quantities_are_not_raised(self):
        self._release(self.order, 2)
        self.desks.quantity = 2
        self._validate()
        self._assert_held(lambda: self.desks.write({"quantity": 4}), "4 would have left")
        self._assert_held(lambda: self.desks.move_line_ids.write({"quantity": 4}), "4 would have left")
        self._release(self.order)
        self.desks.write({"quantity": 4})
        self.assertEqual(self._at_customers(), (4, 4))

    def test_details_are_not_added_to_done_moves(self):
        self._release(self.order, 2)
        self.desks.quantity = 2
        self._validate()

        def add():
            self.env["stock.move.line"].with_user(self.keeper).create(
                {
                    "move_id": self.desks.id,
                    "picking_id": self.transfer.id,
                    "product_id": self.desk.id,
                    "quantity": 1,
                    "location_id": self.stock.id,
                    "location_dest_id": self.to_customers.id,
                }
            )

        self._assert_held(add, "3 would have left")

    def test_moves_are_not_added_to_done_transfers(self):
        self.desks.quantity = 0
        self._validate()

        def add(line):
            move = self._new_move(picking_id=self.transfer.id, sale_line_id=line.id)
            move.quantity = 1

        self._assert_held(lambda: add(self.desk_line))
        self._assert_held(lambda: add(self.env["sale.order.line"]))
        self._assert_held(lambda: add(self.chair_line))

    def _new_move(self, **values):
        return (
            self.env["stock.move"]
            .with_user(self.keeper)
            .create(
                {
                    "product_id": self.desk.id,
                    "product_uom_qty": 1,
                    "location_id": self.stock.id,
                    "location_dest_id": self.to_customers.id,
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def test_moves_without_transfer_are_held(self):
        def deliver(line, **values):
            move = self._new_move(sale_line_id=line.id, **values)
            move._action_confirm()
            move.write({"quantity": 1, "picked": True})
            move._action_done()

        self._assert_held(lambda: deliver(self.desk_line))
        self._assert_held(lambda: deliver(self.chair_line))
        self._assert_held(lambda: deliver(self.env["sale.order.line"]), "without an order")
        self._assert_held(lambda: self._new_move(sale_line_id=self.desk_line.id, state="done", quantity=1))
        self._assert_held(lambda: self._new_move(state="done", quantity=1))
        self._release(self.order)
        deliver(self.desk_line)
        self.assertEqual(self._at_customers()[0], 1)

    def test_deliveries_are_not_passed_to_another_line(self):
        self.desks.sale_line_id = self.chair_line
        self._assert_held(self._validate, "without an order")

    def test_deliveries_do_not_lose_their_order(self):
        self.desks.sale_line_id = False
        self._assert_held(self._validate, "without an order")

    def test_done_moves_are_not_passed_on(self):
        other = self._confirmed((self.desk, 5, 1000.0))
        self._release(self.order)
        self._validate()
        self._assert_held(lambda: self.desks.write({"sale_line_id": other.order_line.id}), "stays as it was")

    def test_inner_moves_do_not_become_deliveries(self):
        shelf = self.env["stock.location"].create({"name": "Shelf", "location_id": self.stock.id})
        move = self._new_move(location_dest_id=shelf.id, sale_line_id=self.desk_line.id)
        move._action_confirm()
        move.write({"quantity": 1, "picked": True})
        move._action_done()
        self.assertEqual(move.state, "done")
        self._assert_held(lambda: move.write({"location_dest_id": self.to_customers.id}))

    def test_what_came_back_may_leave_again(self):
        self._release(self.order)
        self._validate()
        back = self._return(self.transfer, 2)
        self._validate(back)
        self.assertEqual(self._at_customers()[0], 3)
        again = self._return(back, 2)
        self._validate(again)
        self.assertEqual(self._at_customers()[0], 5)
        self._assert_held(lambda: back.move_ids.write({"quantity": 0}))
        self._assert_held(lambda: again.move_ids.write({"quantity": 3}))

    def test_deliveries_in_steps_are_held_at_the_last_one(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self._confirmed((self.desk, 3, 1000.0))
        pick = order.sudo().picking_ids.with_user(self.keeper)
        pick.action_assign()
        self._validate(pick)
        self.assertEqual(pick.state, "done")
        ship = order.sudo().picking_ids.with_user(self.keeper) - pick
        ship.action_assign()
        self._assert_held(lambda: self._validate(ship), "3 would have left")
        self._release(order)
        self._validate(ship)
        self.assertEqual(order.order_line.qty_delivered, 3)

    def test_dropshipments_are_held(self):
        self._need_apps("stock_dropshipping")
        suppliers = self.env.ref("stock.stock_location_suppliers")

        def deliver():
            move = self._new_move(sale_line_id=self.desk_line.id, location_id=suppliers.id)
            move._action_confirm()
            move.write({"quantity": 1, "picked": True})
            move._action_done()

        self._assert_held(deliver)
        self._release(self.order)
        deliver()
        self.assertEqual(self._at_customers()[0], 1)

    def test_kits_are_held_by_their_components(self):
        self._need_apps("sale_mrp")
        board, leg = self._product("Board", 10.0, is_storable=True), self._product("Leg", 5.0, is_storable=True)
        for product in board | leg:
            self.env["stock.quant"]._update_available_quantity(product, self.stock, 100)
        kit = self._product("Kit", 100.0, categ_id=self.desk.categ_id.id)
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "company_id": self.company.id,
                "bom_line_ids": [
                    Command.create({"product_id": board.id, "product_qty": 1}),
                    Command.create({"product_id": leg.id, "product_qty": 4}),
                ],
            }
        )
        order = self._confirmed((kit, 3, 100.0))
        transfer = order.sudo().picking_ids.with_user(self.keeper)
        transfer.action_assign()
        self._assert_held(lambda: self._validate(transfer), "3 would have left, and quality released 0")
        self._release(order, 1)
        legs = transfer.move_ids.filtered(lambda move: move.product_id == leg)
        (transfer.move_ids - legs).quantity = 1
        legs.quantity = 5
        self._assert_held(lambda: self._validate(transfer), "1.25 would have left, and quality released 1")
        legs.quantity = 4
        self._validate(transfer)
        self.assertEqual(order.order_line.qty_delivered, 1)

    def test_what_a_kit_consists_of_is_inspected_with_it(self):
        self._need_apps("sale_mrp")
        kit = self._product("Kit", 100.0)
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "company_id": self.company.id,
                "bom_line_ids": [Command.create({"product_id": self.desk.id, "product_qty": 1})],
            }
        )
        order = self._confirmed((kit, 1, 100.0))
        self.assertTrue(order.order_line.policy_to_inspect)
        transfer = order.sudo().picking_ids.with_user(self.keeper)
        self._assert_held(lambda: self._validate(transfer))

    # Lots

    def test_released_lots_leave_and_others_do_not(self):
        serial = self._product("Safe", 500.0, is_storable=True, tracking="serial", categ_id=self.desk.categ_id.id)
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": serial.id, "company_id": self.company.id} for name in ("A1", "A2")]
        )
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(serial, self.stock, 1, lot_id=lot)
        order = self._confirmed((serial, 1, 500.0))
        inspection = self._to_do(order)
        inspection.lot_name = "A2"
        inspection.action_release()
        transfer = order.sudo().picking_ids.with_user(self.keeper)
        transfer.action_assign()
        detail = transfer.move_line_ids
        detail.lot_id = lots[0]
        self._assert_held(lambda: self._validate(transfer), r"released other lots \(A2\) than would have left \(A1\)")
        detail.lot_id = lots[1]
        self._validate(transfer)
        self.assertEqual(order.order_line.qty_delivered, 1)
        self._assert_held(lambda: detail.write({"lot_id": lots[0].id}), "released other lots")

    # What stays free

    def test_without_order_what_is_not_inspected_leaves(self):
        move = self._new_move(product_id=self.chair.id)
        move._action_confirm()
        move.write({"quantity": 1, "picked": True})
        move._action_done()
        self.assertEqual(move.state, "done")

    def test_scrap_and_corrections_are_free(self):
        scrap = self.env["stock.scrap"].with_user(self.keeper)
        scrap = scrap.create({"product_id": self.desk.id, "scrap_qty": 1, "location_id": self.stock.id})
        scrap.action_validate()
        self.assertEqual(scrap.state, "done")
        quant = (
            self.env["stock.quant"]
            .with_user(self.keeper)
            .search([("product_id", "=", self.desk.id), ("location_id", "=", self.stock.id)])
        )
        quant.inventory_quantity = 50
        quant.action_apply_inventory()
        self.assertEqual(quant.quantity, 50)

    def test_exempt_orders_leave(self):
        self.order.sudo().policy_exempt_reason = "Sample for a fair"
        self._validate()
        self.assertEqual(self._at_customers(), (5, 5))

    def test_without_policy_everything_is_as_before(self):
        self.env["order.policy"]._in_force(self.company).with_user(self.policy_admin).action_retire()
        order = self._order((self.desk, 2, 1000.0))
        order.action_confirm()
        transfer = order.sudo().picking_ids.with_user(self.keeper)
        transfer.action_assign()
        self.assertFalse(transfer.policy_hold)
        self._validate(transfer)
        self.assertEqual(order.order_line.qty_delivered, 2)
        move = self._new_move(sale_line_id=order.order_line.id)
        move.state = "done"
        order.order_line.qty_delivered = 1
        self.assertEqual(order.order_line.qty_delivered, 1)

    # Facts

    def test_transfers_are_not_called_done(self):
        self._release(self.order)
        for person in (self.salesman, self.keeper):
            self._assert_held(
                lambda person=person: self.desks.with_user(person).write({"state": "done"}), "called done"
            )
            self._assert_held(
                lambda person=person: self.chairs.with_user(person).write({"state": "done"}), "called done"
            )

    def test_what_is_delivered_is_not_entered(self):
        for line in (self.desk_line, self.chair_line):
            for person in (self.salesman, self.sales_head, self.keeper):
                with self.assertRaisesRegex(AccessError, "follows from Inventory"):
                    line.with_user(person).qty_delivered = 3
                with self.assertRaisesRegex(AccessError, "follows from Inventory"):
                    line.with_user(person).qty_delivered_method = "manual"

    def test_nothing_is_delivered_by_default(self):
        for name, value in (("qty_delivered", 5), ("qty_delivered_method", "manual")):
            self.env["ir.default"].with_user(self.salesman).set("sale.order.line", name, value, user_id=True)
        line = self._order((self.desk, 5, 1000.0)).order_line
        self.assertEqual((line.qty_delivered, line.qty_delivered_method), (0, "stock_move"))

    def test_that_something_was_moved_is_not_entered(self):
        with self.assertRaisesRegex(AccessError, "follows from validating"):
            self.desks.move_line_ids.policy_moved = True
        with self.assertRaisesRegex(AccessError, "follows from validating"):
            self.chairs.with_user(self.salesman).move_line_ids.policy_moved = True

    def test_details_do_not_join_moves_that_are_done(self):
        self._release(self.order)
        other = self._confirmed((self.desk, 5, 1000.0))
        transfer = other.sudo().picking_ids.with_user(self.keeper)
        transfer.action_assign()
        self._validate()
        with self.assertRaisesRegex(UserError, "cannot be added to a move that is done"):
            transfer.move_line_ids.move_id = self.desks

    def test_services_are_still_delivered_by_hand(self):
        service = self._product("Assembly", 50.0, type="service")
        line = self._confirmed((service, 2, 50.0)).order_line
        line.qty_delivered = 2
        self.assertEqual(line.qty_delivered, 2)


@tagged("post_install", "-at_install")
class TestGateAtTheCounter(GateCase):
    """Tills go on when a transfer fails, and the transfer stays to be done."""

    def test_what_has_to_be_inspected_does_not_leave_over_the_counter(self):
        self._need_apps("point_of_sale")
        transfer = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.stock.id,
                "location_dest_id": self.to_customers.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.desk.id,
                            "product_uom_qty": 1,
                            "location_id": self.stock.id,
                            "location_dest_id": self.to_customers.id,
                        }
                    )
                ],
            }
        )
        transfer.action_confirm()
        transfer.move_ids.write({"quantity": 1, "picked": True})
        self.env.flush_all()
        before = self._at_customers()
        with suppress(UserError), self.env.cr.savepoint():  # as point_of_sale does
            transfer._action_done()
        self.assertNotEqual(transfer.state, "done")
        self.assertNotEqual(transfer.move_ids.state, "done")
        self.assertEqual(self._at_customers(), before)


@tagged("post_install", "-at_install")
class TestGateQueries(QueriesCase, GateCase):
    """What is judged costs little where nothing is inspected, and does not grow with the lines of a transfer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for product in cls.desk | cls.chair:
            cls.env["stock.quant"]._update_available_quantity(product, cls.stock, 1000)

    def _validating(self, count, product):
        order = self._confirmed(*[(product, 1, 10.0)] * count)
        if product == self.desk:
            self._release(order)
        transfer = order.sudo().picking_ids.with_user(self.keeper)
        transfer.action_assign()
        transfer.move_ids.picked = True
        return self._queries(transfer.button_validate)

    @contextmanager
    def _judging_nothing(self):
        Move, Detail = self.registry["stock.move"], self.registry["stock.move.line"]
        with (
            patch.object(Move, "_policy_directions", lambda moves: {}),
            patch.object(Move, "_done_for_orders", lambda moves: moves.browse()),
            patch.object(Detail, "_mark_as_moved", lambda details: None),
        ):
            yield

    def test_where_nothing_is_inspected_it_costs_three_queries_at_most(self):
        self._inspect_by()
        self._validating(20, self.chair)
        judged = self._validating(20, self.chair)
        with self._judging_nothing():
            self.assertLessEqual(judged - self._validating(20, self.chair), 3)

    def test_it_does_not_grow_with_lines(self):
        for product, most in ((self.chair, 1), (self.desk, 4)):
            self._validating(20, product)
            judged = self._validating(40, product) - self._validating(5, product)
            with self.subTest(product=product.name), self._judging_nothing():
                plain = self._validating(40, product) - self._validating(5, product)
                self.assertLessEqual(judged - plain, most)

    def test_lots_of_all_lines_are_looked_at_at_once(self):
        self.desk.sudo().tracking = "lot"
        counts = []
        for count in (2, 12):
            order = self._confirmed(*[(self.desk, 1, 10.0)] * count)
            self._to_do(order).lot_name = "GOOD"
            self._release(order)
            lines = self.env["sale.order.line"].sudo().browse(order.order_line.ids)
            counts.append(self._queries(lines._policy_refusals_to_ship))
        self.assertLessEqual(counts[1], counts[0])
