from freezegun import freeze_time

from odoo import fields
from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.addons.order_policy.tests.common_ready import ReadyPolicyCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_issue import IssueCommon

WEDNESDAY = "2026-03-04 09:00:00"
THURSDAY = fields.Date.to_date("2026-03-05")


class FollowupCommon(IssueCommon):
    """Customers with a tag hear every day, of large orders every two days, and all others every five."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vip = cls.env["res.partner.category"].create({"name": "Key Account"})
        cls.policy = cls._policy(
            name="With follow-ups",
            followup_ids=[
                cls._rule("Key accounts", 1, sequence=1, partner_category_ids=[Command.set(cls.vip.ids)]),
                cls._rule("Large orders", 2, sequence=2, amount_min=50000.0),
                cls._rule("All", 5, sequence=3),
            ],
        )
        cls.before = cls.order
        cls.policy.with_user(cls.policy_admin).action_activate()
        cls.order = cls._confirmed()
        cls.followup = cls.order.sudo().followup_ids.with_user(cls.salesman)

    @classmethod
    def _rule(cls, name, days, **values):
        return Command.create({"name": name, "days": days, "department_id": cls.sales_department.id, **values})

    def _let_days_pass(self, followups, days=10):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_followup SET date_due = date_due - %s WHERE id = ANY(%s)", [days, followups.ids]
        )
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestFollowup(FollowupCommon):
    """Sales owes customers a word at intervals (articles 1.10, 1.11, 2.12, 3.10)."""

    def test_the_first_word_is_planned_when_the_order_is_confirmed(self):
        self.assertEqual(len(self.followup), 1)
        self.assertEqual(self.followup.rule_id.name, "All")
        self.assertEqual(self.followup.state, "due")
        self.assertEqual(self.order.policy_followup_on, self.followup.date_due)

    def test_orders_confirmed_before_are_left_alone(self):
        self.assertFalse(self.before.sudo().followup_ids)
        self.before.action_policy_record_followup("phone", "All goes well.")
        self.assertEqual(self.before.sudo().followup_ids.mapped("state"), ["done"], "Out of turn, and no next one")

    def test_quotations_are_not_followed_up(self):
        order = self._approved()
        self.assertFalse(order.sudo().followup_ids)
        with self.assertRaisesRegex(UserError, "confirmed under a policy"):
            order.action_policy_record_followup("phone", "All goes well.")

    def test_the_first_rule_that_an_order_matches_holds(self):
        large = self._confirmed((self.desk, 60, 1000.0))
        self.assertEqual(large.sudo().followup_ids.rule_id.name, "Large orders")
        self.customer.category_id = self.vip
        self.assertEqual(self._confirmed((self.desk, 60, 1000.0)).sudo().followup_ids.rule_id.name, "Key accounts")

    def test_nobody_is_reminded_where_no_rule_holds(self):
        policy = self._policy(name="Large only", followup_ids=[self._rule("Large", 2, amount_min=50000.0)])
        policy.with_user(self.policy_admin).action_activate()
        self.assertFalse(self._confirmed().sudo().followup_ids)

    def test_working_days_count(self):
        with freeze_time(WEDNESDAY):
            self.customer.category_id = self.vip
            order = self._confirmed()
            self.assertEqual(order.sudo().followup_ids.date_due, THURSDAY)
            self.customer.category_id = False
            order = self._confirmed()
            self.assertEqual(order.sudo().followup_ids.date_due, fields.Date.add(THURSDAY, days=6), "Not the weekend")

    def test_the_next_is_planned_when_one_is_done(self):
        self.followup.action_done("phone", "Half of it is made.", "They need it on Friday.")
        self.assertEqual((self.followup.state, self.followup.done_by_id), ("done", self.salesman))
        self.assertIn("They need it on Friday", "".join(self.order.message_ids.mapped("body")))
        following = self.order.sudo().followup_ids - self.followup.sudo()
        self.assertEqual(following.state, "due")
        with self.assertRaisesRegex(UserError, "already"):
            self.followup.action_done("phone", "Once more.")
        self.order.action_policy_record_followup("visit", "Showed the samples.")
        self.assertEqual(following.state, "done", "What is due is done by it")

    def test_what_was_said_is_asked_for(self):
        with self.assertRaisesRegex(UserError, "what the customer was told"):
            self.followup.action_done("phone", " ")
        with self.assertRaisesRegex(UserError, "Choose one of"):
            self.followup.action_done("pigeon", "Coo.")

    def test_salesperson_department_and_deputy_do_it(self):
        self.assertTrue(self.order.policy_can_follow_up)
        for user in (self.finance, self.production, self.general_manager, self.supervisor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.followup.with_user(user).action_done("phone", "All goes well.")
        self.assertFalse(self.order.with_user(self.finance).policy_can_follow_up)
        self.followup.with_user(self.sales_head).action_done("phone", "All goes well.")
        deputy, today = self._user("deputy"), fields.Date.today()
        to_do = self.order.sudo().followup_ids.filtered(lambda followup: followup.state == "due")
        self.env["order.policy.deputy"].create(
            {
                "user_id": self.salesman.id,
                "deputy_id": deputy.id,
                "company_id": self.company.id,
                "date_from": today,
                "date_until": fields.Date.add(today, days=3),
            }
        )
        self.assertIn(to_do, to_do.with_user(deputy).search([("is_mine", "=", True)]))
        to_do.with_user(deputy).action_done("phone", "I stand in for him.")
        self.assertEqual(to_do.done_by_id, deputy)

    def test_a_progress_message_is_shown_sent_and_filed(self):
        order = self._confirmed(commitment_date=fields.Datetime.add(fields.Datetime.now(), days=30))
        followup = order.sudo().followup_ids.with_user(self.salesman)
        wizard = self.env["sale.order.followup.letter"].with_user(self.salesman).create({"order_id": order.id})
        self.assertIn(order.name, wizard.subject)
        self.assertIn("Desk", wizard.body)
        self.assertIn("Promised for", wizard.body)
        wizard.body = "<p>Half of your desks are made.</p>"
        wizard.action_send()
        self.assertEqual((followup.state, followup.way), ("done", "message"))
        self.assertEqual(followup.told, "Half of your desks are made.")
        message = followup.sudo().message_id
        self.assertEqual((message.model, message.res_id), ("sale.order", order.id))
        self.assertEqual(message.notified_partner_ids | message.partner_ids, self.customer)
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "has no e-mail address"):
            order.action_policy_send_progress()

    def test_nobody_else_writes_to_the_customer(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.finance).action_policy_send_progress()
        with self.assertRaises(AccessError):
            self.env["sale.order.followup.letter"].with_user(self.other_salesman).create({"order_id": self.order.id})

    def test_milestones_are_told(self):
        policy = self._policy(
            name="With milestones",
            followup_ids=[self._rule("All", 5)],
            milestone_ids=[
                Command.create({"name": name, "department_id": self.production_department.id, "tell_customer": told})
                for name, told in (("Sawing", True), ("Secret planning", False))
            ],
        )
        policy.with_user(self.policy_admin).action_activate()
        order = self._confirmed()
        self.assertEqual([fact["name"] for fact in order.sudo()._followup_facts()], ["Sawing"])
        letter = order.sudo()._prepare_progress_letter()
        self.assertIn("Sawing", letter["body"])
        self.assertNotIn("Secret", letter["body"])

    def test_what_ends_needs_no_word(self):
        change = self._cancellation(self.order)
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(self.order.state, "cancel")
        self.assertEqual(self.followup.state, "ended")
        self.assertFalse(self.order.policy_followup_on)

    def test_missed_ones_go_to_the_head_once(self):
        self._run_execution_job("ir_cron_missed_followups")
        self.assertFalse(self.followup.escalated_on)
        self._let_days_pass(self.followup)
        self.assertTrue(self.followup.is_overdue)
        self.assertTrue(self.order.policy_followup_missed)
        for _once_and_again in range(2):
            self._run_execution_job("ir_cron_missed_followups")
        self.assertEqual(self.followup.escalated_to_ids, self.sales_head)
        self.assertEqual(len(self._letters_to(self.sales_head)), 1)
        self.assertIn(self.order.name, self._letters_to(self.sales_head).body_html)
        self.assertIn(self.followup, self.followup.with_user(self.sales_head).search([("is_mine", "=", True)]))

    def test_what_the_head_missed_goes_to_the_leadership(self):
        self.management.is_management = True
        self.order.sudo().user_id = self.sales_head
        self._let_days_pass(self.followup)
        self._run_execution_job("ir_cron_missed_followups")
        self.assertEqual(self.followup.escalated_to_ids, self.general_manager)

    def test_nothing_of_it_is_altered(self):
        for user in (self.salesman, self.sales_head, self.policy_admin):
            with self.assertRaises(AccessError):
                self.followup.with_user(user).write({"date_due": "2030-01-01"})
        with self.assertRaises(AccessError):
            self.followup.browse().create({"order_id": self.order.id, "date_due": "2030-01-01"})
        with self.assertRaises(UserError):
            self.followup.sudo().unlink()

    def test_rules_are_frozen_with_their_version(self):
        rule = self.policy.followup_ids[:1].with_user(self.policy_admin)
        with self.assertRaisesRegex(UserError, "in force or was"):
            rule.days = 9
        version = self.policy.with_user(self.policy_admin)._copy_as_next_version()
        self.assertEqual(version.followup_ids.mapped("days"), [1, 2, 5])
        version.followup_ids[:1].days = 9
        with self.assertRaises(AccessError):
            version.followup_ids[:1].with_user(self.salesman).days = 3
        foreign = self.env["res.company"].create({"name": "Other"})
        department = self.env["order.policy.department"].create({"name": "Far", "company_id": foreign.id})
        with self.assertRaises(ValidationError):
            version.followup_ids[:1].department_id = department

    def test_activity_menu(self):
        def count():
            groups = self.env["res.users"].with_user(self.salesman)._get_policy_activity_groups()
            return [group["overdue_count"] for group in groups if group["model"] == "sale.order.followup"]

        self.assertFalse(count(), "Nothing is due today")
        self._let_days_pass(self.followup)
        self.assertEqual(count(), [1])


@tagged("post_install", "-at_install")
class TestFollowupQueries(FollowupCommon, QueriesCase):
    """Many cost as many queries as few."""

    def _orders(self, count):
        return self.env["sale.order"].union(*(self._confirmed() for _number in range(count)))

    def _followups(self, count):
        orders = self._orders(count).sudo()
        return orders.followup_ids.browse(orders.followup_ids.ids)

    def test_telling_of_what_was_missed(self):
        def cost(count):
            followups = self._followups(count)
            self._let_days_pass(followups)
            return self._queries(followups._tell_of_missed)

        cost(1)
        self.assertLessEqual(cost(12) - cost(2), 3)

    def test_lists(self):
        def cost(count):
            followups = self._followups(count).with_user(self.salesman)
            names = ["display_name", "is_overdue", "is_mine", "can_do", "state"]
            return self._queries(lambda: followups.read(names))

        cost(1)
        self.assertEqual(cost(2), cost(12))

    def test_planning(self):
        def cost(count):
            orders = self._orders(count).sudo()
            self.env.cr.execute("DELETE FROM sale_order_followup WHERE order_id = ANY(%s)", [orders.ids])
            self.env.invalidate_all()
            return self._queries(orders._plan_followups)

        cost(1)
        self.assertLessEqual(cost(12) - cost(2), 3)


@tagged("post_install", "-at_install")
class TestReadyPolicies(ReadyPolicyCase):
    """What the ready policies say of exceptions and follow-ups."""

    def test_sales_follows_up_under_risk_control_and_customer_service_under_accuracy(self):
        for preset, days, head in (("risk_control", 3, self.sales_head), ("accuracy", 5, self.service)):
            policy = self._adopt(preset)
            self.assertEqual(policy.followup_ids.mapped("days"), [days])
            self.assertEqual(policy.followup_ids.department_id.company_id, self.company)
            self.assertEqual(policy.followup_ids.department_id.head_id, head)

    def test_customer_service_follows_up_without_rights_in_sales(self):
        self._adopt("accuracy")
        order = self._confirmed((self.chair, 2))
        followup = self.env["sale.order.followup"].with_user(self.service).search([("order_id", "=", order.id)])
        self.assertEqual((followup.state, followup.department_id.head_id), ("due", self.service))
        self.assertTrue(followup.is_mine)
        self.assertEqual(followup.search([("is_mine", "=", True)]), followup)
        self.assertEqual(self.env["res.users"].with_user(self.service)._count_policy_followups(), (0, 0, 1))
        self.assertFalse(followup.with_user(self.colleague).search([("is_mine", "=", True)]), "He sells, to others")
        order.with_user(self.service).action_policy_record_followup("phone", "All goes well.", "Fine.")
        self.assertEqual((followup.sudo().state, followup.sudo().done_by_id), ("done", self.service))
        self.customer.email = "lin@example.com"
        order.with_user(self.service).action_policy_send_progress()
        letter = order.sudo().followup_ids.message_id
        self.assertEqual((letter.author_id, letter.partner_ids), (self.service.partner_id, self.customer))
        with self.assertRaises(AccessError):
            order.with_user(self.keeper).action_policy_record_followup("phone", "All goes well.")

    def test_who_settles_exceptions_is_asked_for(self):
        asked = self._wizard("department_audit").department_ids.preset_department_id
        self.assertLess(self.env["sale.order.issue"]._ready_departments(), asked)
        self.assertIn(self._ready_department("service"), asked)
        self.assertNotIn(self._ready_department("purchasing"), asked)

    def test_who_settles_exceptions_may_be_named_later(self):
        self._adopt("department_audit", staff={**self.staff, self._ready_department("service"): self.env["res.users"]})
        order = self._confirmed((self.chair, 2))
        department = self.env["sale.order.issue"]._department_for("customer", order)
        self.assertEqual(department.head_id, self.sales_head, "That of the salesperson as long as there is nobody")

    def test_department_audit_tells_the_leadership(self):
        policy = self._adopt("department_audit")
        self.assertEqual((policy.issue_head_hours, policy.issue_management_hours), (2, 4))
        self.assertFalse(policy.followup_ids)
