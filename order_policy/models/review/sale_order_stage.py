from odoo import api, fields, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    """Where an order stands under its policy, what it waits for, and what people see of that."""

    _inherit = "sale.order"

    policy_stage = fields.Selection(
        [
            ("intake", "Intake"),
            # Before it goes to review again: in the bar of stages it stands where the order stands.
            ("rejected", "Sent Back"),
            ("review", "Review"),
            ("approval", "Approval"),
            ("confirmation", "Confirmation"),
            ("execution", "Execution"),
            ("completed", "Completed"),
            ("archived", "Archived"),
            ("cancelled", "Cancelled"),
        ],
        "Stage",
        compute="_compute_policy_stage",
        store=True,
        copy=False,
        help="Where the order stands under the order policy.",
    )
    policy_ready = fields.Boolean(
        "Ready to Confirm",
        compute="_compute_policy_ready",
        search="_search_policy_ready",
        help="Everything is approved, and the customer agreed where the policy asks for that: sales can confirm it.",
    )
    policy_explanation = fields.Text("Why It Waits", compute="_compute_policy_explanation")
    policy_tone = fields.Selection(
        [("info", "Under Way"), ("success", "Can Go On"), ("warning", "Up to the Customer"), ("danger", "Needs Care")],
        "How It Stands",
        compute="_compute_policy_tone",
        help="How urgent it is what the order waits for; empty when it waits for nothing.",
    )
    policy_can_edit = fields.Boolean(compute="_compute_policy_can_edit", exportable=False)
    policy_can_submit = fields.Boolean(compute="_compute_policy_explanation", exportable=False)
    policy_comment_due = fields.Boolean(
        compute="_compute_policy_explanation",
        help="Who submits it again says what was agreed, as nothing changed.",
        exportable=False,
    )
    policy_can_confirm = fields.Boolean(compute="_compute_policy_explanation", exportable=False)

    _policy_sent_back = models.Index("(user_id) WHERE policy_stage = 'rejected'")
    _policy_to_confirm = models.Index("(user_id) WHERE policy_stage = 'confirmation'")
    _policy_under_way = models.Index(
        "(policy_stage) WHERE policy_stage IN ('intake', 'review', 'approval', 'confirmation')"
    )

    @api.depends("policy_id", "state", "policy_submitted_on", "review_ids.state", "review_ids.is_current")
    def _compute_policy_stage(self):
        for order in self:
            current = order.sudo().review_ids.filtered(
                lambda review: review.is_current and review.state != "not_required"
            )
            order.review_count = len(current)
            order.review_done_count = len(current.filtered(lambda review: review.state == "approved"))
            order.policy_stage = order._stage_with(current)

    def _stage_with(self, reviews):
        self.ensure_one()
        if not self.policy_id:
            return False
        if self.state in ("sale", "cancel"):
            return self._stage_at_the_end()
        if not self.policy_submitted_on:
            return "intake"
        if "rejected" in reviews.mapped("state"):
            return "rejected"
        waiting = reviews.filtered(lambda review: review.state != "approved")
        if not waiting:
            return "confirmation"
        if "proofread" in waiting.mapped("kind"):
            return "intake"
        return "review" if "review" in waiting.mapped("kind") else "approval"

    @api.depends("policy_stage", "content_digest")
    @api.depends_context("uid")
    def _compute_policy_ready(self):
        for order in self:
            order.policy_ready = order.policy_stage == "confirmation" and order.policy_can_confirm

    def _search_policy_ready(self, operator, value):
        return self._domain_ready() if operator == "in" else NotImplemented

    @api.model
    def _domain_ready(self):
        """Return the domain of the orders that sales can confirm."""
        return Domain("policy_stage", "=", "confirmation")

    # ------------------------------------------------------------------
    # What people see
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_policy_can_edit(self):
        editable = self._filtered_access("write")
        for order in self:
            order.policy_can_edit = order in editable

    @api.depends(
        "policy_stage",
        "content_digest",
        "policy_exempt_reason",
        "review_ids.state",
        "review_ids.is_current",
    )
    @api.depends_context("lang", "uid")
    def _compute_policy_explanation(self):
        obstacles = self.filtered(lambda order: order._is_policy_open())._policy_gates()
        for order in self:
            order._show_obstacles(obstacles.get(order, []))

    def _is_policy_open(self):
        """Tell whether it is still to be decided under a policy whether the order is confirmed."""
        self.ensure_one()
        return bool(self.policy_id and self.state in ("draft", "sent"))

    def _show_obstacles(self, obstacles):
        """Show what the order waits for, and offer what helps."""
        self.ensure_one()
        self.policy_explanation = bool(self.policy_id) and self._policy_sentence(obstacles)
        self.policy_can_confirm = self.policy_can_edit and not obstacles
        self.policy_can_submit = bool(
            obstacles
            and self.policy_can_edit
            and not self.policy_exempt_reason
            and (not self.policy_submitted_on or self._must_be_asked_again())
        )
        rejections = self.env["sale.order.review"]._rejections(self if self.policy_can_submit else self.browse())
        self.policy_comment_due = bool(rejections._of_what_did_not_change())

    @api.depends("policy_stage", "policy_exempt_reason", "policy_explanation", "policy_overdue")
    @api.depends_context("uid")
    def _compute_policy_tone(self):
        for order in self:
            order.policy_tone = not order.policy_exempt_reason and order._tone()

    def _stage_at_the_end(self):
        """Return the stage of an order that is confirmed or cancelled."""
        self.ensure_one()
        return "cancelled" if self.state == "cancel" else "execution"

    def _tone(self):
        self.ensure_one()
        if self.policy_stage == "rejected":
            return "danger"
        if self.policy_stage in ("intake", "review", "approval"):
            return "danger" if self.policy_overdue else "info"
        if self.policy_stage == "confirmation":
            return "success" if self.policy_can_confirm else "warning"
        return False

    def _policy_sentence(self, obstacles):
        """Tell where the order stands under its policy, and what would let it go on. Each matter adds its own.

        :param list obstacles: sentences about what keeps it from being confirmed
        """
        self.ensure_one()
        policy = self.policy_id.sudo()  # whoever sees the order is told by which policy it goes
        if self.policy_exempt_reason:
            return self.env._(
                "Exempt from the order policy, by %(person)s: %(reason)s",
                person=self.policy_exempt_by_id.sudo().name,
                reason=self.policy_exempt_reason,
            )
        if self.state == "sale" and self.sudo().exemption_ids[:1].was_confirmed:
            return self.env._(
                "Confirmed without review, while it was exempt from the order policy. To change it or to end it, "
                "request that."
            )
        if self.state == "sale":
            return self.env._(
                "Confirmed under %s. To change what was approved, or to end the order, request it.",
                policy.display_name,
            )
        if self.state == "cancel" and self.policy_refused_by_id:
            return self.env._(
                "Refused by %(person)s: %(reason)s. Its reviews are kept.",
                person=self.policy_refused_by_id.sudo().name,
                reason=self.policy_refusal_reason_id.name,
            )
        if self.state == "cancel":
            return self.env._("Cancelled. Its reviews are kept.")
        if obstacles:
            return "\n".join(obstacles)
        if not self.policy_submitted_on:
            return self.env._("%s asks for no review of this order. It can be confirmed.", policy.display_name)
        return self.env._("Everything that the policy asks for is approved. The order can be confirmed.")
