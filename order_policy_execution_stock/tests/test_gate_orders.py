"""Whose order a move names, and for how much: whoever enters moves may name any order line."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import GateCase


@tagged("post_install", "-at_install")
class TestWhoseOrderItIs(GateCase):
    """An order lets leave what it is for, and nothing else (articles 1.9, 3.10)."""

    def _sent_for(self, line, quantity):
        move = self._inner(
            self.desk,
            quantity,
            location_dest_id=self.to_customers.id,
            sale_line_id=line.id,
            partner_id=self.customer.id,
        )
        move._action_done()
        self.env.flush_all()
        return move

    def test_orders_of_a_sister_company_let_nothing_leave(self):
        """It has no policy, so that nothing is inspected for its orders."""
        sister = self.env["res.company"].create({"name": "Beihai Furniture"})
        order = (
            self.env["sale.order"]
            .sudo()
            .with_company(sister)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create({"product_id": self.desk.id, "product_uom_qty": 9})],
                }
            )
        )
        self.assertEqual((order.company_id, order.policy_id.id), (sister, False))
        self._assert_held(lambda: self._sent_for(order.order_line, 2), "without an order")

    def test_goods_are_those_of_the_place_where_they_are(self):
        """Which company a move is of is typed by whoever works for both."""
        sister = self.env["res.company"].create({"name": "Beihai Furniture"})
        self.keeper.sudo().company_ids = self.company | sister
        both = [self.company.id, sister.id]
        moves = self.env["stock.move"].with_user(self.keeper).with_context(allowed_company_ids=both)

        move = moves.browse(self._inner(self.desk, 5, partner_id=self.customer.id).id)
        move._action_done()
        move.company_id = sister
        self.env.flush_all()
        self.assertEqual(self.env["stock.move.without.release"].browse(move.id).company_id, self.company)
        self._assert_held(
            lambda: move.move_line_ids.write({"location_dest_id": self.to_customers.id}), "without an order"
        )
        detail = {
            "product_id": self.desk.id,
            "quantity": 5,
            "location_id": self.stock.id,
            "location_dest_id": self.to_customers.id,
            "company_id": sister.id,
        }
        made = moves.env["stock.move.line"].create(detail)
        self._assert_held(lambda: made.write({"state": "done"}), "called done")

    def test_what_went_to_somebody_else_is_not_taken_for_an_order(self):
        move = self._inner(self.chair, 4, location_dest_id=self.to_customers.id)
        move._action_done()
        self.env.flush_all()
        for user in (self.keeper, self.salesman):
            self._assert_held(
                lambda user=user: move.with_user(user).write({"sale_line_id": self.chair_line.id}), "stays as it was"
            )
            self._assert_held(
                lambda user=user: self.chair_line.with_user(user).write({"move_ids": [Command.link(move.id)]}),
                "stays as it was",
            )
        self.assertEqual(self.chair_line.qty_delivered, 0)

    def _confirmed_before(self, quantity):
        """Return an order that was confirmed before there was a policy."""
        order = self._confirmed((self.desk, quantity, 1000.0))
        order.flush_recordset()
        self.env.cr.execute("UPDATE sale_order SET policy_id = NULL WHERE id = %s", [order.id])
        self.env.cr.execute("UPDATE sale_order_line SET policy_to_inspect = FALSE WHERE order_id = %s", [order.id])
        self.env.invalidate_all()
        return order.sudo()

    def test_orders_without_policy_let_leave_what_is_ordered(self):
        order = self._confirmed_before(3)
        transfer = order.picking_ids.with_user(self.keeper)
        transfer.action_assign()
        self._validate(transfer)
        self.assertEqual((order.order_line.qty_delivered, self._at_customers()[0]), (3, 3))
        self._assert_held(lambda: self._sent_for(order.order_line, 1), "without an order")
        self._assert_held(lambda: transfer.move_ids.write({"quantity": 4}), "without an order")
        self._validate(self._return(transfer, 1))
        self._sent_for(order.order_line, 1)
        self.assertEqual((order.order_line.qty_delivered, self._at_customers()[0]), (3, 3))

    def test_the_transfer_says_before_that_it_is_for_another_company(self):
        order = self._confirmed_before(3)
        transfer = order.picking_ids
        self.assertFalse(transfer.policy_hold)
        sister = self.env["res.company"].create({"name": "Beihai Furniture"})
        self.env.cr.execute("UPDATE sale_order_line SET company_id = %s WHERE order_id = %s", [sister.id, order.id])
        self.env.invalidate_all()
        self.assertIn("without an order", transfer.policy_hold)
