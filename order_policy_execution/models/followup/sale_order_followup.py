from odoo import api, fields, models
from odoo.addons.order_policy.models.policy.order_policy_believable_mixin import LONGEST
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext


class SaleOrderFollowup(models.Model):
    """The word that sales owes the customer of an order, and what was said (articles 1.10, 1.11, 2.12, 3.10).

    There is one to do of an order at a time: when it is done the next one is planned, until the order is completed.
    """

    _name = "sale.order.followup"
    _description = "Follow-Up of an Order"
    _inherit = [
        "order.policy.believable.mixin",
        "order.policy.task.mixin",
        "order.policy.lock.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_due, id"
    _mail_post_access = "read"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    partner_id = fields.Many2one(
        related="order_id.partner_id", string="Customer", store=True, precompute=True, index=True
    )
    salesperson_id = fields.Many2one(
        related="order_id.user_id", string="Salesperson", store=True, precompute=True, index="btree_not_null"
    )
    commitment_date = fields.Datetime(related="order_id.commitment_date", string="Promised")
    rule_id = fields.Many2one(
        "order.policy.followup",
        "Follow-Up Rule",
        readonly=True,
        ondelete="restrict",
        help="Of the policy that the order goes by; empty where somebody wrote or called out of turn.",
    )
    department_id = fields.Many2one("order.policy.department", readonly=True, index=True, ondelete="restrict")
    # Not readonly, or Odoo would drop the day for which it is planned: clients write none of it in any case.
    date_due = fields.Date("Due", compute="_compute_state", store=True, precompute=True, readonly=False, required=True)
    state = fields.Selection(
        [("due", "To Do"), ("done", "Done"), ("ended", "Not Needed")],
        "Status",
        compute="_compute_state",
        store=True,
        precompute=True,
        index=True,
        help="Not needed: the order was completed or ended before it was due.",
    )
    is_overdue = fields.Boolean("Missed", compute="_compute_is_overdue", search="_search_is_overdue")
    done_on = fields.Datetime(readonly=True)
    done_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    way = fields.Selection(
        [("phone", "Phone"), ("email", "E-mail"), ("visit", "Visit"), ("message", "Progress Message")],
        "How",
        readonly=True,
    )
    told = fields.Text("What We Said", readonly=True)
    answer = fields.Text("What the Customer Said", readonly=True)
    message_id = fields.Many2one("mail.message", readonly=True, index="btree_not_null", ondelete="restrict")
    can_do = fields.Boolean("I Can Do It", compute="_compute_can_do", exportable=False)
    is_mine = fields.Boolean("Mine", compute="_compute_is_mine", search="_search_is_mine", exportable=False)

    _one_to_do = models.UniqueIndex(
        "(order_id) WHERE done_on IS NULL", "A follow-up of this order is to be done already. Reload the page."
    )
    _to_do = models.Index("(company_id, date_due) WHERE state = 'due'")

    @api.constrains("told", "answer")
    def _check_can_be_read(self):
        self._check_is_believable(["told", "answer"])

    @api.depends("order_id.name", "date_due", "done_on")
    @api.depends_context("lang")
    def _compute_display_name(self):
        in_words = self.env["order.policy.words"]._day_in_words
        for followup in self:
            day = followup.done_on or followup.date_due
            followup.display_name = f"{followup.order_id.name} · {in_words(day)}" if day else followup.order_id.name

    @api.depends("done_on", "order_id.policy_stage", "order_id.policy_exempt_reason")
    def _compute_state(self):
        ended = self.filtered(lambda followup: followup.state == "ended")
        for followup in self:
            followup.state = "done" if followup.done_on else "due" if followup._is_owed() else "ended"
        ended.filtered(lambda followup: followup.state == "due")._give_time()

    def _is_owed(self):
        """Tell whether the customer is to hear of the order: as long as it goes on."""
        self.ensure_one()
        return self.order_id.policy_stage == "execution" and not self.order_id.policy_exempt_reason

    def _give_time(self):
        """Move what became due again, and was to be done before, to the next working day: nobody missed it."""
        for company, followups in self.grouped("company_id").items():
            today = self.env["order.policy.deputy"]._today(company)
            if past := followups.filtered(lambda followup, today=today: followup.date_due < today):
                past.date_due = self._next_working_day(company)

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for followup in self:
            followup.is_overdue = bool(followup.state == "due" and followup.date_due and followup.date_due < today)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "due") & Domain("date_due", "<", fields.Date.context_today(self))

    @api.depends("salesperson_id", "department_id", "state")
    @api.depends_context("uid")
    def _compute_can_do(self):
        for followup in self:
            followup.can_do = not followup.done_on and followup._is_done_by(self.env.user)

    @api.depends("department_id", "salesperson_id", "state")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        mine = self.filtered_domain(self._domain_mine())
        for followup in self:
            followup.is_mine = followup in mine

    def _search_is_mine(self, operator, value):
        return self._domain_mine() if operator == "in" else NotImplemented

    @api.model
    def _domain_mine(self):
        """Return what the current user has to do: of his orders and of those for whom he stands in, what his department
        follows up for people who sell elsewhere, and what was missed and told to him."""
        user = self.env.user
        sellers = [user.id, *(mandate.user for mandate in user._policy_mandates())]
        own = Domain("salesperson_id", "in", sellers) | self._escalated_to(user)
        return Domain("state", "=", "due") & (own | self._followed_for_others(user))

    @api.model
    def _followed_for_others(self, user):
        """Return what a person's departments, as customer service, follow up though none of them sells the order."""
        ids = {*user._policy_department_ids(), *user._policy_stood_in_department_ids()}
        departments = self.env["order.policy.department"].sudo().browse(ids)  # who is in them with him
        return Domain.OR(
            Domain("department_id", "=", department.id)
            & Domain("salesperson_id", "not in", department._people("member").ids)
            for department in departments
        )

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------

    @api.model
    def _plan(self, orders):
        """Plan the next word to the customers of orders, where their policy asks for one and none is planned.

        :param orders: sale.order records in superuser mode, that are confirmed under a policy
        """
        rules = {order: self.env["order.policy.followup"]._holding_for(order) for order in orders}
        followed = orders.filtered(lambda order: rules[order])
        if not followed:
            return self
        to_do = self.search([("order_id", "in", followed.ids), ("done_on", "=", False)])
        # What was asked for out of turn, and is not needed any more, is planned by the rule instead.
        idle = {found.order_id: found for found in to_do if found.state == "ended" and not found.rule_id}
        unplanned = followed - to_do.order_id | self.env["sale.order"].union(*idle)
        values = []
        for company, orders_of_company in unplanned.grouped("company_id").items():
            today = self.env["order.policy.deputy"]._today(company)
            known = {order: rules[order]._known_of(order.policy_id)[rules[order].id] for order in orders_of_company}
            days = {(today, rule["days"]) for rule in known.values()}
            due = self.env["order.policy.working.days"]._count_from(company, days)
            for order, rule in known.items():
                date_due = due[today, rule["days"]]
                planned = {"rule_id": rules[order].id, "department_id": rule["department"]}
                if order in idle:
                    idle[order].date_due = date_due  # apart from the rest, as the state is not to be kept with it
                    idle[order].write({"is_for_news": False, **planned})
                else:
                    values.append({"order_id": order.id, "date_due": date_due, **planned})
        return self.create(values)

    @api.model
    def _out_of_turn(self, order, date_due=None):
        """Return a new record of a word that no rule asks for, to be done at once or until a day."""
        return self.create(
            {
                "order_id": order.id,
                "department_id": self._department_following(order).id,
                "date_due": date_due or self.env["order.policy.deputy"]._today(order.company_id),
            }
        )

    @api.model
    def _next_working_day(self, company):
        asked = (self.env["order.policy.deputy"]._today(company), 1)
        return self.env["order.policy.working.days"]._count_from(company, {asked})[asked]

    @api.model
    def _department_following(self, order):
        """Return the department whose people follow an order up beside its salesperson, as its policy says.

        Where that says nothing it is the department that sells, as the company has it; that of the salesperson where
        it has none.

        :param order: sale.order record in superuser mode
        """
        to_do = order.followup_ids.filtered(lambda followup: not followup.done_on)
        asked = to_do.department_id or self.env["order.policy.followup"]._holding_for(order).department_id
        return asked or self._department_selling(order)

    @api.model
    def _department_selling(self, order):
        own = self.env.ref("order_policy.department_sales")._own_of_company(order.company_id)
        return own or self.env["sale.order.issue"]._department_of(order.user_id, order.company_id)

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    def _is_done_by(self, user):
        """Tell whether a person follows the order up: its salesperson, his deputy, or somebody of the department."""
        self.ensure_one()
        followup = self.sudo()  # who reads it is told whether it is his to do
        company, seller = followup.company_id, followup.order_id.user_id
        return bool(
            company.id in user._get_company_ids()
            and (
                user == seller
                or (seller and self._stands_in_for(user, seller, company))
                or self._works_for(user, followup.department_id)
            )
        )

    def action_done(self, way=False, told=False, answer=False):
        """Record that the customer was told how the order stands, and what he said. The next word is planned then.

        :param str way: phone, email, visit or message
        :param str told: what was said to the customer
        :param str answer: what the customer said
        :raise AccessError: for people who do not follow the order up
        :raise UserError: when it is done already, or what was said lacks
        """
        self.ensure_one()
        way = self._entered_choice("way", way)
        told, answer = self._entered_text(told), self._entered_text(answer)
        self._check_may_do()
        if not told:
            raise UserError(self.env._("Say what the customer was told: it is kept with the order."))
        # The person follows the order up; who did, and when, is not for him to choose.
        self.sudo()._record(way, told, answer)
        return True

    def action_send(self, message=False):
        """Send the customer a progress message, and file it as done.

        :param dict message: ``subject`` and ``body`` of the letter; from the template when left out
        :raise AccessError: for people who do not follow the order up
        :raise UserError: when it is done already, or the customer has no e-mail address
        """
        self.ensure_one()
        message = self.env["sale.order"]._entered_message(message)
        self._check_may_do()
        # The person follows the order up, and so writes to its customer.
        followup = self.sudo()
        order = followup.order_id
        letter = message or order._prepare_progress_letter()
        followup.message_id = order._write_to_customer(letter)
        # A long letter is kept whole below the order.
        followup._record("message", html2plaintext(letter["body"], include_references=False)[: LONGEST["text"]], False)
        return True

    def _check_may_do(self):
        self.check_access("read")
        for followup in self:
            told = followup.sudo()  # who reads it is told whose it is
            if not followup._is_done_by(self.env.user):
                raise AccessError(self._whose_it_is(told.order_id, told.department_id))
            if followup.done_on:
                raise UserError(
                    self.env._(
                        "%(order)s: done by %(person)s on %(date)s already. Record what was said since from the order.",
                        order=told.order_id.name,
                        person=told.done_by_id.name,
                        date=self.env["order.policy.words"]._day_in_words(followup.done_on),
                    )
                )

    @api.model
    def _whose_it_is(self, order, department):
        """Tell somebody else who follows an order up. In superuser mode."""
        return self.env._(
            "%(order)s is followed up by %(salesperson)s, a deputy, or somebody of %(department)s. "
            "Write a note instead, or ask one of them.",
            order=order.name,
            salesperson=order.user_id.name or self.env._("its salesperson"),
            department=department.name or self.env._("Sales"),
        )

    def _record(self, way, told, answer):
        """Record what was said, note it on the order, and plan the next word."""
        self.ensure_one()
        self._lock_or_refuse()
        self.write(
            {
                "way": way,
                "told": told,
                "answer": answer or False,
                "done_on": fields.Datetime.now(),
                "done_by_id": self.env.uid,
            }
        )
        if way != "message":  # a message stands there itself
            self.order_id._message_log(body=self._done_in_words())
        self.flush_recordset()  # before the next one, or the unique index refuses
        self.order_id._plan_followups()

    def _done_in_words(self):
        label = dict(self._fields["way"]._description_selection(self.env))[self.way]
        if not self.answer:
            return self.env._("Followed up (%(way)s): %(told)s", way=label, told=self.told)
        return self.env._(
            "Followed up (%(way)s): %(told)s The customer: “%(answer)s”", way=label, told=self.told, answer=self.answer
        )

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self
