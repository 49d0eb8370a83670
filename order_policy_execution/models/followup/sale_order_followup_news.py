from odoo import api, fields, models
from odoo.tools import format_list


class SaleOrderFollowup(models.Model):
    """Words that sales owes because something is done, also once the order is completed (articles 1.10, 1.11)."""

    _inherit = "sale.order.followup"

    is_for_news = fields.Boolean("For a Milestone", readonly=True, copy=False, exportable=False)
    to_tell = fields.Char("To Be Told", compute="_compute_to_tell", compute_sudo=True)

    @api.depends("is_for_news", "done_on", "order_id.milestone_ids.customer_news_on", "order_id.milestone_ids.state")
    @api.depends_context("lang")
    def _compute_to_tell(self):
        for followup in self:
            milestones = followup.order_id.milestone_ids if followup.is_for_news and not followup.done_on else ()
            news = [milestone.name for milestone in milestones if milestone.customer_news_on]
            again = [milestone.name for milestone in milestones if milestone.customer_told_on and milestone.is_open]
            sentences = [
                news and self.env._("Done: %s.", format_list(self.env, news)),
                again and self.env._("Told as done, but not done: %s.", format_list(self.env, again)),
            ]
            followup.to_tell = " ".join(filter(None, sentences)) or False

    @api.depends("is_for_news")
    def _compute_state(self):
        result = super()._compute_state()
        for followup in self.filtered(lambda followup: followup.is_for_news and followup.state == "ended"):
            order = followup.order_id
            if order.policy_stage == "completed" and not order.policy_exempt_reason:
                followup.state = "due"
        return result

    def _record(self, way, told, answer):
        result = super()._record(way, told, answer)
        # A progress message says what is done. What else is said tells of it where sales was to tell of it.
        news = self.order_id._news()
        told_now = news if way == "message" else news.filtered(lambda milestone: milestone._is_told_by_sales())
        told_now._note_told(self.message_id)
        return result
