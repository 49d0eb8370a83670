from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from .sale_order_milestone import COMPLETE


class SaleOrderMilestone(models.Model):
    """What departments report of their milestones (articles 1.8, 1.10, 2.9 to 2.11, 3.10)."""

    _inherit = "sale.order.milestone"

    def action_start(self):
        """Report that work on these milestones began. Those that began already stay as they are.

        :raise AccessError: for who is not of the department
        :raise UserError: when one follows from what is posted, or its order is not confirmed any more
        """
        self._check_may_report()
        # Superuser: the person is of the department; what is reported is for methods alone to write.
        started = self.sudo()._lock_open().filtered(lambda milestone: milestone.state == "planned")
        started.write({"started_on": fields.Datetime.now()})
        started._log(lambda milestone: milestone.env._("%s was started.", milestone.name))
        return True

    def action_report(self, progress=False, note=False):
        """Report how far these milestones are.

        :param progress: percent that is done, from 0 to 100
        :param str note: for colleagues, kept with the milestone until the next one, and with the order
        :raise AccessError: for who is not of the department
        :raise UserError: when one follows from what is posted, or is not open; when the progress is no percentage
        """
        self._check_may_report()
        progress, note = self._entered_percentage(progress), self._entered_text(note)
        self._check_not_done_yet()
        # Superuser: the person is of the department; what is reported is for methods alone to write.
        reported = self.sudo()._lock_open()
        if progress == COMPLETE:
            reported._check_can_be_complete()
        reported.filtered(lambda milestone: not milestone.started_on).started_on = fields.Datetime.now()
        reported.write({"progress": progress, **({"note": note} if note else {})})
        reported._log(lambda milestone: milestone._reported_in_words(note))
        return True

    def _reported_in_words(self, note):
        """Return the line that is left with the order: how far it is, unless it has only begun, and what was noted."""
        self.ensure_one()
        values = {"milestone": self.name, "progress": self.progress, "note": note}
        if not note:
            return self.env._("%(milestone)s: %(progress)s %% is done.", **values)
        if not self.progress:
            return self.env._("%(milestone)s: “%(note)s”", **values)
        return self.env._("%(milestone)s: %(progress)s %% is done. “%(note)s”", **values)

    def action_done(self, note=False):
        """Report that these milestones are reached. Those that are reached already stay as they are.

        :param str note: for colleagues, kept with the milestone and the order
        :raise AccessError: for who is not of the department
        :raise UserError: when one follows from what is posted, was skipped, or its order is not confirmed any more
        """
        self._check_may_report()
        note, now = self._entered_text(note), fields.Datetime.now()
        # Superuser: the person is of the department; what is reported is for methods alone to write.
        done = self.sudo()._lock_open().filtered(lambda milestone: milestone.state != "done")
        done._check_can_be_complete()
        done.filtered(lambda milestone: not milestone.started_on).started_on = now
        for progress, milestones in done.grouped("progress").items():
            milestones.progress_before = progress
        done.write(
            {
                "done_on": now,
                "progress": COMPLETE,
                "done_by_id": self.env.uid,
                **({"note": note} if note else {}),
            }
        )
        done._log(
            lambda milestone: (
                milestone.env._("%s is done.", milestone.name)
                if not note
                else milestone.env._("%(milestone)s is done. “%(note)s”", milestone=milestone.name, note=note)
            )
        )
        return True

    def action_skip(self, reason=False):
        """Let these milestones be: their orders do not need them.

        :param str reason: why, kept with the milestone
        :raise AccessError: for everybody but the head of the department
        :raise UserError: without a reason; when one is done, or its order is not confirmed any more
        """
        self._check_may_skip()
        reason = self._entered_text(reason)
        if not reason:
            raise UserError(self.env._("Say why it is skipped: the reason stays with the milestone."))
        self._check_not_done_yet()
        # Superuser: the person heads the department; what is reported is for methods alone to write.
        skipped = self.sudo()._lock_orders().filtered(lambda milestone: not milestone.skipped_on)
        skipped.write({"skipped_on": fields.Datetime.now(), "skip_reason": reason, "done_by_id": self.env.uid})
        skipped._log(
            lambda milestone: milestone.env._(
                "%(milestone)s is skipped: “%(reason)s”", milestone=milestone.name, reason=reason
            )
        )
        return True

    # ------------------------------------------------------------------
    # Who may do it
    # ------------------------------------------------------------------

    @api.depends("is_open", "by_hand", "department_id")
    @api.depends_context("uid")
    def _compute_can_report(self):
        for milestone in self:
            milestone.can_report = milestone.is_open and milestone.by_hand and milestone._may("member")
            milestone.can_skip = milestone.is_open and milestone._may("head")

    def _may(self, authority):
        """Tell whether the current user has an authority in the department of this milestone, or stands in there.

        Where nobody is in the department, or it is archived, the general manager's office acts for it.

        :param str authority: ``member`` or ``head``
        """
        self.ensure_one()
        user, milestone = self.env.user, self.sudo()  # whose department it is shows to whoever sees the milestone
        department = milestone.department_id
        if milestone.company_id.id not in user._get_company_ids():
            return False
        own = user._policy_headed_department_ids() if authority == "head" else user._policy_department_ids()
        if department.id in own or department.id in user._policy_stood_in_for_department_ids(authority):
            return True
        missing = not department._reports_for_itself() or (authority == "head" and not department._people("head"))
        return missing and milestone.company_id.id in user._policy_office_company_ids()

    def _check_may_report(self):
        self.check_access("read")
        self._check_has_authority(
            "member",
            self.env._(
                "Only people of %(department)s report “%(milestone)s” of %(order)s. Ask one of them: %(people)s."
            ),
        )

    def _check_may_skip(self):
        self.check_access("read")
        self._check_has_authority(
            "head",
            self.env._("Only the head of %(department)s may skip “%(milestone)s” of %(order)s. Ask: %(people)s."),
        )

    def _check_has_authority(self, authority, refusal):
        for milestone in self:
            if not milestone._may(authority):
                department = milestone.sudo().department_id
                office = self.env["order.policy.department"]._people_of_management(milestone.sudo().company_id)
                people = (department._people(authority) or office).sudo()[:3]
                raise AccessError(
                    refusal
                    % {
                        "department": department.name,
                        "milestone": milestone.name,
                        "order": milestone.sudo().order_id.name,
                        "people": format_list(self.env, people.mapped("name"))
                        or self.env._("an administrator of the order policy, to add people"),
                    }
                )

    # ------------------------------------------------------------------
    # What can still be done
    # ------------------------------------------------------------------

    def _lock_open(self):
        """Let nobody else work on the orders of these milestones, which are reported by hand.

        :raise UserError: when one follows from what is posted, was skipped, or its order is not confirmed any more
        """
        self._lock_orders()
        for milestone in self:
            if not milestone.by_hand:
                raise UserError(milestone._refusal_as_it_follows())
            if milestone.skipped_on:
                raise UserError(
                    self.env._(
                        "%(milestone)s was skipped: “%(reason)s”. Nothing was recorded. Reload the page.",
                        milestone=milestone.display_name,
                        reason=milestone.skip_reason,
                    )
                )
        return self

    def _check_can_be_complete(self):
        """Refuse to call these milestones complete while something keeps them from it. Each matter adds its own.

        :raise UserError: see there; in superuser mode
        """

    def _lock_orders(self):
        self.order_id._lock_or_refuse()
        self.order_id._check_is_not_closed()
        for milestone in self:
            if not milestone._counts():
                raise UserError(
                    self.env._(
                        "%s is not confirmed under this policy any more, so there is nothing to report. "
                        "Reload the page.",
                        milestone.order_id.name,
                    )
                )
        return self

    def _refusal_as_it_follows(self):
        self.ensure_one()
        sources = dict(self._fields["source"]._description_selection(self.env))
        return self.env._(
            "%(milestone)s follows by itself from what is posted (%(reported_by)s), and is not reported by hand. Post "
            "what was done; if the order does not need it, the head of %(department)s may skip it.",
            milestone=self.display_name,
            reported_by=sources[self.source],
            department=self.department_id.name,
        )

    def _check_not_done_yet(self):
        # Superuser: whoever may report them reads them.
        done = self.sudo().filtered(lambda milestone: milestone.state == "done")
        if done:
            raise UserError(
                self.env._(
                    "%s: done already. Nothing was recorded. Reload the page.",
                    format_list(self.env, done.mapped("display_name")),
                )
            )

    @api.model
    def _entered_percentage(self, entered):
        if type(entered) not in (int, float) or not 0 <= entered <= COMPLETE:
            raise UserError(self.env._("“%s” is no progress. Enter percent, from 0 to 100.", repr(entered)[:50]))
        return int(entered)

    def _log(self, words):
        """Leave a line about each of these milestones with its order, in the name of who reported it.

        :param words: a function that returns the line for a milestone
        """
        for order, milestones in self.grouped("order_id").items():
            for milestone in milestones:
                order._message_log(body=words(milestone))
