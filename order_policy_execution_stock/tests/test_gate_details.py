"""Ways out that leave the moves as they are: by their details, places, lots and units."""

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import GateCase


@tagged("post_install", "-at_install")
class TestGateDetails(GateCase):
    """What was not released does not leave by anything that moves are made of (articles 1.9, 3.10)."""

    def test_a_detail_goes_elsewhere_than_its_move(self):
        move = self._inner(self.desk, 5)

        def act():
            move.move_line_ids.location_dest_id = self.to_customers
            move._action_done()

        self._assert_held(act)

    def test_a_detail_is_sent_elsewhere_afterwards(self):
        move = self._inner(self.desk, 5)
        move._action_done()
        self._assert_held(lambda: move.move_line_ids.write({"location_dest_id": self.to_customers.id}))

    def test_a_detail_of_another_product(self):
        move = self._inner(self.chair, 5, location_dest_id=self.to_customers.id)

        def act():
            self.env["stock.move.line"].with_user(self.keeper).create(
                {
                    "move_id": move.id,
                    "product_id": self.desk.id,
                    "product_uom_id": self.desk.uom_id.id,
                    "quantity": 5,
                    "picked": True,
                    "location_id": self.stock.id,
                    "location_dest_id": self.to_customers.id,
                }
            )
            move._action_done()

        self._assert_held(act)

    def test_a_detail_comes_from_elsewhere_than_its_move(self):
        move = self._inner(self.desk, 5, location_dest_id=self.to_customers.id, location_id=self.to_customers.id)

        def act():
            move.move_line_ids.location_id = self.stock
            move._action_done()

        self._assert_held(act)

    def test_more_is_moved_than_the_details_say(self):
        """Stock is moved by the quantity in the unit of the product, which is reckoned and could be typed."""
        self._release(self.order, 2)
        self.desks.quantity = 2

        def typed():
            self.desks.move_line_ids.quantity_product_uom = 5
            self._validate()

        self._assert_held(typed, "follows from the quantity")

        def created():
            values = {"quantity": 1, "quantity_product_uom": 5, "location_id": self.stock.id}
            values |= {"location_dest_id": self.to_customers.id, "product_id": self.desk.id}
            self.env["stock.move.line"].with_user(self.keeper).create({"move_id": self.desks.id, **values})
            self._validate()

        self._assert_held(created, "follows from the quantity")
        self.env["ir.default"].set("stock.move.line", "quantity_product_uom", 7.0)
        self._validate()
        self.assertEqual(self._at_customers(), (2, 2))

    def test_places_where_goods_went_stay_what_they_are(self):
        """Of goods that are not counted: of others Odoo itself keeps places as they are."""
        (self.desk | self.chair).sudo().is_storable = False
        place = self.to_customers.copy({"name": "Customers in town"}).with_user(self.keeper)
        place.usage = "transit"
        self.desks.location_dest_id = place
        self.desks.move_line_ids.location_dest_id = place
        self._validate()
        for vals in ({"usage": "customer"}, {"location_id": self.env.ref("stock.stock_location_inter_company").id}):
            with self.assertRaisesRegex(ValidationError, "it stays what it is"):
                place.write(vals)

    def test_archived_places_below_stay_and_those_without_orders_do_not(self):
        (self.desk | self.chair).sudo().is_storable = False
        town = self.to_customers.copy({"name": "Customers in town", "usage": "transit"})
        shop = town.copy({"name": "Shop", "location_id": town.id})
        self.desks.location_dest_id = shop
        self.desks.move_line_ids.location_dest_id = shop
        self._validate()
        shop.active = False
        with self.assertRaisesRegex(ValidationError, "it stays what it is"):
            town.with_user(self.keeper).location_id = self.env.ref("stock.stock_location_inter_company")
        self.env["order.policy"]._in_force(self.company).with_user(self.policy_admin).action_retire()
        order = self._order((self.desk, 2, 1000.0))
        order.action_confirm()
        transfer = order.sudo().picking_ids.with_user(self.keeper)
        village = self.to_customers.copy({"name": "Customers in the village", "usage": "transit"})
        transfer.action_assign()
        transfer.move_ids.location_dest_id = village
        transfer.move_line_ids.location_dest_id = village
        self._validate(transfer)
        village.with_user(self.keeper).usage = "customer"
        self.assertTrue(village._is_outgoing())

    def test_places_become_what_they_are_for_before(self):
        place = self.to_customers.copy({"name": "Customers in town"}).with_user(self.keeper)
        place.usage = "transit"
        place.usage = "customer"
        self.assertTrue(place._is_outgoing())

    def test_what_did_not_leave_does_not_come_back(self):
        def act():
            move = self._inner(
                self.desk,
                5,
                location_id=self.to_customers.id,
                location_dest_id=self.stock.id,
                sale_line_id=self.desk_line.id,
            )
            move._action_done()
            self.env.flush_all()
            self._validate()

        self._assert_held(act, "released|come back")

    def test_what_went_stays_done(self):
        self._release(self.order)
        self._validate()
        for state in ("cancel", "draft", "assigned"):
            self._assert_held(lambda state=state: self.desks.write({"state": state}), "stays done")

    def test_details_are_not_called_done(self):
        before = self._at_customers()
        for move in (self.desks, self.env["stock.move"]):
            self.env["stock.move.line"].with_user(self.keeper).create(
                {
                    "move_id": move.id,
                    "product_id": self.desk.id,
                    "product_uom_id": self.desk.uom_id.id,
                    "company_id": self.company.id,
                    "quantity": 5,
                    "state": "done",
                    "location_id": self.stock.id,
                    "location_dest_id": self.to_customers.id,
                }
            )
        self.assertEqual(self._at_customers(), before)
        self._assert_held(lambda: self.desks.move_line_ids.write({"state": "done"}), "called done")

    def test_details_stay_with_what_they_left_for(self):
        self._release(self.order)
        other = self._confirmed((self.desk, 5, 1000.0))
        self._release(other)
        self._validate()
        detail = self.desks.move_line_ids
        for move in (self.env["stock.move"], self.chairs, other.sudo().picking_ids.move_ids):
            self._assert_held(lambda move=move: detail.write({"move_id": move.id}), "stays with it")

    def test_plans_for_some_customers_hold_nobody_else(self):
        self._inspect_by(self._plan(partner_ids=[Command.set(self.customer.ids)]))
        named = self._inner(self.desk, 5, location_dest_id=self.to_customers.id, partner_id=self.customer.id)
        self._assert_held(named._action_done)
        anonymous = self._inner(self.desk, 5, location_dest_id=self.to_customers.id)
        anonymous._action_done()
        self.assertEqual(anonymous.state, "done")

    def test_moves_stay_with_their_order(self):
        self._release(self.order)
        self._validate()
        other = self._confirmed((self.chair, 4, 200.0))
        for line in (other.order_line, self.env["sale.order.line"]):
            self._assert_held(lambda line=line: self.chairs.write({"sale_line_id": line.id}), "stays as it was")
        self._assert_held(lambda: self.transfer.write({"sale_id": other.id}), "stays as it was")
        self._assert_held(lambda: self.transfer.with_user(self.keeper).write({"sale_id": False}), "stays as it was")

    def test_what_came_back_stays_with_its_order(self):
        self._release(self.order)
        self._validate()
        back = self._inner(
            self.desk,
            5,
            location_id=self.to_customers.id,
            location_dest_id=self.stock.id,
            sale_line_id=self.desk_line.id,
        )
        back._action_done()
        self._assert_held(lambda: back.write({"location_id": self.stock.id}), "stays|released|left|back in time")
        other = self._confirmed((self.desk, 5, 1000.0))
        self._assert_held(lambda: back.write({"sale_line_id": other.order_line.id}), "stays as it was")

    def test_goods_that_go_with_an_order_are_added_to_it(self):
        """As Odoo does it when something is put into a transfer."""
        self._release(self.order)
        extra = self._product("Screws", 1.0, is_storable=True)
        self.env["stock.quant"]._update_available_quantity(extra, self.stock, 10)
        self._inner(extra, 2, location_dest_id=self.to_customers.id, picking_id=self.transfer.id)
        self._validate(self.transfer.sudo())
        self.assertEqual(self.order.sudo().order_line.filtered(lambda line: line.product_id == extra).qty_delivered, 2)

    def test_lots_do_not_take_the_name_of_a_released_one(self):
        self.desk.sudo().tracking = "lot"
        Lot = self.env["stock.lot"].with_user(self.keeper)
        good, bad = Lot.create([{"name": name, "product_id": self.desk.id} for name in ("GOOD", "BAD")])
        Quant = self.env["stock.quant"].sudo()
        for lot in good | bad:
            Quant._update_available_quantity(self.desk, self.stock, 5, lot_id=lot.sudo())
        inspection = self._to_do(self.order)
        inspection.lot_name = "GOOD"
        inspection.action_release()
        self.desks.move_line_ids.unlink()
        self.desks.move_line_ids = [
            Command.create(
                {
                    "product_id": self.desk.id,
                    "product_uom_id": self.desk.uom_id.id,
                    "lot_id": bad.id,
                    "quantity": 5,
                    "location_id": self.stock.id,
                    "location_dest_id": self.to_customers.id,
                }
            )
        ]

        def act():
            good.name = "GONE"
            bad.name = "GOOD"
            self._validate()

        self._assert_held(act, "other lots|lot")

    def test_lots_that_were_not_released_are_numbered_anew(self):
        self.desk.sudo().tracking = "lot"
        Lot = self.env["stock.lot"].with_user(self.keeper)
        good, bad, alike = Lot.create([{"name": name, "product_id": self.desk.id} for name in ("GOOD", "BAD", "GOOD ")])
        for lot in good | bad | alike:
            self.env["stock.quant"].sudo()._update_available_quantity(self.desk, self.stock, 5, lot_id=lot.sudo())
        for name, decide in (("BAD", "action_rework"), (" GOOD ", "action_release")):
            inspection = self._to_do(self.order)
            inspection.lot_name = name
            getattr(inspection, decide)(*(["Scratches"] if name == "BAD" else []))
        bad.name = "WORSE"
        good.name = "GOOD"
        self.env.flush_all()
        for lot, name in ((good, "GONE"), (bad, "GOOD")):
            self._assert_held(lambda lot=lot, name=name: lot.write({"name": name}), "lot|number")
        detail = self.desks.move_line_ids
        detail.write({"lot_id": alike.id, "quantity": 5})
        self._assert_held(self._validate, "other lots")
        detail.lot_id = good
        self._validate()
        self.assertEqual(self._at_customers(), (5, 5))
