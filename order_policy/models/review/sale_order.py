from functools import cache

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_list


class SaleOrder(models.Model):
    """How orders are submitted, and wait for the departments that review them (articles 1.6, 2.6, 2.7, 3.7)."""

    _inherit = "sale.order"

    proofread_by_id = fields.Many2one("res.users", compute="_compute_proofread", compute_sudo=True)
    proofread_on = fields.Datetime(compute="_compute_proofread", compute_sudo=True)
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
        in_words = cache(lambda departments: format_list(self.env, departments.sorted("sequence").mapped("name")))
        for order in self:
            reviews = pending.get(order._origin, self.env["sale.order.review"])
            order.policy_waiting_for = in_words(reviews.department_id) or False
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
            reviews = order.review_ids.filtered(lambda review, order=order: review._subject() == order)
            order.my_review_ids = reviews.sudo(False)._filtered_access("read").filtered("can_decide")

    @api.depends("review_ids.state", "review_ids.is_current")
    def _compute_proofread(self):
        for order in self:
            review = order.review_ids.filtered(
                lambda review: review.is_current and review.kind == "proofread" and review.decision == "approved"
            )[-1:]
            order.proofread_by_id = review.decided_by_id
            order.proofread_on = review.decided_on

    @api.model
    def _count_with_salesperson(self):
        """Count what waits for the current user as salesperson.

        :return: tuple (orders that reviewers sent back, orders that are approved and can be confirmed, questions)
        """
        if not self.has_access("read"):
            return 0, 0, 0
        own = Domain("user_id", "=", self.env.uid)
        waiting = Domain("policy_stage", "=", "rejected") | self._domain_ready()
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
        self._check_can_be_submitted()
        rejections = self.env["sale.order.review"]._rejections(self)
        rejections._check_was_talked_about(comment)
        # The person may write these orders; results of checks are not his to write.
        orders = self.sudo()
        orders.filtered(lambda order: not order.policy_submitted_on)._go_by_policy_in_force()
        self.env["sale.order.check"]._check_taken_in(orders)
        anew = orders.filtered(lambda order: not order.policy_submitted_on or order._must_be_asked_again())
        self._submit_for_review()
        rejections._answer_with(comment)
        orders._go_on_when_approved()
        anew._tell_of_last_approval()
        return True

    def _submit_for_review(self):
        # Who gets here may write the order, or is the customer whose signature or payment submits it.
        orders = self.sudo()
        # A second click submits nothing new.
        to_copy = orders.filtered(lambda order: not order.policy_submitted_on or order._must_be_asked_again())
        siblings = orders._lock_with_siblings()
        orders.write({"policy_submitted_on": fields.Datetime.now(), "policy_submitted_by_id": self.env.uid})
        to_copy._message_log_batch({order.id: self.env._("Submitted for review.") for order in to_copy})
        self.env["order.policy.document"]._order_copies(to_copy)
        orders.review_ids.filtered(lambda review: review.is_current and not review.decision)._note_submission(
            self.env.user
        )
        self.env["sale.order.review"]._follow(orders, resubmitted=True, siblings=siblings)

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

        :return: these and all orders with which they count as one, in superuser mode
        :raise LockError: when somebody else goes on working on one of them
        """
        # Superuser: who works on an order may not see the customer's other ones.
        orders = self.sudo()
        around = orders.env["order.policy"]._siblings(orders.filtered(lambda order: order.state in ("draft", "sent")))
        others = (around - orders).filtered(lambda order: order.state in ("draft", "sent"))
        if others:
            (orders | others)._lock_or_refuse()
        return orders | around

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
        if "company_id" in vals:
            # In a company without a policy nothing tells who changes what.
            self.filtered(lambda order: order.company_id.id != vals["company_id"])._note_who_changes_content()
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self.filtered("policy_submitted_on")._end_review()
        if "policy_submitted_on" in vals:
            # The rate of that day counts. Where none is needed nothing is counted again.
            foreign = self.filtered(lambda order: order.currency_id != order.company_id.currency_id)
            self.env.add_to_compute(self._fields["amount_company"], foreign)
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

    def _compute_field_value(self, field):
        """Let the reviews follow whenever the content was recomputed, by whatever path it changed."""
        if field.name != "content_digest":
            return super()._compute_field_value(field)
        stored = self.filtered("id")
        was = {order: order.content_digest or order.policy_follow_due for order in stored}
        result = super()._compute_field_value(field)
        stored.filtered(
            lambda order: was[order] and order.content_digest not in (was[order], False)
        )._note_who_changes_content()
        if stored:
            submitted = self.filtered(lambda order: order.id and order.policy_submitted_on)
            if submitted:
                submitted._lock_with_siblings()
                submitted._lock_or_refuse()  # an order comes before its reviews, as for who decides
                self.env["sale.order.review"]._follow(submitted)
        return result

    def _check_can_be_submitted(self):
        """Make sure that departments can review these orders.

        :raise UserError: when one is not a quotation, or needs no review
        """
        for order in self:
            if not (order.policy_id or self.env["order.policy"]._in_force(order.company_id)):
                raise UserError(
                    self.env._(
                        "No order policy is in force in %(company)s, so %(order)s needs no review.",
                        company=order.company_id.name,
                        order=order.name,
                    )
                )
            if order.state not in ("draft", "sent"):
                raise UserError(
                    self.env._(
                        "%s is confirmed. Only quotations are submitted for review: to change it, use Request Change.",
                        order.name,
                    )
                    if order.state == "sale"
                    else self.env._(
                        "%s is cancelled. Only quotations are submitted for review: to sell the same, duplicate it.",
                        order.name,
                    )
                )
            if order.policy_exempt_reason:
                raise UserError(
                    self.env._("%s is exempt from the order policy. It can be confirmed without review.", order.name)
                )

    def _policy_stays(self):
        under_review = self.policy_submitted_on and self.policy_id.company_id == self.company_id
        return bool(under_review) or super()._policy_stays()

    @api.model
    def _not_held_by_policy(self):
        return super()._not_held_by_policy() & Domain("policy_submitted_on", "=", False)

    @api.model
    def _follow_policy_in_force(self, company):
        result = super()._follow_policy_in_force(company)
        # At once, however long the rest takes: who reads what was withdrawn from review goes by the policy, too.
        reviewed = Domain("review_ids", "!=", False) & Domain("policy_follow_due", "=", True)
        self.sudo().search(Domain("company_id", "=", company.id) & reviewed)._follow_version()
        return result

    def _policy_moment_of_rate(self):
        return self.policy_submitted_on or super()._policy_moment_of_rate()

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered("review_ids")

    def _stamp_exemption(self):
        result = super()._stamp_exemption()
        self.sudo().filtered("policy_submitted_on")._end_review()
        return result
