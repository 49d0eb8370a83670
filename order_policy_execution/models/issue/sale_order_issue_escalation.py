import logging

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import format_list, split_every

_logger = logging.getLogger(__name__)

ESCALATED_AT_ONCE = 100


class SaleOrderIssue(models.Model):
    """Who learns of exceptions that are left lying: the head, then the general manager's office (article 2.14)."""

    _inherit = "sale.order.issue"

    escalation = fields.Selection(
        [("head", "To the Head"), ("management", "To the General Manager's Office")],
        "Escalated",
        readonly=True,
        help="Who learned that it is not settled in time.",
    )
    escalated_on = fields.Datetime(readonly=True)
    escalated_to_ids = fields.Many2many(
        "res.users", "sale_order_issue_escalated_to_rel", readonly=True, copy=False, ondelete="restrict"
    )

    @api.model
    def _cron_escalate(self):
        """Tell those in charge of exceptions that are not settled in time, each of them once."""
        due = [
            (level, ids) for level, issues in self._to_escalate() for ids in split_every(ESCALATED_AT_ONCE, issues.ids)
        ]
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for level, ids in due:
            issues = self.browse(ids).try_lock_for_update(allow_referencing=True)
            issues.filtered(lambda issue: issue.state != "settled")._escalate(level)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _to_escalate(self):
        """Return pairs of a level and the exceptions that are to be escalated to it now."""
        overdue = self._domain_overdue()
        policies = self._read_group(overdue & Domain("escalation", "!=", "management"), ["policy_id"])
        for [policy] in policies:
            of_policy = overdue & Domain("policy_id", "=", policy.id)
            new, since = of_policy & Domain("escalation", "=", False), "date_due"
            if hours := policy.issue_head_hours:
                yield "head", self.search(new & Domain(since, "<=", policy._working_hours_ago(hours)))
                new, since = of_policy & Domain("escalation", "=", "head"), "escalated_on"
            if hours := policy.issue_management_hours:
                yield "management", self.search(new & Domain(since, "<=", policy._working_hours_ago(hours)))

    def _escalate(self, level):
        """Record that exceptions are left lying, and tell those concerned."""
        told, now = {}, fields.Datetime.now()
        for (reached, people), issues in self.grouped(lambda issue: issue._whom_to_tell(level)).items():
            issues.write(
                {
                    "escalation": reached,
                    "escalated_on": now,
                    "escalated_to_ids": [Command.link(person.id) for person in people],
                }
            )
            for person in people:
                told[person] = told.get(person, self.browse()) + issues
        self._message_log_batch({issue.id: issue._escalation_in_words() for issue in self})
        if failed := self._try(lambda: self._write_letters(told)):
            _logger.warning("Exceptions that are left lying could not be told of: %s", failed)

    def _whom_to_tell(self, level):
        """Return the level that an exception is escalated to, and who learns of it; nobody of what he left lying."""
        self.ensure_one()
        department = self.department_id if level == "head" else self.department_id.browse()
        return self._in_charge(department, self.company_id, self.owner_id)

    def _escalation_in_words(self):
        return self.env._(
            "Not settled by %(date)s. Told: %(people)s.",
            date=self.env["order.policy.words"]._time_in_words(self.date_due),
            people=format_list(self.env, self.escalated_to_ids.mapped("name"))
            or self.env._("nobody, as nobody is in charge"),
        )

    # ------------------------------------------------------------------
    # Letters
    # ------------------------------------------------------------------

    def _letter_subject(self):
        if len(self) == 1 and self.is_overdue:
            return self.env._("Not settled: %s", self.display_name)
        if len(self) == 1:
            return self.env._("To settle: %s", self.display_name)
        return self.env._("%s exceptions are not settled in time", len(self))

    def _letter_introduction(self):
        if any(self.mapped("is_overdue")):
            return self.env._("These exceptions are not settled in time:")
        return self.env._("This exception is for you to settle:")

    @api.model
    def _letter_page(self):
        return "exceptions"

    def _prepare_task_row(self):
        label = self._fields["severity"].convert_to_export(self.severity, self)
        return {
            **super()._prepare_task_row(),
            "name": self.display_name,
            "order": self.order_id.name,
            "what": label,
            "who": self.owner_id.name or self.department_id.name or "",
            "due": self.date_due and self.env["order.policy.words"]._time_in_words(self.date_due),
        }
