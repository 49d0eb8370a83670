from contextlib import suppress

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_delivery import LeavingCase


@tagged("post_install", "-at_install")
class TestDelivery(LeavingCase):
    """Deliveries report themselves, by what really left."""

    def test_what_left_is_reported(self):
        self.assertEqual(self._delivered(), ("planned", 0))
        self._ship({self.desk: 1})
        self.assertEqual(self._delivered(), ("started", 25))
        self._ship()
        self.assertEqual(self._delivered(), ("done", 100))
        milestone = self._milestone(self.order, "Delivery")
        self.assertTrue(milestone.started_on <= milestone.done_on)
        self.assertFalse(milestone.by_hand)

    def test_it_is_not_reported_by_hand(self):
        with self.assertRaisesRegex(UserError, "follows by itself"):
            self._milestone(self.order, "Delivery", self.keeper).action_done()

    def test_a_backorder_that_is_cancelled_leaves_it_open(self):
        self._ship({self.desk: 2}, backorder=False)
        self.assertEqual(self.order.sudo().delivery_status, "full")
        self.assertEqual(self._delivered(), ("started", 50))

    def test_what_comes_back_counts(self):
        self._ship()
        [picking] = self.order.sudo().picking_ids
        self._return(picking, {self.desk: 1})
        self.assertEqual(self._delivered(), ("started", 75))

    def test_changed_quantities_of_what_is_done_count(self):
        self._ship()
        move = self.order.sudo().picking_ids.move_ids.filtered(lambda move: move.product_id == self.desk)
        move.quantity = 1
        self.assertEqual(self._delivered(), ("started", 75))
        move.quantity = 2
        self.assertEqual(self._delivered(), ("done", 100))

    def test_goods_put_into_a_delivery_count(self):
        [picking] = self._open_transfers()
        chairs = picking.move_ids.filtered(lambda move: move.product_id == self.chair)
        extra = self.env["stock.move"].with_user(self.warehouse_user)
        extra = extra.create(
            {
                "picking_id": picking.id,
                "product_id": self.chair.id,
                "product_uom_qty": 1,
                "location_id": chairs.location_id.id,
                "location_dest_id": chairs.location_dest_id.id,
            }
        )
        for move in picking.move_ids:
            move.quantity = 3 if move == chairs else move.product_uom_qty
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=picking.ids).button_validate()
        self.assertEqual(extra.sudo().sale_line_id, self.chair_line)
        self.assertEqual(self._delivered(), ("done", 100))
        extra.quantity = 0
        self.assertEqual(self._delivered(), ("started", 87))

    def test_a_state_that_is_written_moves_nothing(self):
        for user in (self.salesman, self.warehouse_user):
            moves = self.order.sudo().picking_ids.move_ids.with_user(user).sudo(False)
            with self.env.cr.savepoint():
                try:
                    moves.write({"state": "done", "picked": True})
                except UserError:
                    continue
            self.assertEqual(self._delivered(), ("planned", 0))

    def test_quantities_delivered_that_are_typed_count_nothing(self):
        with suppress(UserError):
            self.desk_line.qty_delivered = 2
            self.chair_line.qty_delivered = 4
        self.assertEqual(self._delivered(), ("planned", 0))

    def test_nobody_writes_that_something_left(self):
        line = self.order.sudo().picking_ids.move_line_ids[0]
        for user in (self.salesman, self.warehouse_user):
            with self.assertRaises(AccessError):
                line.with_user(user).sudo(False).write({"policy_left_qty": 2})
        for name, value in (("policy_left_qty", 5.0), ("policy_left_on", "2026-01-01 00:00:00")):
            self.env["ir.default"].set("stock.move.line", name, value)
        created = line.copy().sudo()
        self.assertFalse(created.policy_left_qty or created.policy_left_on)

    def test_orders_without_goods_are_reported_by_hand(self):
        service = self._product("Assembly", 100.0, type="service")
        order = self._confirmed((service, 1, 100.0))
        self.assertEqual(self._fact(order, "Delivery"), ("planned", 0, True))
        self._milestone(order, "Delivery", self.keeper).action_done()
        self.assertEqual(self._delivered(order), ("done", 100))

    def test_services_beside_goods_do_not_hold_it(self):
        service = self._product("Assembly", 100.0, type="service")
        order = self._confirmed((self.desk, 1, 1000.0), (service, 1, 100.0))
        self._ship(order=order)
        self.assertEqual(self._delivered(order), ("done", 100))

    def test_a_request_for_more_opens_it_again(self):
        self._ship()
        change = self._requested(self.order)
        change.line_ids.filtered(lambda line: line.product_id == self.desk).product_uom_qty = 4
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(self.order.order_line[0].product_uom_qty, 4)
        self.assertEqual(self._delivered(), ("started", 75))
        self._ship()
        self.assertEqual(self._delivered(), ("done", 100))

    def test_other_units_are_converted(self):
        self.env["uom.uom"].search([], limit=1)
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._order((self.desk, 1, 12000.0))
        order.order_line.product_uom_id = dozen
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        [move] = order.sudo().picking_ids.move_ids
        self._ship({self.desk: move.product_uom_qty / 2}, order=order)
        self.assertEqual(self._delivered(order), ("started", 50))
        self._ship(order=order)
        self.assertEqual(self._delivered(order), ("done", 100))

    def test_the_order_is_completed_when_all_is_done(self):
        self._ship()
        self.assertEqual(self.order.policy_stage, "execution")
        self._milestone(self.order, "Production", self.production).action_done()
        self.assertEqual(self.order.policy_stage, "completed")

    def test_moments_stay_as_they_were(self):
        self._ship()
        milestone = self._milestone(self.order, "Delivery")
        done_on = milestone.done_on
        self.order.sudo().picking_ids.move_ids.date = fields.Datetime.add(fields.Datetime.now(), days=-9)
        self.order.sudo().picking_ids.date_done = fields.Datetime.add(fields.Datetime.now(), days=-9)
        self.order._follow_milestones()
        self.assertEqual(milestone.done_on, done_on)

    def test_deliveries_of_others_are_not_of_this_order(self):
        other = self._confirmed((self.desk, 2, 1000.0))
        self._ship(order=other)
        self.assertEqual(self._delivered(other), ("done", 100))
        self.assertEqual(self._delivered(), ("planned", 0))

    def test_presets_follow_deliveries(self):
        preset = self.env.ref("order_policy_execution.policy_risk_control_milestone_delivery")
        self.assertEqual(preset.source, "delivery")
        rule = self.env["order.policy.milestone"].create(
            {
                "name": "Delivery",
                "policy_id": self.policy._copy_as_next_version().id,
                "department_id": self.logistics_department.id,
                "source": "delivery",
            }
        )
        self.assertEqual(rule.policy_id.milestone_ids[-1:], rule)
        self.assertTrue(rule.policy_id.write({"milestone_ids": [Command.delete(rule.id)]}))

    def test_a_transfer_that_is_put_off_is_forecast_at_once(self):
        self.env.cr.flush()
        later = fields.Datetime.add(fields.Datetime.now(), days=50)
        self._open_transfers().move_ids.date = later
        self._follow_documents()
        self.assertEqual(self.order.policy_danger, "high")
        self.assertEqual(self.order.policy_forecast_on, self._milestone(self.order, "Delivery").forecast_on)
        self.assertGreaterEqual(self.order.policy_forecast_on, later.date())
        self.assertFalse(self.env["sale.order.due"].search([("order_id", "=", self.order.id)]))
