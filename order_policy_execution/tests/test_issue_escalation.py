from datetime import timedelta

from odoo import fields
from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.fields import Command
from odoo.tests import tagged

from .common_issue import IssueCommon


@tagged("post_install", "-at_install")
class TestIssueEscalation(IssueCommon, QueriesCase):
    """Who leads learns of what is left lying, each once (article 2.14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.management.is_management = True
        cls._always_open()
        cls.policy.write({"issue_head_hours": 2, "issue_management_hours": 4})

    def _escalate(self):
        self._run_execution_job("ir_cron_escalate_issues")

    def test_the_head_then_the_leadership_each_once(self):
        issue = self._reported()
        issue.with_user(self.keeper).action_hand_over(self.keeper.id)
        self.env["mail.mail"].search([]).unlink()
        self._escalate()
        self.assertFalse(issue.escalation, "It is not due yet")
        self._let_time_pass(issue, 3)
        self._escalate()
        self._escalate()
        self.assertEqual((issue.escalation, issue.escalated_to_ids), ("head", self.keeper_head))
        self.assertEqual(len(self._letters_to(self.keeper_head)), 1)
        self.assertFalse(self._letters_to(self.general_manager))
        self.assertIn(issue, issue.with_user(self.keeper_head).search([("is_mine", "=", True)]))
        self._let_time_pass(issue, 9)
        self._escalate()
        self._escalate()
        self.assertEqual(issue.escalation, "management")
        self.assertEqual(issue.escalated_to_ids, self.keeper_head | self.general_manager)
        self.assertEqual(len(self._letters_to(self.general_manager)), 1)
        self.assertIn("Told: ", "".join(issue.message_ids.mapped("body")))

    def test_what_the_head_leaves_lying_is_for_the_leadership(self):
        issue = self._reported()
        self._let_time_pass(issue, 3)
        self._escalate()
        self.assertEqual((issue.escalation, issue.escalated_to_ids), ("management", self.general_manager))

    def test_what_is_settled_is_told_to_nobody(self):
        issue = self._reported()
        self._let_time_pass(issue, 30)
        issue.with_user(self.keeper).action_settle("Painted anew.", "No paper.")
        self._escalate()
        self.assertFalse(issue.escalation)

    def test_never_where_the_policy_says_so(self):
        self.policy.write({"issue_head_hours": 0, "issue_management_hours": 0})
        issue = self._reported()
        self._let_time_pass(issue, 300)
        self._escalate()
        self.assertFalse(issue.escalation)

    def test_who_wants_no_letters_gets_none(self):
        self.general_manager.review_letters = "odoo"
        issue = self._reported()
        self._let_time_pass(issue, 3)
        self._escalate()
        self.assertTrue(issue.escalation)
        self.assertFalse(self._letters_to(self.general_manager))

    def test_late_milestones_are_reported_once(self):
        policy = self._policy(
            name="With milestones",
            issue_late_days=2,
            milestone_ids=[Command.create({"name": "Sawing", "department_id": self.production_department.id})],
        )
        policy.with_user(self.policy_admin).action_activate()
        promised = fields.Datetime.add(fields.Datetime.now(), days=30)
        order = self._confirmed(commitment_date=promised)
        self._run_execution_job("ir_cron_report_late")
        self.assertFalse(order.sudo().issue_ids)
        self.env.cr.execute(
            "UPDATE sale_order_milestone SET planned_on = %s", [fields.Date.today() - timedelta(days=9)]
        )
        self.env.invalidate_all()
        for _once_and_again in range(2):
            self._run_execution_job("ir_cron_report_late")
        issue = order.sudo().issue_ids
        self.assertEqual(
            (issue.cause, issue.kind, issue.department_id), ("Sawing is late", "delay", self.production_department)
        )
        self.assertFalse(issue.reported_by_id)
        issue.with_user(self.production).action_settle("Sawed.", "The saw was blunt.")
        self._run_execution_job("ir_cron_report_late")
        self.assertEqual(order.sudo().issue_ids, issue, "Once, also when it is settled")

    def test_many_cost_as_many_queries_as_few(self):
        def cost(count, word):
            issues = self.env["sale.order.issue"].union(
                *(self._reported(cause=f"{word} {number}") for number in range(count))
            )
            self._let_time_pass(issues, 3)
            return self._queries(lambda: issues.sudo()._escalate("head"))

        cost(1, "Once")
        few, many = cost(3, "Few"), cost(30, "Many")
        self.assertLessEqual(many - few, 6)

    def test_lists_cost_as_many_queries_as_few(self):
        def cost(count, word):
            issues = self.env["sale.order.issue"].union(
                *(self._reported(cause=f"{word} {number}") for number in range(count))
            )
            names = ["display_name", "is_overdue", "is_mine", "can_handle", "can_tell_customer", "owner_id"]
            return self._queries(lambda: issues.with_user(self.keeper).read(names))

        cost(1, "Once")
        self.assertEqual(cost(3, "Few"), cost(30, "Many"))
