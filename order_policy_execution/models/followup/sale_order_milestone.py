from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

FRESH_DAYS = 7  # what is older is no news to anybody, as when an order comes under a policy late


class SaleOrderMilestone(models.Model):
    """Which customers are to be told that a milestone is done: once, whatever is reopened (articles 1.10, 1.11).

    Only what is done while the order has the milestone is news: what was done before is known to the customer.
    """

    _inherit = "sale.order.milestone"

    customer_news_on = fields.Datetime(
        "Customer to Be Told Since",
        compute="_compute_customer_news_on",
        store=True,
        help="Since when it is done, and the customer is to be told and was not.",
    )
    customer_asked_on = fields.Datetime(
        "Sales Asked To Tell", readonly=True, copy=False, help="When sales was asked to tell the customer."
    )
    customer_told_on = fields.Datetime("Customer Told", readonly=True, copy=False)
    customer_message_id = fields.Many2one(
        "mail.message", "Letter to the Customer", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    _news = models.Index("(customer_news_on) WHERE customer_news_on IS NOT NULL")

    @api.depends(
        "state",
        "done_on",
        "customer_told_on",
        "policy_milestone_id.tell_customer",
        "order_id.state",
        "order_id.policy_id",
        "order_id.policy_exempt_reason",
    )
    def _compute_customer_news_on(self):
        now = fields.Datetime.now()
        for milestone in self:
            milestone.customer_news_on = milestone._is_news(now) and (milestone.customer_news_on or now)

    def _is_news(self, now):
        self.ensure_one()
        if self.state != "done" or not self.done_on or self.customer_told_on:
            return False
        told_of = self.policy_milestone_id.tell_customer and self._counts() and self.order_id._goes_by_policy()
        # By days, as of some facts only the day is known.
        first = max((self.create_date or now).date(), (now - timedelta(days=FRESH_DAYS)).date())
        return told_of and self.done_on.date() >= first

    def _is_told_by_sales(self):
        self.ensure_one()
        return bool(self.customer_asked_on or self.order_id.policy_id.milestone_news == "sales")

    def _note_told(self, message=None):
        """Note that the customer heard of these milestones, in superuser mode: nothing tells it once more.

        :param message: mail.message record in which it stands, if any
        """
        self.write({"customer_told_on": fields.Datetime.now(), "customer_message_id": message and message.id})

    # ------------------------------------------------------------------
    # What the letter says
    # ------------------------------------------------------------------

    def _news_for_customer(self):
        """Return what the customer of this milestone is told now: all of its order that is done and was not told.

        :return: list of dicts with ``name``, ``done_on`` and, where it was late, ``planned_on``, in words
        """
        self.ensure_one()
        day = self.env["order.policy.words"]._day_in_words
        news = self.order_id.milestone_ids.filtered("customer_news_on").sorted("sequence")
        return [
            {
                "name": milestone.name,
                "done_on": day(milestone._local_day(milestone.done_on)),
                "planned_on": milestone._is_done_late() and day(milestone.planned_on),
            }
            for milestone in news
        ]

    def _is_done_late(self):
        self.ensure_one()
        return bool(self.planned_on and self.done_on and self._local_day(self.done_on) > self.planned_on)

    def _next_for_customer(self):
        """Return what the customer of this milestone can expect next, and until when.

        :return: list of dicts with ``name``, ``planned_on`` and, where it is or will be late, ``expected_on``, in words
            or False, and ``late``
        """
        self.ensure_one()
        day, today = self.env["order.policy.words"]._day_in_words, self._local_day(fields.Datetime.now())
        coming = self.order_id.milestone_ids.filtered(
            lambda milestone: milestone.is_open and milestone.policy_milestone_id.tell_customer
        )
        facts = []
        for milestone in coming.sorted("sequence"):
            planned, expected = milestone.planned_on, milestone._expected_by_customer()
            late = bool(planned and (planned < today or (expected and expected > planned)))
            facts.append(
                {
                    "name": milestone.name,
                    "planned_on": planned and day(planned),
                    "expected_on": late and expected and expected >= today and day(expected),
                    "late": late,
                }
            )
        return facts

    def _expected_by_customer(self):
        """Return on what day its customer can expect this milestone, as far as it is known. Floors above know it."""
        self.ensure_one()
        return False

    # ------------------------------------------------------------------
    # What follows from mistakes
    # ------------------------------------------------------------------

    def _follow_reopening(self):
        """Have sales tell customers who heard that something is done that it is not; plan the next words anew."""
        result = super()._follow_reopening()
        told = self.filtered("customer_told_on")
        for order in told.order_id:
            order._message_log(
                body=self.env._(
                    "The customer was told already that it is done: %s.",
                    ", ".join((told & order.milestone_ids).mapped("name")),
                )
            )
        told.order_id._ask_sales_to_tell()
        self.order_id._plan_followups()
        return result

    @api.model
    def _domain_of_news(self, before):
        """Return the domain of what customers are to be told, that was done before a moment, in orders that go on."""
        return (
            Domain("customer_news_on", "<=", before)
            & Domain("customer_asked_on", "=", False)
            & Domain("order_id.policy_stage", "in", ("execution", "completed"))
        )
