"""Who is told what, and when. One file, because letters of one kind must not repeat those of another."""

import re
from contextlib import contextmanager
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID
from odoo.addons.mail.models.mail_mail import MailMail
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import mute_logger, tagged
from odoo.tools import html2plaintext

from .common import OrderPolicyCommon

TELLING = "odoo.addons.order_policy.models.review.sale_order_review_telling"
EVIDENCE = "odoo.addons.order_policy.models.policy.order_policy_evidence_mixin"
SIGNATURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class TellingCase(OrderPolicyCommon):
    """Counts the letters that people get."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in cls.company.user_ids - cls.env.user:
            user.email = f"{user.login}@nanhai.example"
        cls.env["mail.mail"].search([]).unlink()

    def _letters_to(self, person):
        """Return the e-mails to a person or a customer that wait in the queue."""
        partner = person.partner_id if person._name == "res.users" else person
        mails = self.env["mail.mail"].sudo().search([], order="id")
        return mails.filtered(
            lambda mail: partner in mail.recipient_ids or (partner.email and partner.email in (mail.email_to or ""))
        )


@tagged("post_install", "-at_install")
class TestTellingOfAcceptance(TellingCase):
    """The customer is told that the order is accepted (article 1.6): once, and by nobody's waiting."""

    def _letters(self):
        self._run_job("ir_cron_ask_customers")
        return self._letters_to(self.customer).filtered(lambda mail: "has been confirmed" in mail.body_html)

    def test_confirming_tells_the_customer(self):
        order = self._approved()
        order.action_confirm()
        letter = self._letters()
        self.assertEqual(len(letter), 1)
        self.assertIn(order.name, letter.subject)
        self.assertEqual(letter.state, "outgoing", "It waits in the queue: nobody waits for a mail server")
        self.assertEqual(self._letters(), letter, "Once and not again")

    def test_confirming_several_orders_tells_each_customer(self):
        orders = self._approved() | self._approved()
        orders.action_confirm()
        self.assertEqual(len(self._letters()), 2)

    def test_nobody_has_to_say_what_the_letter_is(self):
        order = self._approved()
        order.action_confirm()
        files = order.message_ids.attachment_ids
        self._letters()
        sent = order.message_ids.attachment_ids - files
        self.assertEqual(sent.policy_document_id, self.env.ref("order_policy.document_correspondence"))
        self.assertFalse(order.policy_file_ids)

    def test_colleagues_do_not_get_the_letter(self):
        order = self._approved()
        order.message_subscribe((self.sales_head | self.finance).partner_id.ids)
        order.action_confirm()
        self.assertEqual(self._letters().recipient_ids, self.customer)
        self.assertFalse(self._letters_to(self.sales_head) | self._letters_to(self.finance))

    def _notes(self, confirm, user=None):
        """Return the short notes that a person gets from confirming."""
        noted = []

        def tell(listener, kind, message, **_more):
            if kind == "simple_notification" and listener == (user or self.salesman):
                noted.append((message["type"], message["message"], message["title"]))

        with patch.object(self.env.registry["res.users"], "_bus_send", tell):
            self.assertIs(confirm(), True, "Programs get what Odoo returns")
        return noted

    def test_who_confirms_is_told_whether_the_customer_is(self):
        orders = self._approved() | self._approved() | self._approved()
        orders[2].partner_id = self.customer.copy({"email": False})
        self._approve_all(orders[2])
        names = f"{orders[0].name} and {orders[1].name}"
        self.assertEqual(
            self._notes(orders.action_confirm),
            [
                ("success", names, "The customer is told by e-mail"),
                ("warning", orders[2].name, "Confirmed, but the customer has no e-mail address"),
            ],
        )

    def test_nothing_is_noted_where_the_customer_is_not_told(self):
        self.policy.with_user(self.policy_admin).acceptance_letter = False
        self.assertFalse(self._notes(self._approved().action_confirm))

    def test_nothing_is_noted_where_nobody_confirms(self):
        order = self._approved()
        self.assertFalse(self._notes(order.sudo().action_confirm))

    def test_policy_can_switch_it_off(self):
        self.policy.with_user(self.policy_admin).acceptance_letter = False
        order = self._approved()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._letters())

    def test_orders_without_policy_go_as_in_plain_odoo(self):
        exempt = self._order()
        exempt.with_user(self.policy_admin).action_policy_exempt("Imported from the old system")
        exempt.action_confirm()
        self.policy.with_user(self.policy_admin).action_retire()
        plain = self._order()
        plain.action_confirm()
        self.assertEqual((exempt.state, plain.state), ("sale", "sale"))
        self.assertFalse(self._letters())

    def test_who_signs_is_told_once(self):
        order = self._approved()
        order.require_signature = True
        order.with_user(SUPERUSER_ID).write(
            {"signed_by": "Ms. Wang", "signed_on": "2026-01-05 08:00:00", "signature": SIGNATURE}
        )
        order.with_user(SUPERUSER_ID)._validate_order()
        self.assertEqual(order.state, "sale")
        self.assertEqual(len(self._letters()), 1)

    def test_quotation_that_is_out_of_date_is_not_sent_any_more(self):
        self.policy.with_user(self.policy_admin).action_retire()
        self._policy(confirmation_required=True, acceptance_letter=False).action_activate()
        order = self._approved()
        self.assertTrue(order.policy_ask_customer)
        order.action_policy_record_confirmation("phone", "Ms. Wang", "Agreed on the phone.")
        order.action_confirm()
        self._run_job("ir_cron_ask_customers")
        self.assertFalse(self._letters_to(self.customer))

    def test_customer_without_address(self):
        self.customer.email = False
        order = self._approved()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertIn("Ningbo Trading has no e-mail address, and was not told.", order.message_ids[0].body)
        self.assertFalse(self._letters())

    def test_letter_that_fails_undoes_nothing_and_is_tried_again(self):
        order = self._approved()
        order.action_confirm()
        SaleOrder = self.env.registry["sale.order"]
        with (
            patch.object(SaleOrder, "_get_confirmation_template", side_effect=ValueError("The template is broken")),
            self.assertLogs("odoo.addons.order_policy.models.policy.order_policy_backlog_mixin", "ERROR"),
        ):
            self.assertFalse(self._letters())
        self.assertEqual(order.state, "sale")
        self.assertEqual(len(self._letters()), 1)

    def test_nobody_waits_for_the_mail_server(self):
        order = self._approved()
        with patch.object(MailMail, "send", side_effect=AssertionError("Sent while somebody waits")):
            order.action_confirm()
            self.assertTrue(self._letters())


