from odoo import api, fields, models

MOST_DAYS = 1000


class OrderPolicyMilestone(models.Model):
    """What is done for each confirmed order, by which department and by when (articles 1.8, 2.9 to 2.11, 3.10)."""

    _name = "order.policy.milestone"
    _description = "Milestone of an Order Policy"
    _inherit = "order.policy.department.part.mixin"

    kind = fields.Selection(
        [
            ("production", "Production"),
            ("inspection", "Inspection"),
            ("delivery", "Delivery"),
            ("invoice", "Invoice"),
            ("payment", "Payment"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
        help="By which milestones of different policies are compared with each other.",
    )
    department_id = fields.Many2one(
        help="Its members start, report and finish the milestone; its head may skip it.",
    )
    planned_from = fields.Selection(
        [
            ("confirmation", "Confirmation of the order"),
            ("promised", "Promised delivery date"),
            ("due", "Due date by the payment terms"),
        ],
        required=True,
        default="promised",
        help="From when the planned date is counted. Where no delivery date is promised, the expected one counts. "
        "The due date is what the payment terms make of the delivery.",
    )
    planned_days = fields.Integer(
        "Working Days",
        help="Working days of the company, leaves left out; below zero for days before. 0 for the day itself.",
    )
    planned_in_words = fields.Char("Planned", compute="_compute_planned_in_words")
    source = fields.Selection(
        [
            ("manual", "By hand"),
            ("invoice", "Invoices"),
        ],
        required=True,
        default="manual",
        help="By hand: the department reports it. Otherwise it follows from what is posted, and nobody enters it; "
        "where an order has nothing of the kind, the department reports it by hand.",
    )
    tell_customer = fields.Boolean(
        "Customer Is Told", help="The customer sees it in the portal, and is told once when it is done."
    )
    domain = fields.Char(help="Leave empty when all orders have this milestone. Looked at when they are confirmed.")

    _days_can_be_meant = models.Constraint(
        f"CHECK(planned_days BETWEEN -{MOST_DAYS} AND {MOST_DAYS})",
        f"The working days of a milestone are between -{MOST_DAYS} and {MOST_DAYS}.",
    )

    @api.depends("planned_from", "planned_days")
    @api.depends_context("lang")
    def _compute_planned_in_words(self):
        from_when = dict(self._fields["planned_from"]._description_selection(self.env))
        for milestone in self:
            moment = from_when.get(milestone.planned_from)
            milestone.planned_in_words = self._days_in_words(milestone.planned_days, moment)

    @api.model
    def _days_in_words(self, days, moment):
        """Tell in words a day that is some working days after a moment; before it where they are below zero."""
        if not days:
            return moment
        if abs(days) == 1:
            return (
                self.env._("1 working day after: %s", moment)
                if days > 0
                else self.env._("1 working day before: %s", moment)
            )
        values = {"days": abs(days), "moment": moment}
        if days > 0:
            return self.env._("%(days)s working days after: %(moment)s", **values)
        return self.env._("%(days)s working days before: %(moment)s", **values)

    def _prepare_known(self):
        return {**super()._prepare_known(), "department_id": self.department_id.id, "source": self.source}

    def _dead_end_in_words(self):
        """Tell that nobody could report this milestone; False when somebody can."""
        self.ensure_one()
        department = self.department_id
        if department.active and department._find_people("member"):
            return False
        return self.env._(
            "%(milestone)s: nobody is in %(department)s, so that the general manager's office has to report it. Add "
            "people under Order Policy > Configuration > Departments.",
            milestone=self.name,
            department=department.name,
        )
