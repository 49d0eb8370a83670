from odoo import api, fields, models
from odoo.fields import Domain


class SaleOrderQuestion(models.Model):
    """Questions about requests."""

    _inherit = "sale.order.question"

    change_id = fields.Many2one(related="review_id.change_id", string="Request", store=True, precompute=True)

    @api.model
    def _domain_of_subject(self, subject):
        if subject._name == "sale.order.change":
            return Domain("change_id", "=", subject.id)
        return super()._domain_of_subject(subject) & Domain("change_id", "=", False)


class SaleOrderChange(models.Model):
    _inherit = "sale.order.change"

    open_question_ids = fields.Many2many(
        "sale.order.question", string="Questions to Answer", compute="_compute_open_question_ids"
    )

    @api.depends("order_id.question_ids.is_open")
    @api.depends_context("uid")
    def _compute_open_question_ids(self):
        own = self._origin.filtered(lambda change: change.order_id.has_access("write"))
        # Superuser: whoever may write the order answers for its requests.
        Question = self.env["sale.order.question"].sudo()
        asked = Question.search(Domain("change_id", "in", own.ids) & Question._domain_open()) if own else Question
        for change in self:
            of_change = asked.filtered(lambda question, change=change: question.change_id == change._origin)
            change.open_question_ids = of_change.sudo(False)._filtered_access("read")

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        self.env["sale.order.question"]._find_answer(self, message)
        return result
