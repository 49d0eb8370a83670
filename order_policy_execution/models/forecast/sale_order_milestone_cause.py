from odoo import api, fields, models

from ..issue.sale_order_issue_kinds import KINDS


class SaleOrderMilestone(models.Model):
    """Why milestones were late, as far as it was reported: days late by department and cause (articles 1.13, 2.14)."""

    _inherit = "sale.order.milestone"

    days_lost = fields.Integer(
        compute="_compute_late_cause",
        store=True,
        aggregator="sum",
        help="Calendar days after the planned date on which it was done; none when it was in time. They are added up.",
    )
    late_cause = fields.Selection(
        [*KINDS, ("before", "What Comes Before It"), ("unreported", "Not Reported")],
        "Cause",
        compute="_compute_late_cause",
        store=True,
        help="Why it was late: the kind of the exception of its order that was not settled while it was its turn, the "
        "most severe one where there were several. Where none says more than that it is late: that its turn came only "
        "after its planned date, or that nobody reported why.",
    )

    @api.depends(
        "days_late",
        "ready_on",
        "order_id.issue_ids.kind",
        "order_id.issue_ids.milestone_id",
        "order_id.issue_ids.reported_on",
        "order_id.issue_ids.settled_on",
        "order_id.issue_ids.severity_rank",
    )
    def _compute_late_cause(self):
        for milestone in self:
            milestone.days_lost = max(0, milestone.days_late)
            milestone.late_cause = milestone._find_late_cause() if milestone.days_late > 0 else False

    def _find_late_cause(self):
        """Return why this milestone was late, see the field ``late_cause``."""
        self.ensure_one()
        issues = self.order_id.issue_ids.filtered(self._is_explained_by)
        issues = issues.sorted(lambda issue: (-issue.severity_rank, issue.reported_on, issue.id))
        # That something is late explains nothing, unless nobody knows more.
        if telling := issues.filtered(lambda issue: issue.kind != "delay"):
            return telling[0].kind
        if self.ready_on and self.ready_on > self.planned_on:
            return "before"
        return issues[:1].kind or "unreported"

    def _is_explained_by(self, issue):
        """Tell whether an exception of the order was there to be settled while it was the turn of this milestone."""
        if issue.milestone_id:
            return issue.milestone_id == self
        settled_before = issue.settled_on and self.ready_on and self._local_day(issue.settled_on) < self.ready_on
        return issue.reported_on <= self.done_on and not settled_before
