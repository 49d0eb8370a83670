from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_list


class OrderPolicyDeputy(models.Model):
    """Who decides for somebody, while that person is away (articles 1.6, 2.3, 2.6).

    People name their own deputies, administrators of the policy anybody's. A mandate that began is only ended, and
    stays: later it shows by what right somebody decided.
    """

    _name = "order.policy.deputy"
    _description = "Deputy"
    _inherit = ["order.policy.believable.mixin", "order.policy.evidence.mixin"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["user_id", "deputy_id"]

    user_id = fields.Many2one(
        "res.users",
        "Stands In For",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="The head or member of a department who is away.",
    )
    deputy_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Decides in the meantime, with the same authority. Never on orders of his own.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict", default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date("First Day", required=True, default=lambda self: self._today(self.env.company))
    date_until = fields.Date("Until", required=True, help="The last day on which the deputy decides.")
    department_ids = fields.Many2many(
        "order.policy.department",
        "order_policy_deputy_department_rel",
        "deputy_id",
        "department_id",
        "Departments",
        ondelete="restrict",
        domain="[('member_ids', 'in', user_id), ('company_id', '=', company_id)]",
        help="Leave empty for all departments of the person.",
    )
    amount_max = fields.Monetary(
        "Up to Amount",
        help="In the company's currency, taxes included. Larger orders wait for the person. 0 for no limit.",
    )
    ended_on = fields.Datetime(readonly=True, copy=False)
    ended_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    state = fields.Selection(
        [("planned", "Planned"), ("in_force", "In Force"), ("over", "Ended")], "Status", compute="_compute_state"
    )
    can_change = fields.Boolean(compute="_compute_can_change", exportable=False)

    _amount_not_negative = models.Constraint(
        "CHECK(amount_max >= 0)", "The amount up to which a deputy decides cannot be below zero. Enter 0 for no limit."
    )

    @api.depends("date_from", "date_until", "ended_on", "company_id")
    def _compute_state(self):
        for record in self:
            today = self._today(record.company_id or self.env.company)
            if record.ended_on or (record.date_until and record.date_until < today):
                record.state = "over"
            else:
                record.state = "in_force" if record.date_from and record.date_from <= today else "planned"

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_can_change(self):
        for record in self:
            record.can_change = record._is_own_or_administered()

    @api.depends("user_id", "deputy_id")
    def _compute_display_name(self):
        for record in self:
            # Superuser: colleagues' names are no secret to whoever reads who stands in for whom.
            people = record.sudo()
            record.display_name = people.deputy_id.name and self.env._(
                "%(deputy)s for %(person)s", deputy=people.deputy_id.name, person=people.user_id.name or ""
            )

    # ------------------------------------------------------------------
    # Who names whom
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return frozenset({
            "user_id", "deputy_id", "company_id", "date_from", "date_until", "department_ids", "amount_max",
        })  # fmt: skip

    @api.model
    def _clients_create(self):
        return True

    @api.model
    def _takes_defaults(self, field):
        # Nobody notices a deputy whom somebody else chose for him.
        return False

    def _is_own_or_administered(self):
        return self.user_id == self.env.user or self._names_anybodys()

    @api.model
    def _names_anybodys(self):
        return self.env.su or self.env.user.has_group("order_policy.group_order_policy_manager")

    def _check_is_own(self):
        """
        :raise AccessError: when one of these stands in for another person
        """
        for record in self:
            if not record._is_own_or_administered():
                raise AccessError(self._only_own_in_words(record.user_id))

    @api.model
    def _only_own_in_words(self, person):
        return self.env._(
            "People name their own deputies. For %s an administrator of the order policy may do it.",
            person.sudo().name,  # colleagues' names are no secret
        )

    @api.model
    def _check_name_own(self, vals_list):
        """
        :raise AccessError: when entered values name a deputy for another person
        """
        for vals in [] if self._names_anybodys() else vals_list:
            person = self._entered_record("res.users", vals.get("user_id"))
            if person and person != self.env.user:
                raise AccessError(self._only_own_in_words(person))

    def _check_names_own(self):
        """
        :raise AccessError: when somebody names a deputy for another person, or for a department that is not his
        """
        self._check_is_own()
        for record in self:
            if not record.sudo()._departments_of_person():
                raise AccessError(
                    self.env._(
                        "%(person)s is in no department of %(company)s, so there is nothing to decide in that place. "
                        "Who stands in for others names no deputy for them: only the person or an administrator of "
                        "the order policy does.",
                        person=record.user_id.name,
                        company=record.company_id.name,
                    )
                )

    def _departments_of_person(self):
        self.ensure_one()
        departments = self.env["order.policy.department"].browse(self.user_id._policy_department_ids())
        return departments.filtered(lambda department: department.company_id == self.company_id)

    def _departments_in_force(self):
        """Return the departments for which the deputy decides, as far as the person still is in them."""
        own = self._departments_of_person()
        return own & self.department_ids if self.department_ids else own

    @api.constrains("user_id", "deputy_id", "company_id")
    def _check_deputy_can_decide(self):
        for record in self.sudo():
            if record.deputy_id == record.user_id:
                raise ValidationError(
                    self.env._("%s cannot stand in for himself or herself. Choose somebody else.", record.user_id.name)
                )
            if record.deputy_id.share or not record.deputy_id.active:
                raise ValidationError(
                    self.env._(
                        "%s cannot be a deputy: only employees who log in to the back office decide. "
                        "Choose one of them.",
                        record.deputy_id.name,
                    )
                )
            for person in record.user_id | record.deputy_id:
                if record.company_id.id not in person._get_company_ids():
                    raise ValidationError(
                        self.env._(
                            "%(person)s does not work in %(company)s. Choose people who do.",
                            person=person.name,
                            company=record.company_id.name,
                        )
                    )

    @api.constrains("department_ids", "user_id", "company_id")
    def _check_departments_are_own(self):
        for record in self.sudo():
            foreign = record.department_ids - record._departments_of_person()
            if foreign:
                raise ValidationError(
                    self.env._(
                        "%(person)s is not in %(departments)s of %(company)s. A deputy decides what the person would "
                        "decide; who stands in for others names no deputy for them. Choose from: %(own)s.",
                        person=record.user_id.name,
                        departments=format_list(self.env, foreign.mapped("name")),
                        company=record.company_id.name,
                        own=format_list(self.env, record._departments_of_person().mapped("name")),
                    )
                )

    @api.constrains("date_from", "date_until", "amount_max", "ended_on")
    def _check_period(self):
        self._check_is_believable(["date_from", "date_until", "amount_max"])
        for record in self.filtered(lambda record: not record.ended_on):
            if record.date_until < record.date_from:
                raise ValidationError(
                    self.env._(
                        "The period ends on %(until)s, before it begins on %(begin)s. Choose a later last day.",
                        until=self.env["order.policy.words"]._day_in_words(record.date_until),
                        begin=self.env["order.policy.words"]._day_in_words(record.date_from),
                    )
                )

    @api.constrains("user_id", "company_id", "department_ids", "date_from", "date_until", "ended_on")
    def _check_one_at_a_time(self):
        for record in self.sudo().filtered(lambda record: not record.ended_on):
            at_once = (
                Domain("id", "!=", record.id)
                & Domain("user_id", "=", record.user_id.id)
                & Domain("company_id", "=", record.company_id.id)
                & Domain("ended_on", "=", False)
                & Domain("date_from", "<=", record.date_until)
                & Domain("date_until", ">=", record.date_from)
            )
            for other in self.sudo().search(at_once):
                if other.department_ids and record.department_ids and not other.department_ids & record.department_ids:
                    continue
                raise ValidationError(
                    self.env._(
                        "%(person)s has a deputy from %(begin)s until %(until)s already: %(deputy)s. One person at a "
                        "time stands in. Choose other days or departments, or end that one first.",
                        person=record.user_id.name,
                        deputy=other.deputy_id.name,
                        begin=self.env["order.policy.words"]._day_in_words(other.date_from),
                        until=self.env["order.policy.words"]._day_in_words(other.date_until),
                    )
                )

    def _check_limit_is_kept(self, vals):
        """
        :param dict vals: what was just stored
        :raise ValidationError: when the amount is below the smallest one of its currency: it was rounded to 0, and that
            is no limit
        """
        for record in self:
            if float(vals.get("amount_max") or 0.0) and not record.amount_max:
                raise ValidationError(
                    self.env._(
                        "The amount up to which %(deputy)s decides is less than %(smallest)s, and would be no limit at "
                        "all. Enter at least that much, or 0 for no limit.",
                        deputy=record.deputy_id.name,
                        smallest=format_amount(self.env, record.currency_id.rounding, record.currency_id),
                    )
                )

    def _check_is_not_over(self):
        for record in self.sudo():
            today = self._today(record.company_id)
            if record.date_until and record.date_until < today:
                raise ValidationError(
                    self.env._(
                        "The last day, %s, is over. A deputy decides from now on, never afterwards. Choose another.",
                        self.env["order.policy.words"]._day_in_words(record.date_until),
                    )
                )

    def _check_begins_from_now(self):
        """
        :raise ValidationError: when one of these would show later that somebody decided by right before it was made
        """
        for record in self.sudo():
            if record.date_from < self._today(record.company_id):
                raise ValidationError(
                    self.env._(
                        "The first day, %s, is over. A deputy decides from now on, never afterwards. Choose today or "
                        "a later day.",
                        self.env["order.policy.words"]._day_in_words(record.date_from),
                    )
                )

    def _check_has_not_begun(self):
        """
        :raise UserError: when one of these is in force or was, and so stays as it is
        """
        for record in self.sudo():
            if record.state != "planned":
                raise UserError(
                    self.env._(
                        "%(deputy)s: this is in force or was, and shows later by what right decisions were made. "
                        "It is neither altered nor deleted. End it, and name a deputy anew.",
                        deputy=record.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_name_own(vals_list)
        records = super().create(vals_list)
        for record, vals in zip(records, vals_list, strict=True):
            record._check_limit_is_kept(vals)
        records._check_names_own()
        records._check_is_not_over()
        if not self.env.su:
            records._check_begins_from_now()
        records._after_change()
        return records

    def write(self, vals):
        if not self.env.su:
            self._check_is_own()
            self._check_has_not_begun()
        before = self._people()
        result = super().write(vals)
        self._check_limit_is_kept(vals)
        if not self.env.su:
            self._check_names_own()
            self._check_is_not_over()
            self._check_begins_from_now()
        self._after_change(before)
        return result

    def _check_can_be_deleted(self):
        if not self.env.su:
            self._check_is_own()
        self._check_has_not_begun()

    def unlink(self):
        before = self._people()
        result = super().unlink()
        self.browse()._after_change(before)
        return result

    def action_end(self):
        """End the mandate of deputies at once; what they decided stays decided.

        :raise AccessError: when they stand in for somebody else, and the person does not administer the policy
        :raise UserError: when one of them ended already
        """
        self.check_access("read")
        self._check_is_own()
        for record in self:
            if record.state == "over":
                raise UserError(self.env._("%s: this ended already. There is nothing to end.", record.display_name))
        # Whose deputy it is, or who administers the policy: checked above.
        self.sudo().write({"ended_on": fields.Datetime.now(), "ended_by_id": self.env.uid})
        return True

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------

    def _people(self):
        return self.sudo().mapped("user_id") | self.sudo().mapped("deputy_id")

    def _after_change(self, before=()):
        """Let deputies open the app, and give what waits to whom it is for now, and on the days of a change.

        :param before: people whom these concerned before
        """
        # Whoever names another deputy of the same person at this very moment begins anew, and finds this one.
        departments = self.env["order.policy.department"].sudo()
        departments.union(*(record._departments_of_person() for record in self.sudo()))._lock_for_one()
        # Who is a deputy has been checked; like members of departments they read what they are asked.
        group = self.env.ref("order_policy.group_order_policy_user").sudo()
        if missing := self.sudo().deputy_id - group.all_user_ids:
            group.user_ids = [fields.Command.link(user.id) for user in missing]
        self.env.registry.clear_cache()
        people = self._people().union(*before)
        people._hand_over_what_waits()

    def _moments_of_change(self):
        """Return when these mandates begin and are over, as far as nobody ended them."""
        return [
            self._midnight(record.company_id, day)
            for record in self.sudo()
            if not record.ended_on
            for day in (record.date_from, fields.Date.add(record.date_until, days=1))
        ]
