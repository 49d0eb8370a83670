from unittest.mock import patch

from odoo.exceptions import LockError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DeliveryCase


@tagged("post_install", "-at_install")
class TestDelivery(DeliveryCase):
    def test_more_and_less_before_delivery(self):
        self.assertEqual(self._moves(self.desk_line), [("assigned", 2)])
        self._carried_out(self._desks(5))
        self.assertEqual(sum(quantity for _state, quantity in self._moves(self.desk_line)), 5)
        self._carried_out(self._desks(1))
        self.assertEqual(sum(quantity for _state, quantity in self._moves(self.desk_line)), 1)
        self.assertEqual(self._moves(self.chair_line), [("assigned", 4)])

    def test_added_removed_and_exchanged_lines(self):
        change = self._requested(self.order)
        desk, chair = change.line_ids
        desk.product_id = self.chair
        chair.is_removed = True
        change.line_ids = [Command.create({"product_id": self.desk.id, "product_uom_qty": 7})]
        self._carried_out(change)
        exchanged, added = self.order.order_line[2:]
        self.assertEqual({line: self._moves(line) for line in self.desk_line | self.chair_line}, {
            self.desk_line: [], self.chair_line: []
        })  # fmt: skip
        moves = (exchanged | added).sudo().move_ids.filtered(lambda move: move.state != "cancel")
        self.assertEqual(
            sorted((move.product_id.name, move.product_uom_qty) for move in moves), [("Chair", 2), ("Desk", 7)]
        )

    def test_another_date(self):
        self._carried_out(self._requested(self.order, commitment_date="2030-05-05 08:00:00"))
        deadlines = set(self.order.sudo().order_line.move_ids.mapped("date_deadline"))
        self.assertEqual(deadlines, {self.order.commitment_date})

    def _depot(self, name="Depot"):
        return self.env["res.partner"].create({"name": name, "parent_id": self.customer.id, "type": "delivery"})

    def _deliveries(self):
        return self.order.sudo().picking_ids.sorted("id")

    def test_another_address(self):
        depot = self._depot()
        self._carried_out(self._requested(self.order, partner_shipping_id=depot.id))
        self.assertEqual(self.order.partner_shipping_id, depot)
        delivery = self._deliveries()
        self.assertEqual((delivery.partner_id, delivery.move_ids.partner_id), (depot, depot))
        self.assertFalse(delivery.activity_ids, "There is nothing left to do by hand")
        self.assertIn("Depot now, by request", self._messages(delivery)[0].body)

    def test_another_address_and_more(self):
        depot = self._depot()
        change = self._desks(5, partner_shipping_id=depot.id)
        change.line_ids = [Command.create({"product_id": self.chair.id, "product_uom_qty": 7})]
        self._carried_out(change)
        delivery = self._deliveries()
        self.assertEqual((len(delivery), delivery.partner_id, delivery.move_ids.partner_id), (1, depot, depot))
        self.assertEqual(sum(delivery.move_ids.mapped("product_uom_qty")), 5 + 4 + 7)

    def test_another_address_and_less(self):
        depot = self._depot()
        self._carried_out(self._desks(1, partner_shipping_id=depot.id))
        self.assertEqual(self._deliveries().partner_id, depot)
        self.assertEqual(self._moves(self.desk_line), [("assigned", 1)])

    def test_what_was_handed_over_stays(self):
        former = self.order.partner_shipping_id
        self._ship({self.desk: 1, self.chair: 4})
        depot = self._depot()
        self._carried_out(self._requested(self.order, partner_shipping_id=depot.id))
        done, backorder = self._deliveries()
        self.assertEqual((done.state, done.partner_id, done.move_ids.partner_id), ("done", former, former))
        self.assertEqual((backorder.state, backorder.partner_id), ("assigned", depot))

    def test_goods_on_their_way_back_stay(self):
        self._ship()
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=self._deliveries().id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        former = back.partner_id
        self._carried_out(self._requested(self.order, partner_shipping_id=self._depot().id))
        self.assertEqual((back.partner_id, back.state not in ("done", "cancel")), (former, True))

    def test_a_delivery_with_goods_of_another_order(self):
        other = self._confirmed((self.chair, 1, 200.0)).sudo()
        delivery = self._deliveries()
        former = delivery.partner_id
        other.picking_ids.move_ids.picking_id = delivery
        change = self._requested(self.order, partner_shipping_id=self._depot().id)
        self._carried_out(change)
        self.assertEqual(delivery.partner_id, former)
        notice = change.sudo().notice_ids.filtered(lambda notice: notice.department_id == self.logistics)
        self.assertRegex(notice.tasks, rf"{delivery.name} still goes to .*Take out what is for {self.order.name}")

    def test_partly_delivered(self):
        self._ship({self.desk: 1, self.chair: 4})
        self.assertEqual((self.desk_line.qty_delivered, self.chair_line.qty_delivered), (1, 4))
        change = self._desks(0)
        self._line(change, self.chair).product_uom_qty = 3
        with self.assertRaisesRegex(UserError, r"(?s)Desk: .*delivered \(1\).*Chair: .*delivered \(4\)"):
            change.action_submit()
        self._line(change, self.desk).product_uom_qty = 1
        self._line(change, self.chair).product_uom_qty = 4
        self._carried_out(change)
        self.assertEqual(self._moves(self.desk_line), [("done", 1)])
        self._carried_out(self._desks(3))
        self.assertEqual(self.desk_line.sudo().qty_to_deliver, 2)

    def test_delivered(self):
        self._ship()
        self.assertEqual(self.order.sudo().delivery_status, "full")
        change = self._requested(self.order)
        self._line(change, self.desk).price_unit = 950.0
        self._carried_out(change)
        self.assertEqual(self.desk_line.price_unit, 950.0)
        self._carried_out(self._desks(3))
        self.assertEqual(self.desk_line.sudo().qty_to_deliver, 1)

    def test_locked(self):
        self.order.with_user(self.sales_head).action_lock()
        self._carried_out(self._desks(5))
        self.assertEqual(sum(quantity for _state, quantity in self._moves(self.desk_line)), 5)
        self.assertTrue(self.order.locked)

    def test_cancelled_before_delivery(self):
        before = self._reserved(self.desk)
        change = self._carried_out(self._cancellation(self.order))
        self.assertEqual(set(self.order.sudo().picking_ids.mapped("state")), {"cancel"})
        self.assertEqual(self._reserved(self.desk), before - 2)
        self.assertEqual(change.sudo().notice_ids.filtered("tasks").department_id, self.production_department)

    def test_cancelled_after_a_part_was_delivered(self):
        self._ship({self.desk: 1, self.chair: 4})
        change = self._carried_out(self._cancellation(self.order))
        self.assertEqual(set(self.order.sudo().picking_ids.mapped("state")), {"done", "cancel"})
        notice = change.sudo().notice_ids.filtered(lambda notice: notice.department_id == self.logistics)
        self.assertRegex(notice.tasks, r"(?s)return of 1 Units Desk.*return of 4 Units Chair")

    def test_failing_in_the_middle(self):
        change = self._desks(5)
        self._line(change, self.chair).product_uom_qty = 9
        change.action_submit()
        before = self._content(), self._moves(self.desk_line), self._moves(self.chair_line)
        rule, run = type(self.env["stock.rule"]), type(self.env["stock.rule"]).run

        def failing(rules, procurements, *args, **kwargs):
            if any(procurement.product_id == self.chair for procurement in procurements):
                raise LockError("No rule to get chairs.")
            return run(rules, procurements, *args, **kwargs)

        with patch.object(rule, "run", failing):
            self._approve_all(change)
        self.env.invalidate_all()
        self.assertEqual((self._content(), self._moves(self.desk_line), self._moves(self.chair_line)), before)
        self.assertEqual(change.state, "approved")
        self.assertIn("No rule to get chairs", change.trouble)
        change.action_apply()
        self.assertEqual(change.state, "applied")
        self.assertEqual(sum(quantity for _state, quantity in self._moves(self.chair_line)), 9)
        self.assertEqual(self.order._policy_gates()[self.order], [])
        with self.assertRefused("cannot be changed directly"):
            self.desk_line.product_uom_qty = 6

    def test_cancelling_fails_in_the_middle(self):
        before = self._reserved(self.desk)
        change = self._cancellation(self.order)
        change.action_submit()
        picking = type(self.env["stock.picking"])
        with patch.object(picking, "action_cancel", side_effect=UserError("The lorry has left.")):
            self._approve_all(change)
        self.env.invalidate_all()
        self.assertEqual((change.state, self.order.state), ("approved", "sale"))
        self.assertIn("The lorry has left", change.trouble)
        self.assertEqual(self._reserved(self.desk), before)


