from odoo import api, fields, models
from odoo.tools import SQL


class ResUsers(models.Model):
    """Customers that people owe a word."""

    _inherit = "res.users"

    def _get_policy_activity_groups(self):
        groups = super()._get_policy_activity_groups()
        late, today, future = self._count_policy_followups()
        if late + today:
            groups.append(
                self._prepare_policy_activity_group(
                    "sale.order.followup",
                    "order_policy_execution.sale_order_followup_action",
                    self.env._("Customers to Tell"),
                    late,
                    today,
                    future,
                )
            )
        return groups

    @api.model
    def _count_policy_followups(self):
        """Count the follow-ups that the current user has to do: (missed, due today, later)."""
        Followup = self.env["sale.order.followup"]
        if not Followup.has_access("read"):
            return 0, 0, 0
        query = Followup._search([*Followup._domain_mine(), ("company_id", "in", self.env.companies.ids)])
        due, day = SQL.identifier(Followup._table, "date_due"), fields.Date.context_today(self)
        [(late, today, total)] = self.env.execute_query(
            query.select(
                SQL("COUNT(*) FILTER (WHERE %s < %s)", due, day),
                SQL("COUNT(*) FILTER (WHERE %s = %s)", due, day),
                SQL("COUNT(*)"),
            )
        )
        return late, today, total - late - today
