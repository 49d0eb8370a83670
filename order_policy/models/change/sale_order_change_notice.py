from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_list


class SaleOrderChangeNotice(models.Model):
    """One department that learns of a request that was carried out, and acknowledges it (articles 2.8, 3.13, 3.15)."""

    _name = "sale.order.change.notice"
    _description = "Notice of a Change or Cancellation"
    _inherit = "order.policy.evidence.mixin"
    _order = "id"

    change_id = fields.Many2one("sale.order.change", required=True, readonly=True, index=True, ondelete="restrict")
    order_id = fields.Many2one(related="change_id.order_id")
    company_id = fields.Many2one(related="change_id.company_id", store=True, precompute=True, index=True)
    department_id = fields.Many2one("order.policy.department", readonly=True, index=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", "Told", readonly=True, ondelete="restrict")
    tasks = fields.Text("Left to Do", readonly=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, index="btree_not_null", ondelete="set null")
    acknowledged_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    acknowledged_on = fields.Datetime(readonly=True)
    can_acknowledge = fields.Boolean(compute="_compute_can_acknowledge", exportable=False)

    @api.depends("change_id.name", "department_id.name")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = f"{notice.change_id.name} · {notice.department_id.name or notice.user_id.name}"

    @api.depends("acknowledged_by_id")
    @api.depends_context("uid")
    def _compute_can_acknowledge(self):
        for notice in self:
            notice.can_acknowledge = not notice.acknowledged_by_id and self.env.user in notice._people()

    def _people(self):
        """Return who can acknowledge for the department; the person told where there is none."""
        self.ensure_one()
        notice = self.sudo()
        return notice.department_id._people("member") if notice.department_id else notice.user_id

    @api.model
    def _tell(self, change, tasks):
        """Tell departments of a request that was carried out; those that have something to do by one activity each.

        The activity is in the menu of who is told; no e-mail comes with it.

        :param change: sale.order.change record in superuser mode
        :param dict tasks: what is left to do by hand, as lists of sentences by department
        """
        for department, sentences in tasks.items():
            people = department._people("member") if department else change._who_looks_after_it()
            head = department.head_id & people
            notice = self.sudo().create(
                {
                    "change_id": change.id,
                    "department_id": department.id,
                    "user_id": (head or people)[:1].id,
                    "tasks": "\n".join(sentences) or False,
                }
            )
            if notice.user_id and sentences:
                in_words = notice.with_context(lang=notice.user_id.lang)
                notice.activity_id = change.with_context(mail_activity_quick_update=True).activity_schedule(
                    "order_policy.mail_activity_type_notice",
                    summary=in_words._summary(),
                    note=Markup("%s<ul>%s</ul>")
                    % (
                        in_words.change_id.differences_html or "",
                        Markup().join(Markup("<li>%s</li>") % sentence for sentence in sentences),
                    ),
                    user_id=notice.user_id.id,
                )

    def _summary(self):
        change = self.change_id
        if change.kind == "cancel":
            return self.env._("%s was cancelled: acknowledge", change.order_id.name)
        return self.env._("%s was changed: acknowledge", change.order_id.name)

    def action_acknowledge(self):
        """Acknowledge for the own department that an order was changed or cancelled.

        :raise AccessError: for people of other departments
        """
        self.check_access("read")
        self._check_may_acknowledge()
        for notice in self.filtered(lambda notice: not notice.acknowledged_by_id):
            # The person belongs to the department.
            activity = notice.sudo().activity_id.filtered("active").sudo(False)
            if activity:
                activity.sudo().action_feedback()
            else:
                notice.sudo()._record()
        return True

    def _check_may_acknowledge(self):
        for notice in self:
            people = notice._people()
            if self.env.user not in people:
                raise AccessError(
                    self.env._(
                        "Only %(department)s acknowledges this: %(people)s.",
                        department=notice.sudo().department_id.name or self.env._("the person told"),
                        people=format_list(self.env, people.mapped("name")[:3]) or self.env._("nobody yet"),
                    )
                )

    def _record(self):
        open_notices = self.filtered(lambda notice: not notice.acknowledged_by_id)
        open_notices.write({"acknowledged_by_id": self.env.uid, "acknowledged_on": fields.Datetime.now()})
