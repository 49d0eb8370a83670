from odoo.addons.order_policy_execution.tests.common_collection import CollectionCase
from odoo.addons.order_policy_stock.tests.common import DeliveryCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


class PaidDeliveryCase(CollectionCase, DeliveryCase):
    """Two desks and four chairs, 2,800 in all, that leave once half of it is paid; a keeper of the warehouse."""

    PAYMENT = {"before": "delivery", "percent": 50.0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls._user("keeper", "stock.group_stock_user")
        cls.order = cls._confirmed((cls.desk, 2, 1000.0), (cls.chair, 4, 200.0))
        cls.desk_line, cls.chair_line = cls.order.order_line
        cls.picking = cls._picking_of(cls.order)
        cls.env.flush_all()

    @classmethod
    def _picking_of(cls, order):
        picking = order.sudo().picking_ids.filtered(lambda found: found.picking_type_code == "outgoing")
        picking.action_assign()
        return picking.with_user(cls.keeper)

    def _pack(self, picking=None, quantity=None):
        picking = picking or self.picking
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty if quantity is None else quantity
        picking.move_ids.picked = True
        return picking

    def assertStays(self, picking=None):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertNotIn("done", (picking or self.picking).sudo().move_ids.mapped("state"))

    def _pay_half(self, order=None):
        self._pay(self._down_payment(order or self.order, 50))


@tagged("post_install", "-at_install")
class TestPaidBeforeDelivery(PaidDeliveryCase):
    """Goods do not leave before they are paid, by whatever way (articles 1.7, 2.9)."""

    def test_transfer_tells_before(self):
        self.assertRegex(self.picking.policy_payment_hold, "waits for payment.*1,400.00 is missing|missing: .*1,400.00")

    def test_button(self):
        with self.assertRefused("waits for payment"):
            self._pack().button_validate()
        self.assertStays()

    def test_part_of_it(self):
        with self.assertRefused("waits for payment"):
            self._pack(quantity=1).with_context(skip_backorder=True).button_validate()
        self.assertStays()

    def test_state_over_rpc(self):
        with self.assertRefused("waits for payment"):
            self.picking.move_ids.write({"state": "done"})
        self.assertStays()

    def test_move_alone(self):
        with self.assertRefused("waits for payment"):
            self._pack().move_ids.sudo()._action_done()
        self.assertStays()

    def test_move_that_lost_its_order(self):
        picking = self._pack()
        picking.move_ids.write({"sale_line_id": False})
        with self.assertRefused("waits for payment"):
            picking.move_ids.sudo()._action_done()
        self.assertStays()

    def test_paid_goods_leave(self):
        self._pay_half()
        self._pack().button_validate()
        self.env.flush_all()
        self.assertEqual(self.picking.state, "done")
        self.assertFalse(self.picking.policy_payment_hold)
        self.assertEqual(self.desk_line.qty_delivered, 2)

    def test_transfers_within_the_company_are_free(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self._confirmed((self.desk, 1, 1000.0))
        pick = order.sudo().picking_ids.filtered(lambda found: found.picking_type_code == "internal")
        self.assertTrue(pick)
        pick.action_assign()
        self.assertFalse(pick.policy_payment_hold)
        self._pack(pick.with_user(self.keeper)).button_validate()
        self.assertEqual(pick.state, "done")

    def test_goods_come_back_whatever_is_paid(self):
        payment = self._pay(self._down_payment(self.order, 50))
        self._pack().button_validate()
        payment.action_draft()
        payment.action_cancel()
        wizard = self.env["stock.return.picking"].with_user(self.keeper)
        wizard = wizard.with_context(
            active_id=self.picking.id, active_ids=self.picking.ids, active_model="stock.picking"
        )
        wizard = wizard.create({})
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].with_user(self.keeper).browse(wizard.action_create_returns()["res_id"])
        back.action_assign()
        self._pack(back).button_validate()
        self.assertEqual(back.state, "done")
        with self.assertRefused("waits for payment"):
            again = wizard.with_context(active_id=back.id, active_ids=back.ids).create({})
            again.product_return_moves.quantity = 1
            once_more = self.env["stock.picking"].with_user(self.keeper).browse(again.action_create_returns()["res_id"])
            once_more.action_assign()
            self._pack(once_more).button_validate()

    def test_corrections_that_let_nothing_more_leave_are_free(self):
        self.chair.sudo().tracking = "lot"
        lots = self.env["stock.lot"].create([{"name": name, "product_id": self.chair.id} for name in ("A1", "A2")])
        payment = self._pay(self._down_payment(self.order, 50))
        self._pack()
        chairs = self.picking.move_ids.filtered(lambda move: move.product_id == self.chair)
        chairs.move_line_ids.lot_id = lots[0]
        self.picking.button_validate()
        payment.action_draft()
        payment.action_cancel()
        chairs.move_line_ids.lot_id = lots[1]
        chairs.quantity = 3
        self.env.flush_all()
        self.assertEqual(self.chair_line.qty_delivered, 3)
        with self.assertRefused("waits for payment"):
            chairs.quantity = 4

    def test_other_orders_are_not_held(self):
        self._pay_before("nothing")
        order = self._confirmed((self.desk, 1, 1000.0))
        picking = self._pack(self._picking_of(order))
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_keeper_opens_transfer_without_seeing_orders(self):
        self.env.invalidate_all()
        values = self.picking.web_read({"policy_payment_hold": {}, "state": {}})
        self.assertIn("waits for payment", values[0]["policy_payment_hold"])

    def test_lines_cost_nothing_more(self):
        """What a transfer of many lines costs to judge does not grow with its lines."""
        self._pay_before("nothing")
        counts = []
        for number in (3, 12):
            order = self._confirmed(*[(self.desk, 1, 10.0 + price) for price in range(number)])
            picking = self._picking_of(order)
            self._pack(picking).button_validate()
            moves = self.env["stock.move"].browse(picking.move_ids.ids)
            counts.append(self._queries(lambda moves=moves: moves._check_paid_before_delivery()))
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestOnlyListedTerms(PaidDeliveryCase):
    @classmethod
    def _pay_before(cls, *args, **values):
        cls.advance = cls.env["account.payment.term"].create({"name": "In advance"})
        return super()._pay_before(*args, pay_before_term_ids=[Command.set(cls.advance.ids)], **values)

    def test_order_without_that_term_leaves(self):
        self._pack().button_validate()
        self.assertEqual(self.picking.state, "done")

    def test_order_with_that_term_waits(self):
        order = self._confirmed((self.desk, 1, 1000.0), payment_term_id=self.advance.id)
        picking = self._picking_of(order)
        with self.assertRaises(UserError):
            self._pack(picking).button_validate()
        self.assertStays(picking)
