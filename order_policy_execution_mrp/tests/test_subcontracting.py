from odoo import fields
from odoo.addons.order_policy.tests.common_orders import GateCase
from odoo.addons.order_policy_execution.tests.common_quality import QualityCase
from odoo.fields import Command
from odoo.tests import tagged

from .common import ProductionCase


@tagged("post_install", "-at_install")
class TestSubcontracting(GateCase, QualityCase, ProductionCase):
    """Goods that a subcontractor makes are production of the order, and leave to its customer once they are released.

    What goes to the subcontractor, and comes from him, is free (articles 1.8, 1.9, 3.10).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._need_apps("mrp_subcontracting", "purchase_stock")
        rights = ("purchase.group_purchase_user", "mrp.group_mrp_user")  # Odoo asks both people for both
        cls.buyer = cls._user("buyer", *rights)
        cls.receiver = cls._user("receiver", "stock.group_stock_user", *rights)
        cls.lamp_maker = cls.env["res.partner"].create({"name": "Lamp Works"})
        resupply = cls.env.ref("mrp_subcontracting.route_resupply_subcontractor_mto")
        cls.warehouse.subcontracting_to_resupply = True
        category = cls.desk.categ_id.id
        # What is sent to the subcontractor would be inspected if it went to a customer.
        cls.shade = cls._product(
            "Shade", 5.0, is_storable=True, categ_id=category, route_ids=[Command.set(resupply.ids)]
        )
        cls.env["stock.quant"]._update_available_quantity(cls.shade, cls.warehouse.lot_stock_id, 100)
        cls.to_order = cls.warehouse.mto_pull_id.route_id | cls.warehouse.buy_pull_id.route_id
        cls.lamp = cls._lamp("Lamp", cls.to_order)
        cls.env.flush_all()

    @classmethod
    def _lamp(cls, name, routes):
        lamp = cls._product(
            name,
            80.0,
            is_storable=True,
            categ_id=cls.desk.categ_id.id,
            route_ids=[Command.set(routes.ids)],
            seller_ids=[Command.create({"partner_id": cls.lamp_maker.id, "price": 40.0})],
        )
        cls._bom(lamp, (cls.shade, 1), type="subcontract", subcontractor_ids=[Command.set(cls.lamp_maker.ids)])
        return lamp

    def _purchased(self, order):
        purchase = order.sudo().stock_reference_ids.purchase_ids or order.sudo()._get_purchase_orders()
        purchase.with_user(self.buyer).button_confirm()
        return purchase.picking_ids.with_user(self.receiver).sudo(False)

    def _move(self, transfer, quantity=None):
        transfer.action_assign()
        for move in transfer.move_ids:
            move.quantity = quantity or move.product_uom_qty
        transfer.move_ids.picked = True
        transfer.with_context(skip_backorder=True).button_validate()
        self.env.flush_all()

    def _assertRefusedToLeave(self, act):
        with self.assertRefused("quality released"):
            act()
            self.env.flush_all()
        self.env.invalidate_all()

    def test_made_by_a_subcontractor(self):
        order = self._confirmed((self.lamp, 4, 80.0))
        self.assertTrue(order.order_line.policy_to_inspect)
        receipt = self._purchased(order)
        making = receipt.sudo()._get_subcontract_production()
        self.assertEqual(self._produced(order), ("planned", 0, False))
        resupply = making.picking_ids.filtered(lambda found: found.picking_type_id.code == "internal") - receipt.sudo()
        self._move(resupply.with_user(self.receiver).sudo(False))
        self.assertEqual(resupply.state, "done")
        self._move(receipt, 3)
        self.assertEqual(receipt.state, "done")
        self.assertEqual(self._produced(order), ("started", 75, False))
        rest = receipt.sudo().backorder_ids.with_user(self.receiver).sudo(False)
        self._move(rest)
        self.assertEqual(self._produced(order), ("done", 100, False))
        self.assertEqual(self._delivered(order), ("planned", 0))
        [delivery] = self._open_transfers(order)
        self._assertRefusedToLeave(lambda: self._move(delivery))
        self._release(order)
        self._move(delivery)
        self.assertEqual(self._delivered(order), ("done", 100))

    def test_sent_by_the_subcontractor_to_the_customer(self):
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        lamp = self._lamp("Lamp that is sent", route)
        order = self._confirmed((lamp, 4, 80.0))
        self._purchased(order)
        sent = order.sudo().picking_ids.with_user(self.receiver).sudo(False)
        self.assertEqual(sent.sudo().move_ids.sale_line_id, order.order_line.sudo())
        self._assertRefusedToLeave(lambda: self._move(sent))
        self._release(order, 3)
        self._assertRefusedToLeave(lambda: self._move(sent))
        self._move(sent, 3)
        self.assertEqual(self._delivered(order), ("started", 75))
        self.assertEqual(self._produced(order), ("started", 75, False))

    def test_goods_go_back_to_the_subcontractor(self):
        order = self._confirmed((self.lamp, 4, 80.0))
        receipt = self._purchased(order)
        self._move(receipt)
        self._return_to(receipt, 1)
        [delivery] = self._open_transfers(order)
        self._assertRefusedToLeave(lambda: self._move(delivery, 3))
        self._release(order, 3)
        self._move(delivery, 3)
        self.assertEqual(self._delivered(order), ("started", 75))

    def _return_to(self, receipt, quantity):
        wizard = (
            self.env["stock.return.picking"]
            .with_user(self.receiver)
            .with_context(active_id=receipt.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = quantity
        back = self.env["stock.picking"].with_user(self.receiver).browse(wizard.action_create_returns()["res_id"])
        self._move(back, quantity)
        self.assertEqual(back.state, "done")

    def test_made_for_stock_is_of_no_order(self):
        purchase = (
            self.env["purchase.order"]
            .with_user(self.buyer)
            .create(
                {
                    "partner_id": self.lamp_maker.id,
                    "order_line": [
                        Command.create(
                            {"product_id": self.lamp.id, "product_qty": 2, "date_planned": fields.Datetime.now()}
                        )
                    ],
                }
            )
        )
        purchase.button_confirm()
        receipt = purchase.sudo().picking_ids.with_user(self.receiver).sudo(False)
        self._move(receipt)
        self.assertEqual(receipt.state, "done")
        self.assertEqual(self._produced(self.made), ("planned", 0, False))
