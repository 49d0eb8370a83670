from odoo import fields, models


class SaleOrderReviewAsk(models.TransientModel):
    """Ask the salesperson of an order before deciding on it."""

    _name = "sale.order.review.ask"
    _description = "Ask before Deciding"
    _inherit = ["order.policy.entry.mixin"]

    review_ids = fields.Many2many(
        "sale.order.review", string="Reviews", required=True, default=lambda self: self._chosen_ids()
    )
    question = fields.Text(required=True)

    def action_ask(self):
        """Ask the question about each of the orders and requests.

        :return: the action that says to whom it went
        """
        self.ensure_one()
        self.review_ids.action_ask(self.question)
        return self.review_ids._tell_asked()
