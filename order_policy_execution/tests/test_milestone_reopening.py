from unittest.mock import patch

from odoo import fields
from odoo.addons.order_policy.tests.common import ArchiveCommon
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import MilestoneCase
from .test_milestone_news import NewsCommon


@tagged("post_install", "-at_install")
class TestReopening(MilestoneCase, ArchiveCommon):
    """What was reported or skipped by mistake is to be done again (articles 1.8, 1.10, 3.10)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._confirmed(commitment_date=cls._promised(30))

    def _production(self, user=None):
        return self._milestone(self.order, "Production", user or self.production)

    def _said(self):
        return "\n".join(self.order.sudo().message_ids.mapped("body"))

    def test_what_was_done_by_mistake_goes_back(self):
        for report in (False, 40):
            milestone = self._production(self.worker)
            if report:
                with freeze_time(fields.Datetime.subtract(fields.Datetime.now(), hours=1)):
                    milestone.action_report(report, "Sawn")
            milestone.action_done()
            self.assertTrue(self._production().can_reopen)
            self._production().action_reopen("It was another order")
            self.assertEqual((milestone.state, milestone.progress), ("started", 40) if report else ("planned", 0))
            self.assertEqual((milestone.done_on, milestone.done_by_id.ids), (False, []))
            self.assertEqual(bool(milestone.started_on), bool(report))
            self.assertTrue(milestone.is_open)
            self.assertFalse(self._production().can_reopen)

    def test_what_was_said_stays(self):
        self._production(self.worker).action_done("Two coats")
        self._production().action_reopen("It was another order")
        milestone = self._production()
        self.assertEqual(
            (milestone.reopened_by_id, milestone.reopen_reason, milestone.note),
            (self.production, "It was another order", "Two coats"),
        )
        self.assertTrue(milestone.reopened_on)
        said = self._said()
        self.assertIn("Two coats", said)
        self.assertRegex(said, "Production is to be done again: “It was another order” worker .*had reported on")
        message = self.order.sudo().message_ids.filtered(lambda message: "done again" in message.body)
        self.assertEqual(message.author_id, self.production.partner_id)

    def test_what_followed_from_facts_that_vanished_was_reported_by_nobody(self):
        milestones, milestone, now = (
            self.env.registry["sale.order.milestone"],
            self._production(),
            fields.Datetime.now(),
        )
        with patch.object(milestones, "_facts_manual", lambda found: dict.fromkeys(found, (now, now, 100))):
            self.order.sudo()._follow_milestones()
        self.order.sudo()._follow_milestones()
        self.assertEqual((milestone.state, milestone.by_hand, milestone.done_by_id.ids), ("done", True, []))
        milestone.action_reopen("It was another order")
        self.assertRegex(
            self._said(),
            "Production is to be done again: “It was another order” It followed from what was posted, as done on ",
        )
        self.assertNotIn("nobody", self._said())

    def test_what_was_skipped_is_reopened(self):
        milestone = self._milestone(self.order, "Delivery", self.keeper_head)
        milestone.action_skip("Fetched by the customer")
        self.assertTrue(milestone.can_reopen)
        milestone.action_reopen("They want it brought")
        self.assertEqual((milestone.state, milestone.is_open), ("planned", True))
        self.assertEqual((milestone.skipped_on, milestone.skip_reason, milestone.done_by_id.ids), (False, False, []))
        self.assertRegex(self._said(), "They want it brought” keeper_head .*had skipped it on .*“Fetched by the cust")
        self._milestone(self.order, "Delivery", self.keeper).action_done()
        self.assertEqual(milestone.state, "done")

    def test_what_follows_from_facts_follows_on(self):
        invoice = self._milestone(self.order, "Invoice", self.finance_head)
        invoice.action_skip("Sample")
        self.assertTrue(invoice.can_reopen)
        self._load_chart()
        for line in self.order.sudo().order_line:
            line.qty_delivered = line.product_uom_qty
        document = self.order.sudo()._create_invoices(final=True)
        document.invoice_date = fields.Date.today()
        document.action_post()
        self.assertEqual(invoice.state, "skipped")
        invoice.action_reopen("It is invoiced after all")
        self.assertEqual((invoice.state, invoice.progress, invoice.by_hand), ("done", 100, False))
        self.assertFalse(invoice.can_reopen)
        with self.assertRaisesRegex(UserError, "follows by itself from what is posted"):
            invoice.action_reopen("Once more")
        document.button_draft()
        self.assertEqual(invoice.state, "planned")

    def test_only_the_head_or_a_deputy_reopens(self):
        self._milestone(self.order, "Delivery", self.keeper).action_done()
        for user in (self.keeper, self.salesman, self.sales_head, self.finance, self.policy_admin):
            milestone = self._milestone(self.order, "Delivery", user)
            self.assertFalse(milestone.can_reopen)
            with self.assertRaisesRegex(AccessError, "Only the head of Logistics.*Ask: keeper_head"):
                milestone.action_reopen("It was another order")
        with self.assertRaises(AccessError):
            self._milestone(self.order, "Delivery", self.other_salesman).action_reopen("It was another order")
        self.env["order.policy.deputy"].create(
            {
                "user_id": self.keeper_head.id,
                "deputy_id": self.general_manager.id,
                "company_id": self.company.id,
                "date_from": fields.Date.today(),
                "date_until": fields.Date.today(),
            }
        )
        self.env.flush_all()
        self._milestone(self.order, "Delivery", self.general_manager).action_reopen("It was another order")
        self.assertEqual(self._milestone(self.order, "Delivery").state, "planned")

    def test_a_reason_is_asked_for(self):
        self._production(self.worker).action_done()
        for reason in ("  ", False, None):
            with self.assertRaisesRegex(UserError, "Say what was wrong"):
                self._production().action_reopen(reason)
        self.assertEqual(self._production().state, "done")

    def test_a_second_click_is_told_that_nothing_is_left(self):
        with self.assertRaisesRegex(UserError, "neither done nor skipped.*Reload the page"):
            self._production().action_reopen("It was another order")
        self._production(self.worker).action_done()
        self._production().action_reopen("It was another order")
        messages = len(self.order.sudo().message_ids)
        with self.assertRaisesRegex(UserError, "neither done nor skipped.*Reload the page"):
            self._production().action_reopen("It was another order")
        self.assertEqual(len(self.order.sudo().message_ids), messages)

    def test_several_at_once_or_none(self):
        other = self._confirmed()
        milestones = self._production() | self._milestone(other, "Production", self.production)
        milestones.action_done()
        milestones.action_reopen("Mixed up")
        self.assertEqual(set(milestones.mapped("state")), {"planned"})
        self._production().action_done()
        with self.assertRaisesRegex(UserError, other.name):
            milestones.action_reopen("Mixed up")
        self.assertEqual(self._production().state, "done")

    def test_completed_orders_go_on_and_archived_ones_stay(self):
        self._production(self.worker).action_done()
        self._milestone(self.order, "Delivery", self.keeper).action_done()
        for name in ("Invoice", "Payment"):
            self._milestone(self.order, name, self.finance_head).action_skip("Sample")
        self.assertEqual(self.order.policy_stage, "completed")
        self._production().action_reopen("One desk is missing")
        self.assertEqual(self.order.policy_stage, "execution")
        self._production().action_done()
        self.assertEqual(self.order.policy_stage, "completed")
        self._paper(self.order)
        self._dossier(self.order).action_seal()
        self.assertFalse(self._production().can_reopen)
        with self.assertRaisesRegex(UserError, "is archived under"):
            self._production().action_reopen("One desk is missing")

    def test_cancelled_orders_stay(self):
        self._production(self.worker).action_done()
        change = self._cancellation(self.order)
        change.action_submit()
        self._approve_all(change)
        self.assertFalse(self._production().can_reopen)
        with self.assertRaisesRegex(UserError, "not confirmed"):
            self._production().action_reopen("It was another order")

    def test_planned_dates_are_those_of_what_is_promised_now(self):
        delivery = self._milestone(self.order, "Delivery", self.keeper_head)
        before = delivery.planned_on
        delivery.action_done()
        change = self._requested(self.order, commitment_date=self._promised(60))
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(delivery.planned_on, before)
        delivery.action_reopen("It came back")
        self.assertEqual((delivery.planned_on - before).days, 30)

    def test_danger_follows(self):
        late = self._confirmed(commitment_date=self._promised(-5))
        delivery = self._milestone(late, "Delivery", self.keeper_head)
        self._milestone(late, "Production", self.worker).action_done()
        (late.sudo().milestone_ids - delivery.sudo()).filtered("is_open").with_user(self.finance_head).action_skip("-")
        self.assertEqual(late.sudo().policy_danger, "late")
        delivery.action_done()
        self.assertNotEqual(late.sudo().policy_danger, "late")
        delivery.action_reopen("It was another order")
        self.assertEqual(late.sudo().policy_danger, "late")
        self.assertTrue(delivery.forecast_on >= fields.Date.today())
        self.assertEqual(delivery.days_late, 0)

    def test_what_is_late_again_is_reported_again(self):
        self.policy_with_milestones.sudo().issue_late_days = 1
        late = self._confirmed(commitment_date=self._promised(-30))
        delivery, Issue = self._milestone(late, "Delivery", self.keeper_head), self.env["sale.order.issue"].sudo()

        def report():
            self.env.flush_all()
            for milestones in Issue._late_milestones():
                for milestone in milestones & delivery.sudo():
                    Issue._report_late(milestone)
            return Issue.search([("milestone_id", "=", delivery.id)])

        issue = report()
        self.assertEqual(len(issue), 1)
        delivery.action_done()
        delivery.action_reopen("It was another order")
        self.assertEqual(report(), issue, "It is not settled yet")
        delivery.action_done()
        issue.with_user(self.keeper_head).action_settle("It left.", "A lorry broke down.")
        delivery.action_reopen("It came back")
        self.assertEqual(len(report()), 2)
        self.assertEqual(issue.state, "settled")

    def test_the_dialog_reopens(self):
        milestone = self._production()
        milestone.action_done()
        dialog = self.env["sale.order.milestone.reopen"].with_user(self.production)
        dialog = dialog.with_context(active_ids=milestone.ids).create({"reason": "It was another order"})
        dialog.action_reopen()
        self.assertEqual((milestone.state, milestone.reopen_reason), ("planned", "It was another order"))
        with self.assertRaises(AccessError):
            dialog.with_user(self.worker).read(["reason"])


@tagged("post_install", "-at_install")
class TestNewsTakenBack(NewsCommon):
    """What was done by mistake, or came back, is told as it is in the end (articles 1.10, 1.11, 2.12)."""

    def _reopen(self, name="Production", order=None):
        self._milestone(name, order, self.keeper_head).action_reopen("Another order")

    def _followed(self, days=5):
        """Return an order whose customer hears at intervals."""
        rule = {"name": "All", "days": days, "department_id": self.sales_department.id}
        self._with_milestones(followup_ids=[Command.create(rule)])
        return self._confirmed()

    def _let_followups_age(self, followups):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_followup SET date_due = date_due - 40 WHERE id = ANY(%s)", [followups.ids]
        )
        self.env.invalidate_all()

    def test_sales_is_asked_again_for_what_is_done_again(self):
        self.customer.email = False
        self._milestone().action_done()
        self._tell()
        asked = self._to_do()
        self.assertTrue(self._milestone().customer_asked_on)
        self._reopen()
        self.assertFalse(self._milestone().customer_asked_on)
        self.assertEqual(asked.state, "ended", "Nothing is left to be told")
        self._let_followups_age(asked)
        self._milestone().action_done()
        self._tell()
        self.assertTrue(self._milestone().customer_asked_on)
        self.assertEqual((self._to_do(), asked.to_tell), (asked, "Done: Production."))
        self.assertEqual(asked.date_due, self._next_working_day())

    def test_who_heard_that_it_is_not_done_hears_when_it_is(self):
        for way in ("phone", "message"):
            with self.subTest(way=way):
                order = self._confirmed()
                self._milestone(order=order).action_done()
                self._tell()
                letters = self._letters(order)
                self.assertEqual(len(letters), 1)
                self._reopen(order=order)
                if way == "phone":
                    order.action_policy_record_followup("phone", "One leg is broken, we make it anew.")
                else:
                    order.action_policy_send_progress()
                    letters = self._letters(order)
                self.assertFalse(self._milestone(order=order).customer_told_on)
                self.assertFalse(self._to_do(order))
                self._milestone(order=order).action_done()
                self._tell()
                self.assertEqual(len(self._letters(order) - letters), 1)
                self.assertTrue(self._milestone(order=order).customer_told_on)

    def test_facts_taken_back_are_for_sales(self):
        milestones = self.order.sudo().milestone_ids
        milestones.with_user(self.keeper).action_done()
        self._tell()
        self.assertEqual(self.order.policy_stage, "completed")
        delivery = self._milestone("Delivery").sudo()
        delivery.write({"done_on": False, "started_on": False, "progress": 0})  # as when goods come back
        self.assertEqual(self.order.policy_stage, "execution")
        for _once_and_again in range(2):
            self._run_execution_job("ir_cron_tell_news")
        followup = self._to_do()
        self.assertEqual(followup.to_tell, "Told as done, but not done: Delivery.")
        self.assertEqual(followup.date_due, self._next_working_day())
        said = "".join(self.order.sudo().message_ids.mapped("body"))
        self.assertEqual(said.count("told already that it is done: Delivery"), 1)
        self.order.action_policy_record_followup("phone", "It is on its way back to you.")
        self._run_execution_job("ir_cron_tell_news")
        self.assertFalse(self._to_do(), "Told once")
        delivery.done_on = fields.Datetime.now()
        self._tell()
        self.assertEqual(len(self._letters()), 2)

    def test_facts_taken_back_of_exempt_orders_are_for_nobody(self):
        self._milestone().action_done()
        self._tell()
        self.order.sudo().policy_exempt_reason = "Import"
        self._milestone().sudo().write({"done_on": False, "started_on": False, "progress": 0})
        self._run_execution_job("ir_cron_tell_news")
        self.assertFalse(self.order.sudo().followup_ids)

    def test_what_is_due_again_was_not_missed(self):
        order = self._followed()
        followup = order.sudo().followup_ids
        order.sudo().milestone_ids.with_user(self.keeper).action_done()
        self.assertEqual((order.policy_stage, followup.state), ("completed", "ended"))
        self._let_followups_age(followup)
        self._reopen("Secret check", order)
        self.assertEqual((followup.state, followup.date_due), ("due", self._next_working_day()))
        self.assertFalse(followup.is_overdue)
        self._run_execution_job("ir_cron_missed_followups")
        self.assertFalse(followup.escalated_on or self._letters_to(self.sales_head))
        self._let_followups_age(followup)
        self._run_execution_job("ir_cron_missed_followups")
        self.assertEqual(followup.escalated_to_ids, self.sales_head, "What is missed from then on is told")

    def test_sales_has_until_the_next_working_day(self):
        self.customer.email = False
        today = fields.Date.today()
        friday = fields.Date.add(today, days=(4 - today.weekday()) % 7 + 7)
        for order in (self.order, self._followed(days=30)):
            with self.subTest(followed=bool(order.sudo().followup_ids)), freeze_time(f"{friday} 10:40:00"):
                self._milestone(order=order).action_done()
                self._tell()
                self.assertEqual(self._to_do(order).to_tell, "Done: Production.")
                self.assertEqual(self._to_do(order).date_due, fields.Date.add(friday, days=3))

    def test_a_call_about_something_else_tells_nothing(self):
        self.policy.with_user(self.policy_admin).milestone_news = "sales"
        self._milestone().action_done()
        self.order.action_policy_record_followup("phone", "Where is your car park?")
        self.assertFalse(self._milestone().customer_told_on)
        self._tell()
        self.assertEqual(self._to_do().to_tell, "Done: Production.")

    def test_what_is_done_again_in_completed_orders_ends(self):
        milestones = self.order.sudo().milestone_ids
        milestones.with_user(self.keeper).action_done()
        self._tell()
        self._reopen()
        followup = self._to_do()
        self._milestone().action_done()
        self.assertEqual((self.order.policy_stage, followup.state), ("completed", "ended"))
        self._let_followups_age(followup)
        self._run_execution_job("ir_cron_missed_followups")
        self.assertFalse(followup.escalated_on)

    def test_the_rule_takes_up_what_was_asked_for_out_of_turn(self):
        self.customer.email = False
        order = self._followed()
        order.sudo().milestone_ids.with_user(self.keeper).action_done()
        order.action_policy_record_followup("phone", "Nearly there.")
        self._tell()
        followup = self._to_do(order)
        self.assertFalse(followup.rule_id)
        self._reopen(order=order)
        self._reopen("Delivery", order)
        followups = order.sudo().followup_ids
        self.assertEqual(len(followups.filtered(lambda found: found.state == "due" and found.rule_id)), 1)
        self.assertEqual(len(followups), 2)
