from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

UNDER_WAY = ("submitted", "approved")


class SaleOrder(models.Model):
    """How orders change and end: quotations for a reason, confirmed orders by request (articles 2.8, 3.12 to 3.15)."""

    _inherit = "sale.order"

    change_ids = fields.One2many(
        "sale.order.change",
        "order_id",
        "Requests",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    change_count = fields.Integer("Number of Requests", compute="_compute_change_count", compute_sudo=True)
    change_under_way = fields.Selection(
        [("change", "Change"), ("cancel", "Cancellation")], compute="_compute_change_count", compute_sudo=True
    )
    policy_ended_by_request = fields.Boolean(compute="_compute_change_count", compute_sudo=True, exportable=False)
    policy_change_digest = fields.Char(
        compute="_compute_policy_change_digest",
        compute_sudo=True,
        help="The content that a change proposes to which the customer has to agree now.",
        exportable=False,
    )
    policy_can_request = fields.Boolean(compute="_compute_policy_can_request", exportable=False)
    policy_cancel_reason_id = fields.Many2one(
        "order.policy.reason", "Cancelled Because", readonly=True, copy=False, ondelete="restrict"
    )
    policy_cancel_note = fields.Text("Cancellation Note", readonly=True, copy=False)

    @api.depends("change_ids.state")
    def _compute_change_count(self):
        for order in self:
            shown = order.change_ids.filtered(lambda change: change.state != "withdrawn")
            order.change_count = len(shown)
            order.change_under_way = shown.filtered(lambda change: change.state in ("draft", *UNDER_WAY))[:1].kind
            order.policy_ended_by_request = any(
                change.kind == "cancel" and change.state == "applied" for change in shown
            )

    @api.depends("change_ids.state", "change_ids.proposed_digest", "confirmation_ids")
    def _compute_policy_change_digest(self):
        for order in self:
            order.policy_change_digest = order._change_to_confirm().proposed_digest

    @api.depends("state", "policy_id", "policy_exempt_reason")
    @api.depends_context("uid")
    def _compute_policy_can_request(self):
        for order in self:
            order.policy_can_request = bool(
                order.state == "sale"
                and order._goes_by_policy()
                and not order._policy_is_closed()
                and order._asks_as() is not None
            )

    # ------------------------------------------------------------------
    # Requests
    # ------------------------------------------------------------------

    def action_request_change(self):
        """Make a request to change a confirmed order (articles 2.8, 3.12), as a draft with its present content.

        :return: action that opens it; the one that the person is still writing where there is one
        :raise UserError: when the order is not confirmed under a policy
        :raise AccessError: for people who neither may write the order nor belong to a department that reviewed it
        """
        return self._request("change")

    def action_request_cancel(self):
        """Make a request to cancel a confirmed order (article 3.14); see ``action_request_change``."""
        return self._request("cancel")

    def action_open_change_form(self):
        """Open the form of a request to change a confirmed order: nothing is kept before it is saved.

        :return: action that opens it; the request that the person is still writing where there is one
        :raise UserError: when the order is not confirmed under a policy
        :raise AccessError: for people who neither may write the order nor belong to a department that reviewed it
        """
        return self._open_request_form("change")

    def action_open_cancel_form(self):
        """Open the form of a request to cancel a confirmed order; see ``action_open_change_form``."""
        return self._open_request_form("cancel")

    def _open_request_form(self, kind):
        self._check_may_request()
        return {
            **self._open_request(self._own_draft(kind)),
            "context": {"default_order_id": self.id, "default_kind": kind},
        }

    def _request(self, kind):
        self._check_may_request()
        self.sudo()._lock_for_one()  # the person may ask for it; the lock makes two clicks one request
        return self._open_request(self._own_draft(kind) or self._make_request(kind))

    def _open_request(self, change):
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order.change",
            "res_id": change.id,
            "views": [(False, "form")],
        }

    def _check_may_request(self):
        """Make sure that the current user may ask for the change or cancellation of the order, and return for whom.

        :return: order.policy.department record; an empty one for sales of no department
        """
        self.ensure_one()
        self.check_access("read")
        self._check_can_be_requested()
        department = self._asks_as()
        if department is None:
            raise AccessError(
                self.env._(
                    "Only sales and the departments that reviewed %(order)s may ask for its change or cancellation. "
                    "Ask the salesperson: %(person)s.",
                    order=self.name,
                    person=self.sudo().user_id.name or self.env._("nobody yet"),
                )
            )
        return department

    def _own_draft(self, kind):
        """Return the request that the current user is still writing."""
        return self.sudo().change_ids.filtered(  # it is his own
            lambda change: change.state == "draft" and change.kind == kind and change.asked_by_id == self.env.user
        )[:1]

    def _make_request(self, kind):
        """Make a request of the current user with the present content of the order.

        :raise UserError: when the order is not confirmed under a policy
        :raise AccessError: for people who may not ask
        """
        values = self._request_values(kind)
        # The person may ask for it.
        return self.env["sale.order.change"]._make(values)

    def _request_values(self, kind):
        """Return with what a request of the current user starts; see ``_make_request``."""
        department = self._check_may_request()
        asked_by = "salesman" if self.has_access("write") else "department"
        # The person may ask for it, and so may see what there is to change.
        return self.env["sale.order.change"]._values_from(
            self.sudo(), kind, asked_by=asked_by, department_id=department.id
        )

    def _subject_to_confirm(self):
        return self._change_to_confirm() or super()._subject_to_confirm()

    def _change_to_confirm(self):
        """Return the change to a confirmed order to which its customer has to agree now, if any.

        That is the one whose turn it is: what later ones propose may still change with it.
        """
        under_way = self.change_ids.filtered(lambda change: self.state == "sale" and change.state in UNDER_WAY)
        first = under_way.sorted(lambda change: change._turn())[:1]
        return first.filtered(lambda change: not change.needs_refresh and change._waits_for_customer())

    def _check_can_be_requested(self):
        self._check_is_not_closed()
        if self.state != "sale" or not self._goes_by_policy():
            raise UserError(
                self.env._(
                    "%s is not confirmed under an order policy, so there is nothing to request: "
                    "quotations are changed and cancelled directly.",
                    self.name,
                )
                if self.state != "cancel"
                else self.env._("%s is cancelled. To sell the same again, duplicate it.", self.name)
            )

    def _asks_as(self):
        """Return the department for which the current user may ask for a request; None when he may not."""
        departments = self.env["order.policy.department"].sudo().browse(self.env.user._policy_department_ids())
        if self.has_access("write"):
            return departments.filtered(lambda department: department.company_id <= self.company_id)[:1]
        asked = self.sudo().review_ids.filtered(lambda review: review.state != "not_required").department_id
        return (departments & asked)[:1] or None

    def action_view_changes(self):
        """Open the requests to change or cancel the order."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy.sale_order_change_action")
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    # ------------------------------------------------------------------
    # Cancelling
    # ------------------------------------------------------------------

    def action_cancel(self):
        """Cancel orders as Odoo does, where the policy lets them end; it is told before what else is in the way."""
        self.check_access("write")
        self._check_policy_lets_go_to("cancel")
        return super().action_cancel()

    def action_policy_cancel(self, reason=False, note=False):
        """Cancel quotations for a reason from the catalogue (article 3.14).

        :param reason: order.policy.reason record of kind cancel, or its id
        :param str note: more about it, for colleagues
        :raise UserError: when an order is confirmed, which takes a request, or the reason is not one for cancelling
        """
        self.check_access("write")
        reason, note = self._entered_record("order.policy.reason", reason), self._entered_text(note)
        if not reason.exists() or reason.kind != "cancel":
            raise UserError(self.env._("Choose the reason of the cancellation from the catalogue."))
        self._check_policy_lets_go_to("cancel", reason)
        # Who gets here may write the orders; the reason is recorded with what it is the reason of.
        self.sudo()._note_cancel_reason(reason, note)
        self._action_cancel()
        return True

    def _note_cancel_reason(self, reason, note=False):
        self.write({"policy_cancel_reason_id": reason.id, "policy_cancel_note": (note or "").strip()})
        words = self.env._("Cancelled: %(reason)s. %(note)s", reason=reason.name, note=note or "")
        self._message_log_batch({order.id: words for order in self})

    def _note_customer_declines(self, message):
        """Note why a quotation ends that its customer declines in the portal.

        :param str message: what the customer wrote
        """
        reason = self.env["order.policy.reason"]._by_code("customer")
        self.filtered(lambda order: order._goes_by_policy())._note_cancel_reason(reason, message)

    def _check_policy_lets_go_to(self, state, reason=None):
        """Make sure that orders may leave the state that they are in, whoever wants it and however.

        Confirmed orders are cancelled by an approved request, and never go back to quotation. Quotations are cancelled
        for a reason.

        :param state: the one that they are to get
        :param reason: the order.policy.reason that is given, if any
        :raise UserError: when a request or a reason is missing
        """
        self.filtered(lambda order: order.state != state)._check_is_not_closed()
        for order in self.filtered(lambda order: order._goes_by_policy()):
            if order.state == "sale" != state and not (state == "cancel" and order._may_be_cancelled()):
                raise UserError(order._refuse_to_end())
            if order.state == "cancel" != state and order.policy_ended_by_request:
                raise UserError(
                    self.env._(
                        "%s was cancelled by a request, and stays so. To sell the same again, duplicate it.", order.name
                    )
                )
            if order.state in ("draft", "sent") and state == "cancel" and not (reason or order._has_reason_to_end()):
                raise UserError(
                    self.env._(
                        "Say why %s is cancelled: under the order policy quotations end for a reason from the "
                        "catalogue. Use Cancel on the order, or in the Actions menu of the list.",
                        order.name,
                    )
                )

    def _refuse_to_end(self):
        return self.env._(
            "%(order)s is confirmed under %(policy)s, so it is not cancelled or set back directly. "
            "Use Request Cancellation on the order: once those concerned approved it, the order is cancelled.",
            order=self.name,
            policy=self.policy_id.sudo().display_name,
        )

    def _has_reason_to_end(self):
        """Tell whether it is known why a quotation ends; note it where that follows from the quotation itself."""
        self.ensure_one()
        order = self.sudo()  # the reason follows from facts; it is nobody's to choose here
        if order.policy_cancel_reason_id or order.policy_refused_by_id:
            return True
        code = (
            "expired"
            if order.is_expired
            else "mistake"
            if not order.order_line._policy_ordered_lines().filtered("product_id")
            else False
        )
        if code:
            order._note_cancel_reason(self.env["order.policy.reason"]._by_code(code))
        return bool(code)

    def _may_be_cancelled(self):
        """Tell whether a request to cancel the order is approved, and so about to be carried out."""
        # Superuser: whoever ends the order, a request lets him or does not.
        return any(change.kind == "cancel" and change.state == "approved" for change in self.sudo().change_ids)

    def _close_requests(self):
        """Let requests end with their order, whoever cancelled it."""
        for change in self.sudo().change_ids.filtered(lambda change: change.state in ("draft", *UNDER_WAY)):
            if change.kind == "cancel" and change.state == "approved":
                change._finish()
            else:
                change._settle("withdrawn")

    def write(self, vals):
        if "state" in vals:
            self._check_policy_lets_go_to(vals["state"])
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self._close_requests()
        return result

    def _forget_why_it_ended(self):
        # The log keeps that it was cancelled, and why.
        self.sudo().filtered("policy_cancel_reason_id").write(
            {"policy_cancel_reason_id": False, "policy_cancel_note": False}
        )
        return super()._forget_why_it_ended()

    @api.model
    def _policy_entered_fields(self):
        return [*super()._policy_entered_fields(), *self._with_limits(["policy_cancel_note"])]

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered("change_ids")

    # ------------------------------------------------------------------
    # What people see
    # ------------------------------------------------------------------

    def _policy_sentence(self, obstacles):
        if self._goes_by_policy() and self.state == "cancel" and self.policy_cancel_reason_id:
            return self.env._("Cancelled: %s. Its reviews are kept.", self.policy_cancel_reason_id.name)
        about_requests = (
            self._goes_by_policy()
            and (self.state == "sale" or (self.state == "cancel" and not self.policy_refused_by_id))
            and self.sudo().change_ids._explain_order()  # whoever sees the order sees that its change is asked for
        )
        return about_requests or super()._policy_sentence(obstacles)

    @api.depends("change_under_way")
    def _compute_policy_tone(self):
        return super()._compute_policy_tone()

    def _tone(self):
        under_way = self.policy_stage and self.state == "sale" and self.change_under_way
        return "info" if under_way else super()._tone()
