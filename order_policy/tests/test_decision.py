"""Who decides, and what follows. One file, because each case is a person and what he may do."""

import json
import threading
from ast import literal_eval
from contextlib import ExitStack
from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import OrderPolicyCommon


class DecisionCommon(OrderPolicyCommon):
    def _sold_by(self, user):
        """Return an order under review that a colleague entered and submitted for a salesperson."""
        order = self._order()
        order.sudo().user_id = user
        order.sudo().action_policy_submit()
        return order


@tagged("post_install", "-at_install")
class TestAuthority(DecisionCommon):
    """Who may decide."""

    def _activate(self, steps=None, **values):
        """Put a policy of two steps in force, that of finance with some values of its own."""
        policy = self._policy(**values)
        policy.step_ids[2:].unlink()
        policy.step_ids[0].write(steps or {})
        policy.action_activate()

    def _finance_review(self, order):
        return self._review(order, self.finance_department)

    def test_members_and_heads_decide_what_asks_for_a_member(self):
        for user in (self.finance, self.finance_head):
            review = self._finance_review(self._submitted()).with_user(user)
            self.assertTrue(review.can_decide)
            review.action_approve()
            self.assertEqual((review.state, review.decided_by_id), ("approved", user))

    def test_people_of_a_department_are_those_who_still_work_there(self):
        department, ready = self.finance_department, self.env.ref("order_policy.department_finance")
        ready.member_ids = self.finance
        self.assertEqual(department._people("member"), self.finance | self.finance_head)
        self.assertEqual(department._people("head"), self.finance_head)
        self.assertEqual(ready._people("member"), self.finance, "It is of no company yet")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        for values in (
            {"active": False},
            {"group_ids": [Command.set(self.env.ref("base.group_portal").ids)]},
            {"company_id": elsewhere.id, "company_ids": [Command.set(elsewhere.ids)]},
        ):
            with self.subTest(**values), self.env.cr.savepoint() as savepoint:
                self.finance_head.write(values)
                self.assertFalse(department._people("head"))
                self.assertEqual(department.with_context(active_test=False)._people("member"), self.finance)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_head_decides_what_asks_for_the_head(self):
        self._activate({"authority": "head"})
        review = self._finance_review(self._submitted())
        self.assertFalse(review.with_user(self.finance).can_decide)
        with self.assertRaisesRegex(AccessError, "The head of Finance decides this step: finance_head"):
            review.with_user(self.finance).action_approve()
        review.with_user(self.finance_head).action_approve()
        self.assertEqual(review.state, "approved")

    def test_other_departments_do_not_decide(self):
        review = self._finance_review(self._submitted())
        for user in (self.production, self.general_manager, self.sales_head, self.policy_admin):
            with self.assertRaises(AccessError):
                review.with_user(user).action_approve()
            with self.assertRaises(AccessError):
                review.with_user(user).action_reject("No")
        with self.assertRaisesRegex(AccessError, "Finance decides this step: finance"):
            review.with_user(self.production).action_approve()
        self.assertEqual(review.state, "pending")

    def test_nobody_decides_on_his_own_order(self):
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        colleague = self._order()
        colleague.with_user(self.finance).action_policy_submit()
        resubmitted = self._submitted()
        resubmitted.action_policy_withdraw()
        resubmitted.with_user(self.finance).action_policy_submit()
        handed_over = self._submitted(user=self.finance)
        handed_over.sudo().user_id = self.salesman
        entered = self._order(user=self.finance)
        entered.sudo().user_id = self.salesman
        entered.with_user(self.salesman).action_policy_submit()
        orders = {
            "salesperson": self._sold_by(self.finance),
            "enterer": entered,
            "submitter": colleague,
            "last submitter": resubmitted,
            "former salesperson": handed_over,
        }
        for role, order in orders.items():
            with self.subTest(role):
                review = self._finance_review(order)
                self.assertFalse(review.with_user(self.finance).can_decide)
                with self.assertRaisesRegex(AccessError, "your own business.*In Finance this is for: finance_head"):
                    review.with_user(self.finance).action_approve()
                review.with_user(self.finance_head).action_approve()

    def test_nobody_decides_on_what_he_changed(self):
        """Whatever is written by whatever app's user: an order, one of its lines, before and after it is submitted."""
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        ways = {
            "line": lambda order: order.order_line.write({"price_unit": 900.0}),
            "order": lambda order: order.write({"note": "Paid in 90 days."}),
            "new line": lambda order: order.write({"order_line": [Command.create({"product_id": self.chair.id})]}),
            "removed line": lambda order: order.order_line[:1].unlink(),
            "import": lambda order: order.load([".id", "commitment_date"], [[str(order.id), "2027-05-01 08:00:00"]]),
        }
        for way, change in ways.items():
            for submitted in (False, True):
                with self.subTest(way, submitted=submitted):
                    order = self._order((self.desk, 1, 1000.0), (self.chair, 1, 200.0))
                    if submitted:
                        order.action_policy_submit()
                    change(order.with_user(self.finance))
                    self.env.flush_all()
                    if not submitted:
                        order.action_policy_submit()
                    review = self._finance_review(order).with_user(self.finance)
                    self.assertFalse(review.can_decide)
                    self.assertNotIn(review, review.search([("can_decide", "=", True)]))
                    with self.assertRaisesRegex(AccessError, "entered, changed, submitted.*for: finance_head"):
                        review.action_approve()
                    review.with_user(self.finance_head).action_approve()

    def test_who_changes_an_order_changed_nothing_that_is_decided(self):
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        order = self._submitted()
        review = self._review(order, self.production_department)
        review.with_user(self.production).action_approve()
        order.with_user(self.finance).order_line.price_unit = 900.0
        self.env.flush_all()
        self.assertEqual(review.state, "approved")
        self.assertFalse(review.changed_by_ids)
        self.assertEqual(self._finance_review(order).changed_by_ids, self.finance)

    def test_who_takes_an_order_to_another_company_and_back_may_have_changed_it(self):
        elsewhere = self.env["res.company"].create({"name": "Without a policy"})
        self.finance.company_ids += elsewhere
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        order = self._submitted()
        moved = order.with_user(self.finance).with_context(allowed_company_ids=(self.company | elsewhere).ids)
        moved.company_id = elsewhere
        moved.order_line.price_unit = 900.0
        moved.company_id = self.company
        self.assertIn(str(self.finance.id), order.sudo().policy_changed_by)
        order.action_policy_submit()
        self.assertFalse(self._finance_review(order).with_user(self.finance).can_decide)

    def test_who_changed_it_before_somebody_else_approved_that_decides_on_what_comes_after(self):
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        order = self._order()
        order.with_user(self.finance).order_line.price_unit = 900.0
        order.action_policy_submit()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET policy_changed_by = %s WHERE id = %s",
            [f'{{"{self.finance.id}": "2026-01-01 08:00:00"}}', order.id],
        )
        order.invalidate_recordset()
        self._finance_review(order).with_user(self.finance_head).action_approve()
        order.order_line.price_unit = 800.0
        self.assertTrue(self._finance_review(order).with_user(self.finance).can_decide)

    def test_who_changed_it_does_not_decide_after_it_was_only_sent_back(self):
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        order = self._submitted()
        order.with_user(self.finance).order_line.price_unit = 900.0
        self._finance_review(order).with_user(self.finance_head).action_reject("Too cheap")
        order.order_line.price_unit = 950.0
        order.action_policy_submit()
        self.assertFalse(self._finance_review(order).with_user(self.finance).can_decide)

    def test_what_somebody_changes_is_assigned_to_others(self):
        self.finance_head.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self._activate({"assign": "least_loaded"})
        order = self._submitted()
        review = self._finance_review(order)
        for person, other in ((review.user_id, self.finance | self.finance_head),):
            person.sudo().group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
            order.with_user(person).order_line.price_unit = 900.0
            self.assertEqual(self._finance_review(order).user_id, other - person)

    def test_who_started_or_wrote_a_request_does_not_decide_it(self):
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.finance_head.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        change = self._requested(self._confirmed(), user=self.finance)
        change.with_user(self.finance_head).line_ids.price_unit = 900.0
        change.with_user(self.salesman).sudo()._check_can_be_submitted()
        change.with_user(self.salesman).sudo()._submit()
        [review] = change.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)
        for person in (self.finance, self.finance_head):
            self.assertFalse(review.with_user(person).can_decide)
            with self.assertRaisesRegex(AccessError, "your own business.*for: nobody"):
                review.with_user(person).action_approve()

    def test_who_approves_last_changed_nothing(self):
        """Carrying out a request writes the order as whoever approved it last."""
        order = self._confirmed()
        change = self._requested(order)
        change.line_ids.price_unit = 900.0
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(change.state, "applied")
        self.assertFalse(order.sudo().policy_changed_by)

    def test_policy_may_allow_self_approval(self):
        self._activate(allow_self_approval=True)
        order = self._sold_by(self.finance)
        self._finance_review(order).with_user(self.finance).action_approve()
        self.assertEqual(self._states(order)[0], "approved")

    def test_order_that_nobody_may_decide_says_so(self):
        order = self._sold_by(self.production)
        self.assertRegex(order.policy_explanation, "nobody in Production may decide.*administrator of the order policy")

    def test_one_decision_per_person(self):
        self.production_department.member_ids += self.finance
        self._activate(one_decision_per_person=True)
        order = self._submitted()
        both = order.review_ids.with_user(self.finance)
        with self.assertRaisesRegex(AccessError, "a different person at each step"):
            both.action_approve()
        finance, production = self._finance_review(order), self._review(order, self.production_department)
        finance.with_user(self.finance).action_approve()
        self.assertFalse(production.with_user(self.finance).can_decide)
        with self.assertRaisesRegex(AccessError, "You decided another step"):
            production.with_user(self.finance).action_approve()
        production.with_user(self.production).action_approve()
        self.assertEqual(order.policy_stage, "confirmation")

    def test_several_decisions_per_person(self):
        self.production_department.member_ids += self.finance
        self._activate()
        order = self._submitted()
        order.review_ids.with_user(self.finance).action_approve()
        self.assertEqual(order.policy_stage, "confirmation")

    def test_search_finds_what_may_be_decided(self):
        self.production_department.member_ids += self.finance
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        for values in (
            {},
            {"one_decision_per_person": True},
            {"allow_self_approval": True},
            {"allow_self_approval": True, "one_decision_per_person": True},
        ):
            self._activate({"authority": "head"} if values.get("allow_self_approval") else {}, **values)
            orders = self._submitted() | self._sold_by(self.finance) | self._submitted(user=self.finance)
            self._finance_review(orders[0]).with_user(self.finance_head).action_approve()
            self._review(orders[1].sudo(), self.production_department).with_user(self.production).action_approve()
        for user in (self.finance, self.finance_head, self.production, self.salesman, self.general_manager):
            reviews = self.env["sale.order.review"].with_user(user).search([])
            may_decide = reviews.filtered("can_decide")
            self.assertEqual(reviews.search([("can_decide", "=", True)]), may_decide, user.name)
            self.assertEqual(reviews.search([("can_decide", "=", False)]), reviews - may_decide, user.name)

    def test_member_who_joins_decides_at_once(self):
        review = self._finance_review(self._submitted())
        newcomer = self._user("newcomer")
        self.assertFalse(newcomer.has_group("order_policy.group_order_policy_user"))
        self.finance_department.with_user(self.policy_admin).member_ids += newcomer
        review.with_user(newcomer).action_approve()
        self.assertEqual(review.decided_by_id, newcomer)

    def test_member_who_left_decides_no_more(self):
        review = self._finance_review(self._submitted())
        self.assertTrue(review.with_user(self.finance).can_decide)
        self.finance_department.with_user(self.policy_admin).member_ids -= self.finance
        with self.assertRaises(AccessError):
            review.with_user(self.finance).action_approve()

    # ------------------------------------------------------------------
    # Assignment
    # ------------------------------------------------------------------

    def _told(self, user):
        """Return how many reviews a person was told about so far."""
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].sudo().search([("channel", "like", f'"res.partner",{user.partner_id.id}]')])
        payloads = [json.loads(message) for message in messages.mapped("message")]
        return sum(
            payload["payload"]["count_diff"] for payload in payloads if payload["type"] == "mail.activity/updated"
        )

    def test_pool_is_assigned_to_nobody(self):
        self.assertFalse(self._finance_review(self._submitted()).user_id)
        self.assertFalse(self._told(self.finance) + self._told(self.finance_head))

    def test_assigned_to_the_head(self):
        self._activate({"assign": "head"})
        review = self._finance_review(self._submitted())
        self.assertEqual(review.user_id, self.finance_head)
        review.with_user(self.finance).action_approve()

    def test_order_that_was_deleted_meanwhile_is_not_worked_on(self):
        orders = self._order() | self._order()
        self.assertTrue(all(orders.mapped("display_name")))
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM sale_order_line WHERE order_id = %s", [orders[1].id])
        self.env.cr.execute("DELETE FROM sale_order WHERE id = %s", [orders[1].id])
        orders[0]._lock_or_refuse()
        with self.assertRaisesRegex(UserError, "Somebody else is working on"):
            orders._lock_or_refuse()

    def test_what_follows_begins_anew_with_the_decision_where_the_database_is_in_need(self):
        def fail(error):
            raise error

        follow = self.env["sale.order.confirmation"]._try
        with self.assertRaises(SerializationFailure):
            follow(lambda: fail(SerializationFailure("could not serialize access")))
        self.assertEqual(follow(lambda: fail(UserError("No stock"))), "No stock")
        self.assertFalse(follow(lambda: None))

    def test_request_that_was_withdrawn_is_on_nobodys_list(self):
        self._activate({"assign": "head"})
        change = self._cancellation(self._confirmed())
        change.action_submit()
        review = change.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)
        self.assertEqual(review.user_id, self.finance_head)
        review.date_due = fields.Datetime.now()
        change.action_withdraw()
        self.assertEqual((review.state, len(review.user_id), review.date_due), ("not_required", 0, False))

    def test_assigned_to_the_next_when_the_head_is_involved(self):
        self._activate({"assign": "head"})
        order = self._sold_by(self.finance_head)
        self.assertEqual(self._finance_review(order).user_id, self.finance)
        self.assertTrue(self._finance_review(order).with_user(self.finance).can_decide)

    def test_assigned_to_the_member_with_the_fewest(self):
        self._activate({"assign": "least_loaded"})
        orders = [self._submitted() for _number in range(4)]
        assigned = [self._finance_review(order).user_id for order in orders]
        self.assertEqual(sorted(assigned.count(user) for user in (self.finance, self.finance_head)), [2, 2])
        for order, user in zip(orders, assigned, strict=True):
            if user == self.finance_head:
                self._finance_review(order).with_user(user).action_approve()
        self.assertEqual(self._finance_review(self._submitted()).user_id, self.finance_head, "What is decided is done")

    def test_least_loaded_member_who_is_involved_is_passed_over(self):
        self._activate({"assign": "least_loaded"})
        for _number in range(3):
            order = self._sold_by(self.finance)
            self.assertEqual(self._finance_review(order).user_id, self.finance_head)

    def test_who_decided_before_is_passed_over_where_a_person_decides_once(self):
        policy = self._policy(one_decision_per_person=True)
        policy.step_ids[1:].unlink()
        again = self._step("Finance again", 20, self.finance_department, (), assign="least_loaded")
        policy.step_ids = [Command.create(again)]
        policy.action_activate()
        first, second = (self.finance | self.finance_head).sorted("id")
        order = self._submitted()
        order.sudo().review_ids.filtered(lambda review: review.sequence == 10).with_user(first).action_approve()
        waiting = order.sudo().review_ids.filtered(lambda review: review.sequence == 20)
        self.assertEqual((waiting.state, waiting.user_id), ("pending", second))

    def test_many_at_once_are_spread(self):
        self._activate({"assign": "least_loaded"})
        orders = self._order() | self._order() | self._order() | self._order()
        orders.action_policy_submit()
        assigned = list(
            orders.sudo().review_ids.filtered(lambda r: r.department_id == self.finance_department).mapped("user_id.id")
        )
        self.assertEqual(set(assigned), {self.finance.id, self.finance_head.id})
        self.assertEqual(self._told(self.finance) + self._told(self.finance_head), 4)

    def test_assignee_is_told_once(self):
        self._activate({"assign": "head"})
        order = self._submitted()
        self.assertEqual(self._told(self.finance_head), 1)
        order.payment_term_id = self.env.ref("account.account_payment_term_30days")
        order.client_order_ref = "PO 7"
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self.assertEqual(self._told(self.finance_head), 1)

    def test_nobody_is_mailed(self):
        mails = self.env["mail.mail"].sudo().search_count([])
        self._approved()
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)

    # ------------------------------------------------------------------
    # What there is to do
    # ------------------------------------------------------------------

    def _opened(self, user, *filters):
        """Return what a person sees who opens the reviews from the activity menu."""
        reviews = self.env["sale.order.review"].with_user(user)
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy.sale_order_review_action")
        arch = etree.fromstring(reviews.get_view(view_type="search")["arch"])
        names = [key.removeprefix("search_default_") for key in literal_eval(action["context"])] + list(filters)
        domain = literal_eval(action["domain"] or "[]")
        for name in names:
            domain += safe_eval(arch.find(f".//filter[@name='{name}']").get("domain"), {"uid": user.id})
        return reviews.search(domain)

    def _menu(self, user, model="sale.order.review"):
        groups = self.env["res.users"].with_user(user)._get_activity_groups()
        return next((group for group in groups if group["model"] == model), None)

    def test_activity_menu_opens_a_list_of_reviews(self):
        self._submitted()
        menu = self._menu(self.finance)
        self.assertEqual(
            {name: menu[name] for name in ("id", "type", "view_type", "domain", "policy_action")},
            {
                "id": self.env["ir.model"]._get_id("sale.order.review"),
                "type": "activity",
                "view_type": "list",
                "domain": [],
                "policy_action": "order_policy.sale_order_review_action",
            },
        )
        self.assertIn("/order_policy/static/", menu["icon"])
        self.assertTrue(menu["name"])

    @freeze_time("2026-03-04 02:00:00")
    def test_activity_menu_counts_what_it_opens(self):
        self.finance.tz = "Asia/Shanghai"
        due = (
            "2026-03-04 01:00:00",
            "2026-03-04 09:00:00",
            "2026-03-04 15:30:00",
            "2026-03-04 16:30:00",
            "2026-03-09 09:00:00",
            False,
        )
        for date_due in due:
            self._finance_review(self._submitted()).sudo().date_due = date_due
        own = self._finance_review(self._sold_by(self.finance))
        others = self._finance_review(self._submitted())
        others.sudo().user_id = self.finance_head
        decided = self._finance_review(self._submitted())
        decided.with_user(self.finance_head).action_approve()
        self.env.flush_all()
        menu = self._menu(self.finance)
        self.assertEqual(
            (menu["overdue_count"], menu["today_count"], menu["planned_count"], menu["total_count"]), (1, 2, 3, 6)
        )
        user = self.finance.with_user(self.finance)
        opened = {
            name: self._opened(user.with_context(tz="Asia/Shanghai"), *filters)
            for name, filters in {
                "total_count": (),
                "overdue_count": ("activities_overdue",),
                "today_count": ("activities_today",),
                "planned_count": ("activities_upcoming_all",),
            }.items()
        }
        self.assertFalse(opened["total_count"] & (own | others | decided))
        for name, reviews in opened.items():
            self.assertEqual(len(reviews), menu[name], name)

    def test_activity_menu_of_people_with_nothing_to_do(self):
        self._submitted()
        for user in (self.general_manager, self.salesman, self.policy_admin):
            self.assertIsNone(self._menu(user))

    def test_activity_menu_shows_orders_sent_back(self):
        order = self._submitted()
        self._finance_review(order).with_user(self.finance).action_reject("Too cheap")
        self.assertEqual(self._menu(self.salesman, "sale.order")["today_count"], 1)
        self.assertIsNone(self._menu(self.other_salesman, "sale.order"))
        order.action_policy_submit("He pays in advance.")
        self.assertIsNone(self._menu(self.salesman, "sale.order"))

    # ------------------------------------------------------------------
    # Until when
    # ------------------------------------------------------------------

    def _due(self, hours, asked, **calendar):
        self.company.resource_calendar_id.write({"tz": "Asia/Shanghai", **calendar})
        self._activate({"time_limit": hours})
        with freeze_time(asked):
            return self._finance_review(self._submitted()).date_due

    def test_due_in_working_hours_of_the_company(self):
        # Wednesday 16:00 in Shanghai, one hour before closing: three hours later is Thursday 10:00.
        self.assertEqual(self._due(3, "2026-03-04 08:00:00"), datetime(2026, 3, 5, 2, 0))

    def test_due_after_the_weekend(self):
        # Friday 16:00: Monday 10:00.
        self.assertEqual(self._due(3, "2026-03-06 08:00:00"), datetime(2026, 3, 9, 2, 0))

    def test_due_after_holidays(self):
        calendar = self.company.resource_calendar_id
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-03-04 16:00:00",
                "date_to": "2026-03-05 15:59:59",
            }
        )
        self.assertEqual(self._due(3, "2026-03-04 08:00:00"), datetime(2026, 3, 6, 2, 0))

    def test_due_without_working_hours(self):
        self.assertEqual(
            self._due(3, "2026-03-07 08:00:00", attendance_ids=[Command.clear()]), datetime(2026, 3, 7, 11, 0)
        )

    def test_no_limit(self):
        self.assertFalse(self._due(0, "2026-03-04 08:00:00"))