@tagged("post_install", "-at_install")
class TestTellingSales(TellingCase):
    """After the last approval the salesperson is told; the log of an order has one line for each thing that happens."""

    def _lines(self, record):
        """Return the texts of the log, first to last, without what fields became."""
        self.env.flush_all()
        messages = record.sudo().message_ids.sorted("id")
        self.assertFalse(messages.notified_partner_ids & (self.customer | self.salesman.partner_id))
        texts = [html2plaintext(message.body).strip() for message in messages if message.body]
        return [re.sub(r" \(\S+\) ", " ", text) for text in texts]  # the groups in the names of test users

    def _menu(self, user=None):
        groups = self.env["res.users"].with_user(user or self.salesman)._get_policy_activity_groups()
        return {group["policy_action"].rpartition("_")[2]: group["total_count"] for group in groups}

    @contextmanager
    def _told(self, *expected):
        """Expect what the salesman is told at once."""
        told = []

        def tell(listener, kind, message, **_more):
            if listener == self.salesman and kind == "simple_notification":
                told.append((message["title"], message["message"]))

        with patch.object(self.env.registry["res.users"], "_bus_send", tell):
            yield
        self.assertEqual(told, list(expected))

    def test_last_approval(self):
        order = self._submitted()
        for department, user in (
            (self.finance_department, self.finance),
            (self.production_department, self.production),
        ):
            with self._told():
                self._review(order, department).with_user(user).action_approve()
        self.assertFalse(self._menu())
        with self._told(("Approved, ready to confirm", order.name)):
            self._review(order, self.sales_department).with_user(self.sales_head).action_approve()
        self.assertEqual(self._menu(), {"ready": 1})
        self.assertFalse(self._menu(self.other_salesman))
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy.sale_order_action_ready")
        domain = [("policy_ready", "=", True)]
        self.assertEqual(action["domain"], str(domain))
        self.assertEqual(self.env["sale.order"].with_user(self.salesman).search(domain), order)
        self.assertTrue(order.policy_ready)
        order.action_confirm()
        self.assertFalse(self._menu())
        self.assertEqual(
            [line.partition(" on ")[0] for line in self._lines(order) if "created" not in line],
            [
                "Submitted for review.",
                "finance approved for Finance",
                "production approved for Production",
                "sales_head approved for Sales",
                "Approved by all who were asked. It can be confirmed.",
            ],
        )

    def _request(self):
        order = self._approved()
        order.action_confirm()
        change = self._requested(order)
        change.line_ids.product_uom_qty = 5
        change.action_submit()
        return change

    def test_request(self):
        change = self._request()
        self._approve_all(change)
        self.assertEqual(change.state, "applied")
        lines = [html2plaintext(message.body) for message in change.sudo().message_ids.sorted("id")]
        own = ["Submitted for review.", "Approved by all who were asked.", "Carried out."]
        self.assertEqual([line for line in lines if line in own], own)
        self.assertEqual(sum("approved for" in line for line in lines), len(change.sudo().review_ids))

    def test_rejected_request(self):
        change = self._request()
        review = change.sudo().review_ids.filtered("state")[0]
        decider = review.department_id.member_ids[0]
        review.with_user(decider).action_reject("No wood left")
        lines = self._lines(change)
        self.assertEqual(sum("No wood left" in line and "rejected for" in line for line in lines), 1)

    def test_withdrawn_request(self):
        change = self._request()
        change.action_withdraw()
        self.assertEqual(self._lines(change)[-1], "Withdrawn.")

    def test_second_click_leaves_no_second_line(self):
        order = self._approved()
        before = self._lines(order)
        order.action_policy_submit()
        self.assertEqual(self._lines(order), before)

    def test_several_decisions_on_one_order(self):
        self.finance_department.member_ids += self.production
        order = self._submitted()
        reviews = self._review(order, self.finance_department) | self._review(order, self.production_department)
        reviews.with_user(self.production).action_approve("Fine")
        self.assertEqual(sum(line.count("production approved for") for line in self._lines(order)), 2)

    def test_rejection(self):
        order = self._submitted()
        with self._told(("Sent back by Finance", order.name)):
            self._review(order, self.finance_department).with_user(self.finance).action_reject("Too cheap")
        lines = self._lines(order)
        self.assertEqual(sum("finance rejected for Finance" in line and "Too cheap" in line for line in lines), 1)
        self.assertEqual(self._menu(), {"back": 1})

    def test_order_that_waits_for_its_customer(self):
        self._policy(confirmation_required=True).action_activate()
        order = self._submitted()
        with self._told(("Approved, waiting for the customer", order.name)):
            self._approve_all(order)
        self.assertFalse(self._menu())
        order.action_policy_record_confirmation("phone", "Ms. Wang", "Agreed on the phone.")
        self.assertEqual(self._menu(), {"ready": 1})
        lines = self._lines(order)
        self.assertIn("Approved by all who were asked. It waits for its customer.", lines)
        self.assertRegex(lines[-1], "^Ms. Wang confirmed on .*: Phone.$")
        order.order_line.price_unit = 900.0
        self.env.flush_all()
        self.assertFalse(self._menu(), "What is agreed is not what the order holds now")

    def test_the_number_beside_the_activity_menu_follows_what_it_counts(self):
        """It follows news alone while a page is open: what was never added may not be taken away."""
        self._policy(confirmation_required=True).action_activate()
        news = []

        def tell(listener, kind, message, **_more):
            if listener == self.salesman and kind == "mail.activity/updated":
                news.append(message["count_diff"])

        order = self._submitted()
        with patch.object(self.env.registry["res.users"], "_bus_send", tell):
            self._approve_all(order)
            self.assertEqual(sum(news), 0, "It waits for its customer")
            order.action_policy_record_confirmation("phone", "Ms. Wang", "Agreed on the phone.")
            self.assertEqual(sum(news), self._menu()["ready"])
            order.action_confirm()
        self.assertEqual(sum(news), 0)

    def test_order_that_its_customer_signed_before(self):
        order = self._submitted()
        order.sudo().write({"signature": SIGNATURE, "signed_by": "Ms. Wang", "signed_on": "2026-01-05 08:00:00"})
        with self._told(("Approved and confirmed", order.name)):
            self._approve_all(order)
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._menu())

    def test_order_without_salesperson(self):
        order = self._submitted()
        order.user_id = False
        with self._told(("Approved, ready to confirm", order.name)):  # who submitted it
            self._approve_all(order)

    def test_decisions_on_requests_are_noted_with_the_request(self):
        change = self._requested(self._confirmed(), note="One more")
        change.line_ids[:1].product_uom_qty = 2
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(change.state, "applied")
        lines = [html2plaintext(message.body) for message in change.sudo().message_ids if message.body]
        self.assertEqual(sum("approved for" in line for line in lines), len(change.review_ids))


