from datetime import timezone

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_list


class SaleOrderReview(models.Model):
    """Who may decide a review: the department that is asked, and who stands in for it.

    A deputy decides what the person might decide for whom he stands in, up to his amount. Where nobody of the
    department may decide, as it is their own order, deputies may all the same; else the general manager's office, and
    who stands in for somebody of it.
    """

    _inherit = "sale.order.review"

    way_out = fields.Selection(
        [("deputy", "Deputy"), ("management", "General Manager's Office"), ("away", "Everybody Away")],
        readonly=True,
        help="Who decides where nobody of the department may, or is there.",
    )
    decided_for_id = fields.Many2one(
        "res.users",
        readonly=True,
        ondelete="restrict",
        help="Whose deputy decided, with that person's authority.",
    )
    decider_in_words = fields.Char("Decided By and For", compute="_compute_decider_in_words")
    can_decide = fields.Boolean("I Can Decide", compute="_compute_can_decide", search="_search_can_decide")
    deciding_for = fields.Char(
        compute="_compute_deciding_for", help="In whose place this is decided, as long as it is to be decided."
    )

    _decided_elsewhere = models.Index("(company_id, way_out) WHERE state = 'pending' AND way_out IS NOT NULL")

    @api.depends_context("uid")
    @api.depends("state", "department_id", "order_id.user_id", "order_id.review_ids.decided_by_id", "changed_by_ids")
    def _compute_can_decide(self):
        pending = self.filtered(lambda review: review.state == "pending")._origin
        if pending:
            # Superuser: who reads a review is told whether it is his to decide, which the domain alone says.
            Review = self.env["sale.order.review"].sudo()
            pending = Review.search(Domain("id", "in", pending.ids) & Review._domain_i_can_decide(), order="id")
        mine = set(pending.ids)
        for review in self:
            review.can_decide = review._origin.id in mine

    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._domain_i_can_decide()

    @api.model
    def _domain_i_can_decide(self):
        """Return which reviews the current user may decide, as a domain that stays in SQL."""
        user = self.env.user
        ways = [self._domain_of_departments(user._policy_department_ids(), user)]
        ways += [self._domain_of_mandate(mandate) for mandate in user._policy_mandates()]
        if companies := user._policy_managed_company_ids():
            ways.append(Domain("way_out", "=", "management") & Domain("company_id", "in", companies))
        return (
            Domain("state", "=", "pending")
            & Domain("company_id", "in", user._get_company_ids())
            & Domain.OR(ways)
            & self._domain_without_part(user)
        )

    @api.model
    def _domain_of_departments(self, departments, user):
        """Return which reviews a person decides by being in a department, or its head."""
        headed = Domain("department_id", "in", user._policy_headed_department_ids())
        return Domain("department_id", "in", departments) & (Domain("authority", "=", "member") | headed)

    @api.model
    def _domain_of_mandate(self, mandate):
        """Return which reviews a deputy decides: what the person might, and more where nobody else may."""
        person = self.env["res.users"].browse(mandate.user)
        domain = self._domain_of_departments(mandate.departments, person)
        if mandate.office:
            domain |= Domain("way_out", "=", "management")
        domain &= Domain("company_id", "=", mandate.company) & (
            Domain("way_out", "=", "deputy") | self._domain_without_part(person)
        )
        if mandate.amount_max:
            domain &= Domain.custom(
                to_sql=lambda model, alias, _query: model._amount_at_stake_is_within(alias, mandate.amount_max),
                predicate=lambda review: review._is_within(mandate),
            )
        return domain

    @api.model
    def _amount_at_stake_is_within(self, alias, amount_max):
        return SQL("%s <= %s", self._amount_at_stake_as_sql(alias), amount_max)

    @api.model
    def _amount_at_stake_as_sql(self, alias):
        """Return the amount that is decided on, in company currency; see ``_subject_amount_at_stake`` of subjects."""
        return SQL(
            "(SELECT ABS(subject.amount_company) FROM sale_order subject WHERE subject.id = %s)",
            SQL.identifier(alias, "order_id"),
            to_flush=self.env["sale.order"]._fields["amount_company"],
        )

    def _is_within(self, mandate):
        """Tell whether the amount of an order is one up to which a deputy decides."""
        return (
            not mandate.amount_max
            or self.company_id.currency_id.compare_amounts(
                self.sudo()._subject()._subject_amount_at_stake(), mandate.amount_max
            )
            <= 0
        )

    @api.model
    def _domain_without_part(self, user):
        """Return the reviews that are neither a person's own business, nor have the person decide a second time."""
        allowing, once_only = self.env["order.policy"]._ids_with_exceptions()
        domain = Domain.AND(
            Domain(name, "!=", user.id) for name in ("salesperson_id", "sold_by_id", "entered_by_id", "requested_by_id")
        ) & ~self._domain_naming(user, "changed_by_ids")
        if allowing:
            may_be_own = Domain("kind", "!=", "proofread") | Domain("entered_by_id", "!=", user.id)
            domain |= Domain("policy_id", "in", allowing) & may_be_own
        if once_only:
            by_person = Domain("decided_by_id", "=", user.id)
            domain &= ~self._domain_of_same_subject(by_person) | Domain("policy_id", "not in", once_only)
        return domain

    @api.model
    def _domain_of_same_subject(self, others):
        """Return the reviews of whose subject others count that are in a domain."""
        return Domain("order_id", "any!", Domain("review_ids", "any!", others & Domain("is_current", "=", True)))

    @api.model
    def _domain_my_to_do(self):
        """Return what the current user has to decide: assigned to him, waiting for his whole department, or overdue.

        The head finds what others of the department leave lying.
        """
        mine = Domain("user_id", "=", self.env.uid) | Domain("user_id", "=", False)
        mine |= self._domain_naming(self.env.user, "escalated_to_ids")
        return mine & self._domain_i_can_decide()

    @api.model
    def _domain_naming(self, user, name):
        """Return the reviews that name a person among others, as a subquery that is made once for all of them.

        The field itself in the domain would be looked up review by review, as PostgreSQL reckons; from 10,000 on it
        would compile a query to machine code, in a second and more, that takes milliseconds.

        :param str name: the field that holds people
        """
        people = self._fields[name]
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "%s IN (SELECT %s FROM %s WHERE %s = %s)",
                SQL.identifier(alias, "id"),
                SQL.identifier(people.column1),
                SQL.identifier(people.relation),
                SQL.identifier(people.column2),
                user.id,
                to_flush=people,
            ),
            predicate=lambda review: user in review[name],
        )

    @api.model
    def _count_to_decide(self):
        """Count the reviews that the current user has to decide.

        :return: tuple (overdue, due today, later or without limit)
        """
        if not self.env.user._policy_decides():
            return 0, 0, 0
        now = fields.Datetime.now()
        midnight = fields.Datetime.context_timestamp(self, now).replace(hour=23, minute=59, second=59)
        tonight = midnight.astimezone(timezone.utc).replace(tzinfo=None)
        # Access rules are left out: the domain holds only what this person may decide.
        domain = self._domain_my_to_do() & Domain("company_id", "in", self.env.companies.ids)
        query = self._search(domain, bypass_access=True)
        due = SQL.identifier(self._table, "date_due")
        [(late, today, total)] = self.env.execute_query(
            query.select(
                SQL("COUNT(*) FILTER (WHERE %s < %s)", due, now),
                SQL("COUNT(*) FILTER (WHERE %s BETWEEN %s AND %s)", due, now, tonight),
                SQL("COUNT(*)"),
            )
        )
        return late, today, total - late - today

    def _involved_people(self):
        """Return who may not decide because it is theirs: salesperson, who entered, changed or submitted it.

        Where people may approve their own orders, still nobody proofreads what he entered himself (article 3.5).
        """
        self.ensure_one()
        if self.policy_id.allow_self_approval:
            return self.entered_by_id if self.kind == "proofread" else self.env["res.users"]
        sellers = self.salesperson_id | self.sold_by_id
        return sellers | self.entered_by_id | self.requested_by_id | self.changed_by_ids

    def _people_without_part(self):
        """Return those of the department who may decide this review."""
        self.ensure_one()
        return self.step_id._people() - self._people_with_part()

    def _people_with_part(self):
        """Return who may not decide: because it is theirs, or as they decided another step of it."""
        self.ensure_one()
        people = self._involved_people()
        if self.policy_id.one_decision_per_person:
            people |= (self._subject()._counting_reviews() - self).decided_by_id
        return people

    def _mandates_of(self, user):
        """Return the mandates by which a person stands in here today, whatever the amount."""
        self.ensure_one()
        return [
            mandate
            for mandate in user._policy_mandates()
            if mandate.company == self.company_id.id
            and (
                self._is_for_office(mandate)
                or (
                    self.department_id.id in mandate.departments
                    and self.step_id._gives_authority_to(user.browse(mandate.user))
                )
            )
        ]

    def _usable_mandates_of(self, user):
        """Return the mandates by which a person decides this review for somebody."""
        self.ensure_one()
        with_part = self._people_with_part() if self.way_out != "deputy" else self.env["res.users"]
        return [
            mandate
            for mandate in self._mandates_of(user)
            if self._is_within(mandate) and mandate.user not in with_part.ids
        ]

    def _mandate_used_by(self, user):
        """Return the mandate by which a person decides this review; None where it is by his own right."""
        self.ensure_one()
        if self.step_id._gives_authority_to(user) or self._is_decided_by_office_of(user):
            return None
        return next(iter(self._usable_mandates_of(user)), None)

    def _is_for_office(self, mandate):
        """Tell whether the general manager's office decides this, for which a deputy stands in."""
        return self.way_out == "management" and mandate.office

    def _is_decided_by_office_of(self, user):
        """Tell whether a person decides this review for the general manager's office, as nobody else may."""
        self.ensure_one()
        return self.way_out == "management" and self.company_id.id in user._policy_managed_company_ids()

    def _refusal_to_decide(self):
        """Tell why the current user may not decide this review, or return False when he may."""
        self.ensure_one()
        user, review = self.env.user, self.sudo()
        if review.company_id.id not in user._get_company_ids():
            return self.env._("This order belongs to %s, where you do not work.", review.company_id.name)
        own = review.step_id._gives_authority_to(user)
        if not own and not review._usable_mandates_of(user) and not review._is_decided_by_office_of(user):
            return review._refusal_for_lack_of_authority(user)
        if user in review._involved_people():
            return self.env._(
                "%(order)s is your own business: nobody decides on an order or a request that he entered, changed, "
                "submitted or sells. In %(department)s this is for: %(people)s.",
                order=review._subject().display_name,
                department=review.department_id.name,
                people=review._who_decides_in_words(),
            )
        if user in review._people_with_part():
            return self.env._(
                "You decided another step of %(order)s, and the policy asks for a different person at each step. "
                "Somebody else has to decide. In %(department)s this is for: %(people)s.",
                order=review.order_id.name,
                department=review.department_id.name,
                people=review._who_decides_in_words(),
            )
        return False

    def _refusal_for_lack_of_authority(self, user):
        """Tell who decides instead of somebody who does not; and where he stands in, or did, why that is not enough."""
        review, department, people = self, self.department_id.name, self._who_decides_in_words()
        for mandate in review._mandates_of(user):
            person = user.browse(mandate.user).sudo().name  # whose deputy he is
            if not review._is_within(mandate):
                currency = review.company_id.currency_id
                return self.env._(
                    "You stand in for %(person)s up to %(limit)s, and %(order)s comes to %(amount)s. "
                    "In %(department)s this is for: %(people)s.",
                    person=person,
                    limit=format_amount(self.env, mandate.amount_max, currency),
                    order=review.order_id.name,
                    amount=format_amount(self.env, review._subject()._subject_amount_at_stake(), currency),
                    department=department,
                    people=people,
                )
            return self.env._(
                "%(order)s is the own business of %(person)s, for whom you stand in, or another step of it was decided "
                "in person: as long as others may decide it, the deputy does not. In %(department)s this is for: "
                "%(people)s.",
                order=review.order_id.name,
                person=person,
                department=department,
                people=people,
            )
        if former := review._former_mandate_of(user):
            return self.env._(
                "You stood in for %(person)s until %(date)s, and that is over. "
                "In %(department)s this is for: %(people)s.",
                person=user.browse(former.user).sudo().name,
                date=self.env["order.policy.words"]._day_in_words(former.ended or former.date_until),
                department=department,
                people=people,
            )
        if review.authority == "head":
            return self.env._(
                "The head of %(department)s decides this step: %(people)s.", department=department, people=people
            )
        return self.env._("%(department)s decides this step: %(people)s.", department=department, people=people)

    def _former_mandate_of(self, user):
        """Return the last mandate that a person had here, and that is over."""
        former = self.env["order.policy.deputy"]._former(self.company_id.id)
        return next(
            (
                mandate
                for mandate in former
                if mandate.deputy == user.id
                and (self.department_id.id in mandate.departments or self._is_for_office(mandate))
            ),
            None,
        )

    # ------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------

    def _who_decides_in_words(self):
        """Name those who may decide this review now; where nobody may, tell who can be made responsible."""
        self.ensure_one()
        if people := self._people_without_part():
            return format_list(self.env, people.mapped("name")[:3])
        people, way_out = self._stand_ins(self.env["res.users"])
        if way_out == "deputy":
            return self.env._("%s as deputy", format_list(self.env, people.mapped("name")[:3]))
        if way_out == "management":
            return self.env._("%s of the general manager's office", self._names_for_office(people))
        if not self.step_id._people():
            return self.env._("nobody yet")
        return self.env._("nobody. %s", self._who_can_be_made_responsible())

    def _who_can_be_made_responsible(self):
        """Tell an order that nobody may decide how somebody can."""
        self.ensure_one()
        department = self.department_id.name
        people = format_list(self.env, self.step_id._people().mapped("name")[:3])
        if self.authority == "head":
            return self.env._(
                "%(people)s can name a deputy under Order Policy > Reviews > Deputies, or an administrator of the "
                "order policy adds somebody to the general manager's office under Configuration > Departments. Adding "
                "members to %(department)s does not help, since this step asks for its head.",
                people=people,
                department=department,
            )
        return self.env._(
            "An administrator of the order policy has to add somebody to %(department)s or to the general manager's "
            "office, under Configuration > Departments. %(people)s can also name a deputy, under Order Policy > "
            "Reviews > Deputies.",
            department=department,
            people=people,
        )

    @api.depends("decided_by_id", "decided_for_id", "way_out")
    @api.depends_context("lang")
    def _compute_decider_in_words(self):
        for review in self:
            review.decider_in_words = review._decider_in_words()

    def _decider_in_words(self):
        """Name who decided, and for whom: “Li for Wang”."""
        self.ensure_one()
        # Superuser: whoever reads a decision reads by whom it was made.
        review = self.sudo()
        words = review.decided_by_id.name or False
        if review.decided_for_id:
            words = self.env._("%(deputy)s for %(person)s", deputy=words, person=review.decided_for_id.name)
        if review.decided_by_id and review.way_out == "management":
            words = self.env._("%s (General Manager's Office)", words)
        return words

    def _names_for_office(self, people):
        """Name people who decide for the general manager's office, deputies with whom they stand in for."""
        stood_in = {mandate.deputy: people.browse(mandate.user) for mandate in reversed(self._mandates_of_office())}
        of_office = people & self._office()
        return format_list(
            self.env,
            [
                self.env._("%(deputy)s for %(person)s", deputy=person.name, person=stood_in[person.id].name)
                if person not in of_office and person.id in stood_in
                else person.name
                for person in people[:3]
            ],
        )

    @api.depends("can_decide", "way_out", "department_id.name")
    @api.depends_context("uid", "lang")
    def _compute_deciding_for(self):
        for review in self:
            review.deciding_for = " · ".join(review._deciding_for_in_words())

    def _deciding_for_in_words(self):
        """Tell in whose place the current user would decide, and why the general manager's office has it."""
        self.ensure_one()
        # Superuser: whoever reads a review reads for whom he decides it, and why it went to the office.
        review = self.sudo()
        words = []
        if self.can_decide and (mandate := review._mandate_used_by(self.env.user)):
            words.append(self.env._("For %s", self.env["res.users"].sudo().browse(mandate.user).name))
        if review.state == "pending" and review.way_out == "management":
            department = review.department_id.name
            words.append(self.env._("Nobody in %s can decide: the general manager's office does", department))
        return words

    def _prepare_decider(self, user):
        """Return who decides a review, and in whose place."""
        self.ensure_one()
        mandate = self._mandate_used_by(user)
        in_department = self.step_id._gives_authority_to(user) or (mandate and not self._is_for_office(mandate))
        return {
            "decided_by_id": user.id,
            "decided_for_id": mandate.user if mandate else False,
            # By right of the department: what was a way out when the review was asked is none any more.
            "way_out": False if in_department else self.way_out,
        }
