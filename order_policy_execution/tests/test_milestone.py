from datetime import date, datetime

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import MilestoneCase


@tagged("post_install", "-at_install")
class TestMilestones(MilestoneCase):
    """What departments have to do for an order that is confirmed, and by when."""

    def test_confirmed_orders_have_the_milestones_of_their_policy(self):
        order = self._approved()
        self.assertFalse(order.sudo().milestone_ids)
        order.action_confirm()
        milestones = order.sudo().milestone_ids
        self.assertEqual(milestones.sorted("sequence").mapped("name"), ["Production", "Delivery", "Invoice", "Payment"])
        self.assertEqual(set(milestones.mapped("state")), {"planned"})
        self.assertEqual(milestones.mapped("is_open"), [True] * 4)
        self.assertEqual(order.policy_stage, "execution")

    def test_a_version_without_milestones_has_none(self):
        self.policy_with_milestones.action_retire()
        self._policy(name="Without").action_activate()
        order = self._confirmed()
        self.assertFalse(order.sudo().milestone_ids)
        order._follow_milestones()
        self.assertFalse(order.sudo().milestone_ids)
        self.assertEqual(order.policy_stage, "execution")

    def test_what_is_lacking_is_made(self):
        order = self._confirmed()
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM sale_order_milestone WHERE order_id = %s", [order.id])
        self.env.invalidate_all()
        order._follow_milestones()
        self.assertEqual(len(order.sudo().milestone_ids), 4)
        order._follow_milestones()
        self.assertEqual(len(order.sudo().milestone_ids), 4)

    def test_only_matching_orders_have_a_milestone(self):
        rule = self._rule("Packing", self.logistics_department, domain="[('amount_total', '>', 1500)]")
        self._put_milestones_in_force(rule)
        self.assertFalse(self._confirmed().sudo().milestone_ids)
        self.assertTrue(self._confirmed((self.desk, 2, 1000.0)).sudo().milestone_ids)

    def test_exempt_orders_have_none_until_the_exemption_ends(self):
        order = self._order()
        order.with_user(self.policy_admin).action_policy_exempt("Import")
        order.action_confirm()
        self.assertFalse(order.sudo().milestone_ids)
        order.with_user(self.policy_admin).action_policy_end_exemption("It was none")
        self.assertEqual(len(order.sudo().milestone_ids), 4)

    # ------------------------------------------------------------------
    # Rules of a policy
    # ------------------------------------------------------------------

    def test_new_versions_carry_the_milestones(self):
        version = self.policy_with_milestones._copy_as_next_version()
        self.assertEqual(version.milestone_ids.mapped("name"), ["Production", "Delivery", "Invoice", "Payment"])
        version.milestone_ids[0].name = "Assembly"
        self.assertEqual(self.policy_with_milestones.milestone_ids[0].name, "Production")

    def test_milestones_are_frozen_with_their_policy(self):
        rule = self.policy_with_milestones.with_user(self.policy_admin).milestone_ids[0]
        for change in (
            lambda: rule.write({"planned_days": 9}),
            rule.unlink,
            lambda: rule.copy(),
        ):
            with self.assertRaisesRegex(UserError, "Make a new version"):
                change()
        draft = self.policy_with_milestones._copy_as_next_version().milestone_ids[0]
        draft.with_user(self.policy_admin).planned_days = 8
        with self.assertRaises(AccessError):
            draft.with_user(self.salesman).planned_days = 9

    def test_a_department_with_milestones_stays(self):
        with self.assertRaisesRegex(UserError, "Archive them instead"):
            self.logistics_department.with_user(self.policy_admin).unlink()

    def test_a_department_without_people_is_told_of(self):
        policy = self.policy_with_milestones
        self.assertNotRegex(policy.dead_ends or "", "Logistics")
        self.logistics_department.write({"head_id": False, "member_ids": [Command.clear()]})
        self.assertRegex(policy.dead_ends, "Delivery: nobody is in Logistics")

    # ------------------------------------------------------------------
    # Planned dates
    # ------------------------------------------------------------------

    @freeze_time("2026-03-04 02:00:00")  # a Wednesday
    def test_planned_dates_count_in_working_days(self):
        term = self.env.ref("account.account_payment_term_30days")
        order = self._confirmed(commitment_date=datetime(2026, 3, 20, 9), payment_term_id=term.id)
        planned = {milestone.name: milestone.planned_on for milestone in order.sudo().milestone_ids}
        self.assertEqual(planned["Production"], date(2026, 3, 9))  # Thursday, Friday, Monday
        self.assertEqual(planned["Delivery"], date(2026, 3, 20))
        self.assertEqual(planned["Invoice"], date(2026, 3, 23))  # Monday after Friday
        self.assertEqual(planned["Payment"], date(2026, 4, 19))

    @freeze_time("2026-03-04 02:00:00")
    def test_days_before_count_backwards(self):
        self._put_milestones_in_force(self._rule("Packing", self.logistics_department, planned_days=-3))
        order = self._confirmed(commitment_date=datetime(2026, 3, 17, 9))  # a Tuesday
        self.assertEqual(order.sudo().milestone_ids.planned_on, date(2026, 3, 12))

    @freeze_time("2026-03-04 02:00:00")
    def test_leaves_are_no_working_days(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": "2026-03-04 16:00:00",
                "date_to": "2026-03-06 15:59:59",
            }
        )
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        order = self._confirmed(commitment_date=datetime(2026, 3, 20, 9))
        self.assertEqual(self._milestone(order, "Production").planned_on, date(2026, 3, 11))

    @freeze_time("2026-03-04 17:00:00")  # Thursday already in China
    def test_days_are_those_of_the_company(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        order = self._confirmed(commitment_date=datetime(2026, 3, 19, 18))
        self.assertEqual(self._milestone(order, "Production").planned_on, date(2026, 3, 10))
        self.assertEqual(self._milestone(order, "Delivery").planned_on, date(2026, 3, 20))

    @freeze_time("2026-03-04 02:00:00")
    def test_without_working_hours_all_days_count(self):
        for emptied in (
            lambda calendar: calendar.attendance_ids.unlink(),
            lambda calendar: self.company.write({"resource_calendar_id": False}),
        ):
            emptied(self.company.resource_calendar_id)
            order = self._confirmed(commitment_date=datetime(2026, 3, 20, 9))
            self.assertEqual(self._milestone(order, "Production").planned_on, date(2026, 3, 7))

    @freeze_time("2026-03-04 02:00:00")
    def test_promises_in_the_past_and_none_give_a_date(self):
        late = self._confirmed(commitment_date=datetime(2026, 3, 2, 9))
        self.assertEqual(self._milestone(late, "Delivery").planned_on, date(2026, 3, 2))
        self.assertTrue(self._milestone(late, "Delivery").is_late)
        unknown = self._confirmed()
        self.assertTrue(all(unknown.sudo().milestone_ids.mapped("planned_on")))

    def test_planned_dates_follow_a_request_for_change(self):
        order = self._confirmed(commitment_date=self._promised(30))
        delivery, invoice = self._milestone(order, "Delivery"), self._milestone(order, "Invoice")
        before = delivery.planned_on, invoice.planned_on
        self._milestone(order, "Production", self.production).action_done()
        produced = self._milestone(order, "Production").planned_on
        change = self._requested(order, commitment_date=self._promised(60))
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(order.commitment_date.date(), self._promised(60).date())
        self.assertEqual((delivery.planned_on - before[0]).days, 30)
        self.assertGreater(invoice.planned_on, before[1])
        self.assertEqual(self._milestone(order, "Production").planned_on, produced)

    def test_what_is_done_keeps_its_planned_date(self):
        order = self._confirmed(commitment_date=self._promised(30))
        self._milestone(order, "Delivery", self.keeper).action_done()
        planned = self._milestone(order, "Delivery").planned_on
        change = self._requested(order, commitment_date=self._promised(60))
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(self._milestone(order, "Delivery").planned_on, planned)

    # ------------------------------------------------------------------
    # Reporting
    # ------------------------------------------------------------------

    def test_people_of_the_department_report(self):
        order = self._confirmed()
        milestone = self._milestone(order, "Production", self.worker)
        milestone.action_start()
        self.assertEqual((milestone.state, milestone.progress), ("started", 0))
        milestone.action_report(40, "Waiting for the varnish")
        self.assertEqual(
            (milestone.state, milestone.progress, milestone.note), ("started", 40, "Waiting for the varnish")
        )
        milestone.action_done("Two coats")
        self.assertEqual((milestone.state, milestone.progress, milestone.done_by_id), ("done", 100, self.worker))
        self.assertFalse(milestone.is_open)
        said = order.sudo().message_ids.mapped("body")
        for words in ("Production was started", "40 % is done", "Two coats"):
            self.assertTrue(any(words in body for body in said), words)

    def test_a_second_click_changes_nothing(self):
        milestone = self._milestone(self._confirmed(), "Production", self.worker)
        milestone.action_start()
        started_on = milestone.started_on
        milestone.action_start()
        self.assertEqual(milestone.started_on, started_on)
        milestone.action_done()
        done_on = milestone.done_on
        messages = len(milestone.order_id.sudo().message_ids)
        milestone.action_done()
        self.assertEqual(milestone.done_on, done_on)
        self.assertEqual(len(milestone.order_id.sudo().message_ids), messages)

    def test_others_do_not_report(self):
        order = self._confirmed()
        for user in (self.salesman, self.finance, self.policy_admin):
            for act in ("action_start", "action_done"):
                with self.assertRaises(AccessError):
                    getattr(self._milestone(order, "Delivery", user), act)()
            with self.assertRaises(AccessError):
                self._milestone(order, "Delivery", user).action_report(10)
        with self.assertRaisesRegex(AccessError, "Ask one of them: keeper"):
            self._milestone(order, "Delivery", self.salesman).action_done()
        self.assertEqual(self._milestone(order, "Delivery").state, "planned")

    def test_only_the_head_skips_and_says_why(self):
        order = self._confirmed()
        with self.assertRaisesRegex(AccessError, "Only the head of Logistics"):
            self._milestone(order, "Delivery", self.keeper).action_skip("Fetched by the customer")
        milestone = self._milestone(order, "Delivery", self.keeper_head)
        with self.assertRaisesRegex(UserError, "Say why"):
            milestone.action_skip("  ")
        milestone.action_skip("Fetched by the customer")
        self.assertEqual((milestone.state, milestone.skip_reason), ("skipped", "Fetched by the customer"))
        self.assertEqual(milestone.done_by_id, self.keeper_head)
        milestone.action_skip("Another reason")
        self.assertEqual(milestone.skip_reason, "Fetched by the customer")
        with self.assertRaisesRegex(UserError, "was skipped"):
            milestone.action_done()

    def test_deputies_report_for_whom_they_stand_in(self):
        order = self._confirmed()
        with self.assertRaises(AccessError):
            self._milestone(order, "Delivery", self.general_manager).action_done()
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
        self.assertTrue(self._milestone(order, "Delivery", self.general_manager).can_skip)
        self._milestone(order, "Delivery", self.general_manager).action_done()
        self.assertEqual(self._milestone(order, "Delivery").done_by_id, self.general_manager)

    def test_the_office_acts_where_nobody_is_left(self):
        self.management.is_management = True
        self.logistics_department.write({"head_id": False, "member_ids": [Command.clear()]})
        order = self._confirmed()
        milestone = self._milestone(order, "Delivery", self.general_manager)
        self.assertTrue(milestone.can_report)
        milestone.action_done()
        self.assertEqual(milestone.state, "done")

    def test_what_cannot_be_meant_is_refused(self):
        milestone = self._milestone(self._confirmed(), "Production", self.worker)
        for progress in (-1, 101, "half", None, float("nan")):
            with self.assertRaisesRegex(UserError, "from 0 to 100"):
                milestone.action_report(progress)
        milestone.action_done()
        with self.assertRaisesRegex(UserError, "done already"):
            milestone.action_report(50)
        with self.assertRaisesRegex(UserError, "done already"):
            self._milestone(milestone.order_id, "Production", self.production).action_skip("Not needed")

    def test_what_follows_from_invoices_is_not_reported(self):
        order = self._confirmed()
        with self.assertRaisesRegex(UserError, "follows by itself"):
            self._milestone(order, "Invoice", self.finance).action_done()
        self.assertFalse(self._milestone(order, "Invoice", self.finance).can_report)
        self._milestone(order, "Invoice", self.finance_head).action_skip("Paid in cash")
        self.assertEqual(self._milestone(order, "Invoice").state, "skipped")

    def test_nothing_is_reported_of_cancelled_orders(self):
        order = self._confirmed()
        change = self._cancellation(order)
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(order.state, "cancel")
        self.assertFalse(any(order.sudo().milestone_ids.mapped("is_open")))
        with self.assertRaisesRegex(UserError, "not confirmed"):
            self._milestone(order, "Production").with_user(self.worker).sudo(False).action_done()

    def test_nobody_writes_a_milestone(self):
        milestone = self._milestone(self._confirmed(), "Production")
        for user in (self.salesman, self.worker, self.policy_admin):
            for values in ({"done_on": fields.Datetime.now()}, {"progress": 100}, {"planned_on": "2030-01-01"}):
                with self.assertRaises(AccessError):
                    milestone.with_user(user).write(values)
            with self.assertRaises(UserError):
                milestone.with_user(user).unlink()

    def test_dialogs_report_and_skip(self):
        order = self._confirmed()
        milestone = self._milestone(order, "Production", self.worker)
        wizard = self.env["sale.order.milestone.report"].with_user(self.worker)
        dialog = wizard.with_context(active_ids=milestone.ids).create({})
        dialog.write({"progress": 30, "note": "Sawn"})
        dialog.action_report()
        self.assertEqual((milestone.progress, milestone.note), (30, "Sawn"))
        dialog.action_done()
        self.assertEqual(milestone.state, "done")
        wizard = self.env["sale.order.milestone.skip"].with_user(self.keeper_head)
        delivery = self._milestone(order, "Delivery", self.keeper_head)
        wizard.with_context(active_ids=delivery.ids).create({"reason": "Fetched"}).action_skip()
        self.assertEqual(delivery.state, "skipped")

    # ------------------------------------------------------------------
    # Completion, and who reads
    # ------------------------------------------------------------------

    def test_orders_are_completed_by_their_milestones(self):
        order = self._confirmed()
        self._milestone(order, "Production", self.worker).action_done()
        self._milestone(order, "Delivery", self.keeper).action_done()
        self._milestone(order, "Invoice", self.finance_head).action_skip("Sample")
        self.assertEqual(order.policy_stage, "execution")
        self._milestone(order, "Payment", self.finance_head).action_skip("Sample")
        self.assertEqual(order.policy_stage, "completed")
        self.assertRegex(order.policy_explanation, "All its milestones are done")

    def test_departments_read_an_order_while_a_milestone_concerns_them(self):
        policy = self.policy_with_milestones._copy_as_next_version()
        policy.departments_read = "asked"
        policy.with_user(self.policy_admin).action_activate()
        order = self._confirmed()
        seen = self.env["sale.order"].with_user(self.keeper)
        self.assertTrue(seen.search([("id", "=", order.id)]))
        self.assertTrue(self._milestone(order, "Delivery", self.keeper).has_access("read"))
        self._milestone(order, "Delivery", self.keeper).action_done()
        self.env.flush_all()
        self.assertFalse(seen.search([("id", "=", order.id)]))

    def test_bystanders_read_no_milestone(self):
        milestone = self._milestone(self._confirmed(), "Delivery")
        bystander = self._user("bystander")
        self.assertFalse(milestone.with_user(bystander).has_access("read"))
        self.assertFalse(milestone.with_user(self.other_salesman).has_access("read"))
        self.assertTrue(milestone.with_user(self.salesman).has_access("read"))

    def test_what_waits_for_a_department_shows_in_the_activity_menu(self):
        self._confirmed(commitment_date=self._promised(-5))
        self._confirmed(commitment_date=self._promised(50))
        self.env.flush_all()
        groups = self.env["res.users"].with_user(self.keeper)._get_activity_groups()
        [group] = [group for group in groups if group["model"] == "sale.order.milestone"]
        self.assertEqual((group["overdue_count"], group["planned_count"], group["total_count"]), (1, 1, 1))
        groups = self.env["res.users"].with_user(self.salesman)._get_activity_groups()
        self.assertFalse([group for group in groups if group["model"] == "sale.order.milestone"])

    def test_the_screens_open(self):
        self._confirmed()
        mine = self.env["sale.order.milestone"].with_user(self.keeper).search([("is_mine", "=", True)])
        self.assertEqual(set(mine.mapped("name")), {"Delivery"})