class ReviewerCase(TellingCase):
    """People who review, in Shanghai; the working week of the company is from Monday to Friday, 8 to 17."""

    MONDAY_NIGHT, MONDAY_MORNING = "2026-03-01 22:00:00", "2026-03-02 00:00:00"  # 6 and 8 o'clock in Shanghai
    TUESDAY_MORNING, SUNDAY_MORNING = "2026-03-03 00:00:00", "2026-03-08 00:00:00"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"

    def _letters_on(self, moment, *people):
        """Let the job run at a moment; return what each of some people got then."""
        before = self.env["mail.mail"].sudo().search([])
        with freeze_time(moment):
            self._run_job("ir_cron_daily_letters")
        return [self._letters_to(person) - before for person in people]

    def _text(self, letter):
        return " ".join(html2plaintext(letter.body_html).split())


@tagged("post_install", "-at_install")
class TestTellingReviewers(ReviewerCase):
    """Each reviewer chooses how to learn of what there is to decide."""

    def test_one_letter_a_day(self):
        with freeze_time("2026-02-27 02:00:00"):
            first, second = self._submitted(), self._submitted()
        [letter] = self._letters_on(self.MONDAY_MORNING, self.finance)
        self.assertEqual(letter.subject, "2 reviews to decide")
        self.assertEqual(letter.state, "outgoing")
        text = self._text(letter)
        for words in (first.name, second.name, "Ningbo Trading", "Finance review", "No time limit"):
            self.assertIn(words, text)
        reviews = self._review(first | second, self.finance_department)
        for review in reviews:
            self.assertIn(f"/mail/view?model=sale.order.review&amp;res_id={review.id}", letter.body_html)
        self.assertFalse(self._letters_on("2026-03-02 05:00:00", self.finance)[0], "Not two on one day")
        self.assertTrue(self._letters_on(self.TUESDAY_MORNING, self.finance)[0])
        reviews.with_user(self.finance).action_approve()
        self.assertFalse(self._letters_on("2026-03-04 00:00:00", self.finance)[0], "Nothing waits any more")

    def test_letter_comes_in_the_morning_of_working_days(self):
        with freeze_time("2026-02-27 02:00:00"):
            self._submitted()
        self.assertFalse(self._letters_on(self.MONDAY_NIGHT, self.finance)[0])
        self.finance.tz = "Europe/Berlin"
        self.assertFalse(self._letters_on(self.MONDAY_MORNING, self.finance)[0], "It is night there")
        self.assertTrue(self._letters_on("2026-03-02 07:00:00", self.finance)[0])
        self.assertFalse(self._letters_on(self.SUNDAY_MORNING, self.production)[0])
        calendar = self.company.resource_calendar_id
        calendar.leave_ids = [
            Command.create({"name": "Holiday", "date_from": "2026-03-02 16:00:00", "date_to": "2026-03-03 16:00:00"})
        ]
        self.assertFalse(self._letters_on(self.TUESDAY_MORNING, self.production)[0])
        self.assertTrue(self._letters_on("2026-03-04 00:00:00", self.production)[0])

    def test_letter_holds_what_the_person_may_decide(self):
        self.finance_department.member_ids += self.salesman
        with freeze_time("2026-02-27 02:00:00"):
            self._submitted()
        own, other, head = self._letters_on(self.MONDAY_MORNING, self.salesman, self.finance, self.sales_head)
        self.assertFalse(own, "It is his own order")
        self.assertTrue(other)
        self.assertFalse(head, "It is not his turn yet")

    def test_letter_in_the_language_of_its_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.finance.lang = "zh_CN"
        self.finance_department.with_context(lang="zh_CN").name = "财务部"
        with freeze_time("2026-02-27 02:00:00"):
            self._submitted()
        letter, other = self._letters_on(self.MONDAY_MORNING, self.finance, self.production)
        self.assertIn("财务部", self._text(letter))
        self.assertIn("Production review", self._text(other))

    def test_each_chooses_for_himself(self):
        self.finance.with_user(self.finance).review_letters = "odoo"
        with self.assertRaises(AccessError):
            self.production.with_user(self.finance).review_letters = "odoo"
        with freeze_time("2026-02-27 02:00:00"):
            self._submitted()
        letter, other = self._letters_on(self.MONDAY_MORNING, self.finance, self.production)
        self.assertFalse(letter)
        self.assertTrue(other)
        groups = self.env["res.users"].with_user(self.finance)._get_policy_activity_groups()
        self.assertEqual(groups[0]["total_count"], 1)

    def test_at_once(self):
        self.finance.with_user(self.finance).review_letters = "at_once"
        order = self._submitted()
        letter = self._letters_to(self.finance)
        self.assertEqual(letter.subject, f"To decide: {order.name} · Finance review")
        self.assertEqual(letter.state, "outgoing")
        self.assertFalse(self._letters_to(self.production) | self._letters_to(self.finance_head))
        self.assertFalse(self._letters_on(self.MONDAY_MORNING, self.finance)[0])

    def test_who_submits_is_not_told_of_it_by_letter(self):
        self.finance_department.member_ids += self.sales_head
        self.sales_head.review_letters = "at_once"
        self._submitted(user=self.sales_head)
        self.assertFalse(self._letters_to(self.sales_head))

    def test_letters_say_who_writes(self):
        """The company; answers go there, and copies are not kept."""
        self.finance.review_letters = "at_once"
        self._submitted()
        first = self._letters_to(self.finance)
        self.assertEqual(first.email_from, self.env.ref("base.partner_root").email_formatted)
        # Answers would go to the address for all of Odoo.
        self.company.alias_domain_id = self.env["mail.alias.domain"].create({"name": "nanhai.example"})
        self.company.email = "office@nanhai.example"
        self.company.invalidate_recordset()
        self._submitted()
        letter = self._letters_to(self.finance) - first
        self.assertEqual((letter.email_from, letter.reply_to), (self.company.email_formatted,) * 2)
        self.assertIn("office@nanhai.example", letter.email_from)
        self.assertEqual((letter.author_id, letter.auto_delete), (self.env.ref("base.partner_root"), True))
        self.assertEqual(letter.email_to, self.finance.email_formatted)
        self.assertIn(f'href="{self.finance.get_base_url()}/odoo/order-reviews"', letter.body_html)
        self.assertIn(self.company.name, self._text(letter))
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", queue.id)]))

    def test_letter_with_more_than_it_lists(self):
        with freeze_time("2026-02-27 02:00:00"):
            self._submitted()
            self._submitted()
        with patch(f"{TELLING}.LISTED", 1):
            [letter] = self._letters_on(self.MONDAY_MORNING, self.finance)
        self.assertEqual(letter.subject, "2 reviews to decide")
        self.assertIn("and 1 more", self._text(letter))
        [letter] = self._letters_on(self.TUESDAY_MORNING, self.finance)
        self.assertNotIn(" more", self._text(letter))

    def test_letter_of_a_request_and_of_who_has_it(self):
        with freeze_time("2026-02-27 02:00:00"):
            change = self._requested(self._confirmed(), note="Cheaper")
            change.line_ids.price_unit = 900.0
            change.action_submit()
        review = change.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)
        [letter] = self._letters_on(self.MONDAY_MORNING, self.finance)
        self.assertEqual(letter.subject, f"To decide: {review.display_name}")
        self.assertIn(change.display_name, self._text(letter))
        self.assertIn("Finance review Finance", self._text(letter), "The whole department has it")
        review.user_id = self.finance
        [letter] = self._letters_on(self.TUESDAY_MORNING, self.finance)
        self.assertIn(f"Finance review {self.finance.name}", self._text(letter))

    def test_at_once_the_assigned_person_alone(self):
        (self.finance | self.finance_head).review_letters = "at_once"
        values = self._step("Finance review", 10, self.finance_department, (), assign="head")
        self.policy.with_user(self.policy_admin).action_retire()
        self._policy(step_ids=[Command.create(values)]).action_activate()
        self._submitted()
        self.assertTrue(self._letters_to(self.finance_head))
        self.assertFalse(self._letters_to(self.finance))

    def test_people_without_address_and_people_who_left(self):
        self.finance.email = False
        with freeze_time("2026-02-27 02:00:00"):
            self._submitted()
        self.finance_head.active = False
        self.finance_department.head_id = self.finance
        letters = self._letters_on(self.MONDAY_MORNING, self.finance, self.finance_head, self.production)
        self.assertEqual([len(letter) for letter in letters], [0, 0, 1])

    def test_letter_that_fails_keeps_none_of_the_others(self):
        with freeze_time("2026-02-27 02:00:00"):
            self._submitted()
        Review = self.env.registry["sale.order.review"]
        prepare, unlucky = Review._prepare_letter, self.finance

        def failing(review, person, found):
            if person == unlucky:
                raise ValueError("No words")
            return prepare(review, person, found)

        with patch.object(Review, "_prepare_letter", failing), mute_logger(EVIDENCE, TELLING):
            letter, other = self._letters_on(self.MONDAY_MORNING, self.finance, self.production)
        self.assertFalse(letter)
        self.assertTrue(other)
        letter, other = self._letters_on("2026-03-02 01:00:00", self.finance, self.production)
        self.assertTrue(letter, "It is tried again within the hour")
        self.assertFalse(other, "Nobody gets two")

    def test_nobody_silences_the_letters_of_others(self):
        administrator = self._user("administrator", "base.group_system")
        with self.assertRaises(AccessError):
            self.finance.with_user(administrator).policy_letter_on = "2099-01-01"

    def test_submitting_goes_on_when_a_letter_fails(self):
        self.finance.review_letters = "at_once"
        Review = self.env.registry["sale.order.review"]
        with (
            patch.object(Review, "_prepare_letter", side_effect=ValueError("No words")),
            mute_logger(EVIDENCE, TELLING),
        ):
            order = self._submitted()
        self.assertEqual(order.policy_stage, "review")

    def test_more_people_and_more_reviews_cost_no_more_queries(self):
        def cost(people):
            reviews = self.env["sale.order.review"].sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            reviews._post_letters(reviews._what_waits_for(people))
            people.policy_letter_on = "2026-03-02"
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = self.finance | self.production
        self._submitted()
        cost(few)  # fills the caches of the server
        cost_of_few = cost(few)
        colleagues = [self._user(f"colleague_{number}") for number in range(20)]
        self.finance_department.member_ids += self.env["res.users"].concat(*colleagues)
        for user in colleagues:
            user.email = f"{user.login}@nanhai.example"
        for _order in range(20):
            self._submitted()
        many = few.concat(*few, *colleagues)
        cost(many)
        self.assertLessEqual(cost(many), cost_of_few + 1)  # rows are inserted by hundreds
        self.assertEqual(len(self.env["mail.mail"].search([("email_to", "like", "colleague_")])), 2 * 20)

    def test_mail_server_is_down(self):
        with freeze_time("2026-02-27 02:00:00"):
            self._submitted()
        [letter] = self._letters_on(self.MONDAY_MORNING, self.finance)
        with (
            patch.object(self.env.registry["ir.mail_server"], "_connect__", side_effect=OSError("No route")),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            letter.send()
        self.assertEqual(letter.state, "exception")
        self.assertIn("No route", letter.failure_reason)
        self.assertTrue(self._letters_on(self.TUESDAY_MORNING, self.finance)[0])


@tagged("post_install", "-at_install")
class TestEscalation(ReviewerCase):
    """Who does not decide in time is not waited for in silence (articles 2.3, 2.14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.with_user(cls.policy_admin).action_retire()
        cls.policy = cls._policy(escalation_head_hours=4.0, escalation_management_hours=8.0)
        cls.policy.step_ids[0].write({"time_limit": 2.0, "assign": "least_loaded"})
        cls.management.is_management = True
        cls.policy.action_activate()
        with freeze_time("2026-03-02 00:00:00"):  # Monday 8:00 in Shanghai: due at 10:00
            cls.order = cls._submitted()
        cls.review = cls._review(cls.order, cls.finance_department)

    def _at(self, moment):
        with freeze_time(moment):
            self._run_job("ir_cron_escalate_reviews")
        return self.review.escalation

    def test_head_then_management(self):
        self.assertEqual(self.review.user_id, self.finance)
        self.assertFalse(self._at("2026-03-02 06:30:00"), "4 hours and the break of noon: 15:00")
        self.assertEqual(self._at("2026-03-02 07:00:00"), "head")
        self.assertEqual(self.review.escalated_to_ids, self.finance_head)
        self.assertIn("Finance review is overdue since", self.order.message_ids[0].body)
        self.assertFalse(self.order.message_ids[0].notified_partner_ids)
        lines = len(self.order.message_ids)
        self.assertEqual(self._at("2026-03-02 08:00:00"), "head")
        self.assertEqual(len(self.order.message_ids), lines, "Once and not every hour")
        self.assertEqual(self._at("2026-03-03 06:00:00"), "head")
        self.assertEqual(self._at("2026-03-03 07:00:00"), "management", "8 working hours later")
        self.assertEqual(self.review.escalated_to_ids, self.finance_head | self.general_manager)
        self.assertEqual(self._at("2026-03-06 08:00:00"), "management")
        self.assertEqual(len(self.order.message_ids), lines + 1)

    def test_weekends_do_not_count(self):
        self.review.with_user(self.finance).action_approve()
        with freeze_time("2026-03-06 07:00:00"):  # Friday 15:00: due at 17:00
            self.review = self._review(self._submitted(), self.finance_department)
        self.assertFalse(self._at("2026-03-09 03:30:00"))
        self.assertEqual(self._at("2026-03-09 04:00:00"), "head")

    def test_letters(self):
        self.general_manager.review_letters = "at_once"
        self._at("2026-03-02 07:00:00")
        [letter] = self._letters_on(self.TUESDAY_MORNING, self.finance_head)
        self.assertIn("Overdue", self._text(letter))
        self.assertFalse(self._letters_to(self.general_manager))
        self._at("2026-03-03 07:00:00")
        letter = self._letters_to(self.general_manager)
        self.assertEqual(letter.subject, f"Overdue: {self.order.name} · Finance review")
        self.assertIn("This is overdue with others", self._text(letter))
        self._at("2026-03-03 08:00:00")
        self.assertEqual(self._letters_to(self.general_manager), letter)

    def test_letters_of_several_and_of_what_was_decided_since(self):
        with freeze_time("2026-03-02 00:00:00"):
            other = self._review(self._submitted(), self.finance_department)
        other.user_id = self.finance
        self._at("2026-03-02 07:00:00")
        self._at("2026-03-03 07:00:00")
        [letter] = self._letters_on("2026-03-04 00:00:00", self.general_manager)
        self.assertEqual(letter.subject, "2 overdue reviews")
        self.assertIn("*Overdue* Mar 2, 2026, 10:00 AM", self._text(letter))
        (self.review | other).with_user(self.finance).action_approve("Fine")
        self.assertFalse(self._letters_on("2026-03-05 00:00:00", self.general_manager)[0])

    def test_request_that_is_overdue(self):
        """It is noted with the request, and not with its order."""
        with freeze_time("2026-03-02 00:00:00"):
            self._approve_all(self.order)
            self.order.action_confirm()
            change = self._requested(self.order, note="Cheaper")
            change.line_ids.price_unit = 900.0
            change.action_submit()
        self.review = change.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)
        noted = self.order.message_ids
        self.assertEqual(self._at("2026-03-02 07:00:00"), "head")
        self.assertIn("Finance review is overdue since", change.sudo().message_ids[0].body)
        self.assertEqual(self.order.message_ids, noted)

    def test_nobody_is_in_charge(self):
        self.finance_department.head_id = self.finance
        self.management.is_management = False
        self.assertEqual(self._at("2026-03-02 07:00:00"), "management")
        self.assertIn("nobody, as nobody is in charge", self.order.message_ids[0].body)

    def test_the_office_reads_what_it_was_told(self):
        """Also where no step asks it; for as long as its people are in it, and in no other company."""
        order = self.order.with_user(self.general_manager)
        self._at("2026-03-02 07:00:00")
        self.assertFalse(order.has_access("read"))
        self._at("2026-03-03 07:00:00")
        for record in (order, self.review.with_user(self.general_manager)):
            self.assertTrue(record.has_access("read"))
        self.assertFalse(order.has_access("write"))
        with self.assertRaises(AccessError):
            self.review.with_user(self.general_manager).action_approve()
        self.management.write({"member_ids": [Command.set(self.sales_head.ids)], "head_id": self.sales_head.id})
        self.env.invalidate_all()
        self.assertFalse(order.has_access("read"))

    def test_decided_reviews_are_left_alone(self):
        self.review.with_user(self.finance).action_approve()
        self.assertFalse(self._at("2026-03-06 07:00:00"))

    def test_review_that_is_asked_again_is_due_anew(self):
        self.assertEqual(self._at("2026-03-02 07:00:00"), "head")
        self.order.action_policy_withdraw()
        with freeze_time("2026-03-02 08:00:00"):
            self.order.action_policy_submit()
        self.review = self._review(self.order, self.finance_department)
        self.assertFalse(self.review.escalation or self.review.escalated_to_ids)
        self.assertFalse(self._at("2026-03-02 08:30:00"))

    def test_policy_that_wants_nobody_told(self):
        self.policy.with_user(self.policy_admin).write({"escalation_head_hours": 0, "escalation_management_hours": 0})
        self.assertFalse(self._at("2026-03-06 07:00:00"))

    def _name_deputy(self, user, deputy):
        with freeze_time("2026-03-02 00:00:00"):
            self.env["order.policy.deputy"].with_user(self.policy_admin).create(
                {"user_id": user.id, "deputy_id": deputy.id, "date_from": "2026-03-02", "date_until": "2026-03-04"}
            )

    def test_who_stands_in_is_told_too(self):
        self._name_deputy(self.finance_head, self.sales_head)
        self._name_deputy(self.general_manager, self.production)
        self._at("2026-03-02 07:00:00")
        self.assertEqual(self.review.escalated_to_ids, self.finance_head | self.sales_head)
        self._at("2026-03-03 07:00:00")
        told = self.finance_head | self.sales_head | self.general_manager | self.production
        self.assertEqual(self.review.escalated_to_ids, told)
        with freeze_time("2026-03-03 08:00:00"):
            for person in told:
                self.assertTrue(self.review.with_user(person).has_access("read"), person.name)

    def test_who_stood_in_is_not_told(self):
        self._name_deputy(self.finance_head, self.sales_head)
        self.assertEqual(self._at("2026-03-06 07:00:00"), "head")
        self.assertEqual(self.review.escalated_to_ids, self.finance_head)

    def test_who_stands_in_elsewhere_is_not_told(self):
        self._name_deputy(self.sales_head, self.production)
        self._at("2026-03-02 07:00:00")
        self.assertEqual(self.review.escalated_to_ids, self.finance_head)

    def test_each_policy_has_its_own_intervals(self):
        version = self.policy._copy_as_next_version().with_user(self.policy_admin)
        version.escalation_head_hours = 100.0
        version.action_activate()
        with freeze_time("2026-03-02 00:00:00"):
            patient = self._review(self._submitted(), self.finance_department)
        self.assertEqual(self._at("2026-03-02 07:00:00"), "head")
        self.assertTrue(patient.date_due)
        self.assertFalse(patient.escalation)

    def test_policy_that_tells_management_alone(self):
        self.policy.with_user(self.policy_admin).escalation_head_hours = 0
        self.assertFalse(self._at("2026-03-03 01:00:00"))
        self.assertEqual(self._at("2026-03-03 02:00:00"), "management")
        self.assertEqual(self.review.escalated_to_ids, self.general_manager)

    def test_head_who_is_late_himself(self):
        self.finance_department.head_id = self.finance
        self.assertEqual(self._at("2026-03-02 07:00:00"), "management")

    def test_head_finds_it_in_the_to_do_list(self):
        self.assertNotIn(self.review, self._to_do(self.finance_head))
        self._at("2026-03-02 07:00:00")
        self.assertIn(self.review, self._to_do(self.finance_head))
        escalated = self.env["sale.order.review"].with_user(self.finance_head).search([("escalation", "!=", False)])
        self.assertIn(self.review, escalated)

    def _to_do(self, user):
        reviews = self.env["sale.order.review"].with_user(user)
        return reviews.search(reviews._domain_my_to_do())
