from odoo import fields
from odoo.addons.order_policy.tests.common import OrderPolicyCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged


class StockCase(OrderPolicyCommon):
    """A company that keeps desks and chairs in stock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        (cls.desk | cls.chair).is_storable = True
        cls._put_in_stock(cls.desk, 10)

    @classmethod
    def _put_in_stock(cls, product, quantity):
        cls.env["stock.quant"]._update_available_quantity(product, cls.warehouse.lot_stock_id, quantity)

    @classmethod
    def _put_in_force(cls, *step_checks, automatic=False, intake_checks=()):
        """Put a version in force in which production runs checks."""
        version = cls.env["order.policy"]._in_force(cls.company).sudo()._copy_as_next_version()
        version.intake_check_ids = [Command.create({"name": "Stock", **values}) for values in intake_checks]
        step = version.step_ids.filtered(lambda step: step.department_id == cls.production_department)
        step.check_ids = [Command.create({"name": "Stock", **values}) for values in step_checks]
        step.automatic = automatic
        version.with_user(cls.policy_admin).action_activate()
        return version

    def _in_days(self, days):
        return fields.Datetime.add(fields.Datetime.now(), days=days)

    def _result(self, order):
        """Return what the check found for the review of production."""
        return self._review(order, self.production_department).check_ids.filtered("is_current")

    def _move(self, product, quantity, days, source, target):
        """Plan a move of a product."""
        move = self.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "product_uom": product.uom_id.id,
                "location_id": source.id,
                "location_dest_id": target.id,
                "date": self._in_days(days),
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        return move


@tagged("post_install", "-at_install")
class TestQuantity(StockCase):
    """What is ordered is compared with the stock on hand and the forecast (articles 1.6, 3.7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_force({"kind": "quantity"})

    def _assert_result(self, order, state, *words, judged=True):
        result = self._result(order)
        self.assertEqual((result.state, result.judged), (state, judged))
        for word in words:
            self.assertIn(word, f"{result.observed} {result.explanation}")

    def test_covered_by_stock(self):
        order = self._submitted((self.desk, 10, 1000.0))
        self._assert_result(order, "pass", self.warehouse.name)
        self.assertIn("Passed", self._review(order, self.production_department).with_user(self.production).checks_html)

    def test_more_than_there_is(self):
        order = self._submitted((self.desk, 11, 1000.0), commitment_date=self._in_days(10))
        self._assert_result(order, "warn", "Desk: 11.00 ordered, 10.00 available", "Buy or make the rest")

    def test_lines_of_one_product_add_up(self):
        lines = [(self.desk, 6, 1000.0), (self.desk, 6, 900.0)]
        self._assert_result(self._submitted(*lines, commitment_date=self._in_days(10)), "warn", "12.00 ordered")

    def test_units(self):
        order = self._order((self.desk, 1, 12000.0), commitment_date=self._in_days(10))
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        order.action_policy_submit()
        self._assert_result(order, "warn", "12.00 ordered")

    def test_reserved_for_others(self):
        customers = self.env.ref("stock.stock_location_customers")
        self._move(self.desk, 4, 1, self.warehouse.lot_stock_id, customers)._action_assign()
        self._assert_result(self._submitted((self.desk, 6, 1000.0)), "pass")
        order = self._submitted((self.desk, 7, 1000.0), commitment_date=self._in_days(10))
        self._assert_result(order, "warn", "6.00 available")

    def test_receipt_before_and_after_the_promised_date(self):
        suppliers = self.env.ref("stock.stock_location_suppliers")
        self._move(self.desk, 5, 5, suppliers, self.warehouse.lot_stock_id)
        in_time = self._submitted((self.desk, 15, 1000.0), commitment_date=self._in_days(6))
        self._assert_result(in_time, "pass")
        too_early = self._submitted((self.desk, 15, 1000.0), commitment_date=self._in_days(3))
        self._assert_result(too_early, "warn", "10.00 available")

    def test_on_hand_alone(self):
        self._move(self.desk, 5, 5, self.env.ref("stock.stock_location_suppliers"), self.warehouse.lot_stock_id)
        self._put_in_force()  # a version to change
        version = self.env["order.policy"]._in_force(self.company).sudo()._copy_as_next_version()
        version.step_ids.check_ids.quantity_basis = "on_hand"
        version.action_activate()
        order = self._submitted((self.desk, 15, 1000.0), commitment_date=self._in_days(6))
        self._assert_result(order, "warn", "10.00 available")

    def test_no_day_to_forecast_for(self):
        order = self._submitted((self.desk, 11, 1000.0))
        self._assert_result(order, "warn", "No delivery date is promised", judged=False)

    def test_no_warehouse(self):
        order = self._submitted((self.chair, 1, 200.0), commitment_date=self._in_days(10))
        order.sudo().warehouse_id = False
        order.order_line.product_uom_qty = 2
        self._assert_result(order, "warn", "no warehouse", judged=False)

    def test_not_kept_in_stock(self):
        assembly = self._product("Assembly", 50.0, type="service")
        self._assert_result(self._submitted((assembly, 100, 50.0)), "pass", "Nothing that is kept in stock")

    def test_runs_again_when_the_quantity_changes(self):
        order = self._submitted((self.desk, 10, 1000.0), commitment_date=self._in_days(10))
        order.order_line.product_uom_qty = 11
        self._assert_result(order, "warn")
        order.order_line.product_uom_qty = 9
        self._assert_result(order, "pass")
        self.assertEqual(len(order.sudo().check_ids), 3, "What was found before is kept")

    def test_kind_of_an_app_that_is_gone(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE order_policy_check SET kind = NULL WHERE kind = 'quantity'")
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self._assert_result(self._submitted(), "warn", "not installed", judged=False)


@tagged("post_install", "-at_install")
class TestQuantityDecides(StockCase):
    """The check blocks submission at intake, and lets steps approve by themselves."""

    def test_blocks_at_intake(self):
        self._put_in_force(intake_checks=[{"kind": "quantity", "severity": "block"}])
        order = self._order((self.desk, 11, 1000.0), commitment_date=self._in_days(10))
        with self.assertRaisesRegex(UserError, "Stock: Desk: 11.00 ordered, 10.00 available"):
            order.action_policy_submit()
        self.assertFalse(order.policy_submitted_on)
        order.order_line.product_uom_qty = 10
        order.action_policy_submit()
        self.assertTrue(order.policy_submitted_on)

    def test_warns_at_intake(self):
        self._put_in_force(intake_checks=[{"kind": "quantity"}])
        order = self._submitted((self.desk, 11, 1000.0), commitment_date=self._in_days(10))
        self.assertEqual(order.sudo().check_ids.state, "warn")

    def test_step_approves_itself_when_stock_is_there(self):
        self._put_in_force({"kind": "quantity"}, automatic=True)
        order = self._submitted((self.desk, 10, 1000.0), commitment_date=self._in_days(10))
        review = self._review(order, self.production_department)
        self.assertEqual((review.state, review.is_automatic), ("approved", True))
        order.order_line.product_uom_qty = 11
        self.assertEqual(self._review(order, self.production_department).state, "pending")
        self._review(order, self.production_department).with_user(self.production).action_approve("We buy one more.")
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_step_does_not_approve_itself_for_a_block(self):
        self._put_in_force({"kind": "quantity", "severity": "block"}, automatic=True)
        order = self._submitted((self.desk, 11, 1000.0), commitment_date=self._in_days(10))
        self.assertEqual(self._review(order, self.production_department).state, "pending")
        self.assertEqual(self._result(order).state, "fail")

    def test_ready_policies_bring_it(self):
        for name in ("risk_control", "accuracy", "strict"):
            policy = self.env.ref(f"order_policy.policy_{name}").copy({"company_id": self.company.id})
            self.env.invalidate_all()
            check = policy.check_ids.filtered(lambda check: check.kind == "quantity")
            self.assertEqual(check.step_id.policy_id, policy)
            self.assertEqual(check.rule_in_words, "On hand, or forecast for the promised date")


@tagged("post_install", "-at_install")
class TestQuantityQueries(StockCase):
    """Work is done per batch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.version = cls._put_in_force({"kind": "quantity"})

    def _cost(self, orders):
        """Count the queries of the check alone, from a cold cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        checks = self.version.check_ids
        before = self.env.cr.sql_log_count
        self.assertEqual(len(checks._run(orders.sudo())), len(orders))
        return self.env.cr.sql_log_count - before

    def _of_lines(self, count):
        products = self.env["product.product"].create(
            [{"name": f"Lamp {number}", "is_storable": True, "taxes_id": False} for number in range(count)]
        )
        return self._order(*((product, 1, 10.0) for product in products), commitment_date=self._in_days(10))

    def test_long_orders(self):
        self._cost(self._of_lines(1))
        short, long = self._cost(self._of_lines(3)), self._cost(self._of_lines(300))
        self.assertLessEqual(long, short)

    def test_many_orders(self):
        promised = self._in_days(10)

        def orders(count):
            return self.env["sale.order"].concat(*(self._order(commitment_date=promised) for _number in range(count)))

        self._cost(orders(1))
        few, many = self._cost(orders(10)), self._cost(orders(80))
        self.assertLessEqual(many, few)
