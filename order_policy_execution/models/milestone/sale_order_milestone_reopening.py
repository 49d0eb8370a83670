from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class SaleOrderMilestone(models.Model):
    """What was reported or skipped by mistake is to be done again (articles 1.8, 1.10, 3.10).

    What was said before stays: with the order there is who said it, when, and why it does not hold.
    """

    _inherit = "sale.order.milestone"

    progress_before = fields.Integer(readonly=True, help="Percent that was reported before it was done.")
    reopened_on = fields.Datetime("Reopened", readonly=True, copy=False)
    reopened_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    reopen_reason = fields.Text("Reopened Because", readonly=True, copy=False)
    can_reopen = fields.Boolean(compute="_compute_can_reopen", exportable=False)

    @api.depends("state", "by_hand", "department_id", "order_id.state", "order_id.policy_id", "order_id.policy_stage")
    @api.depends_context("uid")
    def _compute_can_reopen(self):
        for milestone in self:
            # Superuser: whether an order goes on shows to whoever sees its milestones.
            order = milestone.sudo().order_id
            milestone.can_reopen = bool(
                milestone._can_be_undone()
                and milestone.sudo()._counts()
                and not order._policy_is_closed()
                and milestone._may("head")
            )

    def _can_be_undone(self):
        """Tell whether it is skipped, or was reported as done by hand: what follows from what is posted follows on."""
        self.ensure_one()
        return self.state == "skipped" or (self.state == "done" and self.by_hand)

    def action_reopen(self, reason=False):
        """Have these milestones done again that were reported as done, or skipped, by mistake.

        They go back to how they stood before, with the progress that was reported then. Those that follow from what is
        posted do so from then on; planned dates are those of what is promised now.

        :param str reason: what was wrong, kept with the milestone and the order
        :raise AccessError: for everybody but the head of the department
        :raise UserError: without a reason; when one is open already, follows from what is posted, or its order is
            archived or not confirmed any more
        """
        self._check_may_reopen()
        reason = self._entered_text(reason)
        if not reason:
            raise UserError(self.env._("Say what was wrong: the reason stays with the milestone."))
        # Superuser: the person heads the department; what is reported is for methods alone to write.
        milestones = self.sudo()._lock_orders()
        milestones._check_can_be_undone()
        said = {milestone: milestone._undone_in_words(reason) for milestone in milestones}
        milestones._undo()
        milestones.write(
            {"reopened_on": fields.Datetime.now(), "reopened_by_id": self.env.uid, "reopen_reason": reason}
        )
        milestones._log(said.get)
        milestones.order_id._follow_milestones()
        milestones._follow_reopening()
        return True

    def _check_may_reopen(self):
        self.check_access("read")
        self._check_has_authority(
            "head",
            self.env._("Only the head of %(department)s may reopen “%(milestone)s” of %(order)s. Ask: %(people)s."),
        )

    def _check_can_be_undone(self):
        if open_ones := self.filtered(lambda milestone: milestone.state not in ("done", "skipped")):
            raise UserError(
                self.env._(
                    "%s: neither done nor skipped, so it cannot be reopened. Nothing was recorded. Reload the page.",
                    format_list(self.env, open_ones.mapped("display_name")),
                )
            )
        for milestone in self:
            if not milestone._can_be_undone():
                raise UserError(
                    self.env._(
                        "%(milestone)s follows by itself from what is posted (%(reported_by)s), and is not reopened by "
                        "hand. Take back what was posted by mistake: the milestone is open again then.",
                        milestone=milestone.display_name,
                        reported_by=dict(self._fields["source"]._description_selection(self.env))[milestone.source],
                    )
                )

    def _undone_in_words(self, reason):
        """Return the line that is left with the order: what was said, by whom and when, and why it does not hold."""
        self.ensure_one()
        values = {
            "milestone": self.name,
            "person": self.done_by_id.name,
            "day": self.env["order.policy.words"]._day_in_words(self.skipped_on or self.done_on),
            "reason": reason,
        }
        if self.state == "skipped":
            return self.env._(
                "%(milestone)s is to be done again: “%(reason)s” %(person)s had skipped it on %(day)s: “%(skipped)s”",
                skipped=self.skip_reason,
                **values,
            )
        if not self.done_by_id:  # it followed from what was posted, of which there is nothing left
            return self.env._(
                "%(milestone)s is to be done again: “%(reason)s” It followed from what was posted, as done on %(day)s.",
                **values,
            )
        return self.env._(
            "%(milestone)s is to be done again: “%(reason)s” %(person)s had reported on %(day)s that it was done.",
            **values,
        )

    def _undo(self):
        skipped = self.filtered("skipped_on")
        done = self - skipped
        # What was never reported as started was started by being done.
        at_once = done.filtered(lambda milestone: milestone.started_on == milestone.done_on)
        at_once.write({"done_on": False, "started_on": False, "done_by_id": False, "progress": 0})
        for progress, milestones in (done - at_once).grouped("progress_before").items():
            milestones.write({"done_on": False, "done_by_id": False, "progress": progress})
        skipped.done_by_id = False
        # Apart from the person: what was skipped follows from what is posted again, which this makes it do.
        skipped.write({"skipped_on": False, "skip_reason": False})

    def _follow_reopening(self):
        """Do what follows from that these milestones are to be done again, in superuser mode. Floors add theirs."""
