from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

FRESH_DAYS = 7  # what is older is no news to anybody, as when an order comes under a policy late


class SaleOrderMilestone(models.Model):
    """Which customers are to be told that a milestone is done: once, unless they heard since then that it is not
    (articles 1.10, 1.11).

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
        "Sales Asked To Tell",
        compute="_compute_customer_news_on",
        store=True,
        help="When sales was asked to tell the customer.",
    )
    customer_told_on = fields.Datetime("Customer Told", readonly=True, copy=False)
    customer_message_id = fields.Many2one(
        "mail.message", "Letter to the Customer", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    _news = models.Index("(customer_news_on) WHERE customer_news_on IS NOT NULL")
    _told_in_vain = models.Index("(order_id) WHERE customer_told_on IS NOT NULL AND is_open")

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
            # What is done again is asked for again.
            milestone.customer_asked_on = milestone.customer_news_on and milestone.customer_asked_on

    def _is_news(self, now):
        self.ensure_one()
        if self.state != "done" or not self.done_on or self.customer_told_on:
            return False
        told_of = self.policy_milestone_id.tell_customer and self._counts() and self.order_id._goes_by_policy()
        # By days, as of some facts only the day is known.
        first = max((self.create_date or now).date(), (now - timedelta(days=FRESH_DAYS)).date())
        return told_of and self.done_on.date() >= first

    def _is_told_in_vain(self):
        """Tell whether the customer heard that it is done, and it is not: it was reopened, or goods came back."""
        self.ensure_one()
        return bool(self.customer_told_on and self.is_open)

    def _is_for_sales_to_tell(self):
        self.ensure_one()
        return bool(self.customer_asked_on) or self._is_told_in_vain()

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
        self.order_id._plan_followups()
        self.filtered("customer_told_on")._ask_sales_to_take_back()
        return result

    def _ask_sales_to_take_back(self):
        """Have sales tell the customers of these milestones, who heard that they are done, that they are not."""
        for order, milestones in self.grouped("order_id").items():
            order._message_log(
                body=self.env._(
                    "The customer was told already that it is done: %s.", ", ".join(milestones.mapped("name"))
                )
            )
        self.order_id._ask_sales_to_tell()

    @api.model
    def _domain_of_news(self, before):
        """Return the domain of what customers are to be told, that was done before a moment, in orders that go on."""
        return (
            Domain("customer_news_on", "<=", before)
            & Domain("customer_asked_on", "=", False)
            & Domain("order_id.policy_stage", "in", ("execution", "completed"))
        )

    @api.model
    def _domain_to_take_back(self):
        """Return the domain of what customers heard is done, and is not, where nobody is asked to tell them."""
        asked = Domain("done_on", "=", False) & Domain("is_for_news", "=", True)
        return (
            Domain("customer_told_on", "!=", False)
            & Domain("is_open", "=", True)
            & Domain("order_id.policy_stage", "=", "execution")
            & Domain("order_id.policy_exempt_reason", "=", False)
            & Domain("order_id.followup_ids", "not any", asked)
        )
