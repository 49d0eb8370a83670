from odoo import api, fields, models
from odoo.fields import Command


class SaleOrderReviewAsk(models.TransientModel):
    """Ask the salesperson of an order before deciding on it."""

    _name = "sale.order.review.ask"
    _description = "Ask before Deciding"
    _inherit = ["order.policy.entry.mixin"]

    review_ids = fields.Many2many("sale.order.review", string="Reviews", required=True)
    question = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        """Take the selected reviews."""
        defaults = super().default_get(fields_list)
        if (
            "review_ids" in fields_list
            and not defaults.get("review_ids")
            and self.env.context.get("active_model") == "sale.order.review"
        ):
            defaults["review_ids"] = [Command.set(self.env.context.get("active_ids", []))]
        self.new({"review_ids": defaults.get("review_ids")}).review_ids._origin.check_access("read")
        return defaults

    def action_ask(self):
        """Ask the question about each of the orders and requests."""
        self.ensure_one()
        self.review_ids.action_ask(self.question)
        return {"type": "ir.actions.act_window_close"}
