from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from .sale_order import LEVELS

BATCH = 1000


class SaleOrder(models.Model):
    """Who is told that orders are in danger: once for each level, all orders of a morning at once."""

    _inherit = "sale.order"

    policy_danger_told = fields.Char(
        readonly=True, copy=False, help="The highest level of danger of which sales was told.", exportable=False
    )

    @api.model
    def _cron_forecast(self):
        """Measure how long departments take, forecast all orders in execution, and tell of those in danger."""
        self.env["order.policy.pace"]._measure()
        ids = self.search(self._domain_to_forecast(), order="id").ids
        self.env["ir.cron"]._commit_progress(remaining=len(ids))
        for batch in split_every(BATCH, ids, self.browse):
            batch.exists()._follow_documents()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return
        self.search(self._domain_in_danger())._tell_of_danger()

    @api.model
    def _domain_to_forecast(self):
        return Domain("policy_stage", "=", "execution") & Domain("milestone_ids.is_open", "=", True)

    @api.model
    def _domain_in_danger(self):
        return Domain("policy_danger", "in", LEVELS[1:])

    def _follow_documents(self):
        result = super()._follow_documents()
        self._forecast_anew()
        return result

    def _forecast_anew(self):
        """Forecast these orders by the present day. Called by the job, in superuser mode."""
        milestones = self.milestone_ids
        self.env.add_to_compute(milestones._fields["forecast_on"], milestones)
        milestones.flush_recordset(["forecast_on"])
        self.env.add_to_compute(milestones._fields["danger"], milestones)
        self.env.add_to_compute(self._fields["policy_danger"], self)
        self.env.flush_all()

    def _tell_of_danger(self):
        """Tell salespeople and their heads of these orders, in one note for each person. In superuser mode."""
        worse = self.filtered(
            lambda order: LEVELS.index(order.policy_danger) > LEVELS.index(order.policy_danger_told or "low")
        )
        for person, orders in worse._by_who_is_told_of_danger().items():
            orders._notify_of_danger(person)
        for level, orders in worse.grouped("policy_danger").items():
            orders.policy_danger_told = level

    def _by_who_is_told_of_danger(self):
        """Return these orders by people: who sells them, and who heads the sales department of that person."""
        told = {}
        for seller, orders in self.grouped(lambda order: order._who_sells()).items():
            heads = seller._policy_departments("member_ids").head_id if seller else seller
            for person in (seller | heads).filtered("active"):
                told[person] = told.get(person, self.browse()) | orders
        return told

    def _notify_of_danger(self, person):
        orders = self.with_context(lang=person.lang).sorted(lambda order: (-order.policy_danger_days, order.id))
        self.env["mail.thread"].with_context(lang=person.lang, mail_notify_force_send=False).message_notify(
            partner_ids=person.partner_id.ids,
            subject=orders.env._("Orders in danger: %s", len(orders)),
            body=self.env["ir.qweb"]
            .with_context(lang=person.lang)
            ._render("order_policy_execution.orders_in_danger_letter", {"orders": orders}),
        )
