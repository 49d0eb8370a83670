from odoo import api, fields, models


class SaleOrderReviewDecide(models.TransientModel):
    """Approve or reject reviews, as they were displayed."""

    _name = "sale.order.review.decide"
    _description = "Decide Reviews"
    _inherit = ["order.policy.entry.mixin"]

    review_ids = fields.Many2many(
        "sale.order.review", string="Reviews", required=True, default=lambda self: self._chosen_ids()
    )
    decision = fields.Selection([("approved", "Approve"), ("rejected", "Reject")], required=True)
    comment = fields.Text()
    comment_required = fields.Boolean(compute="_compute_comment_required")
    seen_digest = fields.Char(help="The content that the page displayed from which the decision was opened.")
    seen = fields.Json(help="The content of each order as displayed here.")

    @api.model
    def default_get(self, fields_list):
        """Note which content of the orders is displayed."""
        defaults = super().default_get(fields_list)
        reviews = self.new({"review_ids": defaults.get("review_ids")}).review_ids._origin
        seen_digest = defaults.get("seen_digest")
        defaults["seen"] = {str(review.id): seen_digest or review.order_digest for review in reviews}
        return defaults

    @api.depends("decision", "review_ids")
    def _compute_comment_required(self):
        for wizard in self:
            wizard.comment_required = wizard.decision == "rejected" or any(wizard.review_ids.mapped("comment_required"))

    def action_decide(self):
        """Record the decision on all reviews."""
        self.ensure_one()
        if self.decision == "approved":
            self.review_ids.action_approve(self.comment, digests=self.seen)
        else:
            self.review_ids.action_reject(self.comment, digests=self.seen)
        return {"type": "ir.actions.act_window_close"}
