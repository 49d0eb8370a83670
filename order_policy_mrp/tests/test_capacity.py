"""The check of capacity. One file, because all of it needs the same work center with the same load."""

from odoo import fields
from odoo.addons.order_policy.tests.common import OrderPolicyCommon
from odoo.addons.order_policy.tests.common_ready import AdoptionCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

MONDAY = "2026-03-02 00:00:00"
SATURDAY = "2026-03-07 08:00:00"
FEW, MANY = 10, 80


class MakingCase(OrderPolicyCommon):
    """A company that makes desks: an hour of assembly each, forty hours a week."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "40 hours", "company_id": cls.company.id, "tz": "UTC"}
        )
        cls.assembly = cls._work_center("Assembly")
        cls.bom = cls._bom(cls.desk, cls.assembly)

    @classmethod
    def _work_center(cls, name, **values):
        return cls.env["mrp.workcenter"].create(
            {"name": name, "company_id": cls.company.id, "resource_calendar_id": cls.calendar.id, **values}
        )

    @classmethod
    def _bom(cls, product, *centers, **values):
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "company_id": cls.company.id,
                "operation_ids": [
                    Command.create({"name": center.name, "workcenter_id": center.id, "time_cycle_manual": 60.0})
                    for center in centers
                ],
                **values,
            }
        )

    @classmethod
    def _kit(cls, name, *parts, **values):
        """Return a product that is delivered as its parts: pairs of product and quantity."""
        kit = cls._product(name, 2000.0)
        lines = [Command.create({"product_id": part.id, "product_qty": quantity}) for part, quantity in parts]
        cls._bom(kit, type="phantom", bom_line_ids=lines, **values)
        return kit

    @classmethod
    def _put_in_force(cls, *step_checks, automatic=False, intake_checks=()):
        """Let an administrator put a version in force in which production runs checks."""
        former = cls.env["order.policy"]._in_force(cls.company).with_user(cls.policy_admin)
        version = former.browse(former.action_new_version()["res_id"])
        version.check_ids.unlink()
        version.intake_check_ids = [Command.create({"name": "Capacity", **values}) for values in intake_checks]
        step = version.step_ids.filtered(lambda step: step.department_id == cls.production_department)
        step.check_ids = [Command.create({"name": "Capacity", **values}) for values in step_checks]
        step.automatic = automatic
        version.action_activate()
        return version

    def _plan(self, quantity, start):
        """Plan the making of other desks."""
        production = self.env["mrp.production"].create(
            {
                "product_id": self.desk.id,
                "product_qty": quantity,
                "bom_id": self.bom.id,
                "company_id": self.company.id,
                "date_start": start,
            }
        )
        production.action_confirm()
        production.workorder_ids.date_start = start
        return production

    def _for_saturday(self, *lines, **values):
        return self._submitted(*lines, **{"commitment_date": SATURDAY, **values})

    def _result(self, order):
        """Return what the check found for the review of production."""
        self.env.flush_all()
        return self._review(order, self.production_department).check_ids.filtered("is_current")

    def _assert_result(self, order, state, *words, judged=True):
        result = self._result(order)
        self.assertEqual((result.state, result.judged), (state, judged))
        for word in words:
            self.assertIn(word, f"{result.observed} {result.explanation}")


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestCapacity(MakingCase):
    """The load of the work centers is compared with their hours until the promised date (articles 1.6, 2.6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_force({"kind": "capacity"})

    def test_there_is_time(self):
        order = self._for_saturday((self.desk, 40, 1000.0))
        self._assert_result(order, "pass", "Capacity is there")
        self.assertIn("Passed", self._review(order, self.production_department).with_user(self.production).checks_html)

    def test_there_is_no_time(self):
        order = self._for_saturday((self.desk, 41, 1000.0))
        words = "Assembly: 0.0 h planned and 41.0 h for this order, 40.0 h until Mar 7, 2026"
        self._assert_result(order, "warn", words, "Agree on a later date")
        shown = self._review(order, self.production_department).with_user(self.production).checks_html
        self.assertIn(words, shown)
        self.assertIn("The working hours until the promised date", shown)

    def test_lines_of_one_product_add_up(self):
        self._assert_result(self._for_saturday((self.desk, 20, 1000.0), (self.desk, 20, 900.0)), "pass")
        self._assert_result(self._for_saturday((self.desk, 21, 1000.0), (self.desk, 20, 900.0)), "warn", "41.0 h")

    def test_products_share_a_work_center(self):
        self._bom(self.chair, self.assembly)
        self._assert_result(self._for_saturday((self.desk, 21, 1000.0), (self.chair, 20, 200.0)), "warn", "41.0 h")

    def test_units(self):
        for quantity, state in ((3, "pass"), (4, "warn")):
            order = self._order((self.desk, quantity, 12000.0), commitment_date=SATURDAY)
            order.order_line.product_uom_id = self.dozen
            order.action_policy_submit()
            self._assert_result(order, state)
        self._assert_result(order, "warn", "48.0 h for this order")

    def test_bill_of_materials_in_another_unit(self):
        self._bom(self.chair, self.assembly, product_qty=1, product_uom_id=self.dozen.id)
        self._assert_result(self._for_saturday((self.chair, 480, 200.0)), "pass")
        self._assert_result(self._for_saturday((self.chair, 481, 200.0)), "warn", "41.0 h for this order")

    def test_several_at_a_time_and_setting_up(self):
        paint = self._work_center("Paint Shop", time_start=30.0, time_stop=30.0)
        self._bom(self.chair, paint, product_qty=4)
        self._assert_result(self._for_saturday((self.chair, 156, 200.0)), "pass")
        self._assert_result(self._for_saturday((self.chair, 157, 200.0)), "warn", "41.0 h for this order")

    def test_minutes_that_are_no_tenths_of_an_hour(self):
        self.bom.operation_ids.time_cycle_manual = 20.0
        self._assert_result(self._for_saturday(*[(self.desk, 1, 1000.0)] * 120), "pass")
        self._assert_result(self._for_saturday((self.desk, 121, 1000.0)), "warn")

    def test_the_busiest_work_center_counts(self):
        paint = self._work_center("Paint Shop", time_efficiency=50.0)
        self._bom(self.chair, self.assembly, paint)
        self._assert_result(self._for_saturday((self.chair, 20, 200.0)), "pass")
        order = self._for_saturday((self.chair, 30, 200.0))
        self._assert_result(order, "warn", "Paint Shop: 0.0 h planned and 60.0 h")
        self.assertNotIn("Assembly", self._result(order).observed)

    def test_operation_of_some_variants(self):
        wood = self.env["product.attribute"].create({"name": "Wood", "create_variant": "no_variant"})
        names = self.env["product.attribute.value"].create(
            [{"name": name, "attribute_id": wood.id} for name in ("Oak", "Pine")]
        )
        line = self.env["product.template.attribute.line"].create(
            {
                "product_tmpl_id": self.desk.product_tmpl_id.id,
                "attribute_id": wood.id,
                "value_ids": [Command.set(names.ids)],
            }
        )
        oak, pine = line.product_template_value_ids
        self.bom.operation_ids.bom_product_template_attribute_value_ids = oak
        self.bom.operation_ids.create(
            {
                "name": "Sanding",
                "bom_id": self.bom.id,
                "workcenter_id": self.assembly.id,
                "time_cycle_manual": 6.0,
                "bom_product_template_attribute_value_ids": [Command.set(pine.ids)],
            }
        )
        for value, state in ((oak, "warn"), (pine, "pass")):
            order = self._order((self.desk, 41, 1000.0), commitment_date=SATURDAY)
            order.order_line.product_no_variant_attribute_value_ids = value
            order.action_policy_submit()
            self._assert_result(order, state)

    # ------------------------------------------------------------------
    # What is planned, and what is worked
    # ------------------------------------------------------------------

    def test_planned_until_the_promised_date(self):
        self._plan(10, "2026-03-03 08:00:00")
        self._assert_result(self._for_saturday((self.desk, 30, 1000.0)), "pass")
        self._assert_result(self._for_saturday((self.desk, 31, 1000.0)), "warn", "10.0 h planned and 31.0 h")

    def test_planned_for_later(self):
        self._plan(10, "2026-03-07 09:00:00")
        self._plan(10, "2026-03-10 08:00:00")
        self._assert_result(self._for_saturday((self.desk, 40, 1000.0)), "pass")
        self._assert_result(self._for_saturday((self.desk, 41, 1000.0)), "warn", "0.0 h planned")

    def test_planned_before_today_and_not_done(self):
        self._plan(10, "2026-02-20 08:00:00")
        self._assert_result(self._for_saturday((self.desk, 31, 1000.0)), "warn", "10.0 h planned")

    def test_cancelled(self):
        self._plan(10, "2026-03-03 08:00:00").action_cancel()
        self._assert_result(self._for_saturday((self.desk, 40, 1000.0)), "pass")

    def test_done(self):
        production = self._plan(10, "2026-03-03 08:00:00")
        production.qty_producing = 10
        production.button_mark_done()
        self.assertEqual(production.workorder_ids.state, "done")
        self._assert_result(self._for_saturday((self.desk, 40, 1000.0)), "pass")

    def test_planned_elsewhere(self):
        paint = self._work_center("Paint Shop")
        self._bom(self.chair, paint)
        self._plan(40, "2026-03-03 08:00:00")
        self._assert_result(self._for_saturday((self.chair, 40, 200.0)), "pass")

    def test_hour_of_the_promised_day(self):
        self._assert_result(self._for_saturday((self.desk, 36, 1000.0), commitment_date="2026-03-06 12:00:00"), "pass")
        order = self._for_saturday((self.desk, 37, 1000.0), commitment_date="2026-03-06 12:00:00")
        self._assert_result(order, "warn", "36.0 h until Mar 6, 2026")

    def test_two_orders_for_one_day(self):
        early, late = (
            self._order((self.desk, 40, 1000.0), commitment_date=f"2026-03-06 {hour}:00:00") for hour in ("09", "20")
        )
        for orders in (early | late, late | early):
            orders.action_policy_submit()
            self._assert_result(early, "warn", "33.0 h until")
            self._assert_result(late, "pass")
            orders.action_policy_withdraw()

    def test_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Company day",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-03-04 00:00:00",
                "date_to": "2026-03-04 23:59:59",
            }
        )
        self._assert_result(self._for_saturday((self.desk, 33, 1000.0)), "warn", "32.0 h until")

    def test_maintenance_of_one_work_center(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Maintenance",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "resource_id": self.assembly.resource_id.id,
                "date_from": "2026-03-04 00:00:00",
                "date_to": "2026-03-04 23:59:59",
            }
        )
        self._assert_result(self._for_saturday((self.desk, 33, 1000.0)), "warn", "32.0 h until")
        self._bom(self.chair, self._work_center("Paint Shop"))
        self._assert_result(self._for_saturday((self.chair, 40, 200.0)), "pass")

    def test_hours_are_those_of_the_work_center(self):
        self.calendar.tz = "Asia/Shanghai"
        promised = {"commitment_date": "2026-03-06 09:00:00"}  # five in the afternoon, when the week is over
        self._assert_result(self._for_saturday((self.desk, 40, 1000.0), **promised), "pass")

    def test_promised_for_a_day_that_is_over(self):
        order = self._submitted((self.desk, 1, 1000.0), commitment_date="2026-02-27 08:00:00")
        self._assert_result(order, "warn", "0.0 h until")

    def test_context_of_a_client_changes_nothing(self):
        self._plan(10, "2026-03-07 07:30:00")
        for context in ({"tz": "Pacific/Auckland"}, {"company_id": self.env.ref("base.main_company").id}):
            order = self._order((self.desk, 31, 1000.0), commitment_date=SATURDAY)
            order.with_context(**context).action_policy_submit()
            self._assert_result(order, "warn", "10.0 h planned")

    # ------------------------------------------------------------------
    # What is not made, and what cannot be judged
    # ------------------------------------------------------------------

    def test_nothing_that_is_made(self):
        design = self._product("Design", 50.0, type="service")
        order = self._submitted((self.chair, 1000, 200.0), (design, 1000, 50.0))
        self._assert_result(order, "pass", "Nothing that is made")

    def test_bill_of_materials_of_another_company(self):
        other = self.env["res.company"].create({"name": "Hangzhou Lamps"})
        self._bom(self.chair, company_id=other.id)
        self._assert_result(self._submitted((self.chair, 1000, 200.0)), "pass", "Nothing that is made")

    def test_no_promised_date(self):
        order = self._submitted((self.desk, 1, 1000.0))
        self._assert_result(order, "warn", "No delivery date is promised. Enter it on the order", judged=False)

    def test_no_operations(self):
        self._bom(self.chair)
        order = self._for_saturday((self.chair, 1, 200.0))
        words = ("The bills of materials have no operations: Chair", "Production can add them")
        self._assert_result(order, "warn", *words, judged=False)
        self._assert_result(self._for_saturday((self.desk, 1, 1000.0), (self.chair, 1, 200.0)), "warn", *words,
                            judged=False)  # fmt: skip

    def test_overload_is_not_excused_by_what_has_no_operations(self):
        self._bom(self.chair)
        order = self._for_saturday((self.desk, 41, 1000.0), (self.chair, 1, 200.0))
        self._assert_result(order, "warn", "41.0 h for this order")

    def test_work_center_without_hours(self):
        self.assembly.resource_calendar_id = False
        order = self._for_saturday((self.desk, 1, 1000.0))
        self._assert_result(order, "warn", "The work centers have no working hours: Assembly", judged=False)

    def test_kind_of_an_app_that_is_gone(self):
        self.assertEqual(self.env["order.policy.check"]._fields["kind"].ondelete["capacity"], "set null")
        self.env.flush_all()
        self.env.cr.execute("UPDATE order_policy_check SET kind = NULL WHERE kind = 'capacity'")
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self._assert_result(self._for_saturday(), "warn", "not installed", judged=False)

    # ------------------------------------------------------------------
    # Kits, and what changes
    # ------------------------------------------------------------------

    def test_kit_is_made_as_its_parts(self):
        pair = self._kit("Pair of Desks", (self.desk, 2))
        office = self._kit("Office", (pair, 5), (self.chair, 10))
        self._assert_result(self._for_saturday((office, 4, 9000.0)), "pass")
        self._assert_result(self._for_saturday((office, 4, 9000.0), (self.desk, 1, 1000.0)), "warn", "41.0 h")

    def test_kit_of_what_is_bought(self):
        self._assert_result(self._submitted((self._kit("Chairs", (self.chair, 2)), 50, 400.0)), "pass", "Nothing")

    def test_quantity_changes(self):
        order = self._for_saturday((self.desk, 41, 1000.0))
        order.order_line.product_uom_qty = 40
        self._assert_result(order, "pass")

    def test_promised_date_changes(self):
        order = self._for_saturday((self.desk, 41, 1000.0))
        order.commitment_date = "2026-03-14 08:00:00"
        self._assert_result(order, "pass")
        self.assertEqual(order.sudo().check_ids.mapped("state"), ["warn", "pass"], "History is kept")


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestCapacityDecides(MakingCase):
    """The check refuses submissions at intake, and lets steps approve by themselves."""

    def test_blocks_at_intake(self):
        self._put_in_force(intake_checks=[{"kind": "capacity", "severity": "block"}])
        order = self._order((self.desk, 41, 1000.0), commitment_date=SATURDAY)
        with self.assertRaisesRegex(UserError, f"{order.name}(?s:.*)Capacity: Assembly: .* 41.0 h for this order"):
            order.action_policy_submit()
        self.assertFalse(order.policy_submitted_on)
        order.order_line.product_uom_qty = 40
        order.action_policy_submit()
        self.assertTrue(order.policy_submitted_on)

    def test_blocks_at_intake_what_cannot_be_judged(self):
        self._put_in_force(intake_checks=[{"kind": "capacity", "severity": "block"}])
        with self.assertRaisesRegex(UserError, "Capacity: Cannot be judged(?s:.*)No delivery date is promised"):
            self._submitted((self.desk, 1, 1000.0))

    def test_warns_at_intake(self):
        self._put_in_force(intake_checks=[{"kind": "capacity"}])
        order = self._for_saturday((self.desk, 41, 1000.0))
        self.assertEqual((order.sudo().check_ids.state, order.sudo().check_ids.judged), ("warn", True))
        shown = self._review(order, self.finance_department).with_user(self.finance).checks_html
        self.assertIn("41.0 h for this order", shown)

    def test_step_approves_itself_when_there_is_time(self):
        self._put_in_force({"kind": "capacity"}, automatic=True)
        order = self._for_saturday((self.desk, 40, 1000.0))
        review = self._review(order, self.production_department)
        self.assertEqual((review.state, review.is_automatic), ("approved", True))
        order.order_line.product_uom_qty = 41
        self.env.flush_all()
        self.assertEqual(self._review(order, self.production_department).state, "pending")
        self._assert_result(order, "warn")
        order.order_line.product_uom_qty = 39
        self.env.flush_all()
        self.assertTrue(self._review(order, self.production_department).is_automatic)
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_step_does_not_approve_itself_otherwise(self):
        for severity, state in (("warn", "warn"), ("block", "fail")):
            self._put_in_force({"kind": "capacity", "severity": severity}, automatic=True)
            for promised, judged in ((SATURDAY, True), (False, False)):
                order = self._for_saturday((self.desk, 41, 1000.0), commitment_date=promised)
                review = self._review(order, self.production_department)
                self.assertEqual((review.state, review.is_automatic), ("pending", False))
                self._assert_result(order, state, judged=judged)
                review.with_user(self.production).action_approve("We work on Saturday.")
                self.assertEqual((review.state, review.is_automatic), ("approved", False))


