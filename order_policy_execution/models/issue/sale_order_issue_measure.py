from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SaleOrderIssueMeasure(models.Model):
    """What is done about an exception: what, by whom, until when, and whether it was done (article 2.14)."""

    _name = "sale.order.issue.measure"
    _description = "Measure against an Exception"
    _inherit = ["order.policy.believable.mixin", "order.policy.evidence.mixin"]
    _order = "date_due, id"

    issue_id = fields.Many2one(
        "sale.order.issue", "Exception", required=True, readonly=True, index=True, ondelete="restrict"
    )
    order_id = fields.Many2one(related="issue_id.order_id", store=True, precompute=True, index=True)
    company_id = fields.Many2one(related="issue_id.company_id", store=True, precompute=True)
    name = fields.Char("What Is Done", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, index=True, ondelete="restrict")
    date_due = fields.Date("Until", required=True, readonly=True)
    planned_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Done"), ("dropped", "Dropped")],
        "Status",
        required=True,
        default="planned",
        readonly=True,
    )
    ended_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    ended_on = fields.Datetime(readonly=True)
    note = fields.Text(readonly=True, help="What came of it, or why it was dropped.")
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue")
    can_end = fields.Boolean(compute="_compute_can_end", exportable=False)

    @api.constrains("name", "note", "date_due")
    def _check_can_be_read(self):
        self._check_is_believable(["name", "note", "date_due"])

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for measure in self:
            measure.is_overdue = measure.state == "planned" and measure.date_due and measure.date_due < today

    @api.depends("state", "user_id")
    @api.depends_context("uid")
    def _compute_can_end(self):
        for measure in self:
            measure.can_end = measure.state == "planned" and measure._is_ended_by(self.env.user)

    def _is_ended_by(self, user):
        self.ensure_one()
        return user == self.sudo().user_id or self.issue_id._is_handled_by(user)

    def action_done(self, note=False):
        """Mark measures as done.

        :param str note: what came of it
        :raise AccessError: for people whose they are not
        :raise UserError: when one is done or dropped already
        """
        note = self._entered_text(note)
        self._check_may_end()
        self._end("done", note)
        return True

    def action_drop(self, reason=False):
        """Drop measures that are not needed any more.

        :param str reason: why
        :raise AccessError: for people whose they are not
        :raise UserError: without a reason, or when one is done or dropped already
        """
        reason = self._entered_text(reason)
        self._check_may_end()
        if not reason:
            raise UserError(self.env._("Say why it is not done: whoever planned it reads that."))
        self._end("dropped", reason)
        return True

    def _check_may_end(self):
        self.check_access("read")
        for measure in self:
            if not measure._is_ended_by(self.env.user):
                raise AccessError(
                    self.env._(
                        "“%(measure)s” is for %(person)s, or for who settles %(issue)s. Ask one of them.",
                        measure=measure.name,
                        person=measure.sudo().user_id.name,
                        issue=measure.issue_id.display_name,
                    )
                )
            if measure.state != "planned":
                raise UserError(
                    self.env._("“%s” is done or dropped already. Plan another measure instead.", measure.name)
                )

    def _end(self, state, note):
        # Who gets here does them, or settles the exception; who did, and when, is not for him to choose.
        self.sudo().write(
            {"state": state, "note": note, "ended_by_id": self.env.uid, "ended_on": fields.Datetime.now()}
        )
