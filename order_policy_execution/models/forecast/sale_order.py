from odoo import api, fields, models

# From the least to the most.
LEVELS = ("low", "medium", "high", "late")


class SaleOrder(models.Model):
    """Which orders are in danger of being late, who holds them, by how much, and what would help (article 1.11)."""

    _inherit = "sale.order"

    policy_danger = fields.Selection(
        [("low", "On Track"), ("medium", "At Risk"), ("high", "Will Be Late"), ("late", "Late")],
        "Danger",
        compute="_compute_policy_danger",
        store=True,
        copy=False,
        help="On Track: as planned. At Risk: most of the time for a milestone is used, and it is not as far. "
        "Will Be Late: by the forecast. Late: a planned date has passed.",
    )
    policy_danger_days = fields.Integer(
        "Days Behind", compute="_compute_policy_danger", store=True, copy=False, aggregator="max"
    )
    policy_danger_milestone_id = fields.Many2one(
        "sale.order.milestone",
        "Milestone in Danger",
        compute="_compute_policy_danger",
        store=True,
        copy=False,
        ondelete="set null",
    )
    policy_danger_department_id = fields.Many2one(
        "order.policy.department",
        "Held By",
        compute="_compute_policy_danger",
        store=True,
        copy=False,
        ondelete="set null",
        help="The department whose milestone holds the order.",
    )
    policy_forecast_on = fields.Date(
        "Forecast",
        compute="_compute_policy_danger",
        store=True,
        copy=False,
        help="When its last milestone will be reached, by how things go.",
    )
    policy_danger_in_words = fields.Text("Why It Is in Danger", compute="_compute_policy_danger_in_words")

    _policy_in_danger = models.Index("(policy_danger_days, id) WHERE policy_danger IN ('medium', 'high', 'late')")

    @api.depends(
        "state",
        "milestone_ids.forecast_on",
        "milestone_ids.planned_on",
        "milestone_ids.started_on",
        "milestone_ids.progress",
        "milestone_ids.is_open",
    )
    def _compute_policy_danger(self):
        now = fields.Datetime.now()
        for order in self:
            # Superuser: how an order stands shows to whoever sees it.
            open_ones = order.sudo().milestone_ids.filtered("is_open").sorted("sequence")
            today = order._policy_local_date(now) if open_ones else None
            dangers = {milestone: milestone._danger(today) for milestone in open_ones}
            worst = max((level for level, _days in dangers.values()), key=LEVELS.index, default=False)
            order.policy_danger = worst
            order.policy_danger_days = max((days for _level, days in dangers.values()), default=0)
            holding = next((milestone for milestone, danger in dangers.items() if danger[0] == worst != "low"), False)
            order.policy_danger_milestone_id = holding
            order.policy_danger_department_id = holding and holding.department_id
            order.policy_forecast_on = max(filter(None, open_ones.mapped("forecast_on")), default=False)

    @api.depends("policy_danger", "policy_danger_days", "policy_danger_milestone_id")
    @api.depends_context("lang")
    def _compute_policy_danger_in_words(self):
        for order in self:
            order.policy_danger_in_words = order._danger_in_words()

    def _danger_in_words(self):
        self.ensure_one()
        milestone = self.sudo().policy_danger_milestone_id  # who holds an order shows to whoever sees it
        if not milestone:
            return False
        words = self.env["order.policy.words"]
        values = {
            "milestone": milestone.name,
            "department": milestone.department_id.name,
            "planned": words._day_in_words(milestone.planned_on),
            "forecast": words._day_in_words(milestone.forecast_on),
            "days": self.policy_danger_days,
        }
        if self.policy_danger == "late":
            sentence = self.env._(
                "%(department)s holds it: “%(milestone)s” was planned for %(planned)s, and is expected on "
                "%(forecast)s.",
                **values,
            )
        elif self.policy_danger == "high":
            sentence = self.env._(
                "%(department)s holds it: “%(milestone)s” is planned for %(planned)s, and will be reached on "
                "%(forecast)s by how things go.",
                **values,
            )
        else:
            sentence = self.env._(
                "%(department)s holds it: most of the time for “%(milestone)s” is used, which is planned for "
                "%(planned)s.",
                **values,
            )
        return f"{sentence} {milestone._help_in_words()}"
