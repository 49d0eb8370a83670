from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

OPEN_STATES = ("planned", "started")
COMPLETE = 100


class SaleOrderMilestone(models.Model):
    """What a department does for one confirmed order: planned, started, done (articles 1.8 to 1.10, 2.9 to 2.11, 3.10).

    Nobody writes it. Where its source is known it follows from what is posted, whoever posted it and however: that is
    computed and stored. Else members of the department report it.
    """

    _name = "sale.order.milestone"
    _description = "Milestone of an Order"
    _inherit = ["order.policy.believable.mixin", "order.policy.evidence.mixin"]
    _order = "order_id desc, sequence, id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id")
    salesperson_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    commitment_date = fields.Datetime(related="order_id.commitment_date", string="Promised Date")
    policy_milestone_id = fields.Many2one(
        "order.policy.milestone", "Rule", required=True, readonly=True, index=True, ondelete="restrict"
    )
    name = fields.Char(related="policy_milestone_id.name")
    sequence = fields.Integer(related="policy_milestone_id.sequence", store=True, precompute=True)
    kind = fields.Selection(related="policy_milestone_id.kind", store=True, precompute=True)
    source = fields.Selection(related="policy_milestone_id.source", store=True)
    department_id = fields.Many2one(related="policy_milestone_id.department_id", store=True, precompute=True)
    confirmed_on = fields.Datetime("Order Confirmed", readonly=True, required=True)
    planned_on = fields.Date("Planned", compute="_compute_planned_on", store=True)
    forecast_on = fields.Date("Forecast", readonly=True, help="When it will be reached, by how things go.")
    started_on = fields.Datetime("Started", compute="_compute_facts", store=True)
    done_on = fields.Datetime("Done", compute="_compute_facts", store=True)
    progress = fields.Integer("Progress (%)", compute="_compute_facts", store=True, aggregator="avg")
    by_hand = fields.Boolean(
        "Reported by Hand",
        compute="_compute_facts",
        store=True,
        help="The department reports it, as nothing is posted of which it could follow.",
    )
    done_by_id = fields.Many2one(
        "res.users", compute="_compute_facts", store=True, ondelete="restrict", help="Who reported or skipped it."
    )
    note = fields.Text(readonly=True)
    skipped_on = fields.Datetime("Skipped", readonly=True)
    skip_reason = fields.Text("Skipped Because", readonly=True)
    state = fields.Selection(
        [("planned", "Planned"), ("started", "Started"), ("done", "Done"), ("skipped", "Skipped")],
        "Status",
        compute="_compute_state",
        store=True,
    )
    is_open = fields.Boolean(
        "To Do",
        compute="_compute_is_open",
        store=True,
        help="Neither done nor skipped, of an order that is confirmed.",
    )
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")
    is_mine = fields.Boolean("My Department", compute="_compute_is_mine", search="_search_is_mine")
    can_report = fields.Boolean(compute="_compute_can_report", exportable=False)
    can_skip = fields.Boolean(compute="_compute_can_report", exportable=False)

    _one_each = models.UniqueIndex("(order_id, policy_milestone_id)", "The order has this milestone already.")
    _to_do = models.Index("(department_id, planned_on, id) WHERE is_open")

    @api.depends("order_id.name", "policy_milestone_id.name")
    def _compute_display_name(self):
        for milestone in self:
            milestone.display_name = f"{milestone.order_id.name} · {milestone.name}"

    # ------------------------------------------------------------------
    # What follows from facts
    # ------------------------------------------------------------------

    @api.depends(lambda self: self._fact_dependencies())
    def _compute_facts(self):
        facts = self._known_facts()
        for milestone in self:
            milestone._take(facts.get(milestone))

    def _known_facts(self):
        """Return what is known of these milestones, see ``_facts``; nothing of those that are skipped."""
        facts = {}
        for source, milestones in self.filtered(lambda milestone: not milestone.skipped_on).grouped("source").items():
            facts |= milestones._facts(source)
        return facts

    def _follow_facts(self):
        """Bring these milestones in line with the facts. Nothing follows from one whose facts are as they were."""
        facts = self._known_facts()

        def changes(milestone):
            values = milestone._values_of(facts.get(milestone))
            return tuple((name, value) for name, value in values.items() if (milestone[name] or 0) != (value or 0))

        for changed, milestones in self.grouped(changes).items():
            if changed:
                milestones.write(dict(changed))

    @api.model
    def _fact_dependencies(self):
        """Return on what milestones depend that follow from what is posted. Each source adds its own."""
        return ["source", "skipped_on", "order_id.state", "order_id.order_line.product_uom_qty"]

    def _facts(self, source):
        """Return what is known of these milestones of one source; a source that is unknown here is reported by hand.

        ``_facts_<source>`` does it, of all at once, in superuser mode. A milestone that it leaves out cannot be judged,
        as there is nothing of the kind in its order: the department reports it.

        :return: dict of tuples (started on, done on, progress from 0 to 100) by milestone
        """
        judge = getattr(self, f"_facts_{source}", None)
        return judge() if judge and self else {}

    def _facts_manual(self):
        return {}

    def _take(self, fact):
        """Store what is known of this milestone; what people reported stays where nothing is."""
        reported = {name: self[name] for name in ("started_on", "done_on", "progress", "done_by_id")}
        for name, value in {**reported, **self._values_of(fact)}.items():
            self[name] = value

    def _values_of(self, fact):
        """Return what a fact says of this milestone, see ``_facts``; None where it is reported by hand."""
        self.ensure_one()
        if fact is None:
            return {"by_hand": True}
        started_on, done_on, progress = fact
        return {
            "by_hand": False,
            "started_on": started_on or done_on,
            "done_on": done_on,
            "progress": COMPLETE if done_on else max(0, min(int(progress), COMPLETE)),
            "done_by_id": False,
        }

    @api.depends("started_on", "done_on", "skipped_on")
    def _compute_state(self):
        for milestone in self:
            if milestone.skipped_on:
                milestone.state = "skipped"
            elif milestone.done_on:
                milestone.state = "done"
            else:
                milestone.state = "started" if milestone.started_on else "planned"

    @api.depends("state", "order_id.state", "order_id.policy_id", "policy_milestone_id")
    def _compute_is_open(self):
        for milestone in self:
            milestone.is_open = milestone.state in OPEN_STATES and milestone._counts()

    def _counts(self):
        """Tell whether this is a milestone of an order that is confirmed, under the version that it goes by."""
        self.ensure_one()
        order = self.order_id
        return order.state == "sale" and order.policy_id == self.policy_milestone_id.policy_id

    # ------------------------------------------------------------------
    # What people see
    # ------------------------------------------------------------------

    @api.depends("is_open", "planned_on")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for milestone in self:
            milestone.is_late = milestone.is_open and bool(milestone.planned_on) and milestone.planned_on < today

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("is_open", "=", True) & Domain("planned_on", "<", fields.Date.context_today(self))

    @api.depends("department_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        departments = self.env.user._policy_milestone_department_ids()
        for milestone in self:
            milestone.is_mine = milestone.department_id.id in departments

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("department_id", "in", self.env.user._policy_milestone_department_ids())

    @api.model
    def _count_of_my_departments(self):
        """Count what is to be done by the departments of the current user.

        :return: tuple (late, planned for today, planned for later)
        """
        if not self.env.user._policy_milestone_department_ids() or not self.has_access("read"):
            return 0, 0, 0
        query = self._search([("is_open", "=", True), ("is_mine", "=", True)])
        planned, today = self._field_to_sql(query.table, "planned_on", query), fields.Date.context_today(self)
        # One query for all: every page asks for it.
        [counts] = self.env.execute_query(
            query.select(
                SQL("COUNT(*) FILTER (WHERE %s < %s)", planned, today),
                SQL("COUNT(*) FILTER (WHERE %s = %s)", planned, today),
                SQL("COUNT(*) FILTER (WHERE %s > %s)", planned, today),
            )
        )
        return counts
