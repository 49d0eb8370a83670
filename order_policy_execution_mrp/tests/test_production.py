from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ProductionCase


@tagged("post_install", "-at_install")
class TestProduction(ProductionCase):
    """Production reports itself; a set is a kit of a desk and two chairs."""

    def test_production_reports_itself(self):
        self.assertEqual(self._produced(), ("planned", 0, False))
        with Form(self.making) as form:
            form.qty_producing = 4
        self.assertEqual(self._produced(), ("started", 0, False))
        self._produce(self.making, 4)
        self.assertEqual(self._produced(), ("started", 40, False))
        rest = self.made.order_line.sudo().policy_production_ids - self.making
        self._produce(rest, 6)
        self.assertEqual(self._produced(), ("done", 100, False))

    def test_what_is_closed_short_stays_open(self):
        self._produce(self.making, 6, backorder=False)
        self.assertEqual(self.making.state, "done")
        self.assertEqual(self._produced(), ("started", 60, False))

    def test_what_is_taken_apart_again_is_not_produced(self):
        self._produce(self.making, 10)
        self.assertEqual(self._produced(), ("done", 100, False))
        with Form.from_action(self.env, self.making.button_unbuild()) as form:
            form.product_qty = 4
        # They are kept for the delivery: whoever takes them apart says so once more.
        form.record.action_unbuild()
        self.assertEqual(self._produced(), ("started", 60, False))

    def test_what_is_corrected_afterwards_counts_as_corrected(self):
        self._produce(self.making, 10)
        self.making.action_toggle_is_locked()
        self.making.move_finished_ids.move_line_ids.quantity = 7
        self.assertEqual(self._produced(), ("started", 70, False))

    def test_a_state_that_is_written_produces_nothing(self):
        making = self.making.with_user(self.salesman)
        try:
            making.write({"state": "done"})
        except UserError:
            return
        self.assertNotEqual(self._produced()[0], "done")

    def test_orders_of_stock_are_reported_by_hand(self):
        self.assertEqual(self._produced(self.order), ("planned", 0, True))
        self._milestone(self.order, "Production", self.worker).action_done()
        self.assertEqual(self._produced(self.order), ("done", 100, True))

    def test_cancelled_productions_do_not_count(self):
        self.making.action_cancel()
        self.assertEqual(self._produced(), ("planned", 0, True))

    def test_productions_that_are_linked_by_hand_count(self):
        reference = self.order.sudo().stock_reference_ids
        making = self.env["mrp.production"].create(
            {"product_id": self.cabinet.id, "product_qty": 1, "company_id": self.company.id}
        )
        making.action_confirm()
        making.reference_ids = [Command.link(reference.id)]
        self.assertEqual(self._produced(self.order), ("planned", 0, False))
        self._produce(making, 1)
        self.assertEqual(self._produced(self.order), ("done", 100, False))

    def test_a_line_that_is_linked_by_hand_counts(self):
        making = self.env["mrp.production"].create(
            {"product_id": self.desk.id, "product_qty": 2, "company_id": self.company.id}
        )
        making.action_confirm()
        making.sale_line_id = self.desk_line
        self.assertEqual(self._produced(self.order), ("planned", 0, False))

    def test_what_is_linked_once_it_is_made_does_not_count(self):
        """Every employee may link productions to orders."""
        self._produce(self.making, 10)
        other = self._confirmed((self.cabinet, 10, 3000.0))
        with self.assertRaisesRegex(UserError, "stays as it was"):
            self.making.with_user(self.salesman).sale_line_id = other.order_line
        employee = self._user("storekeeper", "stock.group_stock_user")
        for reference in other.sudo().stock_reference_ids:
            reference.with_user(employee).production_ids = [Command.link(self.making.id)]
        other.stock_reference_ids = [Command.link(reference.id) for reference in self.making.reference_ids]
        self.assertNotEqual(self._produced(other)[0], "done")
        self.assertEqual(self._produced()[0], "done")

    def _received(self, quantity, **after):
        suppliers = self.env.ref("stock.stock_location_suppliers").id
        move = self.env["stock.move"].with_user(self._user("maker", "mrp.group_mrp_user", "stock.group_stock_user"))
        places = {"location_id": suppliers, "location_dest_id": self.warehouse.lot_stock_id.id}
        move = move.create(
            {"product_id": self.cabinet.id, "product_uom_qty": quantity, "company_id": self.company.id} | places
        )
        move.write(after)
        move._action_confirm()
        move.write({"quantity": quantity, "picked": True})
        move._action_done()
        return move

    def test_what_was_bought_is_not_produced(self):
        """Whoever produces may say of any move that it is of his production."""
        move = self._received(10, production_id=self.making.id, location_id=self.ref("stock.stock_location_suppliers"))
        self.assertEqual((move.state, move.location_id.usage), ("done", "supplier"))
        self.assertEqual(self._produced()[:2], ("planned", 0))

    def test_what_was_received_is_not_said_to_be_produced(self):
        self._produce(self.making, 4)
        move = self._received(6)
        with self.assertRaisesRegex(UserError, "not said to come from another production"):
            move.production_id = self.making
        other = self._confirmed((self.cabinet, 10, 3000.0)).sudo().order_line.policy_production_ids
        with self.assertRaisesRegex(UserError, "not said to come from another production"):
            self.making.move_finished_ids.with_user(move.env.user).production_id = other

    def test_kits_are_delivered_with_their_scarcest_component(self):
        kit = self._product("Set", 1400.0, is_storable=True)
        self._bom(kit, (self.desk, 1), (self.chair, 2), type="phantom")
        order = self._confirmed((kit, 2, 1400.0))
        self.assertEqual(self._delivered(order), ("planned", 0))
        self._ship({self.desk: 2, self.chair: 1}, order=order)
        self.assertEqual(self._delivered(order), ("started", 25))
        self._ship(order=order)
        self.assertEqual(self._delivered(order), ("done", 100))

    def test_production_does_not_deliver(self):
        self._produce(self.making, 10)
        self.assertEqual(self._delivered(self.made), ("planned", 0))
        self._ship(order=self.made)
        self.assertEqual(self._delivered(self.made), ("done", 100))

    def test_nobody_enters_what_was_produced(self):
        self.env["ir.default"].set("mrp.production", "policy_produced_qty", 5.0)
        making = self.env["mrp.production"].create(
            {"product_id": self.cabinet.id, "product_qty": 1, "company_id": self.company.id}
        )
        self.assertFalse(making.policy_produced_qty)

    def test_presets_follow_production(self):
        preset = self.env.ref("order_policy_execution.policy_accuracy_milestone_production")
        self.assertEqual(preset.source, "production")

    def test_production_that_is_put_off_is_forecast_at_once(self):
        self._follow_documents()
        later = fields.Datetime.add(fields.Datetime.now(), days=50)
        self.making.write({"date_start": later})
        self.env.flush_all()
        self.assertEqual(self.made.policy_danger, "low")
        self._follow_documents()
        self.assertEqual(self.made.policy_danger, "high")
        production = self._milestone(self.made, "Production")
        self.assertGreaterEqual(production.forecast_on, later.date())
        self.assertLess(production.planned_on, later.date())

    def test_components_that_come_late_put_it_off(self):
        self._follow_documents()
        late = fields.Datetime.add(fields.Datetime.now(), days=60)
        self.making.move_raw_ids.move_orig_ids = self.env["stock.move"].create(
            {
                "product_id": self.wood.id,
                "product_uom_qty": 20,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "company_id": self.company.id,
                "date": late,
            }
        )
        self.making.move_raw_ids.move_orig_ids._action_confirm()
        self.assertEqual(self.making.move_raw_ids.delay_alert_date, late)
        self._follow_documents()
        self.assertGreaterEqual(self._milestone(self.made, "Production").forecast_on, late.date())

    def test_what_is_of_no_order_calls_nobody(self):
        self.env.cr.flush()
        due = self.env["sale.order.due"].search_count([])
        self.env["mrp.production"].create(
            {"product_id": self.cabinet.id, "product_qty": 1, "company_id": self.company.id}
        )
        self.env.cr.flush()
        self.assertEqual(self.env["sale.order.due"].search_count([]), due)
