import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

TOLD_AT_ONCE = 200


class SaleOrderFollowup(models.Model):
    """Who learns of words that customers did not get in time: the head of the department, once (article 2.12)."""

    _inherit = "sale.order.followup"

    escalated_on = fields.Datetime(readonly=True, help="When the head of the department learned that it was missed.")
    escalated_to_ids = fields.Many2many(
        "res.users", "sale_order_followup_escalated_to_rel", readonly=True, copy=False, ondelete="restrict"
    )

    @api.model
    def _cron_tell_of_missed(self):
        """Tell the heads of departments of follow-ups that were missed, each once."""
        missed = self.browse(id_ for followups in self._missed() for id_ in followups.ids)
        self.env["ir.cron"]._commit_progress(remaining=len(missed))
        for batch in split_every(TOLD_AT_ONCE, missed.ids):
            followups = self.browse(batch).try_lock_for_update(allow_referencing=True)
            followups.filtered(lambda followup: followup.state == "due" and not followup.escalated_on)._tell_of_missed()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    @api.model
    def _missed(self):
        """Return by company the follow-ups that were missed, by its own calendar day, and of which nobody was told."""
        new = Domain("state", "=", "due") & Domain("escalated_on", "=", False)
        latest = (fields.Datetime.now() + timedelta(hours=14)).date()  # where the day is furthest on earth
        for [company] in self._read_group(new & Domain("date_due", "<", latest), ["company_id"]):
            today = self.env["order.policy.deputy"]._today(company)
            yield self.search(new & Domain("company_id", "=", company.id) & Domain("date_due", "<", today))

    def _tell_of_missed(self):
        told, now = {}, fields.Datetime.now()
        for people, followups in self.grouped(lambda followup: followup._who_learns_of_it()).items():
            followups.write({"escalated_on": now, "escalated_to_ids": [Command.link(person.id) for person in people]})
            for person in people:
                told[person] = told.get(person, self.browse()) + followups
        if failed := self._try(lambda: self._write_letters(told)):
            _logger.warning("Follow-ups that were missed could not be told of: %s", failed)

    def _who_learns_of_it(self):
        """Return the head of the department; the general manager's office of what the head missed himself."""
        self.ensure_one()
        _level, people = self._in_charge(self.department_id, self.company_id, self.salesperson_id)
        return people

    # ------------------------------------------------------------------
    # Letters
    # ------------------------------------------------------------------

    def _letter_subject(self):
        if len(self) == 1:
            return self.env._("Customer not told: %s", self.order_id.name)
        return self.env._("%s customers were not told in time how their orders stand", len(self))

    def _letter_introduction(self):
        return self.env._("These customers were not told in time how their orders stand:")

    @api.model
    def _letter_page(self):
        return "follow-ups"

    def _prepare_task_row(self):
        return {
            **super()._prepare_task_row(),
            "name": self.order_id.name,
            "what": self.salesperson_id.name or "",
            "who": "",
            "due": self.env["order.policy.words"]._day_in_words(self.date_due),
        }
