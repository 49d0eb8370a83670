from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import MilestoneCase


@tagged("post_install", "-at_install")
class TestForecast(MilestoneCase):
    """Before an order is late somebody knows it: who holds it, by how much, what would help (articles 1.11, 2.14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()

    def _later(self, days):
        return freeze_time(self.now + timedelta(days=days))

    def _night(self, days):
        """Let the job run some days from now, as the superuser that runs jobs."""
        self.env.flush_all()
        with self._later(days), self.enter_registry_test_mode():
            self.env.ref("order_policy_execution.ir_cron_forecast").method_direct_trigger()
        self.env.invalidate_all()

    def _confirmed_order(self, promised=30):
        return self._confirmed(commitment_date=self._promised(promised))

    def test_an_order_that_goes_as_planned_is_on_track(self):
        order = self._confirmed_order()
        self.assertEqual(order.policy_danger, "low")
        self.assertFalse(order.policy_danger_in_words)
        delivery = self._milestone(order, "Delivery")
        self.assertEqual(delivery.forecast_on, delivery.planned_on)
        self.assertEqual(delivery.first_forecast_on, delivery.planned_on)

    def test_what_has_used_most_of_its_time_is_at_risk(self):
        order = self._confirmed_order()
        planned = self._milestone(order, "Production").planned_on
        self._night((planned - self.now.date()).days - 1)
        self.assertEqual(order.policy_danger, "medium")
        self.assertEqual(order.policy_danger_department_id, self.production_department)
        self.assertIn("Production", order.policy_danger_in_words)

    def test_what_is_past_its_date_is_late(self):
        order = self._confirmed_order()
        days = (self._milestone(order, "Production").planned_on - self.now.date()).days + 4
        self._night(days)
        self.assertEqual(order.policy_danger, "late")
        self.assertEqual(order.policy_danger_days, max(4, order.policy_danger_days))
        self.assertEqual(order.policy_danger_milestone_id.name, "Production")

    def test_a_department_finds_what_is_in_danger_of_its_own_work(self):
        order = self._confirmed_order()
        late, kept_waiting = self._milestone(order, "Production"), self._milestone(order, "Delivery")
        self._night((late.planned_on - self.now.date()).days + 4)
        self.assertEqual((late.danger, kept_waiting.danger), ("late", "high"))
        mine = self.env["sale.order.milestone"].with_user(self.worker)
        found = mine.search([("is_mine", "=", True), ("danger", "in", ("medium", "high", "late"))])
        self.assertEqual(found, late)
        levels = mine._read_group([("order_id", "=", order.id), ("is_mine", "=", True)], ["danger"], ["__count"])
        self.assertEqual(levels, [("late", 1)])
        self._milestone(order, "Production", self.worker).action_done()
        self.assertFalse(late.danger, "What is done is in no danger any more")

    def test_levels_of_milestones_have_the_words_of_orders(self):
        words = (
            self.env[model].fields_get([name], ["selection"])[name]["selection"]
            for model, name in (("sale.order.milestone", "danger"), ("sale.order", "policy_danger"))
        )
        self.assertEqual(*words)

    def test_a_department_that_takes_long_makes_the_next_one_late_ahead_of_time(self):
        """The delivery is promised in ten days; production took twenty days lately, so it will not be kept."""
        self.env["order.policy.pace"].create(
            {
                "company_id": self.company.id,
                "department_id": self.production_department.id,
                "kind": "production",
                "days": 20.0,
                "count": 5,
            }
        )
        order = self._confirmed_order(promised=10)
        self.assertEqual(order.policy_danger, "high")
        production, delivery = (self._milestone(order, name) for name in ("Production", "Delivery"))
        self.assertEqual((production.forecast_on - self.now.date()).days, 20)
        self.assertGreater(delivery.forecast_on, delivery.planned_on)
        self.assertEqual(order.policy_danger_department_id, self.production_department)

    def test_progress_that_is_reported_counts(self):
        self.test_a_department_that_takes_long_makes_the_next_one_late_ahead_of_time()
        order = self.env["sale.order"].search([("policy_danger", "=", "high")], limit=1, order="id desc")
        production = self._milestone(order, "Production", self.worker)
        production.action_report(90, "Nearly there")
        self.assertEqual(production.forecast_on, production.planned_on)
        self.assertEqual(order.policy_danger, "low")

    def test_pace_is_the_median_of_what_was_done_lately(self):
        for days in (2, 3, 10):
            order = self._confirmed_order()
            with self._later(days):
                self._milestone(order, "Production", self.worker).action_done()
        self._night(11)
        pace = self.env["order.policy.pace"].search([("department_id", "=", self.production_department.id)])
        self.assertEqual((pace.kind, pace.count, round(pace.days)), ("production", 3, 3))

    def test_of_few_nothing_is_said(self):
        Pace = self.env["order.policy.pace"]
        Pace.create(
            {
                "company_id": self.company.id,
                "department_id": self.production_department.id,
                "kind": "production",
                "days": 20.0,
                "count": 1,
            }
        )
        self.assertFalse(Pace._usual_days(self.production_department))

    def test_how_good_a_forecast_was_is_kept(self):
        order = self._confirmed_order()
        production = self._milestone(order, "Production")
        days = (production.first_forecast_on - self.now.date()).days + 2
        with self._later(days):
            self._milestone(order, "Production", self.worker).action_done()
        self.assertEqual((production.days_off_forecast, production.days_late), (2, 2))

    def test_sales_and_its_head_are_told_once_for_each_level(self):
        order = self._confirmed_order()
        days = (self._milestone(order, "Production").planned_on - self.now.date()).days + 2

        def told():
            return self.env["mail.message"].search_count(
                [("message_type", "=", "user_notification"), ("partner_ids", "in", self.salesman.partner_id.ids)]
            )

        before = told()
        self._night(days)
        self.assertEqual(order.policy_danger, "late")
        self.assertEqual(told(), before + 1)
        self._night(days + 1)
        self.assertEqual(told(), before + 1)

    def test_list_and_calendar_of_orders_say_it(self):
        for kind in ("list", "calendar"):
            view = self.env["sale.order"].with_user(self.salesman).get_view(view_type=kind)
            self.assertIn('name="policy_danger"', view["arch"], kind)

    def test_nobody_writes_how_much_in_danger_an_order_is(self):
        order = self._confirmed_order()
        for name, value in (("policy_danger", "low"), ("policy_danger_told", "late"), ("policy_forecast_on", False)):
            with self.subTest(name), self.assertRaises(AccessError):
                order.with_user(self.salesman).write({name: value})
        with self.assertRaises(AccessError):
            self._milestone(order, "Production", self.worker).write({"forecast_on": fields.Date.today()})

    def test_forecasts_cost_no_more_for_many_orders(self):
        orders = self.env["sale.order"].concat(*(self._confirmed_order() for _number in range(6)))

        def cost(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.sudo()._forecast_anew()
            return self.env.cr.sql_log_count - before

        with self._later(1):
            cost(orders)
            few = cost(orders[:1])
            many = cost(orders)
        self.assertLessEqual(many, few + 1)