@tagged("post_install", "-at_install")
class TestDeliveryInSteps(DeliveryCase):
    """The warehouse picks, packs and ships."""

    DELIVERY_STEPS = "pick_pack_ship"

    def _open(self):
        return self.order.sudo().picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))

    def test_another_address_and_date(self):
        depot = self.env["res.partner"].create({"name": "Depot", "parent_id": self.customer.id, "type": "delivery"})
        former = self.order.partner_shipping_id
        first = self._open()
        self._carried_out(
            self._desks(5, partner_shipping_id=depot.id, commitment_date="2030-05-05 08:00:00")
        )  # fmt: skip
        self.assertEqual(self._open(), first)
        while steps := self._open():
            self.assertEqual((len(steps), steps.partner_id, steps.move_ids.partner_id), (1, depot, depot))
            self.assertEqual(set(steps.move_ids.mapped("date_deadline")), {self.order.commitment_date})
            last = steps
            for move in steps.move_ids:
                move.quantity = move.product_uom_qty
            steps.move_ids.picked = True
            steps.button_validate()
        self.assertEqual((last.picking_type_code, last.move_ids.location_dest_id.usage), ("outgoing", "customer"))
        self.assertEqual(self.desk_line.qty_delivered, 5)
        self.assertNotEqual(former, depot)

    def test_another_address_on_the_way(self):
        depot = self.env["res.partner"].create({"name": "Depot", "parent_id": self.customer.id, "type": "delivery"})
        former = self.order.partner_shipping_id
        picked = self._open()
        for move in picked.move_ids:
            move.quantity = move.product_uom_qty
        picked.move_ids.picked = True
        picked.button_validate()
        self._carried_out(self._requested(self.order, partner_shipping_id=depot.id))
        self.assertEqual((picked.state, picked.partner_id), ("done", former))
        self.assertEqual((self._open().partner_id, self._open().move_ids.partner_id), (depot, depot))

    def test_more_before_delivery(self):
        self._carried_out(self._desks(5))
        moves = self.desk_line.sudo().move_ids.filtered(lambda move: move.state != "cancel")
        self.assertEqual(sum(moves.mapped("product_uom_qty")), 5)

    def test_cancelled(self):
        before = self._reserved(self.desk)
        self._carried_out(self._cancellation(self.order))
        self.assertEqual(set(self.order.sudo().picking_ids.mapped("state")), {"cancel"})
        self.assertEqual(self._reserved(self.desk), before - 2)
