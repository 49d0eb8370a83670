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
            again = [milestone.name for milestone in milestones if milestone._is_told_in_vain()]
            sentences = [
                news and self.env._("Done: %s.", format_list(self.env, news)),
                again and self.env._("Told as done, but not done: %s.", format_list(self.env, again)),
            ]
            followup.to_tell = " ".join(filter(None, sentences)) or False

    @api.depends(
        "is_for_news",
        "rule_id",
        "order_id.milestone_ids.customer_asked_on",
        "order_id.milestone_ids.customer_told_on",
        "order_id.milestone_ids.is_open",
    )
    def _compute_state(self):
        return super()._compute_state()

    def _is_owed(self):
        if not self.is_for_news:
            return super()._is_owed()
        order = self.order_id
        if any(milestone._is_for_sales_to_tell() for milestone in order.milestone_ids):
            return order.policy_stage in ("execution", "completed") and not order.policy_exempt_reason
        return bool(self.rule_id) and super()._is_owed()

    def _record(self, way, told, answer):
        result = super()._record(way, told, answer)
        # A progress message says how all of it stands. What else is said tells of what sales was to tell of.
        news, says_all = self.order_id._news(), way == "message"
        (news if says_all else news.filtered("customer_asked_on"))._note_told(self.message_id)
        if says_all or self.is_for_news:
            in_vain = self.order_id.milestone_ids.filtered(lambda milestone: milestone._is_told_in_vain())
            in_vain.customer_told_on = False  # he heard that it is not done, and hears when it is
        return result
