from datetime import timedelta
from math import ceil

from odoo import api, fields, models
from odoo.tools import groupby

# How much of its time may be used before what is not as far is at risk.
MUCH_OF_ITS_TIME = 2 / 3


class SaleOrderMilestone(models.Model):
    """When milestones will be reached, by how things go: told before it is too late (articles 1.11, 2.14).

    What is not done yet takes as long as its department usually does, from when its turn comes, or where nothing is
    known of that as long as planned; what Odoo itself expects of documents counts where that is later. Nothing is
    expected before it is planned.
    """

    _inherit = "sale.order.milestone"

    forecast_on = fields.Date(compute="_compute_forecast_on", store=True)
    ready_on = fields.Date(
        "Its Turn Since",
        compute="_compute_forecast_on",
        store=True,
        help="When what comes before it was done, or will be.",
    )
    first_forecast_on = fields.Date(
        compute="_compute_forecast_on",
        store=True,
        help="What was forecast when the order was confirmed.",
    )
    danger = fields.Selection(
        lambda self: self.env["sale.order"]._fields["policy_danger"]._description_selection(self.env),
        compute="_compute_danger",
        store=True,
        help="On Track: as planned. At Risk: most of its time is used, and it is not as far. "
        "Will Be Late: by the forecast. Late: its planned date has passed.",
    )
    days_late = fields.Integer(
        compute="_compute_days_late",
        store=True,
        aggregator="avg",
        help="Calendar days from the planned date to that on which it was done; below zero when it was early.",
    )
    days_off_forecast = fields.Integer(
        compute="_compute_days_late",
        store=True,
        aggregator="avg",
        help="Calendar days from the first forecast to that on which it was done: how good forecasts are.",
    )

    # ------------------------------------------------------------------
    # The forecast
    # ------------------------------------------------------------------

    @api.model
    def _forecast_dependencies(self):
        """Return on what forecasts depend, besides the day, and the documents that are looked at each night."""
        of_siblings = ("planned_on", "started_on", "done_on", "progress", "is_open", "sequence")
        return [f"order_id.milestone_ids.{name}" for name in of_siblings]

    @api.depends(lambda self: self._forecast_dependencies())
    def _compute_forecast_on(self):
        orders, now = self.order_id, fields.Datetime.now()
        usual = self.env["order.policy.pace"]._usual_days(self.department_id)
        expected = orders.milestone_ids.filtered("is_open")._expected_by_documents()
        for order in orders:
            order.milestone_ids._forecast(order._policy_local_date(now), usual, expected)

    def _forecast(self, today, usual, expected):
        """Forecast these milestones of one order.

        :param date today: as it is in the company
        :param usual: see ``order.policy.pace._usual_days``
        :param expected: see ``_expected_by_documents``
        """
        first = self[:1]
        ready = planned = first.confirmed_on and first._local_day(first.confirmed_on)
        for _sequence, group in groupby(self.sorted("sequence"), lambda milestone: milestone.sequence):
            ends = [milestone._forecast_from(ready, planned, today, usual, expected) for milestone in group]
            ready = max([ready, *filter(None, ends)])
            planned = max([planned, *(milestone.planned_on for milestone in group if milestone.planned_on)])

    def _forecast_from(self, ready, planned_before, today, usual, expected):
        """Forecast one milestone, and return the day on which what follows it can begin."""
        self.ready_on = ready
        if not self.is_open:
            self.forecast_on, self.first_forecast_on = self.forecast_on, self.first_forecast_on
            return self.done_on and self._local_day(self.done_on)
        takes = usual.get((self.department_id, self.kind))
        delay = max(timedelta(0), ready - planned_before)
        if takes is None:
            end = self.planned_on and self.planned_on + delay
        elif self.progress:
            end = today + timedelta(ceil(takes * (1 - self.progress / 100)))
        elif self.started_on:
            end = self._local_day(self.started_on) + timedelta(ceil(takes))
        else:
            # What is planned ahead of what comes before it does not wait for that, but for its delay.
            turn = min(ready, self.planned_on + delay) if self.planned_on else ready
            end = max(turn, today) + timedelta(ceil(takes))
        self.forecast_on = max(filter(None, [end, today, self.planned_on, expected.get(self)]))
        self.first_forecast_on = self.first_forecast_on or self.forecast_on
        return self.forecast_on

    def _expected_by_documents(self):
        """Return when Odoo itself expects these milestones, by the documents that they follow. Bridges add theirs.

        :return: dict of days by milestone
        """
        return {}

    def _expected_by_customer(self):
        return self.forecast_on or super()._expected_by_customer()

    @api.depends("done_on", "planned_on", "first_forecast_on")
    def _compute_days_late(self):
        for milestone in self:
            done = milestone.done_on and milestone._local_day(milestone.done_on)
            milestone.days_late = (done - milestone.planned_on).days if done and milestone.planned_on else 0
            forecast = milestone.first_forecast_on
            milestone.days_off_forecast = (done - forecast).days if done and forecast else 0

    # ------------------------------------------------------------------
    # How much in danger it is
    # ------------------------------------------------------------------

    @api.depends("is_open", "planned_on", "forecast_on", "ready_on", "started_on", "progress")
    def _compute_danger(self):
        now = fields.Datetime.now()
        for order, milestones in self.grouped("order_id").items():
            today = order._policy_local_date(now)
            for milestone in milestones:
                milestone.danger = milestone.is_open and milestone._danger(today)[0]

    def _danger(self, today):
        """Return how much in danger this milestone is, and by how many days it is or will be late.

        :param date today: as it is in the company
        :return: pair of a level, see ``policy_danger`` of the order, and a number of days
        """
        self.ensure_one()
        planned, forecast = self.planned_on, self.forecast_on
        if not planned or not forecast:
            return "low", 0
        late_by = max(0, (max(forecast, today) - planned).days)
        if planned < today:
            return "late", late_by
        if late_by:
            return "high", late_by
        return ("medium" if self._lags_behind(today) else "low"), 0

    def _lags_behind(self, today):
        """Tell whether most of the time of this milestone is used, and it is not as far."""
        begun = self._local_day(self.started_on) if self.started_on else self.ready_on
        if not begun or begun > today or begun >= self.planned_on:
            return False
        used = (today - begun).days / (self.planned_on - begun).days
        return used >= MUCH_OF_ITS_TIME and self.progress < used * 100

    def _help_in_words(self):
        """Tell what would help with this milestone. Bridges know more of what it waits for."""
        self.ensure_one()
        if not self.started_on:
            return self.env._("It is not started yet: ask %s to begin, or agree on another date with the customer.",
                              self.department_id.name)  # fmt: skip
        return self.env._(
            "It is started, %(progress)s %% done: ask %(department)s what it waits for, or agree on another date with "
            "the customer.",
            progress=self.progress,
            department=self.department_id.name,
        )
