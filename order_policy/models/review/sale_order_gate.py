from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_list


class SaleOrder(models.Model):
    """The gate: an order under a policy is in state ``sale`` only if every step that the policy requires for its
    present content holds an approval of exactly that content.
    """

    _inherit = "sale.order"

    policy_cleared_digest = fields.Char(
        readonly=True,
        copy=False,
        help="The content with which the policy last let the order be confirmed.",
        exportable=False,
    )
    policy_cleared_snapshot = fields.Json(
        readonly=True, copy=False, prefetch=False, help="That content itself.", exportable=False
    )

    @api.constrains(lambda self: self._policy_gate_triggers())
    def _check_policy_gate(self):
        """Refuse every confirmed order that the policy does not let through, whoever stored it and however.

        An order that was let through stays confirmed as long as its content does not change, also when the customer's
        tags or other things that conditions look at do.
        """
        if not self:
            return
        self._follow_version()
        self.mapped("content_digest")  # recomputed at once, so that the reviews follow before anybody reads them
        self.filtered(lambda order: order.state == "sale")._leave_alone_what_an_app_brings()
        confirmed = self._policy_finished().filtered(lambda order: order.state == "sale" and order.policy_id)
        self.filtered(lambda order: order.state != "sale" and order.policy_cleared_digest)._note_cleared()
        to_clear = confirmed.filtered(lambda order: order.content_digest != order.policy_cleared_digest)
        to_check = to_clear.filtered(
            lambda order: (
                not order.policy_cleared_digest
                or not order._policy_holds(order.policy_cleared_digest, order.policy_cleared_snapshot)
            )
        )
        # Nobody submitted these, so no day is set whose rate counts: it is that of today.
        self.env.add_to_compute(
            self._fields["amount_company"], to_check.filtered(lambda order: not order.policy_submitted_on)
        )
        for order, obstacles in to_check._policy_gates().items():
            obstacles = obstacles or order._policy_used_up()
            if obstacles:
                raise ValidationError(order._policy_refusal(obstacles))
        to_clear._note_cleared()
        # Superuser: what nobody needs any more is nobody's to do, whoever confirms the order.
        to_clear.sudo().review_ids._close()

    def _note_cleared(self):
        """Keep with what content the gate let orders through; nothing of those that are not confirmed any more."""
        # Superuser: what the gate let through is for the gate alone to record.
        orders = self.sudo()
        snapshots = self.env["order.policy.aspect"]._snapshots(orders.filtered(lambda order: order.state == "sale"))
        for order in orders:
            order.policy_cleared_digest = order in snapshots and order.content_digest
            order.policy_cleared_snapshot = snapshots.get(order, False)

    def _policy_holds(self, digest, snapshot):
        """Tell whether the order holds content that was recorded.

        :param digest: fingerprint of that content
        :param snapshot: that content itself, by which it is compared where the fingerprint is another one
        """
        self.ensure_one()
        if digest == self.content_digest:
            return bool(digest)
        # Superuser: no more is told than whether it is the same.
        Aspect, order = self.env["order.policy.aspect"].sudo(), self.sudo()
        return bool(snapshot) and Aspect._is_same(snapshot, Aspect._snapshots(order)[order])

    def _changes_since_cleared_as_text(self):
        """Tell what would be changed of the content with which the order was confirmed."""
        self.ensure_one()
        # Superuser: what was confirmed is for the gate to record, and who changes the order knows what he changes.
        Aspect, order = self.env["order.policy.aspect"].sudo(), self.sudo()
        return Aspect._differences_as_text(order.policy_cleared_snapshot, Aspect._snapshots(order)[order])

    def _policy_used_up(self):
        """Tell what does not pass any more that approvals relied on, of an order that is being confirmed.

        Once it is confirmed its content changes by request, and reviewers of that see what the checks find.

        :return: list of sentences
        """
        self.ensure_one()
        if self.policy_cleared_digest or self.policy_exempt_reason:
            return []
        if self.sudo().policy_id._checks_at_confirmation():
            self._policy_confirm_one_by_one()
        # Superuser: whoever stores the order, it is judged by all that its policy looks at.
        found = self.env["sale.order.check"]._newly_failing(self.sudo()).get(self.sudo(), [])
        return [
            self.env._(
                "It passed when it was approved, and does not any more: %s Choose Confirm on the order, and those "
                "concerned are asked anew.",
                former._fails_now(vals),
            )
            for former, vals in found
        ]

    def _policy_confirm_one_by_one(self):
        """Let nobody confirm another order at this moment that uses up the same, without seeing this one.

        Whoever comes second waits until this one is kept, and is done again by Odoo from the start, where it is seen.
        """
        for used in self._policy_used_records():
            self.env.execute_query(
                SQL(
                    "UPDATE %(table)s SET write_date = write_date WHERE id IN %(ids)s RETURNING id",
                    table=SQL.identifier(used._table),
                    ids=tuple(used.ids),
                )
            )

    def _policy_used_records(self):
        """Return of what there is only so much: the customer, of whose credit it takes. Other addons add theirs.

        :return: list of recordsets, none of them empty
        """
        return [self.sudo().partner_id.commercial_partner_id]

    @api.model
    def _policy_gate_triggers(self):
        content = self.env["order.policy.aspect"]._content_fields()["sale.order"]
        return ["state", "content_digest", "order_line", *content]

    def _policy_gates(self):
        """Return what keeps each order from being confirmed. Other addons add their own gates.

        :return: dict of lists of sentences by order; an empty list lets the order through
        """
        self._follow_version()
        governed = self.filtered(lambda order: order.policy_id and not order.policy_exempt_reason)
        required = self.env["order.policy"]._required_steps(governed.sudo())
        obstacles = {order: [] for order in self}
        for order, order_sudo in zip(governed, governed.sudo(), strict=True):
            intake = self.env["sale.order.check"]._obstacles(order_sudo)
            obstacles[order] = intake + order_sudo.review_ids._obstacles(order_sudo, required[order_sudo])
        return obstacles

    def _leave_alone_what_an_app_brings(self):
        """Take orders that an app brings along, confirmed by its own data, as confirmed before the policy.

        Examples come with many apps, and must not keep them from being installed. Nobody gets here by himself: a
        registry that is not ready serves no one. Orders that were submitted, or let through, stay under the policy.
        """
        if self.pool.ready:
            return
        brought = self.filtered(
            lambda order: order.policy_id and not order.policy_submitted_on and not order.policy_cleared_digest
        )
        for order, obstacles in brought._policy_gates().items():
            if obstacles:
                order.sudo().policy_id = False

    def _confirmation_error_message(self):
        obstacles = self._policy_gates()[self] if self.policy_id else []
        refusal = self._policy_refusal(obstacles) if obstacles else False
        return super()._confirmation_error_message() or refusal

    # ------------------------------------------------------------------
    # What is judged again when an order is confirmed
    # ------------------------------------------------------------------

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

    # ------------------------------------------------------------------
    # Judged once, when all that belongs together was written
    # ------------------------------------------------------------------

    @contextmanager
    def _policy_gate_at_the_end(self):
        """Judge these orders by the gate once, when all that belongs together was written.

        Whatever happens in between, the gate is asked before anything is kept: nobody gets around it.
        """
        # Savepoints empty what is kept for before the commit; this lasts as long as the transaction.
        unfinished = self.env.cr.postcommit.data.setdefault("order_policy.unfinished", set())
        unfinished.update(self.ids)
        try:
            yield
        finally:
            unfinished.difference_update(self.ids)
        self.env.add_to_compute(self._fields["content_digest"], self)  # what proves a line may have come after it
        self._check_policy_gate()

    def _policy_finished(self):
        """Return the orders that are not in the middle of being changed by a request."""
        unfinished = self.env.cr.postcommit.data.get("order_policy.unfinished", ())
        return self.filtered(lambda order: order.id not in unfinished)

    # ------------------------------------------------------------------
    # What the gate says
    # ------------------------------------------------------------------

    def _policy_refusal(self, obstacles):
        """Return the refusal to confirm the order, or to change it once it is confirmed.

        :param list obstacles: sentences about what keeps it from that
        """
        self.ensure_one()
        policy = self.policy_id.sudo().display_name  # whoever reads the order is told by which policy it goes
        if self.policy_cleared_digest:
            return self.env._(
                "%(order)s is confirmed under %(policy)s, so what was approved cannot be changed directly. "
                "Use Request Change on the order: once those concerned approved the request, the order changes."
                "\n%(changes)s",
                order=self.name,
                policy=policy,
                changes=self._changes_since_cleared_as_text(),
            ).strip()
        return self.env._(
            "%(order)s cannot be confirmed yet under %(policy)s.\n%(obstacles)s",
            order=self.name,
            policy=policy,
            obstacles="\n".join(obstacles),
        )
