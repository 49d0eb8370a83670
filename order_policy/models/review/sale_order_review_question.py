from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_list


class SaleOrderReview(models.Model):
    """Who reviews an order may ask its salesperson before he decides."""

    _inherit = "sale.order.review"

    question_ids = fields.One2many("sale.order.question", "review_id", "Questions", readonly=True)
    question_open = fields.Boolean(compute="_compute_questions", search="_search_question_open", compute_sudo=True)
    questions_html = fields.Html("Questions Asked", compute="_compute_questions", sanitize=False, compute_sudo=True)
    can_ask = fields.Boolean("I Can Ask", compute="_compute_can_ask")

    @api.depends("order_id.question_ids.is_open")
    @api.depends_context("lang")
    def _compute_questions(self):
        asked = self.env["sale.order.question"].search([("order_id", "in", self.order_id.ids)])
        of_subject = asked.grouped(lambda question: question._subject())
        for review in self:
            # What one department asked concerns all that decide on the same.
            questions = of_subject.get(review._subject(), asked.browse())
            review.questions_html = questions._as_html()
            review.question_open = any(question.is_open for question in questions if question.review_id == review)

    def _search_question_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("question_ids", "any!", self.env["sale.order.question"]._domain_open())

    @api.depends_context("uid")
    @api.depends("state", "department_id", "can_decide")
    def _compute_can_ask(self):
        user = self.env.user
        departments = {*user._policy_department_ids(), *user._policy_headed_department_ids()}
        for review in self:
            review.can_ask = review.state == "pending" and (review.department_id.id in departments or review.can_decide)

    def _refusal_to_ask(self):
        """Tell why the current user may not ask about this review, or return False when he may."""
        self.ensure_one()
        # Superuser: who belongs to the department is told to whoever is refused.
        department = self.sudo().department_id
        if self.env.user in department.member_ids | department.head_id or not self._refusal_to_decide():
            return False
        return self.env._(
            "%(department)s decides on %(review)s, and asks about it. Write a note instead.",
            department=department.name,
            review=self.display_name,
        )

    def _whom_to_ask(self):
        """Return who answers for the order: its salesperson, or else who submitted it."""
        self.ensure_one()
        people = (self.salesperson_id, self.requested_by_id, self.entered_by_id)
        others = (person for person in people if person.active and person._is_internal() and person != self.env.user)
        return next(others, self.env["res.users"])

    def action_ask(self, question=False):
        """Ask the salespeople of orders before deciding; nothing is rejected, and the time in which to decide goes on.

        :param str question: in words
        :raise AccessError: when the person does not belong to the department that decides
        :raise UserError: without a question, when one is not to be decided any more, or nobody is there to answer
        """
        question = self._entered_text(question)
        self._check_is_asked_still()
        self.check_access("read")
        self._check_still_to_decide()
        if not question:
            raise UserError(self.env._("Write the question: the salesperson reads it, and answers."))
        of_subjects = self.browse()
        for reviews in self._by_subject().values():
            of_subjects += reviews[0]
        for review in of_subjects:
            if refusal := review._refusal_to_ask():
                raise AccessError(refusal)
            if not review.sudo()._whom_to_ask():
                raise UserError(
                    self.env._(
                        "%s has no salesperson to ask. Enter one on the order, or reject it and say what you have to "
                        "know.",
                        review.order_id.name,
                    )
                )
        self.env["sale.order.question"]._ask(of_subjects, question)
        return True

    def _tell_asked(self):
        """Return the action that says in a short note who was asked, and that nothing is decided by that."""
        of_subjects = self.sudo()  # whoever may ask knows who sells
        asked = self.env["res.users"].union(*(review._whom_to_ask() for review in of_subjects))
        subjects = [review._subject().display_name for review in of_subjects]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Your question about %(subjects)s went to %(people)s. The review stays open.",
                    subjects=format_list(self.env, list(dict.fromkeys(subjects))),
                    people=format_list(self.env, asked.mapped("name")),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _waiting_in_words(self):
        """Tell of open questions too: the order waits for who was asked."""
        waiting = super()._waiting_in_words()
        asked = self.question_ids.filtered("is_open")
        return "\n".join((waiting, *(question._in_words() for question in asked)))


class SaleOrder(models.Model):
    _inherit = "sale.order"

    question_ids = fields.One2many(
        "sale.order.question",
        "order_id",
        "Questions",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    policy_open_question_ids = fields.Many2many(
        "sale.order.question", string="Questions to Answer", compute="_compute_policy_open_question_ids"
    )

    @api.depends("question_ids.is_open")
    @api.depends_context("uid")
    def _compute_policy_open_question_ids(self):
        own = self._origin._filtered_access("write")
        # Superuser: whoever may write the order answers for it.
        asked = own.sudo().review_ids.question_ids.filtered("is_open")
        for order in self:
            of_order = asked.filtered(lambda question, order=order: question._subject() == order._origin)
            order.policy_open_question_ids = of_order.sudo(False)._filtered_access("read")

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Who reviews orders writes notes on them; which, see ``_check_is_note_of_reviewer`` of messages."""
        operations = super()._mail_get_operation_for_mail_message_operation(message_operation)
        if message_operation == "create":
            operations.update(dict.fromkeys(self._policy_reviewed_by_me(), "read"))
        return operations

    def _files_are_for_sales_in_words(self):
        """Tell who reviews an order and may not write it why no file of his is taken."""
        self.ensure_one()
        return self.env._(
            "%(order)s: who reviews an order writes notes on it, for colleagues and without files. %(salesperson)s "
            "files papers.",
            order=self.name,
            salesperson=self.sudo().user_id.name or self.env._("Sales"),  # whoever reads the order knows who sells
        )

    def _policy_reviewed_by_me(self):
        """Return which of these orders departments of the current user were asked about."""
        # Deputies ask and write for whom they stand in.
        user = self.env.user
        departments = {*user._policy_department_ids(), *user._policy_stood_in_department_ids()}
        if not departments or not self.ids:
            return self.browse()
        of_office = Domain("way_out", "=", "management") & Domain("company_id", "in", user._policy_office_company_ids())
        # Superuser: whether the person reads the order is asked for besides.
        reviews = self.env["sale.order.review"].sudo()
        asked = reviews.search_fetch(
            Domain("order_id", "in", self.ids)
            & (Domain("department_id", "in", departments) | of_office)
            & Domain("asked_on", "!=", False),
            ["order_id"],
        )
        return self & self.browse(asked.order_id.ids)

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        self.env["sale.order.question"]._find_answer(self, message)
        return result
