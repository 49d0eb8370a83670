from datetime import timezone

from odoo import api, fields, models
from odoo.tools import SQL


class ResUsers(models.Model):
    """Exceptions that wait for people."""

    _inherit = "res.users"

    def _hand_over_what_waits(self):
        result = super()._hand_over_what_waits()
        # Superuser: whoever may say who is there, what waited for somebody goes to whom it is for now.
        self.env["sale.order.issue"].sudo()._follow_people(self)
        return result

    def _get_policy_activity_groups(self):
        groups = super()._get_policy_activity_groups()
        late, today, future = self._count_policy_issues()
        if late + today + future:
            groups.append(
                self._prepare_policy_activity_group(
                    "sale.order.issue",
                    "order_policy_execution.sale_order_issue_action_mine",
                    self.env._("Exceptions to Settle"),
                    late,
                    today,
                    future,
                )
            )
        return groups

    @api.model
    def _count_policy_issues(self):
        """Count the exceptions that the current user has to settle: (overdue, due today, later or without limit)."""
        Issue = self.env["sale.order.issue"]
        if not Issue.has_access("read"):
            return 0, 0, 0
        now = fields.Datetime.now()
        midnight = fields.Datetime.context_timestamp(self, now).replace(hour=23, minute=59, second=59)
        tonight = midnight.astimezone(timezone.utc).replace(tzinfo=None)
        query = Issue._search([*Issue._domain_mine(), ("company_id", "in", self.env.companies.ids)])
        due = SQL.identifier(Issue._table, "date_due")
        [(late, today, total)] = self.env.execute_query(
            query.select(
                SQL("COUNT(*) FILTER (WHERE %s < %s)", due, now),
                SQL("COUNT(*) FILTER (WHERE %s BETWEEN %s AND %s)", due, now, tonight),
                SQL("COUNT(*)"),
            )
        )
        return late, today, total - late - today
