from datetime import timedelta

from odoo import fields
from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.tests import freeze_time, tagged

from .common import MilestoneCase


@tagged("post_install", "-at_install")
class TestLateCause(MilestoneCase, QueriesCase):
    """Days late are counted by department and cause: by exceptions that were to be settled (articles 1.13, 2.14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls.order = cls._confirmed(commitment_date=cls._promised(10))
        cls.production_milestone = cls._milestone(cls.order, "Production")
        cls.delivery = cls._milestone(cls.order, "Delivery")

    def _after(self, milestone, days):
        """Work some days after a milestone was planned."""
        return freeze_time(self.now + (milestone.planned_on - self.now.date()) + timedelta(days=days))

    def _done(self, milestone, person, days):
        with self._after(milestone, days):
            milestone.with_user(person).action_done()

    def _report(self, kind, cause="Machine", severity="medium", **values):
        return self.order.action_policy_report_issue(
            kind=kind,
            severity=severity,
            cause=cause,
            description="It broke.",
            department=self.sales_department.id,
            **values,
        )

    def _lost(self, milestone):
        self.env.flush_all()
        self.env.invalidate_all()
        return milestone.days_lost, milestone.late_cause

    def test_what_is_in_time_lost_nothing(self):
        self._done(self.production_milestone, self.worker, -1)
        self.assertEqual(self._lost(self.production_milestone), (0, False))
        self.assertLess(self.production_milestone.days_late, 0)

    def test_the_exception_that_was_open_explains(self):
        self._report("quality")
        self._done(self.production_milestone, self.worker, 4)
        self.assertEqual(self._lost(self.production_milestone), (4, "quality"))

    def test_the_most_severe_exception_explains(self):
        self._report("quantity", "Too few")
        self._report("payment", "No money", "critical")
        self._done(self.production_milestone, self.worker, 4)
        self.assertEqual(self._lost(self.production_milestone), (4, "payment"))

    def test_that_it_is_late_is_no_explanation(self):
        self._done(self.production_milestone, self.worker, 4)
        self.assertEqual(self._lost(self.production_milestone), (4, "unreported"))
        self.env["sale.order.issue"]._report_late(self.delivery.sudo())
        self._done(self.delivery, self.keeper, 3)
        self.assertEqual(self._lost(self.delivery), (3, "delay"))

    def test_what_came_before_explains_what_could_not_begin(self):
        late_by = (self.delivery.planned_on - self.production_milestone.planned_on).days + 2
        self._done(self.production_milestone, self.worker, late_by)
        self._done(self.delivery, self.keeper, 5)
        self.assertEqual(self._lost(self.delivery), (5, "before"))

    def test_exceptions_of_other_times_explain_nothing(self):
        issue = self._report("damage")
        issue.action_settle("Repaired.", "It fell.")
        self._done(self.production_milestone, self.worker, 1)
        self._done(self.delivery, self.keeper, 2)
        with self._after(self.delivery, 4):
            self._report("customer", "Unhappy")
        self.assertEqual(self._lost(self.production_milestone), (1, "damage"))
        self.assertEqual(self._lost(self.delivery), (2, "unreported"))

    def test_what_is_reported_before_it_is_done_counts_when_it_is_settled_later(self):
        issue = self._report("quality")
        self._done(self.production_milestone, self.worker, 4)
        issue.action_settle("Repaired.", "It fell.")
        self.assertEqual(self._lost(self.production_milestone), (4, "quality"))

    def test_supervisors_group_by_department_and_cause(self):
        self._report("quality")
        self._done(self.production_milestone, self.worker, 4)
        supervisor = self._user("supervisor", "order_policy.group_order_policy_supervisor")
        Milestone = self.env["sale.order.milestone"].with_user(supervisor)
        rows = Milestone._read_group(
            [("days_lost", ">", 0), ("order_id", "=", self.order.id)],
            ["department_id", "late_cause"],
            ["days_lost:sum"],
        )
        self.assertEqual(rows, [(self.production_department.with_user(supervisor), "quality", 4)])

    def test_it_costs_no_more_for_many(self):
        orders = self.env["sale.order"].concat(*(self._confirmed() for _number in range(6)))
        milestones = orders.sudo().milestone_ids.filtered(lambda found: found.name == "Production")
        with self._after(milestones[0], 4):
            milestones.with_user(self.worker).action_done()

        def compute(some):
            self.env.add_to_compute(some._fields["late_cause"], some)
            some.mapped("late_cause")

        few, many = (self._queries(lambda some=some: compute(some)) for some in (milestones[:2], milestones))
        self.assertLessEqual(many, few + 1)
