from odoo import fields, models


class SaleOrderQuestionAnswer(models.TransientModel):
    """Answer what reviewers asked about an order or a request."""

    _name = "sale.order.question.answer"
    _description = "Answer Questions"
    _inherit = ["order.policy.entry.mixin"]

    question_ids = fields.Many2many("sale.order.question", string="Questions", required=True)
    answer = fields.Text(required=True)

    def action_answer(self):
        """Answer all of the questions."""
        self.ensure_one()
        self.question_ids.action_answer(self.answer)
        return {"type": "ir.actions.act_window_close"}
