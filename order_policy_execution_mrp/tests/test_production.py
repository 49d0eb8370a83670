from unittest.mock import patch

from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.addons.order_policy_execution_stock.tests.common_delivery import LeavingCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged


@tagged("post_install", "-at_install")
class TestProduction(LeavingCase, QueriesCase):
    """Desks are made to order, of wood; a set is a kit of a desk and two chairs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.mto_pull_id.route_id.active = True
        cls.wood = cls._product("Wood", 10.0, is_storable=True)
        routes = cls.warehouse.mto_pull_id.route_id | cls.warehouse.manufacture_pull_id.route_id
        cls.cabinet = cls._product("Cabinet", 3000.0, is_storable=True, route_ids=[Command.set(routes.ids)])
        cls.env["stock.quant"]._update_available_quantity(cls.wood, cls.warehouse.lot_stock_id, 1000)
        cls._bom(cls.cabinet, (cls.wood, 2))
        cls.made = cls._confirmed((cls.cabinet, 10, 3000.0))
        cls.making = cls.env["mrp.production"].search([("sale_line_id", "=", cls.made.order_line.id)])

    @classmethod
    def _milestone_rules(cls):
        return (
            cls._rule("Production", cls.production_department, kind="production", source="production"),
            cls._rule("Delivery", cls.logistics_department, kind="delivery", source="delivery"),
        )

    @classmethod
    def _bom(cls, product, *components, **values):
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "company_id": cls.company.id,
                "bom_line_ids": [
                    Command.create({"product_id": component.id, "product_qty": quantity})
                    for component, quantity in components
                ],
                **values,
            }
        )

    def _produce(self, making, quantity, backorder=True):
        with Form(making) as form:
            form.qty_producing = quantity
        action = making.button_mark_done()
        if isinstance(action, dict) and action.get("res_model") == "mrp.production.backorder":
            wizard = Form.from_action(self.env, action).save()
            wizard.action_backorder() if backorder else wizard.action_close_mo()
        self.env.flush_all()

    def _produced(self, order=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self._fact(order or self.made, "Production")

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

    def test_a_change_of_production_costs_little(self):
        making = self._confirmed((self.cabinet, 4, 3000.0)).sudo().order_line.policy_production_ids
        other = self._confirmed((self.cabinet, 4, 3000.0)).sudo().order_line.policy_production_ids

        def begin(production):
            production.qty_producing = 1
            production.mapped("state")

        begin(self.making)
        with_milestones = self._queries(lambda: begin(making))
        with patch.object(self.env.registry["sale.order.milestone"], "_facts", lambda milestones, source: {}):
            without = self._queries(lambda: begin(other))
        self.assertLessEqual(with_milestones - without, 10)

    def test_nobody_enters_what_was_produced(self):
        self.env["ir.default"].set("mrp.production", "policy_produced_qty", 5.0)
        making = self.env["mrp.production"].create(
            {"product_id": self.cabinet.id, "product_qty": 1, "company_id": self.company.id}
        )
        self.assertFalse(making.policy_produced_qty)

    def test_presets_follow_production(self):
        preset = self.env.ref("order_policy_execution.policy_accuracy_milestone_production")
        self.assertEqual(preset.source, "production")
