from odoo import api, fields, models

LONGEST_WORDS, LONGEST_NAME = 5000, 200
STARS = [("1", "Very Bad"), ("2", "Bad"), ("3", "Fair"), ("4", "Good"), ("5", "Very Good")]
# Up to so many stars customer service looks into it.
BAD = 2


class SaleOrderFeedback(models.Model):
    """What a customer said of a delivered order, in the portal (articles 1.11, 2.13). It stays as it was said."""

    _name = "sale.order.feedback"
    _description = "Feedback on an Order"
    _inherit = ["order.policy.portal.act.mixin", "order.policy.evidence.mixin"]
    _order = "given_on desc, id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    salesperson_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    stars = fields.Selection([("0", "None"), *STARS], required=True, readonly=True)
    score = fields.Integer(
        "Stars as Number", compute="_compute_score", store=True, precompute=True, aggregator="avg", help="From 1 to 5."
    )
    words = fields.Text("What the Customer Says", readonly=True)
    contact = fields.Char("Given By", readonly=True, help="The name that was entered with it.")
    given_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    issue_id = fields.Many2one(
        "sale.order.issue",
        "Exception",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Bad feedback is settled by customer service as an exception.",
    )

    _stars_in_range = models.Constraint("CHECK(stars BETWEEN '1' AND '5')", "Feedback has 1 to 5 stars.")

    @api.depends("stars")
    def _compute_score(self):
        for feedback in self:
            feedback.score = int(feedback.stars or 0)

    def _in_words(self):
        """Return the feedback as a line of the order's history."""
        self.ensure_one()
        drawn = "★" * self.score + "☆" * (5 - self.score)
        words = self.env["order.policy.words"]._shortened(self.words or "")
        return self.env._("%(stars)s by the customer. “%(words)s”", stars=drawn, words=words) if words else drawn

    def _report_if_bad(self):
        """Have customer service settle what a customer is unhappy with (article 2.13)."""
        for feedback in self.filtered(lambda feedback: feedback.score <= BAD):
            # It is for colleagues to read, whatever the customer speaks.
            told = feedback.with_context(lang=feedback.order_id.company_id.partner_id.lang)
            feedback.issue_id = self.env["sale.order.issue"]._report(
                feedback.order_id, "customer", "high", told.env._("Bad feedback of the customer"), told._in_words()
            )
