"""Questions and notes of reviewers. One file, because both are the few words that a reader may write."""

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, JsonRpcException, new_test_user, tagged

from .common import OrderPolicyCommon


class QuestionsCommon(OrderPolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman.notification_type = "inbox"
        cls.finance.notification_type = "inbox"
        cls.order = cls._submitted()
        cls.order.message_subscribe(cls.customer.ids)
        cls.review = cls._review(cls.order, cls.finance_department).with_user(cls.finance)

    def _ask(self, text="Who pays the freight?", review=None):
        review = review or self.review
        review.action_ask(text)
        return review.question_ids[-1:]

    def _inbox(self, user, message):
        """Tell whether a person has a message in his inbox."""
        return (
            user.partner_id
            in message.sudo()
            .notification_ids.filtered(lambda notification: notification.notification_type == "inbox")
            .res_partner_id
        )

    def _note(self, subject, text, user):
        return subject.with_user(user).message_post(body=text, message_type="comment", subtype_xmlid="mail.mt_note")


@tagged("post_install", "-at_install")
class TestQuestions(QuestionsCommon):
    """A reviewer asks the salesperson before he decides."""

    def test_salesperson_is_asked_and_nothing_is_rejected(self):
        due = self.review.date_due
        question = self._ask()
        self.assertEqual((self.review.state, self.review.date_due), ("pending", due))
        self.assertTrue(self._inbox(self.salesman, question.message_id))
        self.assertEqual(question.asked_of_id, self.salesman)
        card = str(self.review.questions_html)
        for words in ("Question Open", "Who pays the freight?", self.finance.name, self.salesman.name):
            self.assertIn(words, card)
        self.assertTrue(self.review.question_open)
        self.assertIn("Who pays the freight?", self.order.policy_explanation)

    def test_filter(self):
        other = self._review(self._submitted(), self.finance_department)
        self._ask()
        found = self.review.search([("question_open", "=", True)])
        self.assertIn(self.review, found)
        self.assertNotIn(other, found)
        orders = self.env["sale.order"].with_user(self.salesman).search([("question_ids.is_open", "=", True)])
        self.assertEqual(orders, self.order)
        without = self.review.search([("question_open", "=", False)])
        self.assertIn(other, without)
        self.assertNotIn(self.review, without)
        self.review.action_approve()
        questions = self.env["sale.order.question"].with_user(self.finance)
        self.assertEqual(questions.search([("is_open", "=", False)]), self.review.question_ids)

    def test_reviewer_is_told_whom_it_went_to(self):
        wizard = self.env["sale.order.review.ask"].with_user(self.finance).with_context(active_ids=self.review.ids)
        form = Form(wizard)
        form.question = "Who pays the freight?"
        note = form.save().action_ask()
        self.assertEqual(note["tag"], "display_notification")
        self.assertEqual(
            note["params"]["message"],
            f"Your question about {self.order.name} went to {self.salesman.name}. The review stays open.",
        )
        self.assertEqual(self.review.question_ids.question, "Who pays the freight?")

    def test_nobody_asks_about_what_he_does_not_read(self):
        other = self._review(self._submitted(), self.production_department)
        for wizard in ("sale.order.review.ask", "sale.order.review.decide"):
            wizards = self.env[wizard].with_user(self.other_salesman)
            for given in ({"active_ids": other.ids}, {"default_review_ids": other.ids}):
                with self.assertRaises(AccessError):
                    wizards.with_context(**given).default_get(["review_ids"])

    def _menu(self, user):
        """Return what the activity menu of a person counts, and what it opens."""
        groups = self.env["res.users"].with_user(user)._get_policy_activity_groups()
        counts = {group["policy_action"]: group["total_count"] for group in groups}
        opened = self.env["sale.order.question"].with_user(user).search([("waits_for_me", "=", True)])
        self.assertEqual(counts.get("order_policy.sale_order_question_action", 0), len(opened))
        self.assertTrue(all(opened.mapped("waits_for_me")))
        return opened

    def test_activity_menu_of_who_is_asked(self):
        question = self._ask()
        self.assertEqual(self._menu(self.salesman), question)
        self.assertFalse(self._menu(self.finance) + self._menu(self.other_salesman))
        self.assertFalse(self._user("nobody")._get_policy_activity_groups())
        question.with_user(self.salesman).action_answer("We do.")
        self.assertFalse(self._menu(self.salesman))

    def test_activity_menu_of_who_sells_by_now(self):
        question = self._ask()
        self.order.user_id = self.other_salesman
        self.assertEqual(self._menu(self.other_salesman), question)
        self.assertEqual(self._menu(self.salesman), question, "He was asked, and may know the answer")
        self.review.action_reject("Too cheap")
        self.assertFalse(self._menu(self.other_salesman), "Nobody waits for the answer any more")

    def test_question_opens_what_it_is_about(self):
        opened = self._ask().with_user(self.salesman).action_open_subject()
        self.assertEqual((opened["res_model"], opened["res_id"]), ("sale.order", self.order.id))

    def test_salesperson_answers_with_the_button(self):
        question = self._ask()
        asked = self.order.policy_open_question_ids
        wizard = self.env["sale.order.question.answer"].with_user(self.salesman)
        form = Form(wizard.with_context(default_question_ids=asked.ids))
        form.answer = "The customer does."
        form.save().action_answer()
        self.assertFalse(self.order.policy_open_question_ids)
        self.assertEqual((question.answer, question.answered_by_id), ("The customer does.", self.salesman))
        self.assertTrue(self._inbox(self.finance, question.answer_message_id))
        card = str(self.review.questions_html)
        self.assertIn("Answered", card)
        self.assertIn("The customer does.", card)
        self.assertNotIn("Question Open", card)
        with self.assertRaisesRegex(UserError, "was answered by"):
            question.with_user(self.salesman).action_answer("We do.")

    def test_each_question_has_its_own_answer(self):
        freight, packing = self._ask(), self._ask("Which packing?")
        packing.with_user(self.salesman).action_answer("Wooden boxes.")
        self.assertEqual((packing.answer, freight.answer), ("Wooden boxes.", False))
        self.assertTrue(freight.is_open)
        freight.with_user(self.salesman).action_answer("The customer.")
        self.assertEqual((packing.answer, freight.answer), ("Wooden boxes.", "The customer."))

    def test_asking_answers_nothing(self):
        """A salesperson who reviews for production, too, asks about an order while he is asked about his own."""
        self.production_department.member_ids += self.salesman
        asked = self._ask()
        other = self._submitted(user=self.other_salesman)
        self._ask("And the packing?", self._review(other, self.production_department).with_user(self.salesman))
        self.assertTrue(asked.is_open)

    def test_salesperson_replies_with_a_note(self):
        question = self._ask()
        self._note(self.order, "The customer does.", self.salesman)
        self.assertEqual((question.answer, question.answered_by_id), ("The customer does.", self.salesman))

    def test_what_is_no_answer(self):
        question = self._ask()
        self._note(self.order, "I wonder, too.", self.sales_head)
        self.order.message_post(body="Dear customer", message_type="comment", subtype_xmlid="mail.mt_comment")
        self._note(self.order, "And the packaging?", self.finance)
        self.assertTrue(question.is_open)

    def test_reply_by_e_mail_answers_what_it_replies_to(self):
        question = self._ask()
        subject = self.order.sudo().with_user(self.env.ref("base.user_root"))
        mail = {
            "message_type": "email",
            "subtype_xmlid": "mail.mt_note",
            "author_id": self.salesman.partner_id.id,
            "email_from": self.salesman.email_formatted,
        }
        subject.message_post(body="Dear customer", **mail | {"subtype_xmlid": "mail.mt_comment"})
        self.assertTrue(question.is_open)
        subject.message_post(body="The customer does.", parent_id=question.message_id.id, **mail)
        self.assertEqual(question.answer, "The customer does.")

    def test_nobody_answers_in_the_name_of_who_was_asked(self):
        question = self._ask()
        for kind in ("comment", "email"):
            self.order.with_user(self.sales_head).message_post(
                body="We do.",
                message_type=kind,
                subtype_xmlid="mail.mt_note",
                author_id=self.salesman.partner_id.id,
            )
            self.assertTrue(question.is_open)

    def test_a_long_reply_is_taken_in(self):
        question = self._ask()
        note = self._note(self.order, "The customer does. " * 5000, self.salesman)
        self.assertEqual(question.answer_message_id, note)
        self.assertTrue(question.answer.startswith("The customer does."))
        self.assertGreater(len(note.body), len(question.answer))

    def test_customer_neither_sees_nor_receives_it(self):
        buyer = new_test_user(
            self.env, "buyer", "base.group_portal", partner_id=self.customer.id, company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip
        self.assertTrue(self.order.with_user(buyer).has_access("read"))
        question = self._ask()
        self._note(self.order, "The customer does.", self.salesman)
        for message in (question.message_id, question.answer_message_id):
            self.assertTrue(message.subtype_id.internal)
            self.assertNotIn(self.customer, message.sudo().notified_partner_ids | message.sudo().partner_ids)
            self.assertFalse(message.with_user(buyer).has_access("read"))

    def test_who_may_ask(self):
        # Whoever belongs to the department that decides; of a step of its head too.
        self._ask(review=self.review.with_user(self.finance_head))
        for user in (self.production, self.salesman):
            with self.assertRaises(AccessError):
                self.review.with_user(user).action_ask("Who pays?")
        outsider = self._user("outsider")
        with self.assertRaises(AccessError):
            self.review.with_user(outsider).action_ask("Who pays?")

    def test_what_can_be_asked(self):
        with self.assertRaisesRegex(UserError, "Write the question"):
            self.review.action_ask(" ")
        with self.assertRaisesRegex(UserError, "is no text"):
            self.review.action_ask(["Who?"])
        self.review.action_approve()
        with self.assertRaisesRegex(UserError, "already decided"):
            self.review.action_ask("Who pays?")

    def test_question_is_moot_once_decided(self):
        question = self._ask()
        self.review.action_approve()
        self.assertFalse(question.is_open)
        self.assertIn("Not Answered", str(self.review.questions_html))
        with self.assertRaisesRegex(UserError, "nobody waits"):
            question.with_user(self.salesman).action_answer("The customer does.")

    def test_question_stays_open_while_an_earlier_step_is_asked_again(self):
        for department, user in (
            (self.finance_department, self.finance),
            (self.production_department, self.production),
        ):
            self._review(self.order, department).with_user(user).action_approve()
        last = self._review(self.order, self.sales_department).with_user(self.sales_head)
        question = self._ask(review=last)
        self.order.order_line.price_unit = 900.0
        self.env.flush_all()
        self.assertEqual((last.state, question.is_open), ("waiting", True))
        self.assertEqual(self.order.policy_open_question_ids, question)
        self._note(self.order, "The customer does.", self.salesman)
        self.assertEqual(question.answer, "The customer does.")

    def test_order_without_salesperson(self):
        self.order.sudo().user_id = False
        self.assertEqual(self._ask().asked_of_id, self.salesman, "who submitted it")

    def test_salesperson_who_left(self):
        self.order.sudo().user_id = self.other_salesman
        self.other_salesman.with_env(self.env).active = False
        self.assertEqual(self._ask().asked_of_id, self.salesman, "who submitted it")
        self.salesman.with_env(self.env).active = False
        with self.assertRaisesRegex(UserError, f"{self.order.name} has no salesperson to ask"):
            self._ask()

    def test_nobody_asks_himself(self):
        self.finance_department.member_ids += self.salesman
        with self.assertRaisesRegex(UserError, "has no salesperson to ask"):
            self._ask(review=self.review.with_user(self.salesman))

    def test_who_stands_in_asks_and_writes_notes(self):
        """A deputy, and the general manager's office where it decides for the department."""
        colleague = self._user("colleague")
        with self.assertRaises(AccessError):
            self._note(self.order, "Looks good.", colleague)
        self.env["order.policy.deputy"].with_user(self.finance).create(
            {"user_id": self.finance.id, "deputy_id": colleague.id, "company_id": self.company.id,
             "date_until": self.env["order.policy.deputy"]._today(self.company)}
        )  # fmt: skip
        review = self.review.with_user(colleague)
        self.assertTrue(review.can_ask)
        self.assertEqual(self._ask(review=review).asked_by_id, colleague)
        self.assertEqual(self._note(self.order, "Looks good.", colleague).author_id, colleague.partner_id)
        self.management.is_management = True
        self.production_department.member_ids += self.salesman
        self.production_department.head_id = self.salesman
        self.production_department.member_ids -= self.production
        order = self._submitted()
        review = self._review(order, self.production_department)
        self.assertEqual(review.way_out, "management")
        self._ask(review=review.with_user(self.general_manager))
        self._note(order, "Looks good.", self.general_manager)

    def test_too_long_to_be_read(self):
        with self.assertRaisesRegex(UserError, "too long|characters"):
            self.review.action_ask("Who pays? " * 10000)
        question = self._ask()
        with self.assertRaisesRegex(UserError, "too long|characters"):
            question.with_user(self.salesman).action_answer("We do. " * 20000)

    def test_answer_is_for_who_may_write_the_order(self):
        question = self._ask()
        with self.assertRaises(AccessError):
            question.with_user(self.other_salesman).action_answer("The customer does.")
        for user in (self.finance, self.production):
            with self.assertRaisesRegex(AccessError, f"is for salesman .* to answer.*{self.order.name}"):
                question.with_user(user).action_answer("The customer does.")
        with self.assertRaisesRegex(UserError, "Write the answer"):
            question.with_user(self.salesman).action_answer()
        question.with_user(self.sales_head).action_answer("The customer does.")
        self.assertEqual(question.answered_by_id, self.sales_head)

    def test_questions_and_answers_stay(self):
        question = self._ask()
        question.with_user(self.salesman).action_answer("The customer does.")
        for message, author in ((question.message_id, self.finance), (question.answer_message_id, self.salesman)):
            # Odoo lets authors rewrite what they wrote, as superuser.
            with self.assertRaisesRegex(UserError, "is kept as it was written"):
                message.with_user(author).sudo().write({"body": "Something else"})
            with self.assertRaisesRegex(UserError, "is kept as it was written"):
                message.with_user(author).sudo().unlink()
        with self.assertRaises(AccessError):
            question.with_user(self.salesman).write({"answer": "We do."})
        with self.assertRaises(UserError):
            question.sudo().unlink()

    def test_question_about_a_request(self):
        order = self._confirmed((self.desk, 2, 1000.0))
        change = self._requested(order)
        change.line_ids.product_uom_qty = 5
        change.action_submit()
        review = change.sudo().review_ids.filtered(lambda review: review.department_id == self.production_department)
        question = self._ask("From when?", review.with_user(self.production))
        self.assertEqual((question.message_id.model, question.message_id.res_id), ("sale.order.change", change.id))
        self.assertEqual(change.open_question_ids, question)
        self.assertFalse(order.policy_open_question_ids)
        self.assertFalse(order.with_user(self.production).policy_open_question_ids, "It is not his to answer")
        self.assertFalse(change.with_user(self.production).open_question_ids)
        self._note(order, "From May.", self.salesman)
        self.assertTrue(question.is_open, "it was asked below the request")
        self._note(change, "From May.", self.salesman)
        self.assertEqual(question.answer, "From May.")

    def test_one_question_for_one_order(self):
        self.production_department.member_ids += self.finance
        reviews = (self.review.sudo() | self._review(self.order, self.production_department)).with_user(self.finance)
        reviews.action_ask("Who pays?")
        self.assertEqual(len(self.order.sudo().question_ids), 1)


@tagged("post_install", "-at_install")
class TestNotesOfReviewers(QuestionsCommon):
    """Who reviews an order may write notes on it, and nothing else."""

    def test_reviewer_writes_a_note(self):
        note = self._note(self.order, "Looks good.", self.finance)
        self.assertEqual(note.author_id, self.finance.partner_id)
        with self.assertRaises(AccessError):
            self.order.with_user(self.finance).note = "Looks good."

    def test_only_orders_that_his_departments_review(self):
        outsider = self._user("outsider", "order_policy.group_order_policy_supervisor")
        with self.assertRaises(AccessError):
            self._note(self.order, "Looks good.", outsider)

    def test_not_before_he_is_asked(self):
        supervisor = self.env.ref("order_policy.group_order_policy_supervisor")
        self.general_manager.group_ids += supervisor  # who reads all orders
        order = self._submitted((self.desk, 200, 1000.0))
        self.assertEqual(self._review(order, self.management).state, "waiting")
        with self.assertRaises(AccessError):
            self._note(order, "Looks good.", self.general_manager)

    def test_nothing_that_a_customer_receives(self):
        order = self.order.with_user(self.finance)
        for values in (
            {"subtype_xmlid": "mail.mt_comment"},
            {"subtype_xmlid": "mail.mt_note", "partner_ids": self.customer.ids},
            {"subtype_xmlid": "mail.mt_note", "outgoing_email_to": "buyer@ningbo.example"},
        ):
            with self.assertRaisesRegex(AccessError, "Log Note"):
                order.message_post(body="Pay first", message_type="comment", **values)

    def test_no_files(self):
        with self.assertRaisesRegex(AccessError, "without files"):
            self.order.with_user(self.finance).message_post(
                body="See", message_type="comment", subtype_xmlid="mail.mt_note", attachments=[("a.txt", b"a")]
            )

    def test_nothing_in_another_name(self):
        order, author = self.order.with_user(self.finance), self.sales_head.partner_id
        for values in ({"author_id": author.id, "message_type": "comment"}, {"message_type": "notification"}):
            with self.assertRaisesRegex(AccessError, "Log Note"):
                order.message_post(body="Approved", subtype_xmlid="mail.mt_note", **values)
        with self.assertRaises(AccessError):
            self.env["mail.message"].with_user(self.finance).create(
                {
                    "model": "sale.order",
                    "res_id": order.id,
                    "body": "Approved",
                    "message_type": "comment",
                    "author_id": author.id,
                    "subtype_id": self.env.ref("mail.mt_note").id,
                }
            )

    def test_notes_are_not_turned_into_letters(self):
        note = self._note(self.order, "Looks good.", self.finance)
        with self.assertRaises(AccessError):
            note.sudo().with_user(self.finance).sudo().write({"partner_ids": [Command.link(self.customer.id)]})

    def test_decisions_of_reviewers_are_noted_still(self):
        self.review.action_reject("Too cheap")
        self.assertIn("Too cheap", str(self.order.sudo().message_ids[:1].body))

    def test_the_customer_writes_in_the_portal_as_before(self):
        self.order.sudo().message_post(
            body="When?", message_type="comment", subtype_xmlid="mail.mt_comment", author_id=self.customer.id
        )


@tagged("post_install", "-at_install")
class TestNotesOnScreen(QuestionsCommon, HttpCase):
    """The web client posts as superuser."""

    def _post(self, **values):
        return self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "sale.order",
                "thread_id": self.order.id,
                "post_data": {"body": "Looks good.", "message_type": "comment", **values},
            },
        )

    def test_reviewer_logs_a_note(self):
        self.authenticate(self.finance.login, self.finance.login)
        posted = self._post(subtype_xmlid="mail.mt_note")
        message = self.env["mail.message"].browse(posted["message_id"])
        self.assertEqual((message.author_id, message.res_id), (self.finance.partner_id, self.order.id))
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            self._post(subtype_xmlid="mail.mt_comment")

    def test_reviewer_writes_to_no_customer_under_another_kind(self):
        self.authenticate(self.finance.login, self.finance.login)
        before = self.order.sudo().message_ids
        for kind in ("notification", "auto_comment", "email", "user_notification", None):
            for values in ({"subtype_xmlid": "mail.mt_comment"}, {"partner_ids": self.customer.ids}):
                with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                    self._post(**{"subtype_xmlid": "mail.mt_note", "message_type": kind, **values})
        self.order.invalidate_recordset()
        self.assertEqual(self.order.sudo().message_ids, before)

    def test_what_people_post_is_a_comment(self):
        self.authenticate(self.salesman.login, self.salesman.login)
        for kind in ("email", "notification"):
            posted = self._post(message_type=kind, subtype_xmlid="mail.mt_comment")
            self.assertEqual(self.env["mail.message"].browse(posted["message_id"]).message_type, "comment")

    def _upload(self, user, **values):
        self.authenticate(user.login, user.login)
        return self.url_open(
            "/mail/attachment/upload",
            data={
                "thread_model": "sale.order",
                "thread_id": self.order.id,
                "csrf_token": http.Request.csrf_token(self),
                **values,
            },
            files={"ufile": ("Order.txt", b"Two desks.", "text/plain")},
        )

    def test_reviewer_files_no_papers(self):
        files = self.env["ir.attachment"].search_count([])
        for values in ({}, {"is_pending": "true"}):
            self.assertIn("without files", self._upload(self.finance, **values).json()["error"])
        self.assertEqual(self.env["ir.attachment"].search_count([]), files)

    def test_salesperson_files_papers(self):
        self.assertTrue(self._upload(self.salesman).json()["data"]["attachment_id"])
