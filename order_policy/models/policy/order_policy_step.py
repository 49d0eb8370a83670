from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount


class OrderPolicyStep(models.Model):
    """One department's review or approval in a policy (articles 1.6, 1.7, 2.6, 2.7, 3.7)."""

    _name = "order.policy.step"
    _description = "Step of an Order Policy"
    _inherit = "order.policy.department.part.mixin"

    currency_id = fields.Many2one(related="policy_id.currency_id")
    sequence = fields.Integer(
        help="Steps with the same number run side by side; the next number starts when all of them are through.",
    )
    kind = fields.Selection(
        [("proofread", "Proofreading"), ("review", "Review"), ("approval", "Approval")],
        required=True,
        default="review",
        help="Somebody other than who entered the order proofreads it; departments review; "
        "the head of sales and the general manager approve.",
    )
    used_for = fields.Selection(
        [("order", "Orders, and requests that touch it"), ("request", "Requests only")],
        required=True,
        default="order",
        help="Confirmed orders change and end through requests. Steps that look at what a request touches review it; "
        "steps for requests only review every request, and no order before.",
    )
    applies = fields.Selection(
        [
            ("always", "Every order"),
            ("amount", "Orders from an amount"),
            ("special", "Special orders"),
            ("amount_or_special", "Special orders, and orders from an amount"),
        ],
        "Applies To",
        required=True,
        default="always",
    )
    amount_min = fields.Monetary(
        "From Amount",
        help="In the company's currency, taxes included. An order in another currency is converted "
        "at the rate of the day on which it was submitted. Returns count with the amount that goes back.",
    )
    domain = fields.Char(help="Leave empty when the step concerns all orders.")
    authority = fields.Selection([("member", "Any member"), ("head", "Head only")], required=True, default="member")
    assign = fields.Selection(
        [("pool", "Whole department"), ("head", "Head"), ("least_loaded", "Member with the fewest reviews to decide")],
        "Assigned To",
        required=True,
        default="pool",
        help="The assigned person is told, once. Anybody else with the authority may still decide.",
    )
    time_limit = fields.Float(
        "Time Limit (Hours)", help="Working hours of the company in which to decide. 0 for no limit."
    )
    comment_required = fields.Boolean(
        "Comment on Approval", help="Rejections always need a comment; tick this when approvals do too."
    )
    automatic = fields.Boolean(
        "Approves by Itself",
        help="When all checks of the step pass, it is approved without anybody looking at it. "
        "Else the department decides, and sees what the checks found.",
    )
    condition_in_words = fields.Char("Condition", compute="_compute_condition_in_words")
    people_ids = fields.Many2many("res.users", compute="_compute_people_ids")

    _amount_not_negative = models.Constraint(
        "CHECK(amount_min >= 0)", "The amount from which a step applies cannot be below zero. Enter 0 or more."
    )
    _time_not_negative = models.Constraint(
        "CHECK(time_limit >= 0)", "The time limit of a step cannot be below zero. Enter 0 for no limit."
    )

    @api.depends("applies", "amount_min", "domain", "policy_id.special_domain")
    @api.depends_context("lang")
    def _compute_condition_in_words(self):
        labels = dict(self._fields["applies"]._description_selection(self.env))
        for step in self:
            amount = format_amount(self.env, step.amount_min, step.currency_id or self.env.company.currency_id)
            words = {
                "amount": self.env._("Orders from %s", amount),
                "amount_or_special": self.env._("Special orders, and orders from %s", amount),
            }.get(step.applies, labels.get(step.applies))
            if self._condition(step.domain):
                words = self.env._("%s, under a condition", words)
            step.condition_in_words = words

    @api.depends("authority", "department_id.head_id", "department_id.member_ids")
    def _compute_people_ids(self):
        for step in self:
            step.people_ids = step.department_id._find_people(step.authority) if step.department_id else False

    # ------------------------------------------------------------------
    # Rules that a step has to follow
    # ------------------------------------------------------------------

    @api.constrains("used_for", "kind")
    def _check_proofreads_orders(self):
        for step in self:
            if step.used_for == "request" and step.kind == "proofread":
                raise ValidationError(
                    self.env._("%s: only orders are proofread. Make it a review or an approval.", step.name)
                )

    def _check_staffed(self):
        """Make sure that somebody can decide each step.

        :raise ValidationError: when a department has nobody with the authority that its step asks for
        """
        for step in self:
            if step.department_id._find_people(step.authority) and step.department_id.active:
                continue
            message = (
                self.env._(
                    "%(step)s asks for %(department)s, which is archived. "
                    "Restore it under Order Policy > Configuration > Departments, "
                    "or make a version of the policy without it.",
                    step=step.name,
                    department=step.department_id.name,
                )
                if not step.department_id.active
                else self.env._(
                    "%(step)s asks for the head of %(department)s, and it has none. "
                    "Choose a head under Order Policy > Configuration > Departments.",
                    step=step.name,
                    department=step.department_id.name,
                )
                if step.authority == "head"
                else self.env._(
                    "%(step)s asks for %(department)s, and nobody is in it. "
                    "Add people under Order Policy > Configuration > Departments.",
                    step=step.name,
                    department=step.department_id.name,
                )
            )
            raise ValidationError(message)

    def _only_person(self):
        """Return the only person who has the authority that this step asks for, and whom nobody can stand in for."""
        self.ensure_one()
        people = self.department_id._find_people(self.authority)
        deputies = self.env["order.policy.deputy"]
        mandates, today = deputies._known(self.company_id.id), deputies._today(self.company_id)
        has_deputy = any(
            not mandate.ended
            and mandate.user in people._ids
            and self.department_id.id in mandate.departments
            and mandate.date_until >= today
            for mandate in mandates
        )
        office = self.env["order.policy.department"]._people_of_management(self.company_id)
        return people.browse() if len(people) != 1 or has_deputy or office - people else people

    def _dead_end_in_words(self):
        """Tell of which orders nobody could decide this step; False when somebody always can."""
        self.ensure_one()
        person = self._only_person()
        own_allowed = self.policy_id.allow_self_approval and self.kind != "proofread"
        if own_allowed or not person or not person.has_group("sales_team.group_sale_salesman"):
            return False
        return self.env._(
            "%(step)s: only %(person)s decides for %(department)s, and may sell too. Nobody could decide on orders of "
            "%(person)s. Name a deputy, or put somebody else into the general manager's office.",
            step=self.name,
            person=person.name,
            department=self.department_id.name,
        )

    def _check_somebody_decides(self):
        """Make sure that no order needs two decisions of one person where the policy asks for different people.

        :raise ValidationError: when nobody could ever decide one of these steps, which every order needs
        """
        asked = self.browse()
        for step in self.filtered(lambda step: step.policy_id.one_decision_per_person and step.applies == "always"):
            person = step._only_person()
            if step.automatic or self._condition(step.domain) or step.used_for == "request" or not person:
                continue
            other = next((other for other in asked if other._only_person() == person), None)
            if other:
                raise ValidationError(
                    self.env._(
                        "%(step)s and %(other)s both ask for %(person)s alone, and the policy asks for a different "
                        "person at each step: nobody could decide the second. Add somebody to %(department)s, name a "
                        "deputy, or put somebody else into the general manager's office.",
                        step=other.name,
                        other=step.name,
                        person=person.name,
                        department=step.department_id.name,
                    )
                )
            asked += step

    # ------------------------------------------------------------------
    # What the steps decide
    # ------------------------------------------------------------------

    def _people(self):
        """Return the active users who have the authority that this step asks for."""
        self.ensure_one()
        return self.department_id._people(self.authority)

    def _gives_authority_to(self, user):
        """Tell whether a person may decide this step, as far as the department goes."""
        self.ensure_one()
        departments = (
            user._policy_headed_department_ids() if self.authority == "head" else user._policy_department_ids()
        )
        return self.department_id.id in departments

    def _deadlines(self):
        """Return when reviews asked for now are due, in working hours of the company.

        :return: dict of moments by step; False where there is no limit
        """
        now, deadlines = fields.Datetime.now(), dict.fromkeys(self, False)
        for (company, hours), steps in (
            self.filtered("time_limit").grouped(lambda step: (step.company_id, step.time_limit)).items()
        ):
            calendar = company.resource_calendar_id
            planned = calendar.attendance_ids and calendar.plan_hours(hours, now, compute_leaves=True)
            deadlines |= dict.fromkeys(steps, planned or fields.Datetime.add(now, hours=hours))
        return deadlines
