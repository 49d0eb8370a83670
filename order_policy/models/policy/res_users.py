from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models, tools
from odoo.fields import Domain

MORNING = 7  # the hour from which on the letter of a day goes out, where its reader is


class ResUsers(models.Model):
    _inherit = "res.users"

    review_letters = fields.Selection(
        [("odoo", "In Odoo Only"), ("daily", "One Letter a Day"), ("at_once", "At Once")],
        "Reviews to Decide",
        required=True,
        default="daily",
        help="How you learn of orders that wait for your decision. The letter of a day lists all of them, on the "
        "mornings of your working days; at once, each comes by e-mail when it is your turn. Whatever you choose, "
        "they are in the activity menu.",
    )
    policy_letter_on = fields.Date(
        "Last Letter of Reviews",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The last day on which it was looked at what waits for the person.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "review_letters"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "review_letters"]

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        if any(user.review_letters == "at_once" for user in users):
            self.env.registry.clear_cache()
        return users

    @api.model
    @tools.ormcache()
    def _ids_told_at_once(self):
        # Superuser: cached for everybody, and only ids. Cleared when somebody chooses otherwise.
        return frozenset(self.sudo().search([("review_letters", "=", "at_once"), ("share", "=", False)]).ids)

    @api.model
    def _readers_of_daily_letters(self):
        """Return who chose one letter a day, and may not have had today's yet, wherever on earth they are."""
        # The group of all who review, and of those who may look at it.
        group_id = self.env["ir.model.data"]._xmlid_to_res_id("order_policy.group_order_policy_user")
        latest_day = (fields.Datetime.now() + timedelta(hours=14)).date()
        return self.search(
            Domain("review_letters", "=", "daily")
            & Domain("share", "=", False)
            & Domain("all_group_ids", "in", [group_id])
            & (Domain("policy_letter_on", "=", False) | Domain("policy_letter_on", "<", latest_day)),
            order="id",
        )

    def _with_letter_due(self):
        """Return those of these people whose letter of today is due: in the morning of a day on which they work.

        :return: dict of people by day, as it is where they are
        """
        now, due = datetime.now(pytz.utc), defaultdict(self.browse)
        for person in self:
            local = now.astimezone(pytz.timezone(person._letter_time_zone()))
            not_yet = not person.policy_letter_on or person.policy_letter_on < local.date()
            if not_yet and local.hour >= MORNING:
                due[local.date()] += person
        return {day: people._who_work_on(day) for day, people in due.items()}

    def _letter_time_zone(self):
        return self.tz or self.company_id._policy_timezone()

    def _who_work_on(self, day):
        """Return who of these people works on a day, by own working hours and leaves, else by those of the company."""
        working = self.browse()
        resources = {person: person.resource_ids.filtered("active")[:1] for person in self}
        for calendar, people in self.grouped(
            lambda person: resources[person].calendar_id or person.company_id.resource_calendar_id
        ).items():
            if not calendar.attendance_ids or calendar.flexible_hours:
                working += people
                continue
            zone = pytz.timezone(calendar.tz or "UTC")
            start, end = (zone.localize(datetime.combine(day, moment)) for moment in (time.min, time.max))
            intervals = calendar._work_intervals_batch(
                start, end, resources=self.env["resource.resource"].concat(*map(resources.get, people))
            )
            working += people.filtered(lambda person, found=intervals: bool(found[resources[person].id]))
        return working

    @tools.ormcache("self.id")
    def _policy_department_ids(self):
        """Return the ids of the departments that a person reviews for; cleared when a department changes."""
        return tuple(self._policy_departments("member_ids").ids)

    @tools.ormcache("self.id")
    def _policy_headed_department_ids(self):
        """Return the ids of the departments that a person heads; cleared when a department changes."""
        return tuple(self._policy_departments("head_id").ids)

    @tools.ormcache("self.id")
    def _policy_managed_company_ids(self):
        """Return the ids of the companies in whose general manager's office a person is; cleared likewise."""
        office = self._policy_departments("member_ids").filtered(lambda found: found.is_management and found.active)
        return tuple(office.company_id.ids)

    @tools.ormcache("self.id")
    def _policy_may_be_told(self):
        """Tell whether a person is a colleague, who may see what departments say: asked for each value that is read."""
        return self._is_internal()

    def _policy_mandates(self):
        """Return the mandates by which a person decides for others today, of his companies."""
        Deputy = self.env["order.policy.deputy"]
        return [
            mandate
            for company_id in self._get_company_ids()
            for mandate in Deputy._in_force(company_id)
            if mandate.deputy == self.id
        ]

    def _policy_stood_in_department_ids(self):
        """Return the ids of the departments in which a person stands in for somebody today."""
        return tuple({department for mandate in self._policy_mandates() for department in mandate.departments})

    def _policy_office_company_ids(self):
        """Return the ids of the companies for whose general manager's office a person decides, also as a deputy."""
        stood_in = (mandate.company for mandate in self._policy_mandates() if mandate.office)
        return tuple({*self._policy_managed_company_ids(), *stood_in})

    def _policy_on_leave(self):
        """Return which of these people are on leave now, by the calendar; approved leaves of employees are in it."""
        now = fields.Datetime.now()
        on_leave = (
            Domain("resource_id.user_id", "in", self.ids)
            & Domain("time_type", "=", "leave")
            & Domain("date_from", "<=", now)
            & Domain("date_to", ">", now)
        )
        # Superuser: that somebody is away, and nothing of why.
        leaves = self.env["resource.calendar.leaves"].sudo().search(on_leave)
        return leaves.resource_id.user_id.sudo(self.env.su)

    def _policy_decides(self):
        """Tell whether reviews can wait for a person at all."""
        return bool(
            self._policy_department_ids()
            or self._policy_stood_in_department_ids()
            or self._policy_managed_company_ids()
        )

    def _policy_departments(self, role):
        # Archived departments too: their people finish what is under review, and go on seeing what they decided.
        Department = self.env["order.policy.department"].sudo().with_context(active_test=False)
        return Department.search([(role, "in", self.ids)])

    @api.constrains("active", "group_ids", "company_ids")
    def _check_departments_stay_staffed(self):
        self._policy_departments("member_ids")._check_staffed_while_in_use()

    def write(self, vals):
        result = super().write(vals)
        if {"review_letters", "active"} & vals.keys():
            self.env.registry.clear_cache()
        if {"active", "group_ids", "company_ids"} & vals.keys():
            self._hand_over_what_waits()
        return result

    def _hand_over_what_waits(self):
        """Give what waits for these people to who may decide it now. Each matter knows what waits for people."""

    def _reads_anyway(self, model_name):
        """Tell whether other apps let a person read all records of a model, as Invoicing does with orders.

        Nobody shall see less of them for being a reviewer too, as the rule for reviewers would have it.
        """
        self.ensure_one()
        own = self.env["ir.model.data"]._xmlid_to_res_id("order_policy.privilege_order_policy")
        of_others = Domain("id", "in", self._get_group_ids()) & Domain("privilege_id", "!=", own)
        read = Domain("model", "=", model_name) & Domain(
            "access_ids", "any", Domain("perm_read", "=", True) & Domain("group_id", "any", of_others)
        )
        restricted = Domain("rule_ids", "any", Domain("perm_read", "=", True) & Domain("groups", "any", of_others))
        return bool(self.env["ir.model"].sudo().search_count(read & ~restricted, limit=1))
