from odoo.addons.order_policy.tests.common_orders import GateCase
from odoo.addons.order_policy_execution.tests.common_quality import QualityCase
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_delivery import LeavingCase


@tagged("post_install", "-at_install")
class TestRepairs(GateCase, QualityCase, LeavingCase):
    """Repairs go on, and nothing that was not released leaves by them (articles 1.9, 1.12, 3.10)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._need_apps("repair")
        cls._load_chart()
        cls.technician = cls._user("technician", "stock.group_stock_user", "sales_team.group_sale_salesman_all_leads")
        cls.stock = cls.warehouse.lot_stock_id
        cls.to_customers = cls.env.ref("stock.stock_location_customers")
        cls.plate = cls._product("Plate", 50.0, is_storable=True, categ_id=cls.desk.categ_id.id)
        cls.screw = cls._product("Screw", 1.0, is_storable=True)
        for product in cls.plate | cls.screw:
            cls.env["stock.quant"]._update_available_quantity(product, cls.stock, 100)
        cls.order = cls._confirmed((cls.desk, 3, 1000.0))
        cls._release(cls.order)
        cls.env.flush_all()

    def _repair(self, product=None, parts=(), **values):
        repair = (
            self.env["repair.order"]
            .with_user(self.technician)
            .create(
                {
                    "product_id": (product or self.desk).id,
                    "product_qty": 1,
                    "partner_id": self.customer.id,
                    "picking_type_id": self.warehouse.repair_type_id.id,
                    "move_ids": [self._part(part, quantity) for part, quantity in parts],
                    **values,
                }
            )
        )
        repair.action_validate()
        return repair

    def _part(self, part, quantity, kind="add"):
        return Command.create({"product_id": part.id, "product_uom_qty": quantity, "repair_line_type": kind})

    def _end(self, repair):
        repair.action_repair_start()
        for move in repair.move_ids:
            move.quantity = move.product_uom_qty
        repair.move_ids.picked = True
        repair.action_repair_end()
        self.env.flush_all()

    def _returned(self, quantity=1):
        self._ship(order=self.order)
        [picking] = self.order.sudo().picking_ids.with_user(self.warehouse_user).sudo(False)
        return self._return(picking, {self.desk: quantity})

    def test_a_returned_desk_is_repaired_and_sent_back(self):
        back = self._returned()
        self.assertEqual(self._delivered(self.order), ("started", 66))
        repair = self._repair(picking_id=back.id, parts=[(self.plate, 1), (self.screw, 4)])
        self._end(repair)
        self.assertEqual(repair.state, "done")
        again = self._return(back, {self.desk: 1})
        self.assertEqual(again.state, "done")
        self.assertEqual(self._delivered(self.order), ("done", 100))

    def test_repaired_goods_do_not_leave_by_the_repair(self):
        """A repair may say that its product goes to the customer at once: without the order it is for."""
        repair = self._repair(product_location_dest_id=self.to_customers.id)
        with self.assertRefused("has to be inspected|without an order"):
            self._end(repair)
        self.env.invalidate_all()
        self.assertNotEqual(repair.state, "done")
        free = self._repair(self.chair, product_location_dest_id=self.to_customers.id)
        self._end(free)
        self.assertEqual(free.state, "done")

    def test_parts_do_not_leave_by_the_repair(self):
        repair = self._repair(self.chair, parts=[(self.plate, 2)])
        repair.action_repair_start()
        repair.move_ids.move_line_ids.location_dest_id = self.to_customers
        with self.assertRefused("has to be inspected|without an order"):
            repair.move_ids.picked = True
            repair.action_repair_end()
            self.env.flush_all()
        self.env.invalidate_all()

    def test_parts_are_removed_and_recycled(self):
        repair = self._repair()
        repair.move_ids = [self._part(self.plate, 1, "remove"), self._part(self.screw, 2, "recycle")]
        self._end(repair)
        self.assertEqual(repair.state, "done")

    def test_a_quotation_of_a_repair(self):
        repair = self._repair(parts=[(self.plate, 1), (self.screw, 4)])
        repair.action_create_sale_order()
        order = repair.sale_order_id
        self.assertEqual(order.order_line.product_id, self.plate | self.screw)
        order.sudo().user_id = self.technician
        order.sudo().order_line.tax_ids = False
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        self.assertFalse(order.sudo().picking_ids)
        self._end(repair)
        self.assertEqual(order.order_line.mapped("qty_delivered"), [1, 4])
        # That the customer has it again is reported by whoever hands it over.
        self.assertEqual(self._fact(order, "Delivery"), ("planned", 0, True))
        self._release(order)
        self._milestone(order, "Delivery", self.keeper).action_done()
        self.assertEqual(self._delivered(order), ("done", 100))

    def test_an_order_that_asks_for_a_repair(self):
        order, repair = self._repair_that_is_ordered()
        self.assertEqual(repair.state, "confirmed")
        repair.move_ids = [self._part(self.screw, 4)]
        self.env.flush_all()
        self._end(repair)
        self.assertEqual(repair.state, "done")
        self.assertEqual(order.order_line[:1].qty_delivered, 1)
        part = order.order_line.filtered(lambda line: line.product_id == self.screw)
        self.assertEqual((part.product_uom_qty, part.qty_delivered, part.price_unit), (4, 4, 1.0))
        order.sudo()._create_invoices().action_post()

    def test_parts_are_changed_and_taken_out_again(self):
        order, repair = self._repair_that_is_ordered()
        repair.move_ids = [self._part(self.screw, 4)]
        repair.move_ids.product_uom_qty = 6
        part = order.order_line.filtered(lambda line: line.product_id == self.screw)
        self.assertEqual(part.product_uom_qty, 6)
        head = self._user("head", "stock.group_stock_manager", "sales_team.group_sale_salesman_all_leads")
        with self.assertRefused("Set its quantity to 0 instead"):
            repair.move_ids.with_user(head).unlink()
        self.env.invalidate_all()
        repair.move_ids.product_uom_qty = 0
        self.env.flush_all()
        self.assertEqual(part.product_uom_qty, 0)
        repair.move_ids = [self._part(self.screw, 2)]
        self._end(repair)
        order.sudo()._create_invoices().action_post()
        self.assertEqual(repair.state, "done")

    def test_nothing_is_sold_as_a_part(self):
        """Of a confirmed order: what no repair takes, more of it, or at a higher price."""
        order, repair = self._repair_that_is_ordered()
        repair.move_ids = [self._part(self.screw, 4)]
        part = order.order_line.filtered(lambda line: line.product_id == self.screw)
        for vals in ({"product_uom_qty": 5}, {"price_unit": 9.0}, {"discount": -50}):
            with self.assertRefused("cannot be changed directly"):
                part.write(vals)
                self.env.flush_all()
            self.env.invalidate_all()
        with self.assertRefused("cannot be changed directly"):
            self._repair(parts=[(self.screw, 4)], sale_order_id=self.order.id)
            self.env.flush_all()

    def _repair_that_is_ordered(self):
        service = self._product("Repair of a desk", 120.0, type="service", service_tracking="repair")
        order = self._confirmed((service, 1, 120.0))
        repair = order.sudo().repair_order_ids.with_user(self.technician).sudo(False)
        repair.product_id = self.desk
        return order, repair

    def test_repair_forms_open(self):
        self.assertTrue(Form(self._repair(parts=[(self.screw, 1)])))