@tagged("post_install", "-at_install")
class TestStockOfKits(MakingCase):
    """Stock covers a kit when it covers its parts, whatever else the order takes of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_force({"kind": "quantity"})
        warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        (cls.desk | cls.chair).is_storable = True
        cls.env["stock.quant"]._update_available_quantity(cls.desk, warehouse.lot_stock_id, 10)
        cls.env["stock.quant"]._update_available_quantity(cls.chair, warehouse.lot_stock_id, 100)
        cls.office = cls._kit("Office", (cls.desk, 2), (cls.chair, 4))

    def _promised(self, *lines):
        return self._submitted(*lines, commitment_date=fields.Datetime.add(fields.Datetime.now(), days=10))

    def test_parts(self):
        self.assertFalse(self.office.is_storable)
        self._assert_result(self._promised((self.office, 5, 3000.0)), "pass")
        self._assert_result(self._promised((self.office, 6, 3000.0)), "warn", "Desk: 12.00 Units needed, 10.00")

    def test_parts_that_are_ordered_besides(self):
        order = self._promised((self.office, 5, 3000.0), (self.desk, 1, 1000.0))
        self._assert_result(order, "warn", "Desk: 11.00 Units needed, 10.00 available")

    def test_units(self):
        pallet = self._kit("Pallet", (self.desk, 6), product_qty=1, product_uom_id=self.dozen.id)
        self._assert_result(self._promised((pallet, 20, 500.0)), "pass")
        self._assert_result(self._promised((pallet, 24, 500.0)), "warn", "Desk: 12.00 Units needed")

    def test_kit_of_another_company(self):
        other = self.env["res.company"].create({"name": "Hangzhou Lamps"})
        part = self._product("Board", 10.0, is_storable=True)
        lines = [Command.create({"product_id": part.id, "product_qty": 1})]
        self._bom(self.desk, type="phantom", bom_line_ids=lines, company_id=other.id)
        self._assert_result(self._promised((self.desk, 10, 1000.0)), "pass")
        self._assert_result(self._promised((self.desk, 11, 1000.0)), "warn", "Desk: 11.00 Units needed")


@tagged("post_install", "-at_install")
class TestReadyPolicies(AdoptionCase):
    """Ready policies ask for capacity where the articles do (1.6, 2.6, 3.7)."""

    STEPS = {
        "risk_control": "Production capacity",
        "department_audit": "Capacity and delivery time",
        "accuracy": "Production capacity",
        "strict": "Capacity and delivery time",
    }

    def test_adopting_brings_the_check(self):
        for preset, step in self.STEPS.items():
            with self.subTest(preset=preset):
                policy = self._adopt(preset)
                self.env.invalidate_all()
                check = policy.check_ids.filtered(lambda check: check.kind == "capacity")
                self.assertEqual((check.step_id.name, check.severity), (step, "warn"))
                self.assertEqual(check.rule_in_words, "The working hours until the promised date")

    def test_planner_reads_what_was_found(self):
        self.env["mrp.bom"].create({"product_tmpl_id": self.desk.product_tmpl_id.id, "company_id": self.company.id})
        self._adopt("department_audit")
        order = self._order()
        order.action_policy_submit()
        review = self._pending(order).filtered(lambda review: review.step_id.name == "Capacity and delivery time")
        self.assertIn("have no operations: Desk", review.with_user(self.planner).checks_html)


@tagged("post_install", "-at_install")
class TestCapacityQueries(MakingCase):
    """Work is done per batch. Only the check is counted, so no rows are written."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.version = cls._put_in_force({"kind": "capacity"})
        cls.promised = fields.Datetime.add(fields.Datetime.now(), days=365)

    def _cost(self, orders, state="pass"):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        outcomes = self.version.sudo().check_ids._run(orders.sudo())
        cost = self.env.cr.sql_log_count - before
        self.assertEqual([outcome["state"] for outcome in outcomes], [state] * len(orders))
        return cost

    def _assert_no_more(self, few, many, state="pass"):
        costs = []
        for orders in (few, many):
            self._cost(orders, state)  # fills the caches of the registry, which new products empty
            costs.append(self._cost(orders, state))
        self.assertLessEqual(costs[1], costs[0])

    def _of_lines(self, count, make):
        products = [self._product(f"Lamp {number}", 100.0) for number in range(count)]
        for product in products:
            make(product)
        return self._order(*((product, 1, 100.0) for product in products), commitment_date=self.promised)

    def _orders(self, count, quantity=1):
        dates = [fields.Datetime.add(self.promised, minutes=number) for number in range(count)]
        return self.env["sale.order"].concat(
            *(self._order((self.desk, quantity, 1.0), commitment_date=date) for date in dates)
        )

    def test_long_orders(self):
        orders = [self._of_lines(count, lambda product: self._bom(product, self.assembly)) for count in (3, 300)]
        self._assert_no_more(*orders)

    def test_long_orders_of_kits(self):
        part = [Command.create({"product_id": self.desk.id, "product_qty": 1})]
        orders = [
            self._of_lines(count, lambda product: self._bom(product, type="phantom", bom_line_ids=part))
            for count in (3, 300)
        ]
        self._assert_no_more(*orders)

    def test_many_orders(self):
        self._assert_no_more(self._orders(FEW), self._orders(MANY))

    def test_many_orders_that_are_too_much(self):
        self._assert_no_more(self._orders(FEW, 100000), self._orders(MANY, 100000), "warn")


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestCapacityUsedUp(MakingCase):
    """Capacity is looked at again when an order is confirmed; what is planned for it counts once (1.6, 2.8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        routes = cls.env.ref("mrp.route_warehouse0_manufacture") | cls.env.ref("stock.route_warehouse0_mto")
        routes.active = True
        cls.desk.write({"is_storable": True, "route_ids": [Command.set(routes.ids)]})
        cls._put_in_force({"kind": "capacity"}, automatic=True)

    def _approved_for(self, quantity):
        order = self._for_saturday((self.desk, quantity, 1000.0))
        self._approve_all(order)
        return order

    def test_capacity_that_another_order_took(self):
        order = self._approved_for(30)
        self._plan(20, MONDAY)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertEqual(self._review(order, self.production_department).state, "pending")
        self.assertIn("Assembly: 20.0 h planned and 30.0 h for this order, 40.0 h until", order.policy_explanation)

    def test_two_orders_that_take_the_same_hours_are_confirmed_one_by_one(self):
        """Two people at once: PostgreSQL refuses who does not see the other one, and Odoo does his again."""
        order = self._approved_for(30)

        def version():
            self.env.flush_all()
            self.env.cr.execute("SELECT ctid FROM mrp_workcenter WHERE id = %s", [self.assembly.id])
            return self.env.cr.fetchone()

        before = version()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertNotEqual(version(), before)

    def _found_by_request(self, order, quantity):
        change = self._requested(order)
        change.line_ids.product_uom_qty = quantity
        change.action_submit()
        result = change.sudo().review_ids.check_ids
        return result.state, result.observed

    def test_what_is_planned_for_the_order_counts_once(self):
        order = self._approved_for(30)
        order.action_confirm()
        production = order.sudo().mrp_production_ids
        self.assertEqual(production.product_qty, 30)
        production.workorder_ids.date_start = MONDAY
        self.env.flush_all()
        self.assertEqual(self._found_by_request(order, 40)[0], "pass")

    def test_what_others_planned_counts(self):
        order = self._approved_for(30)
        order.action_confirm()
        order.sudo().mrp_production_ids.workorder_ids.date_start = MONDAY
        self._plan(5, MONDAY)
        state, observed = self._found_by_request(order, 40)
        self.assertEqual(state, "warn")
        self.assertIn("Assembly: 5.0 h planned and 40.0 h for this order, 40.0 h until", observed)
