from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ..policy.order_policy_believable_mixin import LONGEST


class SaleOrderQuestion(models.Model):
    """What a reviewer asks the salesperson before he decides, and the answer (articles 1.6, 2.6).

    It stands on the card of the review and in the chatter of the order or request, as an internal note: the customer
    neither sees nor receives it. Nothing is rejected, and the time in which to decide goes on: whoever waits for the
    decision waits for the answer too.
    """

    _name = "sale.order.question"
    _description = "Question before a Decision"
    _inherit = ["order.policy.believable.mixin", "order.policy.evidence.mixin"]
    _order = "id"
    _rec_name = "question"

    review_id = fields.Many2one("sale.order.review", required=True, readonly=True, index=True, ondelete="restrict")
    order_id = fields.Many2one(related="review_id.order_id", store=True, precompute=True, index=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, precompute=True)
    question = fields.Text(required=True, readonly=True)
    asked_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    asked_on = fields.Datetime(required=True, readonly=True)
    asked_of_id = fields.Many2one("res.users", "To Answer", required=True, readonly=True, ondelete="restrict")
    message_id = fields.Many2one("mail.message", readonly=True, index="btree_not_null", ondelete="restrict")
    answer = fields.Text(readonly=True)
    answered_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    answered_on = fields.Datetime(readonly=True)
    answer_message_id = fields.Many2one("mail.message", readonly=True, index="btree_not_null", ondelete="restrict")
    is_open = fields.Boolean("Open", compute="_compute_is_open", search="_search_is_open", compute_sudo=True)
    waits_for_me = fields.Boolean(
        "I Have to Answer", compute="_compute_waits_for_me", search="_search_waits_for_me", compute_sudo=True
    )
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    step_id = fields.Many2one(related="review_id.step_id", string="Step")
    date_due = fields.Datetime(related="review_id.date_due", string="To Decide by")

    _unanswered = models.Index("(order_id) WHERE answered_on IS NULL")

    @api.constrains("question", "answer")
    def _check_can_be_read(self):
        self._check_is_believable(["question", "answer"])

    @api.depends("answered_on", "review_id.state")
    def _compute_is_open(self):
        """Once the review is decided, or not asked any more, nobody waits for the answer."""
        for question in self:
            question.is_open = not question.answered_on and question.review_id.state in ("waiting", "pending")

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._domain_open()

    @api.model
    def _domain_open(self):
        waited_for = Domain("review_id", "any!", Domain("state", "in", ("waiting", "pending")))
        return Domain("answered_on", "=", False) & waited_for

    @api.depends("is_open", "asked_of_id", "asked_by_id", "order_id.user_id")
    @api.depends_context("uid")
    def _compute_waits_for_me(self):
        """What the current user was asked, or has to answer as he sells the order by now."""
        for question in self:
            mine = self.env.user in question.asked_of_id | question.order_id.user_id
            question.waits_for_me = mine and question.is_open and question.asked_by_id != self.env.user

    def _search_waits_for_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain("order_id", "any!", Domain("user_id", "=", self.env.uid))
        mine |= Domain("asked_of_id", "=", self.env.uid)
        return mine & Domain("asked_by_id", "!=", self.env.uid) & self._domain_open()

    def action_open_subject(self):
        """Open the order or request that the question is about."""
        self.ensure_one()
        subject = self._subject()
        return {
            "type": "ir.actions.act_window",
            "res_model": subject._name,
            "res_id": subject.id,
            "views": [(False, "form")],
        }

    def _subject(self):
        """Return what the question is about: the request, or else the order."""
        return self.review_id._subject()

    # ------------------------------------------------------------------
    # Asking and answering
    # ------------------------------------------------------------------

    @api.model
    def _ask(self, reviews, text):
        """Ask the salespeople of orders about them, in the chatter and on the cards.

        :param reviews: sale.order.review records, one for each order or request; that the person may ask was checked
        :param str text: the question
        """
        for review in reviews.sudo():
            question = self.sudo().create(
                {
                    "review_id": review.id,
                    "question": text,
                    "asked_by_id": self.env.uid,
                    "asked_on": fields.Datetime.now(),
                    "asked_of_id": review._whom_to_ask().id,
                }
            )
            question.message_id = question._note(
                self.env._("Question before %s", review.step_id.name), text, question.asked_of_id
            )
            question._count_with_who_was_asked({"activity_created": True, "count_diff": 1})

    def action_answer(self, answer=False):
        """Answer open questions: those who asked are told, and read the answer on their cards.

        :param str answer: in words
        :raise AccessError: when one of them is about an order that is not the person's to write
        :raise UserError: without an answer, or when one is answered already
        """
        answer = self._entered_text(answer)
        self.check_access("read")
        for question in self:
            if not question.order_id.has_access("write"):
                raise AccessError(question._only_sales_answers_in_words())
        if not answer:
            raise UserError(self.env._("Write the answer: who asked reads it before deciding."))
        for question in self.sudo():  # the order is the person's to write, and so is the answer
            question._check_is_open()
            question._take_answer(
                answer, question._note(self.env._("Answer"), answer, question.asked_by_id), self.env.user
            )
        return True

    def _only_sales_answers_in_words(self):
        question = self.sudo()  # whoever reads the question reads who is asked
        return self.env._(
            "“%(question)s” is for %(salesperson)s to answer, or for others who may change %(order)s. Write a note "
            "instead.",
            question=question.question,
            salesperson=question.asked_of_id.name,
            order=question.order_id.name,
        )

    def _check_is_open(self):
        self.ensure_one()
        if self.answered_on:
            raise UserError(
                self.env._(
                    "“%(question)s” was answered by %(person)s on %(date)s already: “%(answer)s”. Write a note to add "
                    "to it.",
                    question=self.question,
                    person=self.answered_by_id.name,
                    date=self.env["order.policy.words"]._day_in_words(self.answered_on),
                    answer=self.env["order.policy.words"]._within_sentence(self.answer),
                )
            )
        if not self.is_open:
            raise UserError(
                self.env._(
                    "%s: nobody waits for the answer any more, as the review is not to be decided. Write a note "
                    "instead.",
                    self.review_id.display_name,
                )
            )

    def _take_answer(self, answer, message, person):
        self.write(
            {
                "answer": answer,
                "answered_by_id": person.id,
                "answered_on": fields.Datetime.now(),
                "answer_message_id": message.id,
            }
        )
        self._count_with_who_was_asked({"activity_deleted": True, "count_diff": -1})

    def _count_with_who_was_asked(self, difference):
        self.asked_of_id._bus_send("mail.activity/updated", difference)

    def _note(self, title, text, person):
        """Write a note below the order or request, and tell one person of it in his usual way."""
        self.ensure_one()
        subject = self._subject().with_context(mail_post_autofollow=False, mail_post_autofollow_author_skip=True)
        body = Markup("<b>%s</b><br/>%s") % (title, Markup("<br/>").join(text.splitlines()))
        return subject.message_post(
            body=body,
            message_type="notification",  # no comment: what somebody writes by hand may answer what he was asked
            subtype_xmlid="mail.mt_note",
            partner_ids=person.partner_id.ids,
        )

    @api.model
    def _find_answer(self, subject, message):
        """Take a note of who was asked as the answer, or his reply by e-mail, below the order or request.

        :param subject: sale.order or sale.order.change record in superuser mode
        :param message: mail.message record, just posted
        """
        # An e-mail is internal where it replies to an internal note.
        if message.message_type not in ("comment", "email") or not message.subtype_id.internal:
            return
        # Superuser: whoever answers answers for what he was asked, whether he reads reviews or not.
        for question in self.sudo().search(self._domain_of_subject(subject) & self._domain_open()):
            if question._is_answered_with(message):
                # A long e-mail is kept whole below the order.
                answer = html2plaintext(message.body)[: LONGEST["text"]]
                question._take_answer(answer, message, question.asked_of_id)

    @api.model
    def _domain_of_subject(self, subject):
        return Domain("order_id", "=", subject.id)

    def _is_answered_with(self, message):
        """Tell whether a message is of who was asked: Odoo lets colleagues name each other as authors."""
        self.ensure_one()
        person = self.asked_of_id
        posted_by_hand = message.create_uid == person
        came_by_mail = message.message_type == "email" and message.create_uid._is_superuser()
        return message.author_id == person.partner_id and (posted_by_hand or came_by_mail)

    # ------------------------------------------------------------------
    # On the card
    # ------------------------------------------------------------------

    def _as_html(self):
        """Return questions with their answers, as they are shown on a review."""
        return Markup().join(
            Markup(
                "<div><span class='badge text-bg-%s'>%s</span> “%s” <span class='text-muted small'>%s</span>%s</div>"
            )
            % (
                *question._status_as_html(),
                question.question,
                question._who_asked_in_words(),
                question._answer_as_html(),
            )
            for question in self
        )

    def _status_as_html(self):
        if self.answered_on:
            return "success", self.env._("Answered")
        return ("warning", self.env._("Question Open")) if self.is_open else ("secondary", self.env._("Not Answered"))

    def _who_asked_in_words(self):
        return self.env._(
            "%(person)s to %(salesperson)s, %(date)s",
            person=self.asked_by_id.name,
            salesperson=self.asked_of_id.name,
            date=self.env["order.policy.words"]._day_in_words(self.asked_on),
        )

    def _answer_as_html(self):
        if not self.answered_on:
            return ""
        return Markup("<div class='ps-3'>“%s” <span class='text-muted small'>%s, %s</span></div>") % (
            self.answer,
            self.answered_by_id.name,
            self.env["order.policy.words"]._day_in_words(self.answered_on),
        )

    def _in_words(self):
        """Tell the salesperson in one sentence who waits for an answer."""
        self.ensure_one()
        return self.env._(
            "%(person)s asks %(salesperson)s: “%(question)s”. Choose Answer on %(subject)s, or reply there with a "
            "note.",
            subject=self._subject().display_name,
            person=self.asked_by_id.name,
            salesperson=self.asked_of_id.name,
            question=self.env["order.policy.words"]._within_sentence(self.question),
        )
