from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

TOTALS = frozenset({"amount_untaxed", "amount_tax", "amount_total"})
# What follows from lines and payments.
FOLLOWS = TOTALS | {"transaction_ids"}
# What Odoo keeps of the decisions on an order. People may act on it, but an order is never born with it.
DECISIONS = frozenset({"state", "locked", "access_token", "signature", "signed_by", "signed_on"})


class SaleOrder(models.Model):
    """Which policy an order goes by, who is let off it, and what nobody writes by hand (articles 1.3, 2.3)."""

    _name = "sale.order"
    _inherit = [
        "order.policy.reading.mixin",
        "order.policy.believable.mixin",
        "order.policy.evidence.mixin",
        "order.policy.lock.mixin",
        "order.policy.letter.mixin",
        "sale.order",
    ]

    policy_id = fields.Many2one(
        "order.policy",
        compute="_compute_policy_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        help="The version of the company's order policy that this order goes by.",
    )
    policy_exempt_reason = fields.Char(
        "Exemption", copy=False, tracking=True, help="Why the policy does not apply to this order."
    )
    policy_exempt_by_id = fields.Many2one("res.users", "Exempted By", readonly=True, copy=False)
    policy_exempt_on = fields.Datetime("Exempted On", readonly=True, copy=False)
    exemption_ids = fields.One2many(
        "sale.order.exemption",
        "order_id",
        "Exemptions",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )

    policy_follow_due = fields.Boolean(
        readonly=True,
        copy=False,
        help="What is stored of the order by the version of the policy that it goes by is still to follow.",
        exportable=False,
    )
    policy_failed_tries = fields.Json(
        readonly=True,
        copy=False,
        help="How often jobs of the order policy failed for the order, by what they do.",
        exportable=False,
    )

    _policy_follow_due = models.Index("(id) WHERE policy_follow_due")

    @api.depends("company_id")
    def _compute_policy_id(self):
        for order in self:
            stays = order._policy_stays()
            order.policy_id = order.policy_id if stays else self.env["order.policy"]._in_force(order.company_id)

    def _policy_stays(self):
        """Tell whether the order goes on by the version that it has, or by none: confirmed orders are left alone."""
        self.ensure_one()
        return bool(self.state == "sale" and self._origin)

    def _goes_by_mail_queue(self):
        return bool(self.sudo().policy_id)  # whoever writes a letter: how it goes out is no secret

    @api.model
    def _not_held_by_policy(self):
        """Return the domain of the orders that go by another version as soon as that is in force."""
        return Domain("state", "in", ("draft", "sent"))

    @api.model
    def _follow_policy_in_force(self, company):
        """Bring the orders of a company that no version holds yet under what is in force now.

        All of them in one statement, however many there are: nobody confirms one of them by what was in force before.
        What else is stored of them by their version is due then, see ``_follow_version``.
        """
        policy = self.env["order.policy"]._in_force(company)
        self.env.flush_all()
        # Superuser: who puts a policy in force decides for all orders.
        orders = self.sudo()._search(
            Domain("company_id", "=", company.id) & self._not_held_by_policy() & Domain("policy_id", "!=", policy.id)
        )
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET policy_id = %s, policy_follow_due = TRUE WHERE id IN %s",
                SQL.identifier(self._table),
                policy.id or None,
                orders.subselect(),
            )
        )
        self.env.invalidate_all(flush=False)

    def _follow_version(self):
        """Store what is stored of these orders by the version that they go by, of those of which it is due.

        Whatever judges an order does that first: nobody has to wait for the job.
        """
        # Superuser: whoever works on an order, what is stored of it is not his to write.
        due = self.sudo().filtered(lambda order: order.id and order.policy_follow_due)
        if due:
            due.flush_recordset()  # what was changed until now, and by whom
            due.policy_follow_due = False
            due.modified(["policy_id"])

    def _go_by_policy_in_force(self):
        policies = self.env["order.policy"]
        for company, orders in self.grouped("company_id").items():
            known = policies._in_force(company)
            others = orders.filtered(lambda order, known=known: order.policy_id != known)
            if others:  # or another process put a version in force since, of which this one does not know yet
                others.policy_id = policies._find_in_force(company.id)
        self._follow_version()

    def _catch_up_with_policy(self):
        """Bring those of these orders that no version holds under what is in force.

        They were cancelled when it came into force, or somebody stored them at that very moment.
        """
        # Superuser: whoever works on an order, by which version it goes is not his to choose.
        self.sudo().filtered(
            lambda order: not order._policy_stays() and not order._policy_is_closed()
        )._go_by_policy_in_force()

    def _goes_by_policy(self):
        self.ensure_one()
        return bool(self.policy_id and not self.policy_exempt_reason)

    def _policy_is_closed(self):
        """Tell whether nothing of the order changes any more."""
        self.ensure_one()
        return False

    def _check_is_not_closed(self):
        """
        :raise UserError: when one of the orders is closed, and so can neither change nor end any more
        """

    # ------------------------------------------------------------------
    # What clients cannot write
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return frozenset({"policy_exempt_reason"})

    @api.model
    def _clients_create(self):
        return True

    @api.model
    def _is_kept_from_clients(self, field):
        if field.name == "policy_exempt_reason":
            return not self.env.user.has_group("order_policy.group_order_policy_manager")
        # Of the other fields of orders the apps that they come from say who writes them.
        return self._is_of_policy(field) and super()._is_kept_from_clients(field)

    @api.model
    def _takes_defaults(self, field):
        decides = field.name in DECISIONS | FOLLOWS or field.name == "policy_exempt_reason"
        return not decides and super()._takes_defaults(field)

    @api.model
    def _is_of_policy(self, field):
        return bool(field._modules) and field._modules[0].startswith("order_policy")

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and field.name in FOLLOWS and self._is_policy_concerned():
            return False
        # Customers read their orders, but not what departments say about them.
        if not self.env.su and self._is_of_policy(field) and not self.env.user._policy_may_be_told():
            return False
        return super()._has_field_access(field, operation)

    def _check_field_access(self, field, operation):
        if operation == "write" and not self._has_field_access(field, operation):
            if field.name == "policy_exempt_reason":
                raise AccessError(
                    self.env._(
                        "Only an administrator of the order policy may exempt an order from it. Ask one, and say why."
                    )
                )
            if field.name in TOTALS:
                raise AccessError(
                    self.env._("The amounts of an order follow from its lines. Change the lines instead.")
                )
            if field.name == "transaction_ids":
                raise AccessError(
                    self.env._(
                        "The online payments of an order are those that its customer made. Money that arrives in "
                        "another way is registered as a payment of the invoice."
                    )
                )
        return super()._check_field_access(field, operation)

    def _is_policy_concerned(self):
        """Tell whether one of these orders, or else an order that this person may enter, is under a policy."""
        companies = self.env.user.company_ids if not self else ()
        return bool(self.sudo().policy_id) or any(self.env["order.policy"]._in_force(company) for company in companies)

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        exempt = orders.filtered("policy_exempt_reason")
        if exempt:
            exempt._stamp_exemption()
        return orders

    def write(self, vals):
        if "policy_exempt_reason" in vals:
            self._check_exemption_stays(vals["policy_exempt_reason"])
        if vals.get("locked") is False:
            self._check_policy_lets_unlock()
        if vals.get("state", "cancel") != "cancel":
            self._catch_up_with_policy()  # ahead, as the gate judges them by it
        if "company_id" in vals:
            self._check_policy_lets_move(self.env["res.company"].browse(vals["company_id"]), vals.get("state"))
        newly_exempt = self.filtered(lambda order: vals.get("policy_exempt_reason") and not order.policy_exempt_reason)
        result = super().write(vals)
        if newly_exempt:
            newly_exempt._stamp_exemption()
        if vals.get("state", "sale") != "sale":
            # Confirmed before the policy took effect, and not any more: from here on it goes by the policy.
            self.filtered(lambda order: not order.policy_id).sudo()._go_by_policy_in_force()
        self.mapped("policy_id")  # at once, before the order is confirmed and left alone
        return result

    def _check_policy_lets_move(self, company, state):
        """Confirmed orders stay in their company: another one has other rules."""
        moving = self.filtered(lambda order: "sale" in (order.state, state) and order.company_id != company)
        if moving and (moving.policy_id or self.env["order.policy"]._in_force(company)):
            raise UserError(
                self.env._(
                    "%s cannot be moved to another company once it is confirmed. "
                    "Cancel it, and enter it in the other company.",
                    format_list(self.env, moving.mapped("name")),
                )
            )

    def _check_policy_lets_unlock(self):
        locked = self.filtered(lambda order: order.policy_id and order.locked)
        if locked and not self.env.su and not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(
                self.env._(
                    "%s is locked. Only a sales manager may unlock it.", format_list(self.env, locked.mapped("name"))
                )
            )

    def _check_can_be_deleted(self):
        kept = self._with_lasting_messages()
        for order in kept[:1]:
            instead = {
                "sale": self.env._("To end the order, use Request Cancellation."),
                "cancel": self.env._("It is cancelled, and nobody has to do anything about it."),
            }.get(order.state, self.env._("Cancel the order instead."))
            raise UserError(
                self.env._(
                    "%(orders)s cannot be deleted: the order policy keeps its reviews and confirmations. %(instead)s",
                    orders=format_list(self.env, kept.mapped("name")),
                    instead=instead,
                )
            )

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered(
            lambda order: order.exemption_ids or (order.policy_id and order.state == "sale")
        )

    # ------------------------------------------------------------------
    # Exempting
    # ------------------------------------------------------------------

    def action_policy_exempt(self, reason=False):
        """Exempt orders from the policy, such as orders of the past that are imported. The reason stays on the order.

        :param str reason: why, shown on the order
        :raise AccessError: for everybody but an administrator of the policy
        :raise UserError: without a reason
        """
        self.check_access("read")
        self._check_field_access(self._fields["policy_exempt_reason"], "write")
        reason = self._entered_text(reason)
        if not reason:
            raise UserError(self.env._("Say why the order is exempt: the reason stays on the order."))
        # The person administers the policy; an order of another salesperson is his to exempt as well.
        self.sudo().policy_exempt_reason = reason
        return True

    def action_policy_end_exemption(self, reason=False):
        """Take an exemption back: from then on the orders go by the policy. Both stay recorded.

        Orders that were confirmed by their exemption stay confirmed as they are, change by request from then on, and
        are reported to the administrators and supervisors of the policy.

        :param str reason: why, kept with the order
        :raise AccessError: for everybody but an administrator of the policy
        :raise UserError: without a reason, or when an order is not exempt
        """
        self.check_access("read")
        self._check_field_access(self._fields["policy_exempt_reason"], "write")
        reason = self._entered_text(reason)
        if not reason:
            raise UserError(self.env._("Say why the exemption is taken back: the reason stays with the order."))
        if others := self.filtered(lambda order: not order.policy_exempt_reason):
            raise UserError(
                self.env._(
                    "%s: not exempt, so there is nothing to take back.", format_list(self.env, others.mapped("name"))
                )
            )
        # The person administers the policy; an order of another salesperson is his to take back as well.
        orders = self.sudo()
        self.env["sale.order.exemption"]._record(orders, "ended", dict.fromkeys(orders, reason))
        for order in orders:
            order._tell_that_exemption_ended(reason)
        orders.write({"policy_exempt_reason": False, "policy_exempt_by_id": False, "policy_exempt_on": False})
        return True

    def _tell_that_exemption_ended(self, reason):
        """Note it on the order; of a confirmed order, tell those who administer and supervise the policy."""
        self.ensure_one()
        watching = self.env["res.users"]
        if self.state == "sale":
            for group in ("manager", "supervisor"):
                watching |= self.env.ref(f"order_policy.group_order_policy_{group}").all_user_ids
        body = self.env._(
            "The exemption from the order policy was taken back: “%(reason)s”. %(person)s had given it: “%(former)s”.",
            reason=self.env["order.policy.words"]._within_sentence(reason),
            person=self.policy_exempt_by_id.name,
            former=self.env["order.policy.words"]._within_sentence(self.policy_exempt_reason),
        )
        if watching:
            body += " " + self.env._(
                "The order was confirmed without review. It stays confirmed as it is; see whether that is right."
            )
        self.message_post(
            body=body,
            partner_ids=watching.filtered(
                lambda user: self.company_id in user.company_ids and user != self.env.user
            ).partner_id.ids,
        )

    def _check_exemption_stays(self, reason):
        """Let an exemption neither be altered nor erased: it ends by a record of its own.

        :raise AccessError: for everybody but an administrator of the policy
        :raise UserError: when one of the orders is exempt, for another reason, and nobody took that back
        """
        self._check_field_access(self._fields["policy_exempt_reason"], "write")
        for order in self.sudo().filtered("policy_exempt_reason"):
            ended = order.exemption_ids.sorted("id")[-1:].kind == "ended" and not reason
            if order.policy_exempt_reason != reason and not ended:
                raise UserError(
                    self.env._(
                        "%s was exempted from the order policy, which stays as it was recorded. "
                        "To take the exemption back, choose End Exemption.",
                        order.name,
                    )
                )

    def _stamp_exemption(self):
        # Only administrators of the policy may write the reason (field access); who and when is not for them to choose.
        self.sudo().write({"policy_exempt_by_id": self.env.uid, "policy_exempt_on": fields.Datetime.now()})
        reasons = {order: order.policy_exempt_reason for order in self}
        self.env["sale.order.exemption"]._record(self, "given", reasons)
