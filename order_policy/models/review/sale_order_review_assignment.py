from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import format_list, split_every

BATCH = 200


class SaleOrderReview(models.Model):
    """Whom a review is assigned to, and who has it when that person is away, leaves, or may not decide any more.

    Whoever is assigned is told. First a deputy in force, then who of the department has the fewest to decide, then its
    head; the general manager's office where nobody of the department may decide, its deputies too. What was given to
    somebody else stays there when the first is back.
    """

    _inherit = "sale.order.review"

    # ------------------------------------------------------------------
    # Picking
    # ------------------------------------------------------------------

    def _prepare_assignments(self):
        """Return, by review, whom it is to be assigned to, and the way out where there is one."""
        away = self._people_away()
        load = self._pending_by_person(away)
        assignments = {}
        for review in self:
            people, way_out = review._candidates(away)
            person = people.sorted(lambda person: (load[person], person.id))[:1]
            load[person] += 1
            assignments[review] = {"user_id": person.id, "way_out": way_out}
        return assignments

    def _candidates(self, away):
        """Return those of whom one is to be assigned, and the way out. Nobody where the whole department is asked.

        :param away: res.users who are on leave now
        """
        self.ensure_one()
        able = self._people_without_part()
        if not able:
            return self._stand_ins(away)
        step = self.step_id
        stood_in = self._stood_in(self._mandates_here(able), away)
        present = able - away - able.browse(stood_in)
        if step.assign == "pool" and present:
            return able.browse(), False
        wanted = self._wanted_people(able)
        deputy_of_wanted = able.browse(stood_in[person.id] for person in wanted if person.id in stood_in)
        some_deputy = able.browse(stood_in.values())
        if (
            people := self._deputy_of_assigned(stood_in)
            or wanted & present
            or deputy_of_wanted
            or present
            or some_deputy
        ):
            return people, False
        if head := self.department_id._people("head") & able:
            return head, "away"
        office = self._people_for_office(away)
        return (office, "management") if office else (able, "away")

    def _wanted_people(self, able):
        """Return those of the people who may decide to whom the step assigns first."""
        step = self.step_id
        people = self.department_id._people("head") & able if step.assign == "head" else able
        if step.policy_id.one_decision_per_person:
            # Heads are kept for the steps that only they can decide.
            head_steps = (step.policy_id._steps_in_order() - step).filtered(lambda other: other.authority == "head")
            heads = people.browse().union(*(other.department_id._people("head") for other in head_steps))
            people = people - heads or people
        return people

    def _deputy_of_assigned(self, stood_in):
        """Return the deputy of the person to whom this is assigned so far, if that person has one now."""
        return self.env["res.users"].browse(stood_in.get(self.user_id.id) or ())

    def _mandates_here(self, people):
        """Return the mandates in force of some people, as far as they reach to this review."""
        return [
            mandate
            for mandate in self.env["order.policy.deputy"]._in_force(self.company_id.id)
            if mandate.user in people._ids and self.department_id.id in mandate.departments and self._is_within(mandate)
        ]

    def _mandates_of_office(self):
        """Return the mandates in force of the general manager's office, as far as they reach to this review."""
        office = self._office() - self._people_with_part()
        return [
            mandate
            for mandate in self.env["order.policy.deputy"]._in_force(self.company_id.id)
            if mandate.office and mandate.user in office._ids and self._is_within(mandate)
        ]

    def _stood_in(self, mandates, away):
        """Return the ids of deputies who decide this now, by those for whom they do."""
        if not mandates:
            return {}
        unable = {*self._people_with_part()._ids, *away._ids}
        return {mandate.user: mandate.deputy for mandate in mandates if mandate.deputy not in unable}

    def _stand_ins(self, away):
        """Return who decides where nobody of the department may, and whether as deputies or for management.

        :param away: res.users who are on leave now; they have it only where nobody else is there
        :return: tuple of res.users and the way out; of nobody and False where nobody can
        """
        self.ensure_one()
        with_part = self._people_with_part()
        deputies = with_part.browse(mandate.deputy for mandate in self._mandates_here(self.step_id._people()))
        if people := deputies - with_part:
            return people - away or people, "deputy"
        people = self._people_for_office(away) or self._office() - with_part
        return people, bool(people) and "management"

    def _people_for_office(self, away):
        """Return who decides for the general manager's office now: who of it is there, and deputies of the others."""
        office = self._office() - self._people_with_part()
        stood_in = self._stood_in(self._mandates_of_office(), away)
        present = office - away - office.browse(stood_in)
        return self._deputy_of_assigned(stood_in) or present | office.browse(stood_in.values())

    def _office(self):
        return self.env["order.policy.department"]._people_of_management(self.company_id)

    def _people_away(self):
        """Return who of those that may be assigned is on leave now: by the calendar, as approved leaves write it."""
        people = self._members()
        for company in self.company_id:
            mandates = self.env["order.policy.deputy"]._in_force(company.id)
            people |= people.browse(mandate.deputy for mandate in mandates)
            people |= self.env["order.policy.department"]._people_of_management(company)
        return people._policy_on_leave()

    def _members(self):
        departments = self.department_id
        return self.env["res.users"].union(*(department._people("member") for department in departments))

    def _pending_by_person(self, away):
        """Count what waits for each of those of whom one is picked by that.

        :param away: res.users whose reviews go to others
        """
        by_load = self.filtered(lambda review: review.step_id.assign == "least_loaded" or away)
        people, load = by_load._members(), Counter()
        if people:
            load.update(
                dict(
                    self._read_group(
                        [("state", "=", "pending"), ("user_id", "in", people.ids)], ["user_id"], ["__count"]
                    )
                )
            )
        return load

    # ------------------------------------------------------------------
    # Assigning anew
    # ------------------------------------------------------------------

    def _assign_anew(self):
        """Give reviews to others whose person is away or may not decide them any more; leave all others alone."""
        pending = self.filtered(lambda review: review.state == "pending")
        if not pending:
            return
        away = pending._people_away()
        back = pending.filtered(lambda review: review.way_out == "away" and review._is_at_hand(away))
        back.way_out = False  # who kept it while everybody was away is there again, and goes on keeping it
        moving = pending.filtered(lambda review: not review._stays_assigned(away))
        former = {review: review.user_id for review in moving}
        for review, assignment in moving._prepare_assignments().items():
            if (review.user_id.id, review.way_out) != (assignment["user_id"], assignment["way_out"]):
                review.write(assignment)
        moved = moving.filtered(lambda review: review.user_id != former[review])
        for person, reviews in moved.grouped(former.get).items():
            if person:
                person._bus_send("mail.activity/updated", {"activity_deleted": True, "count_diff": -len(reviews)})
        moved._tell_assignees()

    def _is_at_hand(self, away):
        """Tell whether the person to whom this is assigned may decide it, and is there."""
        return bool(self.user_id & self._people_without_part() - away)

    def _stays_assigned(self, away):
        """Tell whether a review is with somebody who may decide it and is there, or with a department that can."""
        able = self._people_without_part()
        if not able:
            people, way_out = self._stand_ins(away)
            return bool(self.way_out == way_out and self.user_id & people - away)
        if self.way_out:
            return False
        stood_in = self._stood_in(self._mandates_here(able), away)
        present = able - away - able.browse(stood_in)
        return bool(self.user_id & (present | able.browse(stood_in.values())) if self.user_id else present)

    def _leave_to_others(self, person):
        """Let others decide on what a person changed: whoever it was assigned to, he does not."""
        self.changed_by_ids = [Command.link(person.id)]
        self._without(person)._assign_anew()

    def _note_submission(self, person):
        """Note who submitted an order again: that person does not decide."""
        self.requested_by_id = person
        self._without(person)._assign_anew()

    def _without(self, people):
        """Return those of these reviews that people might have decided, before they took part in the subject."""
        return self.filtered(
            lambda review: (
                review.state == "pending" and (review.way_out or people & (review.user_id | review.step_id._people()))
            )
        )

    def _record_decision(self, decision, comment):
        result = super()._record_decision(decision, comment)
        once_only = self.filtered(lambda review: review.policy_id.one_decision_per_person)
        others = once_only.browse().union(*(review._subject()._counting_reviews() for review in once_only))
        (others - self)._without(self.env.user)._assign_anew()
        return result

    @api.model
    def _follow_people(self, people):
        """Assign anew what waits for people, or for their departments, whose part in it has changed."""
        departments = people._policy_departments("member_ids")
        self._in_batches(Domain("user_id", "in", people.ids) | Domain("department_id", "in", departments.ids))

    @api.model
    def _follow_offices(self, companies):
        """Assign anew what general manager's offices decide, and what waits for nobody, as who is in them has changed.

        :param companies: whose offices they are
        """
        decided_there = Domain("way_out", "=", "management") | Domain("user_id", "=", False)
        self._in_batches(Domain("company_id", "in", companies.ids) & decided_there)

    @api.model
    def _in_batches(self, domain):
        """Assign anew which of the reviews to decide have to be.

        :param domain: of the reviews to look at
        """
        for batch in split_every(BATCH, self.search(Domain("state", "=", "pending") & domain).ids, self.browse):
            batch._assign_anew()

    # ------------------------------------------------------------------
    # When days of leave and mandates begin and end
    # ------------------------------------------------------------------

    @api.model
    def _come_back_at(self, moments):
        """Have the job look at some moments, in UTC, who is away and who stands in."""
        now = fields.Datetime.now()
        later = [moment + timedelta(seconds=1) for moment in moments if moment > now]
        if later:
            self.env.ref("order_policy.ir_cron_assign_reviews").sudo()._trigger(later)

    @api.model
    def _cron_assign_reviews(self):
        """Assign anew what waits for people who are away by now, or who stand in no longer."""
        Deputy = self.env["order.policy.deputy"]
        departments = self.env["order.policy.department"].search([("company_id", "!=", False)])
        known = [mandate for company in departments.company_id for mandate in Deputy._known(company.id)]
        people = self.env["res.users"].browse(
            {person for mandate in known for person in (mandate.user, mandate.deputy)}
        )
        people |= departments.member_ids._policy_on_leave()
        waiting = Domain("user_id", "in", people.ids) | Domain("way_out", "!=", False)
        for_all = Domain("user_id", "=", False) & Domain("department_id.member_ids", "in", people.ids)
        ids = self.search(Domain("state", "=", "pending") & (waiting | for_all)).ids
        self.env["ir.cron"]._commit_progress(remaining=len(ids))
        for batch in split_every(BATCH, ids, self.browse):
            batch.exists()._assign_anew()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    def _way_out_in_words(self):
        """Tell who decides instead of the department, and why."""
        self.ensure_one()
        people = self.user_id or self._stand_ins(self.env["res.users"])[0]
        names = format_list(self.env, people.mapped("name")[:3])
        if self.way_out == "management":
            names = self._names_for_office(people)
        words = {"step": self.step_id.name, "department": self.department_id.name, "people": names}
        sentence = {
            "deputy": self.env._(
                "%(step)s: nobody else in %(department)s may decide, since people do not decide on their own orders. "
                "%(people)s decides as deputy.",
                **words,
            ),
            "management": self.env._(
                "%(step)s: nobody in %(department)s can decide: people do not decide on their own orders, or are away. "
                "%(people)s decides for the general manager's office.",
                **words,
            ),
            "away": self.env._(
                "%(step)s: everybody of %(department)s who may decide is away, and has no deputy. It waits for "
                "%(people)s. A deputy can be named under Order Policy > Reviews > Deputies.",
                **words,
            ),
        }[self.way_out]
        return f"{sentence} {self._until_in_words()}" if self.date_due else sentence

    def _until_in_words(self):
        return self.env._("Due on %s.", self._dates()._time_in_words(self.date_due))

    def _dead_end_in_words(self):
        return self.env._(
            "%(step)s: nobody in %(department)s may decide, since people do not decide on their own orders. %(advice)s",
            step=self.step_id.name,
            department=self.department_id.name,
            advice=self._who_can_be_made_responsible(),
        )
