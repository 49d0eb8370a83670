from odoo import api, fields, models
from odoo.fields import Domain


class OrderPolicy(models.Model):
    """How orders follow when another version comes into force: few at once, and many by a job."""

    _name = "order.policy"
    _inherit = ["order.policy", "order.policy.backlog.mixin"]

    _at_once = 1000

    following = fields.Char("Orders That Still Follow", compute="_compute_following")

    @api.depends("state", "company_id")
    @api.depends_context("lang")
    def _compute_following(self):
        # Superuser: no more is told than how many there are.
        orders = self.env["sale.order"].sudo()
        counts = dict(orders._read_group(self._job_domain(), ["company_id"], ["__count"]))
        for policy in self:
            count = counts.get(policy.company_id, 0)
            newest = policy.state != "draft" and self._in_force(policy.company_id) in (policy, self.browse())
            policy.following = bool(count and newest) and self.env._(
                "This holds for all quotations already. In lists, the stage of %s of them follows within minutes; "
                "nobody has to wait for it.",
                self.env["order.policy.words"]._number_in_words(count),
            )

    def _after_change_of_force(self):
        result = super()._after_change_of_force()
        # Superuser: who puts a policy in force decides for all orders.
        orders = self.env["sale.order"].sudo().search(self._job_domain(), limit=self._at_once + 1)
        if len(orders) > self._at_once:
            self._job()._trigger()
        else:
            orders._follow_version()
        # Once more, for what somebody else stored at this very moment, by what was in force until then.
        self._job()._trigger(fields.Datetime.add(fields.Datetime.now(), minutes=1))
        return result

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _job(self):
        # Superuser: jobs are not for people to see, and are started for them.
        return self.env.ref("order_policy.ir_cron_follow_policy").sudo()

    @api.model
    def _job_domain(self):
        return Domain("policy_follow_due", "=", True)

    def _do_job(self, orders, prepared):
        orders._follow_version()

    @api.model
    def _cron_follow_policy(self):
        for company in self.search([("state", "!=", "draft")]).company_id:
            self.env["sale.order"]._follow_policy_in_force(company)
        self._work_off()
