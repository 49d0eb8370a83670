from bisect import bisect_left, bisect_right
from datetime import datetime, time, timedelta

import pytz

from odoo import api, models

# Days looked at beyond those asked for, so that leaves of some weeks are bridged.
AROUND = 60


class OrderPolicyWorkingDays(models.AbstractModel):
    """Counts working days of companies: their calendars with leaves, in their time zones."""

    _name = "order.policy.working.days"
    _description = "Working Days of Companies"

    @api.model
    def _count_from(self, company, asked):
        """Return the days that are a number of working days away from others.

        In companies without working hours all days count, and so they do beyond what the calendar knows.

        :param company: res.company record
        :param asked: set of pairs of a day (date) and a number of working days, below zero for days before
        :return: dict of days (date) by pair; 0 working days from a day are that day, working or not
        """
        counted = {}
        # One look into the calendar for each year, however many are asked for.
        for year in {day.year for day, _number in asked}:
            of_year = {pair for pair in asked if pair[0].year == year}
            working = self._working_days(company, *self._window(of_year))
            counted |= {pair: self._step(working, *pair) for pair in of_year}
        return counted

    @api.model
    def _window(self, asked):
        days = [day for day, _number in asked]
        before = min(0, *(number for _day, number in asked))
        after = max(0, *(number for _day, number in asked))
        # Weekends of two days and more: twice the days, and some.
        return min(days) + timedelta(days=2 * before - AROUND), max(days) + timedelta(days=2 * after + AROUND)

    @api.model
    def _step(self, working, day, number):
        if not number:
            return day
        position = bisect_right(working, day) + number - 1 if number > 0 else bisect_left(working, day) + number
        return working[position] if 0 <= position < len(working) else day + timedelta(days=number)

    @api.model
    def _working_days(self, company, first, last):
        """Return the working days from one day to another as a sorted list: none where there is no calendar."""
        # Superuser: on which days a company works is no secret.
        calendar = company.sudo().resource_calendar_id
        if not calendar.attendance_ids or calendar.flexible_hours:
            return []
        zone = pytz.timezone(calendar.tz or "UTC")
        start, end = zone.localize(datetime.combine(first, time.min)), zone.localize(datetime.combine(last, time.max))
        intervals = calendar._work_intervals_batch(start, end)[False]
        return sorted({begin.astimezone(zone).date() for begin, _end, _attendance in intervals})
