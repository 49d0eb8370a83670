import pytz

from odoo import api, fields, models


class SaleOrderMilestone(models.Model):
    """When milestones are to be reached: in working days, from what was confirmed or promised."""

    _inherit = "sale.order.milestone"

    @api.depends(
        "confirmed_on",
        "policy_milestone_id",
        "order_id.commitment_date",
        "order_id.payment_term_id",
    )
    def _compute_planned_on(self):
        for company, milestones in self.grouped("company_id").items():
            # What is done keeps the date for which it was planned.
            settled = milestones.filtered(lambda milestone: milestone.planned_on and milestone._is_settled())
            for milestone in settled:
                milestone.planned_on = milestone.planned_on
            milestones = milestones - settled
            bases = {milestone: milestone._planned_from() for milestone in milestones}
            pairs = {
                milestone: (bases[milestone], milestone.policy_milestone_id.planned_days) for milestone in milestones
            }
            counted = self.env["order.policy.working.days"]._count_from(company, set(pairs.values()))
            for milestone in milestones:
                milestone.planned_on = counted[pairs[milestone]]

    def _is_settled(self):
        self.ensure_one()
        return bool(self.done_on or self.skipped_on)

    def _planned_from(self):
        """Return the day from which the planned date of this milestone is counted, as it is in the company."""
        self.ensure_one()
        planned_from = self.policy_milestone_id.planned_from
        if planned_from == "confirmation":
            return self._local_day(self.confirmed_on)
        promised = self._local_day(self.order_id.commitment_date or self.order_id.expected_date or self.confirmed_on)
        return promised if planned_from == "promised" else self._due_by_term(promised)

    def _local_day(self, moment):
        zone = pytz.timezone(self.company_id._policy_timezone())
        return pytz.utc.localize(fields.Datetime.to_datetime(moment)).astimezone(zone).date()

    def _due_by_term(self, invoiced_on):
        """Return when the last payment of an order is due that is invoiced on a day."""
        term_lines = self.order_id.payment_term_id.line_ids
        return max((fields.Date.to_date(line._get_due_date(invoiced_on)) for line in term_lines), default=invoiced_on)