@tagged("post_install", "-at_install")
class TestDecision(DecisionCommon):
    """What happens when somebody decides."""

    def setUp(self):
        super().setUp()
        self.order = self._submitted()
        self.review = self._review(self.order, self.finance_department).with_user(self.finance)
        self.production_review = self._review(self.order, self.production_department).with_user(self.production)

    def _assert_undecided(self, pattern, operation, error=UserError):
        """Check that a decision is refused with a message, and nothing recorded."""
        before = self.review.sudo().search([]).mapped("decision")
        with self.assertRaisesRegex(error, pattern):
            operation()
        self.assertEqual(self.review.sudo().search([]).mapped("decision"), before)

    # ------------------------------------------------------------------
    # Comments
    # ------------------------------------------------------------------

    def test_rejection_needs_a_comment(self):
        for comment in (False, "", "  \n"):
            self._assert_undecided("Say why you reject", lambda: self.review.action_reject(comment))  # noqa: B023
        self.review.action_reject(" Too cheap ")
        self.assertEqual((self.review.state, self.review.comment), ("rejected", "Too cheap"))

    def test_what_somebody_wrote_brings_no_second_full_stop(self):
        for said in ("We make it in lots.", "We make it in lots", "分批生产。"):
            order = self._submitted()
            review = self._review(order, self.finance_department).with_user(self.finance)
            review.action_reject(said)
            self.assertIn(f"“{said.rstrip('.。')}”. Change the order", order.policy_explanation)
            self.assertIn(said, str(self._review(order, self.production_department).sudo().earlier_html))
            with self.assertRaisesRegex(UserError, f"{said.rstrip('.。')}. Nothing was recorded"):
                review.action_reject(said)

    def test_approval_needs_a_comment_where_the_step_asks(self):
        self.review.action_approve()
        policy = self._policy()
        policy.step_ids[0].comment_required = True
        policy.action_activate()
        review = self._review(self._submitted(), self.finance_department).with_user(self.finance)
        self._assert_undecided("Finance review asks for a comment on approval", review.action_approve)
        review.action_approve("Deposit received")
        self.assertEqual((review.state, review.comment), ("approved", "Deposit received"))

    def test_dialog_asks_for_a_comment_where_one_is_needed(self):
        Decide = self.env["sale.order.review.decide"].with_user(self.finance)
        policy = self._policy()
        policy.step_ids[0].comment_required = True
        policy.action_activate()
        asking = self._review(self._submitted(), self.finance_department).with_user(self.finance)
        for reviews, decision, expected in (
            (self.review, "approved", False),
            (self.review, "rejected", True),
            (asking, "approved", True),
            (self.review | asking, "approved", True),
        ):
            dialog = Decide.create({"review_ids": [Command.set(reviews.ids)], "decision": decision})
            self.assertEqual(dialog.comment_required, expected)

    def test_what_is_kept_of_a_decision(self):
        for decide, state, rate in (
            (lambda review: review.action_approve("Fine"), "approved", 0.0),
            (lambda review: review.action_reject("Fine"), "rejected", 1.0),
        ):
            review = self._review(self._submitted(), self.finance_department)
            review.asked_on = fields.Datetime.subtract(fields.Datetime.now(), hours=2)
            decide(review.with_user(self.finance))
            self.assertEqual((review.state, review.decision, review.comment), (state, state, "Fine"))
            self.assertEqual((review.decided_by_id, review.rejection_rate), (self.finance, rate))
            self.assertEqual((review.automatic_rate, review.is_automatic), (0.0, False))
            self.assertTrue(review.decided_on)
            self.assertAlmostEqual(review.hours_to_decide, 2.0, places=1)

    def test_rejected_in_the_dialog(self):
        dialog = (
            self.env["sale.order.review.decide"]
            .with_user(self.finance)
            .with_context(default_review_ids=self.review.ids)
            .create({"decision": "rejected", "comment": "Too cheap"})
        )
        self.order.order_line.price_unit = 900.0
        self._assert_undecided("The order changed since you opened it", dialog.action_decide)
        dialog.seen = {}
        dialog.action_decide()
        self.assertEqual((self.review.state, self.review.comment), ("rejected", "Too cheap"))

    def test_what_was_displayed_is_not_known(self):
        for digests in ("everything", ["-"], {"first": "-"}):
            self._assert_undecided(
                "What was displayed is not known",
                lambda: self.review.action_approve(digests=digests),  # noqa: B023
            )

    # ------------------------------------------------------------------
    # Many at once
    # ------------------------------------------------------------------

    def test_many_at_once(self):
        orders = self.order | self._submitted() | self._submitted()
        reviews = self.env["sale.order.review"].with_user(self.finance).search([("can_decide", "=", True)])
        self.assertEqual(reviews.order_id.sudo(), orders.sudo())
        reviews.action_approve("Fine")
        self.assertEqual(set(reviews.mapped("state")), {"approved"})
        self.assertEqual(set(reviews.mapped("comment")), {"Fine"})

    def test_one_that_is_not_allowed_stops_all(self):
        own = self._review(self._sold_by(self.finance), self.finance_department)
        other = self._review(self._submitted(), self.production_department)
        for refused in (own.with_user(self.finance), other.with_user(self.finance)):
            self._assert_undecided(".", (self.review | refused).action_approve, AccessError)
            self.assertEqual(self.review.state, "pending")

    def test_one_that_is_decided_stops_all(self):
        decided = self._review(self._submitted(), self.finance_department).with_user(self.finance)
        decided.action_approve()
        self._assert_undecided("already decided", lambda: (self.review | decided).action_approve())

    # ------------------------------------------------------------------
    # In which order
    # ------------------------------------------------------------------

    def test_steps_of_a_number_run_side_by_side(self):
        self.assertEqual(self._states(self.order), ["pending", "pending", "waiting", None])
        self.production_review.action_approve()
        self.assertEqual(self._states(self.order), ["pending", "approved", "waiting", None])
        self.review.action_approve()
        self.assertEqual(self._states(self.order), ["approved", "approved", "pending", None])

    def test_waiting_step_is_not_decided(self):
        review = self._review(self.order, self.sales_department).with_user(self.sales_head)
        self._assert_undecided("cannot be decided yet: the steps before it are not through", review.action_approve)
        self._assert_undecided("cannot be decided yet", lambda: review.action_reject("No"))

    def test_double_click(self):
        self.review.action_approve("Fine")
        self._assert_undecided("already decided: finance .*approved for Finance", self.review.action_approve)
        self._assert_undecided("already decided", lambda: self.review.action_reject("No"))
        self.assertEqual(self.review.comment, "Fine")

    def test_colleague_was_faster(self):
        self.review.action_reject("Too cheap")
        self._assert_undecided(
            "already decided: finance .*rejected for Finance.*Too cheap.*Nothing was recorded",
            lambda: self.review.with_user(self.finance_head).action_approve(),
        )

    # ------------------------------------------------------------------
    # Orders that change meanwhile
    # ------------------------------------------------------------------

    def test_order_withdrawn_meanwhile(self):
        self.order.action_policy_withdraw()
        self._assert_undecided("withdrawn, cancelled or confirmed meanwhile", self.review.action_approve)

    def test_order_cancelled_meanwhile(self):
        self.production_review.action_approve()
        self._cancel(self.order)
        self.assertEqual(self._states(self.order), ["not_required", "approved", "not_required", None])
        self._assert_undecided("cancelled", self.review.action_approve)
        self.assertEqual(self.production_review.sudo().decided_by_id, self.production)
        self.assertIn("Cancelled: Cannot be delivered in time. Its reviews are kept", self.order.policy_explanation)

    def test_order_changed_since_it_was_displayed(self):
        seen = {str(self.review.id): self.order.content_digest}
        self.order.order_line.price_unit = 900.0
        self._assert_undecided(
            "(?s)The order changed since you opened it.*Unit Price: 1,000.00 → 900.00",
            lambda: self.review.action_approve(digests=seen),
        )
        self._assert_undecided("The order changed", lambda: self.review.action_reject("No", digests=seen))
        self.review.action_approve(digests={str(self.review.id): self.order.content_digest})
        self.assertEqual(self.review.state, "approved")

    def test_change_that_does_not_concern_the_step_is_seen_too(self):
        seen = {self.production_review.id: self.order.content_digest}
        self.order.order_line.price_unit = 900.0
        self._assert_undecided(
            "What changed does not concern this step", lambda: self.production_review.action_approve(digests=seen)
        )

    def test_wizard_decides_what_it_displayed(self):
        wizards = (
            self.env["sale.order.review.decide"]
            .with_user(self.finance)
            .with_context(active_ids=self.review.ids, default_decision="approved")
        )
        stale = wizards.create({})
        self.order.order_line.price_unit = 900.0
        self._assert_undecided("The order changed", stale.action_decide)
        wizards.create({"comment": "Fine"}).action_decide()
        self.assertEqual((self.review.state, self.review.comment), ("approved", "Fine"))

    def test_wizard_decides_what_the_page_displayed_before_it(self):
        """Between the page and the wizard that it opens the order may change as well."""
        wizard = (
            self.env["sale.order.review.decide"]
            .with_user(self.finance)
            .with_context(
                default_review_ids=[Command.set(self.review.ids)],
                default_decision="approved",
                default_seen_digest=self.order.content_digest,
            )
        )
        self.order.order_line.price_unit = 900.0
        self._assert_undecided("The order changed since you opened it", wizard.create({}).action_decide)
        wizard.with_context(default_seen_digest=self.order.content_digest).create({}).action_decide()
        self.assertEqual(self.review.state, "approved")

    def test_exempted_order_is_not_decided_on_any_more(self):
        """Also where its administrator wrote the exemption on the form."""
        self.order.sudo().policy_exempt_reason = "Agreed with the owner"
        self.assertEqual(self._states(self.order), ["not_required", "not_required", "not_required", None])
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")
        self._assert_undecided("not to be decided any more", self.review.action_approve)

    def test_who_is_not_asked_any_more_is_told_so(self):
        large, larger = self._submitted((self.desk, 1, 100000.0)), self._submitted((self.desk, 1, 200000.0))
        for user, department in (
            (self.finance, self.finance_department),
            (self.production, self.production_department),
            (self.sales_head, self.sales_department),
        ):
            self._review(large, department).with_user(user).action_approve()
        asked, never_asked = self._review(large, self.management), self._review(larger, self.management)
        self.assertEqual((asked.state, never_asked.state), ("pending", "waiting"))
        (large | larger).order_line.price_unit = 1000.0
        self.env.flush_all()
        self.assertEqual((asked | never_asked).mapped("state"), ["not_required", "not_required"])
        asked, never_asked = asked.with_user(self.general_manager), never_asked.with_user(self.general_manager)
        self.assertFalse((asked | never_asked)._filtered_access("read"))
        self._assert_undecided("is not to be decided any more", asked.action_approve)
        stranger = self._user("stranger", "order_policy.group_order_policy_user")
        self._department("Quality", stranger)
        for review in (never_asked, asked.with_user(stranger)):
            with self.assertRaises(AccessError):
                review.action_approve()

    def test_what_was_decided_is_told_to_nobody_who_does_not_read_it(self):
        self._policy(departments_read="asked").action_activate()
        order = self._confirmed()
        review = self._review(order, self.finance_department).with_user(self.finance)
        self.assertFalse(review.has_access("read"))
        with self.assertRaises(AccessError):
            review.action_approve()

    def test_overdue_is_what_still_has_to_be_decided(self):
        decided, later = (self._review(self._submitted(), self.finance_department) for _number in range(2))
        now = fields.Datetime.now()
        (self.review | decided).sudo().date_due = fields.Datetime.subtract(now, hours=1)
        later.date_due = fields.Datetime.add(now, hours=1)
        decided.with_user(self.finance).action_approve()
        reviews = (self.review | decided | later).with_user(self.finance)
        within = ("id", "in", reviews.ids)
        self.assertEqual(reviews.search([("is_overdue", "=", True), within]), self.review)
        self.assertEqual(reviews.search([("is_overdue", "=", False), within], order="id"), (decided | later))
        self.assertEqual(reviews.filtered("is_overdue"), self.review)
        orders = reviews.order_id.with_user(self.salesman)
        within = ("id", "in", orders.ids)
        self.assertEqual(orders.search([("policy_overdue", "=", True), within]), self.order)
        self.assertEqual(orders.search([("policy_overdue", "=", False), within]), orders - self.order)
        self.assertEqual(orders.filtered("policy_overdue"), self.order)

    def test_turn_that_is_taken_back_is_nobodys_to_do(self):
        policy = self._policy()
        policy.step_ids[2].write({"assign": "head", "time_limit": 8.0})
        policy.action_activate()
        order = self._submitted()
        head = self._review(order, self.sales_department)
        for review, user in ((self.finance_department, self.finance), (self.production_department, self.production)):
            self._review(order, review).with_user(user).action_approve()
        self.assertEqual((head.state, head.user_id), ("pending", self.sales_head))
        self.assertTrue(head.date_due)
        order.order_line.price_unit = 900.0
        self.env.flush_all()
        self.assertEqual((head.state, head.user_id.id, head.date_due), ("waiting", False, False))

    # ------------------------------------------------------------------
    # Sent back, submitted again
    # ------------------------------------------------------------------

    def test_rejection_sends_back_to_sales(self):
        self.production_review.action_approve()
        self.review.action_reject("Too cheap")
        self.assertEqual(self.order.policy_stage, "rejected")
        self.assertEqual(self._states(self.order), ["rejected", "approved", "waiting", None])
        self.assertRegex(
            self.order.policy_explanation, "finance .*rejected it.*Too cheap.*Change the order, or agree on it as it is"
        )
        with self.assertRaisesRegex(UserError, "Too cheap"):
            self.order.action_confirm()
        self.assertTrue(self.order.policy_can_submit, "Nothing of the order has to change for that")

    def test_who_submits_again_submitted_nothing_that_is_decided(self):
        self.production_review.action_approve()
        self.review.action_reject("Too cheap")
        self.order.with_user(self.sales_head).action_policy_submit("He pays in advance.")
        self.assertEqual(self.production_review.sudo().requested_by_id, self.salesman)
        self.assertEqual(self._review(self.order, self.finance_department).requested_by_id, self.sales_head)

    def test_other_reviews_wait_while_sales_works_on_it(self):
        self.review.action_reject("Too cheap")
        self.assertEqual(self._states(self.order), ["rejected", "waiting", "waiting", None])
        self._assert_undecided("sent back to sales", self.production_review.action_approve)

    def test_salesperson_is_told_of_the_rejection(self):
        self.review.action_reject("Too cheap")
        self.env.cr.precommit.run()
        messages = (
            self.env["bus.bus"].sudo().search([("channel", "like", f'"res.partner",{self.salesman.partner_id.id}]')])
        )
        told = [
            message for message in messages.mapped("message") if json.loads(message)["type"] == "simple_notification"
        ]
        self.assertEqual(len(told), 1)
        self.assertIn(self.order.name, told[0])
        self.assertEqual(json.loads(told[0])["payload"]["type"], "warning")
        self.assertIn("Too cheap", self.order.message_ids[0].body)

    def test_submitting_again_asks_only_what_is_open(self):
        self.production_review.action_approve()
        self.review.action_reject("Too cheap")
        self.order.order_line.price_unit = 1100.0
        self.assertEqual(self.order.policy_stage, "rejected")
        self.order.action_policy_submit()
        self.assertEqual(self._states(self.order), ["pending", "approved", "waiting", None])
        again = self._review(self.order, self.finance_department)
        self.assertEqual((again.previous_id, self.review.state), (self.review.sudo(), "rejected"))
        self.assertIn("1,100", again.changes_html)
        self.assertIn("Too cheap", again.earlier_html)

    def test_withdrawing_keeps_approvals_of_the_same_content(self):
        self.production_review.action_approve()
        self.order.action_policy_withdraw()
        self.assertEqual(self.order.policy_stage, "intake")
        self.assertEqual(self._states(self.order), ["not_required", "approved", "not_required", None])
        self.order.action_policy_submit()
        self.assertEqual(self._states(self.order), ["pending", "approved", "waiting", None])

    def test_withdrawn_and_changed(self):
        self.production_review.action_approve()
        self.review.action_approve()
        self.order.action_policy_withdraw()
        self.order.order_line.price_unit = 900.0
        self.order.action_policy_submit()
        self.assertEqual(self._states(self.order), ["pending", "approved", "waiting", None])

    def test_withdrawing_does_not_hide_a_rejection(self):
        self.review.action_reject("Too cheap")
        self.order.action_policy_withdraw()
        self.order.action_policy_submit("He pays in advance.")
        self.assertEqual(self._states(self.order), ["pending", "pending", "waiting", None])
        self.assertEqual((self.review.state, self.review.decision), ("rejected", "rejected"))

    def test_withdrawing_what_is_not_under_review(self):
        entered = self._order()
        with self.assertRaisesRegex(UserError, "is not under review"):
            entered.action_policy_withdraw()
        self._approve_all(self.order)
        self.order.action_confirm()
        with self.assertRaisesRegex(UserError, "is not under review"):
            self.order.action_policy_withdraw()
        self.assertTrue(self.order.policy_submitted_on)

    def test_submitting_what_cannot_be_submitted(self):
        for order, reason in (
            (self._order(order_line=False), "cannot be submitted yet:\n• Products"),
            (
                self._order(order_line=[Command.create({"display_type": "line_note", "name": "Two desks"})]),
                "cannot be submitted yet:\n• Products",
            ),
            (
                self._order(order_line=[Command.create({"name": "Two desks", "price_unit": 9.0})]),
                "cannot be submitted yet:\n• Products",
            ),
            (self._cancelled(), "Only quotations"),
        ):
            with self.assertRaisesRegex(UserError, reason):
                order.action_policy_submit()
        exempt = self._order()
        exempt.with_user(self.policy_admin).action_policy_exempt("Agreed with the owner")
        with self.assertRaisesRegex(UserError, "is exempt from the order policy"):
            exempt.action_policy_submit()
        self.policy.action_retire()
        with self.assertRaisesRegex(UserError, "No order policy is in force"):
            self._order().action_policy_submit()

    def _cancelled(self):
        order = self._order()
        self._cancel(order)
        return order

    def test_cancelled_order_is_revived(self):
        self._approve_all(self.order)
        self._cancel(self.order)
        self.assertEqual(self._states(self.order), ["approved", "approved", "approved", None])
        self.order.action_draft()
        self.order.action_policy_submit()
        self.assertEqual(self.order.policy_stage, "confirmation")

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    def test_decisions_are_never_altered(self):
        facts = (
            "decision",
            "decided_by_id",
            "decided_on",
            "comment",
            "digest",
            "snapshot",
            "requested_by_id",
            "step_id",
        )
        self.production_review.action_approve("Feasible")
        self.review.action_reject("Too cheap")
        decided = (self.review | self.production_review).sudo()
        recorded = [[review[name] for name in facts] for review in decided]
        self.order.order_line.write({"price_unit": 1100.0, "product_uom_qty": 7})
        self.order.action_policy_submit()
        self._approve_all(self.order)
        self.order.order_line.product_uom_qty = 1
        self.order.action_policy_withdraw()
        self.order.action_policy_submit()
        self._cancel(self.order)
        self.order.action_draft()
        self.customer.name = "Renamed"
        self.desk.name = "Renamed"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual([[review[name] for name in facts] for review in decided], recorded)
        self.assertGreater(len(self.order.sudo().review_ids), 4)

    def test_snapshot_holds_what_was_decided_on(self):
        self.order.order_line.price_unit = 950.0
        self.review.action_approve()
        [line] = self.review.snapshot["lines"]
        self.assertEqual(line["values"]["price_unit"], 950.0)
        self.assertNotIn("product_uom_qty", line["values"])
        self.assertEqual(self.review.snapshot["order"]["partner_id"][0], self.customer.id)

    def test_outdated_approval_tells_what_changed(self):
        self.review.action_approve()
        self.order.write(
            {
                "payment_term_id": self.env.ref("account.account_payment_term_30days").id,
                "order_line": [
                    Command.create(
                        {"product_id": self.chair.id, "product_uom_qty": 4, "price_unit": 150, "tax_ids": False}
                    )
                ],
            }
        )
        self.order.order_line[0].write({"price_unit": 800.0, "product_uom_qty": 3})
        self.assertEqual(self.review.sudo().state, "outdated")
        for text in ("30 Days", "Chair", "1,000.00", "800.00"):
            self.assertIn(text, self._review(self.order, self.finance_department).changes_html)
        self.assertNotIn("Quantity", self._review(self.order, self.finance_department).changes_html)
        self.assertIn("<del>1.00</del>", self.production_review.changes_html)

    def test_changed_twice_before_the_decision(self):
        self.order.order_line.price_unit = 900.0
        self.env.flush_all()
        self.order.order_line.price_unit = 800.0
        self.env.flush_all()
        self.assertRegex(self.review._changes_as_text(), "Unit Price: 1,000.00 → 800.00")

    def test_what_changed_is_text_and_not_markup(self):
        self.production_review.action_approve()
        self.order.order_line.name = "<script>alert(1)</script>"
        changes = self._review(self.order, self.production_department).changes_html
        self.assertIn("&lt;script&gt;", changes)
        self.assertNotIn("<script>", changes)

    def test_change_and_back(self):
        self._approve_all(self.order)
        self.order.order_line.price_unit = 900.0
        self.order.order_line.price_unit = 1000.0
        self.assertEqual(self.order.policy_stage, "confirmation")
        self.assertEqual(self._review(self.order, self.finance_department), self.review.sudo())

    # ------------------------------------------------------------------
    # Why the order waits
    # ------------------------------------------------------------------

    def test_explanations(self):
        entered = self._order()
        self.assertIn(
            "To be submitted for review: Finance review, Production review, and Head of sales",
            entered.policy_explanation,
        )
        self.assertRegex(
            self.order.policy_explanation,
            r"(?s)Finance review: Finance has to approve, waiting for .*finance.*\n"
            r"Production review: Production has to approve.*production.*\n"
            r"Head of sales: Sales is asked once the steps before are through",
        )
        self._approve_all(self.order)
        self.assertIn("Everything that the policy asks for is approved", self.order.policy_explanation)
        self.order.action_confirm()
        self.assertIn("Confirmed under Department audit", self.order.policy_explanation)
        exempt = self._order()
        exempt.with_user(self.policy_admin).action_policy_exempt("Imported from the old system")
        self.assertRegex(
            exempt.policy_explanation, "Exempt from the order policy, by policy_admin.*: Imported from the old system"
        )
        self.policy.action_retire()
        self.assertFalse(self._order().policy_explanation)

    def test_explanation_names_the_assignee_and_the_time(self):
        policy = self._policy()
        policy.step_ids[0].write({"assign": "head", "time_limit": 8})
        policy.action_activate()
        explanation = self._submitted().policy_explanation
        self.assertRegex(explanation, "Finance has to approve, waiting for finance_head.* until ")


