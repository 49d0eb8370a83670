from odoo import api, fields, models

from .sale_order_issue_kinds import SEVERITIES


class OrderPolicy(models.Model):
    """How soon exceptions have to be settled, and who learns of those that are not (articles 1.11, 2.14).

    What holds for orders under the policy already changes with it, as with overdue reviews.
    """

    _inherit = "order.policy"

    issue_hours_low = fields.Float(
        "Low (Hours)", default=40.0, tracking=True, help="Working hours in which it is settled. 0 for no limit."
    )
    issue_hours_medium = fields.Float(
        "Medium (Hours)", default=16.0, tracking=True, help="Working hours in which it is settled. 0 for no limit."
    )
    issue_hours_high = fields.Float(
        "High (Hours)", default=8.0, tracking=True, help="Working hours in which it is settled. 0 for no limit."
    )
    issue_hours_critical = fields.Float(
        "Critical (Hours)", default=4.0, tracking=True, help="Working hours in which it is settled. 0 for no limit."
    )
    issue_head_hours = fields.Float(
        "Tell the Head of Exceptions After (Hours)",
        default=4.0,
        tracking=True,
        help="How many working hours after an exception was to be settled the head of the department learns of it. "
        "0 for never.",
    )
    issue_management_hours = fields.Float(
        "Tell the General Manager's Office of Exceptions After (Hours)",
        default=8.0,
        tracking=True,
        help="How many working hours after the head the general manager's office learns of it; after it was to be "
        "settled where the head is not told. 0 for never.",
    )

    issue_late_days = fields.Integer(
        "Report Late Milestones After (Working Days)",
        tracking=True,
        aggregator=None,
        help="A milestone that is late for longer is reported as an exception by itself, once. 0 for never.",
    )

    _issue_days_can_be_meant = models.Constraint(
        "CHECK(issue_late_days BETWEEN 0 AND 365)", "Milestones are reported after 1 to 365 days. Enter 0 for never."
    )
    _issue_hours_not_negative = models.Constraint(
        "CHECK(issue_hours_low >= 0 AND issue_hours_medium >= 0 AND issue_hours_high >= 0 AND issue_hours_critical >= 0"
        " AND issue_head_hours >= 0 AND issue_management_hours >= 0)",
        "The hours of exceptions cannot be below zero. Enter 0 for no limit, or for never.",
    )

    def _issue_due(self, severity, begin=None):
        """Return when an exception is to be settled, in working hours of the company; False where there is no limit.

        :param str severity: see ``SEVERITIES``
        :param begin: when it was reported, now when left out
        """
        self.ensure_one()
        hours = self[f"issue_hours_{severity}"]
        if not hours:
            return False
        begin = begin or fields.Datetime.now()
        calendar = self.company_id.resource_calendar_id
        planned = calendar.attendance_ids and calendar.plan_hours(hours, begin, compute_leaves=True)
        return planned or fields.Datetime.add(begin, hours=hours)

    @api.model
    def _severities(self):
        """Return the severities, the least one first."""
        return [severity for severity, _label in SEVERITIES]
