"""The check of stock. One file, because all of it needs the same goods on hand."""

from odoo import fields
from odoo.addons.order_policy.tests.common import OrderPolicyCommon
from odoo.addons.order_policy.tests.common_ready import AdoptionCase
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

FEW, MANY = 10, 80


class StockCase(OrderPolicyCommon):
    """A company that keeps ten desks in stock, and chairs of which there are none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.suppliers = cls.env.ref("stock.stock_location_suppliers")
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        (cls.desk | cls.chair).is_storable = True
        cls._put_in_stock(cls.desk, 10)

    @classmethod
    def _put_in_stock(cls, product, quantity, warehouse=None):
        location = (warehouse or cls.warehouse).lot_stock_id
        cls.env["stock.quant"]._update_available_quantity(product, location, quantity)
        cls.env.invalidate_all()  # quantities that were read before, which only moves would change

    @classmethod
    def _put_in_force(cls, *step_checks, automatic=False, intake_checks=()):
        """Let an administrator put a version in force in which production runs checks."""
        former = cls.env["order.policy"]._in_force(cls.company).with_user(cls.policy_admin)
        version = former.browse(former.action_new_version()["res_id"])
        version.check_ids.unlink()
        version.intake_check_ids = [Command.create({"name": "Stock", **values}) for values in intake_checks]
        step = version.step_ids.filtered(lambda step: step.department_id == cls.production_department)
        step.check_ids = [Command.create({"name": "Stock", **values}) for values in step_checks]
        step.automatic = automatic
        version.action_activate()
        return version

    def _in_days(self, days):
        return fields.Datetime.add(fields.Datetime.now(), days=days)

    def _promised(self, *lines, days=10, **values):
        return self._submitted(*lines, commitment_date=self._in_days(days), **values)

    def _result(self, order):
        """Return what the check found for the review of production."""
        self.env.flush_all()
        return self._review(order, self.production_department).check_ids.filtered("is_current")

    def _assert_result(self, order, state, *words, judged=True):
        result = self._result(order)
        self.assertEqual((result.state, result.judged), (state, judged))
        for word in words:
            self.assertIn(word, f"{result.observed} {result.explanation}")

    def _move(self, product, quantity, source, target, date):
        move = self.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "product_uom": product.uom_id.id,
                "location_id": source.id,
                "location_dest_id": target.id,
                "date": date,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        return move

    def _receive(self, quantity, date, product=None):
        return self._move(product or self.desk, quantity, self.suppliers, self.warehouse.lot_stock_id, date)

    def _deliver(self, quantity, date):
        return self._move(self.desk, quantity, self.warehouse.lot_stock_id, self.customers, date)


@tagged("post_install", "-at_install")
class TestQuantity(StockCase):
    """What is ordered is compared with the stock on hand and the forecast (articles 1.6, 3.7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_force({"kind": "quantity"})

    def test_covered_by_stock(self):
        order = self._submitted((self.desk, 10, 1000.0))
        self._assert_result(order, "pass", self.warehouse.name)
        self.assertIn("Passed", self._review(order, self.production_department).with_user(self.production).checks_html)

    def test_more_than_there_is(self):
        order = self._promised((self.desk, 11, 1000.0))
        self._assert_result(order, "warn", "Desk: 11.00 Units needed, 10.00 available", "Buy or make the rest")
        shown = self._review(order, self.production_department).with_user(self.production).checks_html
        self.assertIn("11.00 Units needed", shown)
        self.assertIn("On hand, or forecast for the promised date", shown)

    def test_only_what_is_short_is_named(self):
        order = self._promised((self.desk, 10, 1000.0), (self.chair, 1, 200.0))
        self._assert_result(order, "warn", "Chair: 1.00 Units needed, 0.00 available")
        self.assertNotIn("Desk", self._result(order).observed)

    def test_lines_of_one_product_add_up(self):
        self._assert_result(self._promised((self.desk, 6, 1000.0), (self.desk, 4, 900.0)), "pass")
        self._assert_result(self._promised((self.desk, 6, 1000.0), (self.desk, 6, 900.0)), "warn", "12.00 Units needed")

    def test_units(self):
        order = self._order((self.desk, 1, 12000.0), commitment_date=self._in_days(10))
        order.order_line.product_uom_id = self.dozen
        order.action_policy_submit()
        self._assert_result(order, "warn", "12.00 Units needed")
        self._put_in_stock(self.desk, 2)
        order.order_line.name = "A dozen desks"
        self._assert_result(order, "pass")

    def test_return_on_the_order_takes_nothing_off(self):
        order = self._promised((self.desk, 11, 1000.0), (self.desk, -5, 1000.0))
        self._assert_result(order, "warn", "11.00 Units needed")

    def test_not_kept_in_stock(self):
        assembly, leaflet = self._product("Assembly", 50.0, type="service"), self._product("Leaflet", 0.1)
        order = self._submitted((assembly, 100, 50.0), (leaflet, 100, 0.1))
        self._assert_result(order, "pass", "Nothing that is kept in stock")

    # ------------------------------------------------------------------
    # What is there, and what will be
    # ------------------------------------------------------------------

    def test_reserved_for_others(self):
        self._deliver(4, self._in_days(1))._action_assign()
        self._assert_result(self._submitted((self.desk, 6, 1000.0)), "pass")
        self._assert_result(self._promised((self.desk, 6, 1000.0)), "pass")
        self._assert_result(self._promised((self.desk, 7, 1000.0)), "warn", "6.00 available")

    def test_reserved_for_later_than_this_order(self):
        self._deliver(4, self._in_days(30))._action_assign()
        self._assert_result(self._promised((self.desk, 7, 1000.0)), "warn", "6.00 available")

    def test_to_go_out_though_not_reserved(self):
        self.warehouse.out_type_id.reservation_method = "manual"
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.customers.id,
            }
        )
        move = self._move(self.desk, 4, self.warehouse.lot_stock_id, self.customers, self._in_days(5))
        move.picking_id = picking
        move._do_unreserve()
        self.env.flush_all()
        self.assertEqual(self.desk.with_context(warehouse_id=self.warehouse.id).free_qty, 10)
        self._assert_result(self._promised((self.desk, 7, 1000.0), days=6), "warn", "6.00 available")
        self._assert_result(self._promised((self.desk, 7, 1000.0), days=3), "pass")

    def test_receipt_before_and_after_the_promised_date(self):
        self._receive(5, self._in_days(5))
        self._assert_result(self._promised((self.desk, 15, 1000.0), days=6), "pass")
        self._assert_result(self._promised((self.desk, 16, 1000.0), days=6), "warn", "15.00 available")
        self._assert_result(self._promised((self.desk, 15, 1000.0), days=3), "warn", "10.00 available")

    @freeze_time("2026-03-02 08:00:00")
    def test_day_is_that_of_the_company(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        order = {"commitment_date": "2026-03-10 02:00:00"}
        self._receive(5, "2026-03-10 15:00:00")  # at eleven in the evening
        self._receive(5, "2026-03-10 17:00:00")  # at one in the morning
        self._assert_result(self._submitted((self.desk, 15, 1000.0), **order), "pass")
        self._assert_result(self._submitted((self.desk, 16, 1000.0), **order), "warn", "15.00 available")

    def test_promised_for_a_day_that_is_over(self):
        self._deliver(4, self._in_days(-1))._action_assign()
        self._assert_result(self._promised((self.desk, 6, 1000.0), days=-5), "pass")
        self._assert_result(self._promised((self.desk, 7, 1000.0), days=-5), "warn", "6.00 available")

    def test_on_hand_alone(self):
        self._put_in_force({"kind": "quantity", "quantity_basis": "on_hand"})
        self._receive(5, self._in_days(5))
        order = self._promised((self.desk, 15, 1000.0), days=6)
        self._assert_result(order, "warn", "10.00 available")
        self.assertEqual(self._result(order).limit, "On hand and not reserved")
        self._assert_result(self._submitted((self.desk, 15, 1000.0)), "warn", "10.00 available")

    def test_other_warehouse(self):
        north = self.env["stock.warehouse"].create({"name": "North", "code": "NO", "company_id": self.company.id})
        self._put_in_stock(self.desk, 50, north)
        self._assert_result(self._promised((self.desk, 11, 1000.0)), "warn", "10.00 available")
        self._assert_result(self._promised((self.desk, 11, 1000.0), warehouse_id=north.id), "pass", "North")

    def test_context_of_a_client_changes_nothing(self):
        shelf = self.env["stock.location"].create({"name": "Elsewhere", "usage": "internal"})
        self.env["stock.quant"]._update_available_quantity(self.desk, shelf, 100)
        self._receive(5, self._in_days(20))
        for context in (
            {"location": shelf.id},
            {"warehouse_id": False},
            {"to_date": "2099-01-01"},
            {"tz": "Etc/GMT-12"},
        ):
            order = self._order((self.desk, 11, 1000.0), commitment_date=self._in_days(10))
            order.with_context(**context).action_policy_submit()
            self._assert_result(order, "warn", "10.00 available")

    # ------------------------------------------------------------------
    # What cannot be judged
    # ------------------------------------------------------------------

    def test_no_day_to_forecast_for(self):
        self._assert_result(self._submitted((self.desk, 10, 1000.0)), "pass")
        order = self._submitted((self.desk, 11, 1000.0))
        self._assert_result(order, "warn", "No delivery date is promised", "Enter it on the order", judged=False)

    def test_no_warehouse(self):
        order = self._order((self.desk, 1, 200.0), commitment_date=self._in_days(10))
        order.warehouse_id = False
        order.action_policy_submit()
        self._assert_result(order, "warn", "The order has no warehouse. Choose it on the order", judged=False)

    def test_nothing_to_judge_by(self):
        with self.assertRaisesRegex(ValidationError, "Stock has nothing to judge by. Enter: Stock"):
            self._put_in_force({"kind": "quantity", "quantity_basis": False})

    def test_kind_of_an_app_that_is_gone(self):
        self.assertEqual(self.env["order.policy.check"]._fields["kind"].ondelete["quantity"], "set null")
        self.env.flush_all()
        self.env.cr.execute("UPDATE order_policy_check SET kind = NULL WHERE kind = 'quantity'")
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self._assert_result(self._submitted(), "warn", "not installed", judged=False)

    # ------------------------------------------------------------------
    # What changes is looked at again
    # ------------------------------------------------------------------

    def test_quantity_changes(self):
        order = self._promised((self.desk, 10, 1000.0))
        for quantity, state in ((11, "warn"), (9, "pass")):
            order.order_line.product_uom_qty = quantity
            self._assert_result(order, state)
        self.assertEqual(order.sudo().check_ids.mapped("state"), ["pass", "warn", "pass"], "History is kept")

    def test_promised_date_changes(self):
        self._receive(5, self._in_days(5))
        order = self._promised((self.desk, 15, 1000.0), days=3)
        self._assert_result(order, "warn")
        order.commitment_date = self._in_days(6)
        self._assert_result(order, "pass")


@tagged("post_install", "-at_install")
class TestQuantityDecides(StockCase):
    """The check refuses submissions at intake, and lets steps approve by themselves."""

    def test_blocks_at_intake(self):
        self._put_in_force(intake_checks=[{"kind": "quantity", "severity": "block"}])
        order = self._order((self.desk, 11, 1000.0), commitment_date=self._in_days(10))
        with self.assertRaisesRegex(UserError, f"{order.name}(?s:.*)Stock: Desk: 11.00 Units needed, 10.00 available"):
            order.action_policy_submit()
        self.assertFalse(order.policy_submitted_on)
        order.order_line.product_uom_qty = 10
        order.action_policy_submit()
        self.assertTrue(order.policy_submitted_on)

    def test_blocks_at_intake_what_cannot_be_judged(self):
        self._put_in_force(intake_checks=[{"kind": "quantity", "severity": "block"}])
        with self.assertRaisesRegex(UserError, "Stock: Cannot be judged(?s:.*)No delivery date is promised"):
            self._submitted((self.desk, 11, 1000.0))

    def test_warns_at_intake(self):
        self._put_in_force(intake_checks=[{"kind": "quantity"}])
        order = self._promised((self.desk, 11, 1000.0))
        self.assertEqual((order.sudo().check_ids.state, order.sudo().check_ids.judged), ("warn", True))
        for department, user in (
            (self.finance_department, self.finance),
            (self.production_department, self.production),
        ):
            self.assertIn("11.00 Units needed", self._review(order, department).with_user(user).checks_html)

    def test_step_approves_itself_when_stock_is_there(self):
        self._put_in_force({"kind": "quantity"}, automatic=True)
        order = self._promised((self.desk, 10, 1000.0))
        review = self._review(order, self.production_department)
        self.assertEqual((review.state, review.is_automatic), ("approved", True))
        order.order_line.product_uom_qty = 11
        self.env.flush_all()
        self.assertEqual(self._review(order, self.production_department).state, "pending")
        self._assert_result(order, "warn")
        order.order_line.product_uom_qty = 9
        self.env.flush_all()
        self.assertTrue(self._review(order, self.production_department).is_automatic)
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_step_does_not_approve_itself_otherwise(self):
        for severity, state in (("warn", "warn"), ("block", "fail")):
            self._put_in_force({"kind": "quantity", "severity": severity}, automatic=True)
            for quantity, days, judged in ((11, 10, True), (11, False, False)):
                promised = days and self._in_days(days)
                order = self._submitted((self.desk, quantity, 1000.0), commitment_date=promised)
                review = self._review(order, self.production_department)
                self.assertEqual((review.state, review.is_automatic), ("pending", False))
                self._assert_result(order, state, judged=judged)
                review.with_user(self.production).action_approve("We buy one more.")
                self.assertEqual((review.state, review.is_automatic), ("approved", False))


@tagged("post_install", "-at_install")
class TestWarehouseChanges(StockCase):
    """What was found in one warehouse says nothing of another, by whatever path the order gets it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls.env["stock.warehouse"].create({"name": "North", "code": "NO", "company_id": cls.company.id})

    def _assert_asked_again(self, order):
        self._assert_result(order, "warn", "0.00 available")
        review = self._review(order, self.production_department)
        self.assertEqual((review.state, review.is_automatic), ("pending", False))

    def test_under_review(self):
        self._put_in_force({"kind": "quantity"})
        order = self._promised((self.desk, 10, 1000.0))
        self._assert_result(order, "pass")
        order.warehouse_id = self.north
        self._assert_asked_again(order)
        order.warehouse_id = self.warehouse
        self._assert_result(order, "pass")
        self.assertEqual(len(order.sudo().review_ids), 3, "Nobody else is asked again")

    def test_automatic_approval(self):
        self._put_in_force({"kind": "quantity"}, automatic=True)
        order = self._promised((self.desk, 10, 1000.0))
        self._approve_all(order)
        former = self._review(order, self.production_department)
        order.warehouse_id = self.north
        self._assert_asked_again(order)
        self.assertEqual((former.state, self._review(order, self.production_department).previous_id),
                         ("outdated", former))  # fmt: skip
        self.assertEqual(self._review(order, self.finance_department).state, "approved")
        with self.assertRaisesRegex(UserError, "Production review"):
            order.action_confirm()
        order.warehouse_id = self.warehouse
        self.env.flush_all()
        self.assertTrue(self._review(order, self.production_department).is_automatic)
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_in_the_write_that_confirms(self):
        self._put_in_force({"kind": "quantity"}, automatic=True)
        order = self._promised((self.desk, 10, 1000.0))
        self._approve_all(order)
        with self.assertRaisesRegex(ValidationError, "Production review"):
            order.write({"state": "sale", "warehouse_id": self.north.id})
        self.assertEqual((order.state, order.warehouse_id), ("draft", self.warehouse))

    def test_by_handing_the_order_over(self):
        self._put_in_force({"kind": "quantity"}, automatic=True)
        self.other_salesman.with_company(self.company).property_warehouse_id = self.north
        order = self._promised((self.desk, 10, 1000.0))
        order.with_user(self.sales_head).user_id = self.other_salesman
        self.env.flush_all()
        self.assertEqual(order.sudo().warehouse_id, self.north)
        self._assert_asked_again(order)
        self.assertEqual(self._review(order, self.production_department).sold_by_id, self.salesman)

    def test_checked_at_intake(self):
        self._put_in_force(intake_checks=[{"kind": "quantity", "severity": "block"}])
        order = self._promised((self.desk, 10, 1000.0))
        self._approve_all(order)
        order.warehouse_id = self.north
        with self.assertRaisesRegex(UserError, "Stock: Desk: 10.00 Units needed, 0.00 available"):
            order.action_confirm()
        self.assertEqual(order.sudo().check_ids.mapped("is_current"), [False, True])
        order.warehouse_id = self.warehouse
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_decision_of_a_person_stands(self):
        self._put_in_force({"kind": "quantity"})
        order = self._promised((self.desk, 10, 1000.0))
        self._approve_all(order)
        order.warehouse_id = self.north
        self.env.flush_all()
        self.assertEqual(self._states(order), ["approved", "approved", "approved", None])

    def _move_to_a_branch(self, order):
        """Move an order to another company, with all that belongs to a company."""
        branch = self.env["res.company"].create({"name": "Beihai Furniture"})
        self.env.user.company_ids |= branch
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", branch.id)], limit=1)
        team = self.env["crm.team"].create({"name": "Beihai", "company_id": branch.id})
        order.team_id = self.env["crm.team"].create({"name": "Nanhai", "company_id": self.company.id})
        order = order.with_user(self.env.user).with_context(allowed_company_ids=(self.company + branch).ids)
        order.write({"company_id": branch.id, "warehouse_id": warehouse.id, "team_id": team.id})
        self.assertEqual((order.company_id, order.warehouse_id, order.team_id), (branch, warehouse, team))
        return order

    def test_quotation_moves_to_another_company_together_with_its_warehouse(self):
        order = self._move_to_a_branch(self._order())
        self.assertFalse(order.policy_id, "The other company has none")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_order_under_review_moves_with_its_warehouse(self):
        order = self._move_to_a_branch(self._submitted())
        self.assertFalse(order.policy_id)

    def test_quotation_moves_where_no_policy_applies(self):
        self.policy.action_retire()
        self._move_to_a_branch(self._order())

    def test_same_warehouse_and_policies_without_the_check(self):
        order = self._promised((self.desk, 10, 1000.0))
        order.warehouse_id = self.north
        self._put_in_force({"kind": "quantity"})
        other = self._promised((self.desk, 10, 1000.0))
        other.warehouse_id = self.warehouse
        self.env.flush_all()
        self.assertEqual((len(order.sudo().check_ids), len(other.sudo().check_ids)), (0, 1))

    def test_confirmed_order(self):
        self._put_in_force({"kind": "quantity"}, automatic=True)
        order = self._promised((self.desk, 10, 1000.0))
        self._approve_all(order)
        order.action_confirm()
        order.warehouse_id = self.north
        self.env.flush_all()
        self.assertEqual((order.state, self._review(order, self.production_department).state), ("sale", "approved"))


@tagged("post_install", "-at_install")
class TestReadyPolicies(AdoptionCase):
    """Ready policies ask for stock where the articles do (1.6, 3.7)."""

    def test_adopting_brings_the_check(self):
        self.desk.is_storable = True
        steps = {"risk_control": "Stock", "accuracy": "Stock", "strict": "Stock and delivery"}
        for preset, step in steps.items():
            with self.subTest(preset=preset):
                policy = self._adopt(preset)
                self.env.invalidate_all()
                check = policy.check_ids.filtered(lambda check: check.kind == "quantity")
                self.assertEqual((check.step_id.name, check.severity), (step, "warn"))
                self.assertEqual(check.rule_in_words, "On hand, or forecast for the promised date")

    def test_warehouse_reads_what_was_found(self):
        self.desk.is_storable = True
        self._adopt("accuracy")
        order = self._order(quantity=3)
        order.action_policy_submit()
        self._pending(order).with_user(self.colleague).action_approve()
        review = self._pending(order).filtered(lambda review: review.step_id.name == "Stock")
        self.assertIn("Desk: 3.00 Units needed, 0.00 available", review.with_user(self.keeper).checks_html)
        review.with_user(self.keeper).action_approve("Five come in tomorrow.")
        self.assertEqual(review.state, "approved")


@tagged("post_install", "-at_install")
class TestQuantityQueries(StockCase):
    """Work is done per batch. Only the check is counted, so no rows are written."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.version = cls._put_in_force({"kind": "quantity"})

    def _cost(self, orders, state):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        outcomes = self.version.sudo().check_ids._run(orders.sudo())
        cost = self.env.cr.sql_log_count - before
        self.assertEqual([outcome["state"] for outcome in outcomes], [state] * len(orders))
        return cost

    def _of_lines(self, count):
        products = self.env["product.product"].create(
            [{"name": f"Lamp {number}", "is_storable": True, "taxes_id": False} for number in range(count)]
        )
        return self._order(*((product, 1, 10.0) for product in products), commitment_date=self._in_days(10))

    def _orders(self, count, quantity):
        promised = self._in_days(10)
        return self.env["sale.order"].concat(
            *(self._order((self.desk, quantity, 1.0), commitment_date=promised) for _number in range(count))
        )

    def test_long_orders(self):
        self._cost(self._of_lines(1), "warn")
        short, long = self._cost(self._of_lines(3), "warn"), self._cost(self._of_lines(300), "warn")
        self.assertLessEqual(long, short)

    def test_many_orders(self):
        for quantity, state in ((10, "pass"), (11, "warn")):
            self._cost(self._orders(1, quantity), state)
            few, many = (self._cost(self._orders(count, quantity), state) for count in (FEW, MANY))
            self.assertLessEqual(many, few)


@tagged("post_install", "-at_install")
class TestStockUsedUp(StockCase):
    """Stock is looked at again when an order is confirmed; what an order has set aside is there for it (1.6, 2.8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_force({"kind": "quantity"}, automatic=True)

    def _approved_for(self, quantity):
        order = self._promised((self.desk, quantity, 1000.0))
        self._approve_all(order)
        return order

    def _found_by_request(self, order, quantity):
        change = self._requested(order)
        change.line_ids.product_uom_qty = quantity
        change.action_submit()
        result = change.sudo().review_ids.check_ids
        return result.state, result.observed

    def test_second_order_of_the_same_ten(self):
        first, second = self._approved_for(10), self._approved_for(10)
        (first | second).action_confirm()
        self.assertEqual((first.state, second.state), ("sale", "draft"))
        self.assertEqual(first.picking_ids.move_ids.product_uom_qty, 10)
        self.assertFalse(second.picking_ids)
        review = self._review(second, self.production_department)
        self.assertEqual((review.state, review.is_automatic), ("pending", False))
        self.assertIn("Desk: 10.00 Units needed, 0.00 available", second.policy_explanation)
        review.with_user(self.production).action_approve("Ten more come on Friday.")
        second.action_confirm()
        self.assertEqual(second.state, "sale")

    def test_no_way_around(self):
        first, second = self._approved_for(10), self._approved_for(10)
        first.action_confirm()
        with self.assertRaisesRegex(ValidationError, "Desk: 10.00 Units needed, 0.00 available"):
            second.state = "sale"

    def test_what_the_order_reserved_is_there_for_it(self):
        order = self._approved_for(8)
        order.action_confirm()
        self.assertEqual(order.picking_ids.move_ids.state, "assigned")
        self.assertEqual(self._found_by_request(order, 10)[0], "pass")

    def test_more_than_the_order_reserved_and_the_rest(self):
        order = self._approved_for(8)
        order.action_confirm()
        self._approved_for(1).action_confirm()
        self.assertEqual(self._found_by_request(order, 10), ("warn", "Desk: 10.00 Units needed, 9.00 available"))

    def test_what_was_shipped_is_not_needed_again(self):
        order = self._approved_for(8)
        order.action_confirm()
        order.picking_ids.move_ids.write({"quantity": 5, "picked": True})
        order.picking_ids._action_done()
        self.assertEqual(order.order_line.qty_delivered, 5)
        self.assertEqual(self._found_by_request(order, 11), ("warn", "Desk: 6.00 Units needed, 5.00 available"))

    def test_goods_that_are_picked_first(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self._approved_for(8)
        order.action_confirm()
        self.assertEqual(self._found_by_request(order, 10)[0], "pass")


@tagged("post_install", "-at_install")
class TestMadeToOrder(StockCase):
    """What is replenished for each order is made to order, as if somebody had tagged it so (article 2.7)."""

    def test_by_route(self):
        made_to_order = self.env.ref("order_policy.product_tag_made_to_order")
        self.assertFalse(self.desk._policy_is_made_to_order())
        route = self.env.ref("stock.route_warehouse0_mto")
        route.active = True
        self.desk.route_ids = route
        self.assertTrue(self.desk._policy_is_made_to_order())
        self.assertTrue(self.desk._policy_bears_tag(made_to_order))
        self.assertFalse(self.desk._policy_bears_tag(self.env.ref("order_policy.product_tag_sensitive")))
        route.active = False
        self.env.invalidate_all()
        self.assertFalse(self.desk._policy_is_made_to_order())
