from odoo import api, models


class ResUsers(models.Model):
    """Which milestones wait for people."""

    _inherit = "res.users"

    def _policy_milestone_department_ids(self):
        """Return the ids of the departments whose milestones a person reports, by own right or as a deputy."""
        self.ensure_one()
        return tuple({*self._policy_department_ids(), *self._policy_stood_in_department_ids()})

    def _policy_stood_in_for_department_ids(self, authority):
        """Return the ids of the departments in which a person stands in today for somebody with an authority.

        :param str authority: ``member`` or ``head``
        """
        self.ensure_one()
        if authority == "member":
            return self._policy_stood_in_department_ids()
        return tuple(
            {
                department
                for mandate in self._policy_mandates()
                for department in mandate.departments.intersection(
                    self.browse(mandate.user)._policy_headed_department_ids()
                )
            }
        )

    @api.model
    def _get_policy_activity_groups(self):
        groups = super()._get_policy_activity_groups()
        late, today, future = self.env["sale.order.milestone"]._count_of_my_departments()
        if late + today:
            group = self._prepare_policy_activity_group(
                "sale.order.milestone",
                "order_policy_execution.sale_order_milestone_action",
                self.env._("My Department's Work"),
                late,
                today,
                future,
            )
            # What is planned for later is not to be done yet.
            groups.append({**group, "total_count": late + today})
        return groups
