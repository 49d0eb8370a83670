from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_list


class OrderPolicyReviewMixin(models.AbstractModel):
    """How orders are submitted, and wait for the departments that review them (articles 1.6, 2.6, 2.7, 3.7)."""

    _name = "order.policy.review.mixin"
    _description = "Review of Orders"

    policy_submitted_on = fields.Datetime("Submitted On", readonly=True, copy=False)
    policy_submitted_by_id = fields.Many2one("res.users", "Submitted By", readonly=True, copy=False)
    policy_changed_by = fields.Json(
        "Content Changed By",
        readonly=True,
        copy=False,
        help="When each person last changed the content of the order since it was entered, by the id of the person.",
        exportable=False,
    )
    review_ids = fields.One2many(
        "sale.order.review",
        "order_id",
        "Reviews",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    review_count = fields.Integer("Reviews Asked", compute="_compute_policy_stage", store=True, copy=False)
    review_done_count = fields.Integer("Reviews Approved", compute="_compute_policy_stage", store=True, copy=False)
    my_review_ids = fields.Many2many(
        "sale.order.review",
        string="Reviews I Can Decide",
        compute="_compute_my_review_ids",
        compute_sudo=True,
        exportable=False,
    )
    policy_ready = fields.Boolean(
        "Ready to Confirm",
        compute="_compute_policy_ready",
        search="_search_policy_ready",
        help="Everything is approved, and the customer agreed where the policy asks for that: sales can confirm it.",
    )
    policy_waiting_for = fields.Char("Waiting For", compute="_compute_policy_waiting_for")
    policy_overdue = fields.Boolean("Overdue", compute="_compute_policy_waiting_for", search="_search_policy_overdue")

    @api.depends("review_ids.state", "review_ids.department_id", "review_ids.date_due")
    @api.depends_context("lang")
    def _compute_policy_waiting_for(self):
        now = fields.Datetime.now()
        # Superuser: whoever sees the order sees which departments it waits for.
        pending = (
            self.env["sale.order.review"]
            .sudo()
            .search_fetch(
                [("order_id", "in", self._origin.ids), ("state", "=", "pending")],
                ["order_id", "department_id", "date_due"],
            )
            .grouped("order_id")
        )
        for order in self:
            reviews = pending.get(order._origin, self.env["sale.order.review"])
            order.policy_waiting_for = (
                format_list(self.env, reviews.department_id.sorted("sequence").mapped("name")) or False
            )
            order.policy_overdue = any(review.date_due and review.date_due < now for review in reviews)

    def _search_policy_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("state", "=", "pending") & Domain("date_due", "<", fields.Datetime.now())
        return Domain("review_ids", "any!", overdue)

    @api.depends("review_ids.state")
    @api.depends_context("uid")
    def _compute_my_review_ids(self):
        # Computed as superuser: accountants open orders too, and may not even be told that there is no review for them.
        for order in self:
            # Those of requests are decided with the request.
            reviews = order.review_ids.filtered(lambda review: not review.change_id)
            order.my_review_ids = reviews.sudo(False)._filtered_access("read").filtered("can_decide")

    @api.depends("policy_stage", "content_digest", "confirmation_ids", "amount_paid")
    @api.depends_context("uid")
    def _compute_policy_ready(self):
        for order in self:
            approved = order.policy_stage == "confirmation"
            order.policy_ready = approved and order.policy_can_confirm and not order.policy_payment_due

    def _search_policy_ready(self, operator, value):
        if operator != "in":
            return NotImplemented
        agreed = Domain("policy_id", "any!", Domain("confirmation_required", "=", False)) | Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "EXISTS (SELECT FROM sale_order_confirmation agreed WHERE agreed.order_id = %s AND agreed.digest = %s)",
                SQL.identifier(alias, "id"),
                SQL.identifier(alias, "content_digest"),
            )
        )
        # What is to be paid online is confirmed by the payment.
        return Domain("policy_stage", "=", "confirmation") & Domain("require_payment", "=", False) & agreed

    @api.model
    def _count_with_salesperson(self):
        """Count what waits for the current user as salesperson.

        :return: tuple (orders that reviewers sent back, orders that are approved and can be confirmed, questions)
        """
        if not self.has_access("read"):
            return 0, 0, 0
        own = Domain("user_id", "=", self.env.uid)
        waiting = Domain("policy_stage", "=", "rejected") | self._search_policy_ready("in", [True])
        orders = self._search(own & waiting)
        stage = self._field_to_sql(orders.table, "policy_stage", orders)
        Question = self.env["sale.order.question"]
        asked = SQL("0")  # Invoicing reads orders, and answers nothing
        if Question.has_access("read"):
            asked = SQL("(%s)", Question._search([("waits_for_me", "=", True)]).select(SQL("COUNT(*)")))
        # One query for all: every page asks for it.
        [counts] = self.env.execute_query(
            orders.select(
                SQL("COUNT(*) FILTER (WHERE %s = 'rejected')", stage),
                SQL("COUNT(*) FILTER (WHERE %s = 'confirmation')", stage),
                asked,
            )
        )
        return counts

    def _tell_of_last_approval(self):
        """Tell the salespeople of orders that nothing is to be approved any more: it is their turn, or the customer's.

        Their customers may have confirmed before: then the order is confirmed by now (article 1.6).
        """
        approved = self.filtered(lambda order: order.policy_stage == "confirmation")
        confirmed = self.filtered(lambda order: order.state == "sale")
        ready = approved.filtered("policy_ready")
        approved._message_log_batch(
            {
                order.id: self.env._("Approved by all who were asked. It can be confirmed.")
                if order in ready
                else self.env._("Approved by all who were asked. It waits for its customer.")
                for order in approved
            }
        )
        for orders, told in (
            (ready, lambda env: env._("Approved, ready to confirm")),
            (approved - ready, lambda env: env._("Approved, waiting for the customer")),
            (confirmed, lambda env: env._("Approved and confirmed")),
        ):
            for salesperson, own in orders.grouped(lambda order: order._who_sells()).items():
                if salesperson and salesperson != self.env.user:
                    salesperson._bus_send(
                        "simple_notification",
                        {
                            "title": told(self.with_context(lang=salesperson.lang).env),
                            "message": ", ".join(own.mapped("name")),
                            "type": "success",
                        },
                    )
        for salesperson, own in ready.grouped("user_id").items():
            if salesperson:
                salesperson._bus_send("mail.activity/updated", {"activity_created": True, "count_diff": len(own)})

    def _who_sells(self):
        """Return the salesperson, else who submitted the order; nobody where both are gone."""
        self.ensure_one()
        return (self.user_id | self.policy_submitted_by_id).filtered("active")[:1]

    # ------------------------------------------------------------------
    # Submitting
    # ------------------------------------------------------------------

    def action_policy_submit(self, comment=False):
        """Submit orders for review by the departments that the policy asks for (articles 1.6, 2.6, 3.8).

        What was approved with the present content stays approved; what was rejected is asked again.

        :param str comment: what was agreed with who rejected an order that is submitted again as it was; shown to him
        :raise UserError: when an order is not a quotation, has no line, or no policy applies; when it was rejected,
            nothing of what was looked at changed since, and the comment lacks
        :raise OrderIncomplete: when something that the policy requires is missing, or a check of the intake blocks
        """
        self.check_access("write")
        comment = self._entered_text(comment)
        self.env["order.policy"]._check_can_be_submitted(self)
        rejections = self.env["sale.order.review"]._rejections(self)
        rejections._check_was_talked_about(comment)
        # The person may write these orders; results of checks are not his to write.
        orders = self.sudo()
        orders.filtered(lambda order: not order.policy_submitted_on)._go_by_policy_in_force()
        self.env["sale.order.check"]._check_taken_in(orders)
        anew = orders.filtered(lambda order: not order.policy_submitted_on or order._must_be_asked_again())
        self._submit_for_review()
        rejections._answer_with(comment)
        self.env["sale.order.confirmation"]._go_on(orders)
        anew._tell_of_last_approval()
        return True

    def _submit_for_review(self):
        # Who gets here may write the order, or is the customer whose signature or payment submits it.
        orders = self.sudo()
        # A second click submits nothing new.
        to_copy = orders.filtered(lambda order: not order.policy_submitted_on or order._must_be_asked_again())
        orders._lock_with_siblings()
        orders.write({"policy_submitted_on": fields.Datetime.now(), "policy_submitted_by_id": self.env.uid})
        to_copy._message_log_batch({order.id: self.env._("Submitted for review.") for order in to_copy})
        self.env["order.policy.document"]._order_copies(to_copy)
        orders.review_ids.filtered(lambda review: review.is_current and not review.decision)._note_submission(
            self.env.user
        )
        self.env["sale.order.review"]._follow(orders, resubmitted=True)

    def action_policy_withdraw(self):
        """Take orders back from review. Approvals given so far are kept, and count again while the content is the same.

        :raise UserError: when an order is not under review
        """
        self.check_access("write")
        for order in self:
            if not order.policy_submitted_on or order.state not in ("draft", "sent"):
                raise UserError(self.env._("%s is not under review, so there is nothing to withdraw.", order.name))
        self._end_review()
        return True

    def _end_review(self):
        # Who gets here may write the order: withdrawing and cancelling are his to do, the facts are not his to write.
        self._lock_with_siblings()
        self.sudo().write({"policy_submitted_on": False, "policy_submitted_by_id": False})
        self.env["sale.order.review"]._follow(self)

    def _lock_with_siblings(self):
        """Let nobody else work on orders that are approved as if they were one with others, nor on those.

        All of them at once, and so in one order whoever locks: no two people wait for each other.

        :raise LockError: when somebody else goes on working on one of them
        """
        # Superuser: who works on an order may not see the customer's other ones.
        orders = self.sudo()
        around = orders.env["order.policy"]._siblings(orders.filtered(lambda order: order.state in ("draft", "sent")))
        others = (around - orders).filtered(lambda order: order.state in ("draft", "sent"))
        if others:
            (orders | others)._lock_or_refuse()

    def _follow_merge(self, merges):
        """Note that contacts of these orders were merged. Who approved a quotation is asked anew: they may be others.

        :param merges: order.policy.merge records, just made
        """
        words = "\n".join(merges._in_words())
        self.env.add_to_compute(self._fields["content_digest"], self)
        self._message_log_batch({order.id: words for order in self})
        under_review = self.filtered(lambda order: order.policy_submitted_on and order.state in ("draft", "sent"))
        for review in under_review.review_ids.filtered(
            lambda review: review.is_current and review.decision == "approved"
        ):
            if self.env["order.policy.merge"]._concerning(review.snapshot):
                review.lapsed_because = "\n".join(filter(None, (review.lapsed_because, words)))
        self.env["sale.order.review"]._follow(under_review)

    def _must_be_asked_again(self):
        """Tell whether submitting the order again would ask for something that is not asked yet."""
        self.ensure_one()
        order = self.sudo()
        current = order.review_ids.filtered("is_current")
        if "rejected" in current.mapped("decision"):
            return True
        return bool(self.env["order.policy"]._required_steps(order)[order] - current.step_id) or bool(
            self.env["sale.order.check"]._obstacles(order)
        )

    def _policy_is_judged_again(self):
        """Tell whether the policy of one of these orders has checks that are judged again at confirmation."""
        # Superuser: which checks there are, and nothing of them.
        return any(policy._checks_at_confirmation() for policy in self.sudo().policy_id)

    def _policy_ask_again(self):
        """Have departments asked anew where something does not pass any more that they relied on.

        :return: those of these orders, about to be confirmed, that wait again
        """
        # Superuser: whoever confirms an order, it is judged by all that its policy looks at.
        orders = self.sudo().filtered(
            lambda order: order.policy_id and order.state in ("draft", "sent") and not order.policy_exempt_reason
        )
        obstacles = orders._policy_gates()
        failing = self.env["sale.order.check"]._newly_failing(orders.filtered(lambda order: not obstacles[order]))
        self.env["sale.order.review"].sudo()._ask_again(failing)
        return self & self.browse().concat(*failing)

    def _tell_asked_again(self):
        """Return the action that tells why orders were not confirmed, and whom they wait for now."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("%s: not confirmed", format_list(self.env, self.mapped("name"))),
                "message": "\n".join(self.mapped("policy_explanation")),
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _note_who_changes_content(self):
        """Note that the current user changed what is ordered, so that he does not decide on that himself.

        What confirmed orders come to hold was decided by request.
        """
        person, now = self.env.user, fields.Datetime.to_string(fields.Datetime.now())
        if person._is_superuser() or not person._is_internal():
            return
        # Superuser: whoever may write the content, who did is not for him to say.
        changed = self.sudo().filtered(lambda order: order.state in ("draft", "sent") and order.create_uid != person)
        for order in changed:
            order.policy_changed_by = {**(order.policy_changed_by or {}), str(person.id): now}
        changed.review_ids.filtered(lambda review: review.is_current and not review.decision)._leave_to_others(person)

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            # Superuser: whoever gives an order to another salesperson, that one does not decide on it.
            self.sudo().review_ids._without(self.user_id)._assign_anew()
        return result

    def action_view_reviews(self):
        """Open the reviews of the order."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy.sale_order_review_action_all")
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {"search_default_all": 1}
        return action
