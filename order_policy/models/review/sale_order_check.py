from odoo import fields, models


class SaleOrderCheck(models.Model):
    """Results of checks that were run for a review."""

    _inherit = "sale.order.check"

    review_id = fields.Many2one(
        "sale.order.review",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The review it was run for. Checks of the intake belong to none.",
    )

    def _was_relied_on(self):
        review = self.review_id
        decided_with = not review or (review.is_current and review.decision == "approved")
        return super()._was_relied_on() and decided_with