@tagged("post_install", "-at_install")
class TestTwoPeople(BaseCase):
    """Two people decide at the same moment, each in a transaction of his own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.ids = self._prepare(env)
        self.addCleanup(self._remove)

    def _prepare(self, env):
        """Store an order under review, under a policy that is not in force, so that nobody else notices."""
        company = env.ref("base.main_company")
        users = env["res.users"].create(
            [
                {
                    "name": name,
                    "login": f"order_policy_{name}",
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                }
                for name in ("quick", "slow")
            ]
        )
        department = env["order.policy.department"].create(
            {
                "name": "Finance",
                "company_id": company.id,
                "member_ids": [Command.set(users.ids)],
            }
        )
        policy = env["order.policy"].create(
            {
                "name": "Two people",
                "company_id": company.id,
                "step_ids": [Command.create({"name": "Finance", "department_id": department.id})],
            }
        )
        order = env["sale.order"].create(
            {
                "partner_id": company.partner_id.id,
                "company_id": company.id,
                "order_line": [
                    Command.create({"name": "Desk", "product_id": env["product.product"].create({"name": "Desk"}).id})
                ],
            }
        )
        order.write({"policy_id": policy.id, "policy_submitted_on": "2026-03-04 08:00:00"})
        env["sale.order.review"]._follow(order)
        return {
            record._name: record.ids
            for record in (users, department, policy, order, order.review_ids, order.order_line.product_id)
        }

    def _remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            order = env["sale.order"].browse(self.ids["sale.order"])
            cr.execute("DELETE FROM sale_order_review WHERE order_id IN %s", [order._ids])
            order.invalidate_recordset()
            order.unlink()
            users = env["res.users"].browse(self.ids["res.users"])
            for model in ("order.policy", "order.policy.department", "product.product"):
                env[model].browse(self.ids[model]).unlink()
            partners = users.partner_id
            users.unlink()
            partners.unlink()
        self.registry.clear_all_caches()

    def _review(self, stack, position):
        """Return the review as one of the two people sees it, in a transaction of his own."""
        cr = stack.enter_context(self.registry.cursor())
        stack.callback(cr.rollback)
        user_id = self.ids["res.users"][position]
        return api.Environment(cr, user_id, {})["sale.order.review"].browse(self.ids["sale.order.review"])

    def _recorded(self):
        with self.registry.cursor() as cr:
            review = api.Environment(cr, SUPERUSER_ID, {})["sale.order.review"].browse(self.ids["sale.order.review"])
            return review.state, review.decided_by_id.id, review.comment

    def test_one_decision_counts(self):
        with ExitStack() as stack:
            quick, slow = self._review(stack, 0), self._review(stack, 1)
            self.assertEqual((quick.state, slow.state), ("pending", "pending"))
            quick.action_approve("Fine")
            with (
                patch("odoo.addons.order_policy.models.policy.order_policy_lock_mixin.PATIENCE", "100ms"),
                self.assertRaisesRegex(UserError, "Somebody else is working on S.*Nothing was done"),
            ):
                slow.action_reject("Too cheap")
            slow.env.cr.rollback()
            quick.env.cr.commit()
            with self.assertRaisesRegex(UserError, "already decided: quick approved for Finance.*Nothing was recorded"):
                slow.action_reject("Too cheap")
        self.assertEqual(self._recorded(), ("approved", self.ids["res.users"][0], "Fine"))

    @mute_logger("odoo.sql_db")
    def test_who_comes_second_waits_a_moment(self):
        with ExitStack() as stack:
            quick, slow = self._review(stack, 0), self._review(stack, 1)
            quick.order_id.sudo()._lock_or_refuse()
            leaving = threading.Timer(0.5, quick.env.cr.rollback)
            leaving.start()
            slow.action_approve("Fine")
            leaving.join()
            slow.env.cr.commit()
        self.assertEqual(self._recorded(), ("approved", self.ids["res.users"][1], "Fine"))

    @mute_logger("odoo.sql_db")
    def test_page_read_before_the_other_decided(self):
        with ExitStack() as stack:
            quick, slow = self._review(stack, 0), self._review(stack, 1)
            self.assertEqual(slow.state, "pending")  # the transaction goes on seeing this
            quick.action_approve("Fine")
            quick.env.cr.commit()
            with self.assertRaises(SerializationFailure):  # Odoo replays the request then
                slow.action_reject("Too cheap")
            slow.env.cr.rollback()
            slow.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "already decided"):
                slow.action_reject("Too cheap")
        self.assertEqual(self._recorded(), ("approved", self.ids["res.users"][0], "Fine"))

    @mute_logger("odoo.sql_db")
    def test_price_changed_while_deciding(self):
        with ExitStack() as stack:
            quick, slow = self._review(stack, 0), self._review(stack, 1)
            seen = {slow.id: slow.order_digest}
            quick.sudo().order_id.order_line.price_unit = 5.0
            quick.env.cr.commit()
            with self.assertRaises(SerializationFailure):
                slow.action_approve(digests=seen)
            slow.env.cr.rollback()
            slow.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "The order changed since you opened it"):
                slow.action_approve(digests=seen)
        self.assertEqual(self._recorded()[0], "pending")

    @mute_logger("odoo.sql_db")
    def test_second_of_two_clicks_finds_what_the_first_did(self):
        """Requests and deputies are new records: nothing that both alter would tell the second click of the first."""
        with ExitStack() as stack:
            quick, slow = self._review(stack, 0), self._review(stack, 1)
            for name in ("order_id", "department_id"):
                slow.mapped(name).sudo().read(["name"])  # the transaction goes on seeing what was there
                quick.mapped(name).sudo()._lock_for_one()
                quick.env.cr.commit()
                with self.assertRaises(SerializationFailure):  # Odoo replays the request then
                    slow.mapped(name).sudo()._lock_for_one()
                slow.env.cr.rollback()
                slow.env.invalidate_all()

    @mute_logger("odoo.sql_db")
    def test_two_deputies_named_at_once(self):
        with ExitStack() as stack:
            people = self._review(stack, 0), self._review(stack, 1)
            quick, slow = (review.env["order.policy.deputy"].sudo() for review in people)
            day = fields.Date.today()
            values = {"user_id": self.ids["res.users"][0], "date_from": day, "date_until": day}
            slow.search_count([])  # the transaction goes on seeing none
            mandate = quick.create({**values, "deputy_id": self.ids["res.users"][1]})
            quick.env.cr.commit()
            with self.assertRaises(SerializationFailure):
                slow.create({**values, "deputy_id": quick.env.ref("base.user_admin").id})
            slow.env.cr.rollback()
            quick.env.cr.execute("DELETE FROM order_policy_deputy WHERE id = %s", [mandate.id])
            quick.env.cr.commit()
