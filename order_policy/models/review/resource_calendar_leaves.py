from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._policy_follow()
        return leaves

    def write(self, vals):
        result = super().write(vals)
        if "resource_id" in vals:
            self.check_access("write")  # nobody sends a colleague on leave with a leave of his own
        if {"date_from", "date_to", "resource_id", "time_type"} & vals.keys():
            self._policy_follow()
        return result

    def _policy_follow(self):
        """Give what waits for people who are on leave to others: at once, or when their leave begins."""
        # Superuser: whoever enters a leave, what waits for that person goes to others.
        Review = self.env["sale.order.review"].sudo()
        people = self.sudo().resource_id.user_id
        Deputy = self.env["order.policy.deputy"].sudo()
        stands_in = [("deputy_id", "in", people.ids), ("ended_on", "=", False)]
        if not people._policy_departments("member_ids") and not Deputy.search_count(stands_in, limit=1):
            return
        Review._follow_people(people._policy_on_leave())
        Review._come_back_at(leave.date_from for leave in self if leave.resource_id)


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if "tz" in vals:
            self.env.registry.clear_cache()  # on which day it is in a company depends who stands in
        return result
