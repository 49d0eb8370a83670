from odoo import fields
from odoo.addons.order_policy.tests.common import OrderPolicyCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

MONDAY = "2026-03-02 00:00:00"


class CapacityCase(OrderPolicyCommon):
    """A company that makes desks: an hour of assembly each, forty hours a week."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "40 hours", "company_id": cls.company.id, "tz": "UTC"}
        )
        cls.assembly = cls._work_center("Assembly")
        cls.bom = cls._bom(cls.desk, cls.assembly)

    @classmethod
    def _work_center(cls, name):
        return cls.env["mrp.workcenter"].create(
            {"name": name, "company_id": cls.company.id, "resource_calendar_id": cls.calendar.id, "time_start": 0}
        )

    @classmethod
    def _bom(cls, product, *centers):
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "company_id": cls.company.id,
                "operation_ids": [
                    Command.create({"name": center.name, "workcenter_id": center.id, "time_cycle_manual": 60.0})
                    for center in centers
                ],
            }
        )

    @classmethod
    def _put_in_force(cls, *step_checks, automatic=False, intake_checks=()):
        """Put a version in force in which production runs checks."""
        version = cls.env["order.policy"]._in_force(cls.company).sudo()._copy_as_next_version()
        version.intake_check_ids = [Command.create({"name": "Capacity", **values}) for values in intake_checks]
        step = version.step_ids.filtered(lambda step: step.department_id == cls.production_department)
        step.check_ids = [Command.create({"name": "Capacity", **values}) for values in step_checks]
        step.automatic = automatic
        version.with_user(cls.policy_admin).action_activate()
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

    def _assert_result(self, order, state, *words, judged=True):
        result = self._review(order, self.production_department).check_ids.filtered("is_current")
        self.assertEqual((result.state, result.judged), (state, judged))
        for word in words:
            self.assertIn(word, f"{result.observed} {result.explanation}")


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestCapacity(CapacityCase):
    """The load of the work centers is compared with their hours until the promised date (articles 1.6, 2.6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_force({"kind": "capacity"})

    def _for_saturday(self, *lines):
        return self._submitted(*lines, commitment_date="2026-03-07 08:00:00")

    def test_there_is_time(self):
        self._assert_result(self._for_saturday((self.desk, 40, 1000.0)), "pass", "Capacity is there")

    def test_there_is_no_time(self):
        order = self._for_saturday((self.desk, 41, 1000.0))
        self._assert_result(
            order, "warn", "Assembly: 0.0 h planned and 41.0 h for this order, 40.0 h until", "Agree on a later date"
        )

    def test_lines_add_up(self):
        self._assert_result(self._for_saturday((self.desk, 21, 1000.0), (self.desk, 20, 900.0)), "warn", "41.0 h")

    def test_units(self):
        order = self._order((self.desk, 4, 12000.0), commitment_date="2026-03-07 08:00:00")
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        order.action_policy_submit()
        self._assert_result(order, "warn", "48.0 h for this order")

    def test_what_is_planned_until_then(self):
        self._plan(10, "2026-03-03 08:00:00")
        self._assert_result(self._for_saturday((self.desk, 30, 1000.0)), "pass")
        self._assert_result(self._for_saturday((self.desk, 31, 1000.0)), "warn", "10.0 h planned")

    def test_what_is_planned_later_does_not_count(self):
        self._plan(10, "2026-03-10 08:00:00")
        self._assert_result(self._for_saturday((self.desk, 40, 1000.0)), "pass")

    def test_what_is_cancelled_does_not_count(self):
        self._plan(10, "2026-03-03 08:00:00").action_cancel()
        self._assert_result(self._for_saturday((self.desk, 40, 1000.0)), "pass")

    def test_the_busiest_work_center_counts(self):
        paint = self._work_center("Paint Shop")
        paint.time_efficiency = 50.0
        self._bom(self.chair, self.assembly, paint)
        order = self._for_saturday((self.chair, 30, 200.0))
        self._assert_result(order, "warn", "Paint Shop: 0.0 h planned and 60.0 h")

    def test_nothing_that_is_made(self):
        self._assert_result(self._for_saturday((self.chair, 1000, 200.0)), "pass", "Nothing that is made")

    def test_no_promised_date(self):
        self._assert_result(self._submitted((self.desk, 1, 1000.0)), "warn", "No delivery date", judged=False)

    def test_no_operations(self):
        self._bom(self.chair)
        order = self._for_saturday((self.chair, 1, 200.0))
        self._assert_result(order, "warn", "have no operations", judged=False)

    def test_promised_for_a_day_that_is_over(self):
        order = self._submitted((self.desk, 1, 1000.0), commitment_date="2026-02-27 08:00:00")
        self._assert_result(order, "warn", "0.0 h until")

    def test_runs_again_when_the_date_changes(self):
        order = self._for_saturday((self.desk, 41, 1000.0))
        order.commitment_date = "2026-03-14 08:00:00"
        self._assert_result(order, "pass")

    def test_kind_of_an_app_that_is_gone(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE order_policy_check SET kind = NULL WHERE kind = 'capacity'")
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self._assert_result(self._for_saturday(), "warn", "not installed", judged=False)


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestCapacityDecides(CapacityCase):
    """The check blocks submission at intake, and lets steps approve by themselves."""

    def test_blocks_at_intake(self):
        self._put_in_force(intake_checks=[{"kind": "capacity", "severity": "block"}])
        order = self._order((self.desk, 41, 1000.0), commitment_date="2026-03-07 08:00:00")
        with self.assertRaisesRegex(UserError, "Capacity: Assembly: .* 41.0 h for this order"):
            order.action_policy_submit()
        order.order_line.product_uom_qty = 40
        order.action_policy_submit()
        self.assertTrue(order.policy_submitted_on)

    def test_step_approves_itself_when_there_is_time(self):
        self._put_in_force({"kind": "capacity"}, automatic=True)
        order = self._submitted((self.desk, 40, 1000.0), commitment_date="2026-03-07 08:00:00")
        review = self._review(order, self.production_department)
        self.assertEqual((review.state, review.is_automatic), ("approved", True))
        order.order_line.product_uom_qty = 41
        self.assertEqual(self._review(order, self.production_department).state, "pending")

    def test_ready_policies_bring_it(self):
        for name in ("risk_control", "department_audit", "accuracy", "strict"):
            policy = self.env.ref(f"order_policy.policy_{name}").copy({"company_id": self.company.id})
            self.env.invalidate_all()
            check = policy.check_ids.filtered(lambda check: check.kind == "capacity")
            self.assertEqual(check.step_id.policy_id, policy)


@tagged("post_install", "-at_install")
class TestCapacityQueries(CapacityCase):
    """Work is done per batch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.version = cls._put_in_force({"kind": "capacity"})
        cls.promised = fields.Datetime.add(fields.Datetime.now(), days=365)

    def _cost(self, orders):
        """Count the queries of the check alone, from a cold cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        checks = self.version.check_ids
        before = self.env.cr.sql_log_count
        import logging
        logging.getLogger("odoo.sql_db").setLevel(10)
        h = logging.FileHandler("/tmp/sqllog.txt"); logging.getLogger("odoo.sql_db").addHandler(h)
        self.assertEqual(len(checks._run(orders.sudo())), len(orders))
        logging.getLogger("odoo.sql_db").removeHandler(h); logging.getLogger("odoo.sql_db").setLevel(30)
        open("/tmp/sqllog.txt", "a").write("=====\n")
        return self.env.cr.sql_log_count - before

    def _of_lines(self, count):
        lines = []
        for number in range(count):
            product = self._product(f"Lamp {number}", 100.0)
            self._bom(product, self.assembly)
            lines.append((product, 1, 100.0))
        return self._order(*lines, commitment_date=self.promised)

    def test_long_orders(self):
        costs = []
        for count in (3, 300):
            order = self._of_lines(count)
            self._cost(order)  # fills the caches of the registry, which new products empty
            costs.append(self._cost(order))
        short, long = costs
        self.assertLessEqual(long, short)

    def test_many_orders(self):
        def orders(count):
            return self.env["sale.order"].concat(
                *(self._order(commitment_date=self.promised) for _number in range(count))
            )

        self._cost(orders(1))
        few, many = self._cost(orders(10)), self._cost(orders(80))
        self.assertLessEqual(many, few)
