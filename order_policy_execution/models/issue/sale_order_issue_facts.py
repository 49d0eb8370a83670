from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

REPORTED_AT_ONCE = 50


class SaleOrderIssue(models.Model):
    """Exceptions that nobody has to report: milestones that are late for longer than the policy lets them (1.11)."""

    _inherit = "sale.order.issue"

    milestone_id = fields.Many2one(
        "sale.order.milestone", readonly=True, index="btree_not_null", ondelete="restrict", help="Which is late."
    )

    is_of_the_past = fields.Boolean(
        readonly=True, exportable=False, help="It was settled, and its milestone reopened since: that can be late anew."
    )

    @api.model
    def _cron_report_late(self):
        """Report milestones that are late for too long, each once, whether it is settled meanwhile or not."""
        late = [ids for milestones in self._late_milestones() for ids in split_every(REPORTED_AT_ONCE, milestones.ids)]
        self.env["ir.cron"]._commit_progress(remaining=len(late))
        for ids in late:
            for milestone in self.env["sale.order.milestone"].browse(ids):
                self._report_late(milestone)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _late_milestones(self):
        """Return by policy the milestones that are late for too long, of orders that go on, and not reported yet."""
        reported = self._search([("milestone_id", "!=", False), ("is_of_the_past", "=", False)])
        reported = reported.subselect("milestone_id")
        for policy in self.env["order.policy"].search([("issue_late_days", ">", 0), ("company_id", "!=", False)]):
            today = self.env["order.policy.deputy"]._today(policy.company_id)
            latest = self.env["order.policy.working.days"]._count_from(
                policy.company_id, {(today, -policy.issue_late_days)}
            )
            yield self.env["sale.order.milestone"].search(
                Domain("is_open", "=", True)
                & Domain("policy_milestone_id.policy_id", "=", policy.id)
                & Domain("planned_on", "<", latest[today, -policy.issue_late_days])
                & Domain("id", "not in", reported)
            )

    @api.model
    def _report_late(self, milestone):
        milestone = milestone.with_context(lang=milestone.company_id.partner_id.lang)
        issue = self._report(
            milestone.order_id,
            "payment" if milestone.kind == "payment" else "delay",
            "medium",
            milestone.env._("%s is late", milestone.name),
            milestone.env._(
                "%(milestone)s was planned for %(date)s, and is not done.",
                milestone=milestone.name,
                date=milestone.env["order.policy.words"]._day_in_words(milestone.planned_on),
            ),
            milestone.department_id,
        )
        if issue and not issue.milestone_id:
            issue.milestone_id = milestone
