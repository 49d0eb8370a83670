from odoo.addons.order_policy_execution.tests.common_collection import CollectionCase
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPaidBeforeProduction(CollectionCase):
    """Nothing is produced before it is paid, though it is planned and confirmed (articles 1.7, 1.8)."""

    PAYMENT = {"before": "production", "percent": 30.0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker = cls._user("maker", "mrp.group_mrp_user")
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        wood = cls._product("Wood", 10.0, is_storable=True)
        cls.env["stock.quant"]._update_available_quantity(wood, cls.warehouse.lot_stock_id, 100)
        routes = cls.warehouse.mto_pull_id.route_id | cls.warehouse.manufacture_pull_id.route_id
        routes.active = True
        cls.desk.write({"is_storable": True, "route_ids": [Command.set(routes.ids)]})
        cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": cls.desk.product_tmpl_id.id,
                "company_id": cls.company.id,
                "bom_line_ids": [Command.create({"product_id": wood.id, "product_qty": 1})],
            }
        )
        cls.order = cls._confirmed((cls.desk, 2, 1000.0))
        cls.made = cls._production_of(cls.order)
        cls.env.flush_all()

    @classmethod
    def _production_of(cls, order):
        found = order.sudo().order_line.order_id.stock_reference_ids.production_ids
        found |= cls.env["mrp.production"].search([("sale_line_id", "in", order.order_line.ids)])
        return found.with_user(cls.maker)

    def assertNotBegun(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.made.state, "confirmed")

    def test_is_confirmed_and_tells_what_it_waits_for(self):
        self.assertEqual(self.made.state, "confirmed")
        self.assertRegex(self.made.policy_payment_hold, "nothing is produced or delivered before 30 %")
        self.made.action_assign()
        self.assertNotBegun()

    def test_cannot_be_started(self):
        with self.assertRefused("waits for payment"):
            self.made.action_start()
        self.assertNotBegun()

    def test_cannot_be_produced(self):
        with self.assertRefused("waits for payment"):
            self.made.qty_producing = 2
            self.made.move_raw_ids.quantity = 2
            self.made.move_raw_ids.picked = True
            self.made.button_mark_done()
        self.assertNotBegun()

    def test_state_over_rpc(self):
        with self.assertRefused("waits for payment"):
            self.made.write({"state": "done"})
        self.assertNotBegun()

    def test_paid_order_is_produced(self):
        self._pay(self._down_payment(self.order, 30))
        self.assertFalse(self.made.policy_payment_hold)
        self.made.action_start()
        self.made.qty_producing = 2
        self.made.move_raw_ids.quantity = 2
        self.made.move_raw_ids.picked = True
        self.made.with_context(skip_consumption=True).button_mark_done()
        self.env.flush_all()
        self.assertEqual(self.made.state, "done")

    def test_production_for_stock_is_free(self):
        production = (
            self.env["mrp.production"].with_user(self.maker).create({"product_id": self.desk.id, "product_qty": 1})
        )
        production.action_confirm()
        production.action_start()
        self.env.flush_all()
        self.assertEqual(production.state, "progress")

    def test_before_delivery_lets_produce(self):
        self._pay_before("delivery", 30.0)
        production = self._production_of(self._confirmed((self.desk, 2, 1000.0)))
        self.assertFalse(production.policy_payment_hold)
        production.action_start()
        self.env.flush_all()
        self.assertEqual(production.state, "progress")
