from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..review.sale_order_review import COUNTING_STATES
from .sale_order import UNDER_WAY


class SaleOrderReview(models.Model):
    """Reviews of requests are bound to the content proposed. They become those of the order when it is applied."""

    _inherit = "sale.order.review"

    change_id = fields.Many2one(
        "sale.order.change",
        "Request",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The change or cancellation that is to be decided; empty when it is the order itself.",
    )

    _one_of_change = models.UniqueIndex(
        "(change_id, step_id) WHERE change_id IS NOT NULL AND state IN ('waiting', 'pending', 'approved', 'rejected')",
        "This step was already asked of the request.",
    )

    @api.model
    def _subject_fields(self):
        return {**super()._subject_fields(), "sale.order.change": "change_id"}

    def _is_to_be_decided(self):
        return super()._is_to_be_decided() or self.change_id.state in UNDER_WAY

    @api.depends("change_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    @api.depends("change_id.proposed_digest")
    def _compute_order_digest(self):
        return super()._compute_order_digest()

    @api.depends(
        "change_id.amount_after",
        "change_id.amount_difference",
        "change_id.commitment_date",
        "change_id.kind",
        "change_id.state",
    )
    def _compute_subject(self):
        return super()._compute_subject()

    @api.depends("change_id.state")
    def _compute_is_history(self):
        return super()._compute_is_history()

    @api.model
    def _amount_at_stake_as_sql(self, alias):
        Change = self.env["sale.order.change"]
        of_order = super()._amount_at_stake_as_sql(alias)
        return SQL(
            """GREATEST(%(of_order)s, ABS((
                SELECT subject.amount_company + request.amount_difference
                FROM sale_order_change request JOIN sale_order subject ON subject.id = request.order_id
                WHERE request.id = %(change)s)))""",
            of_order=of_order,
            change=SQL.identifier(alias, "change_id"),
            to_flush=Change._fields["amount_difference"],
        )

    @api.model
    def _ask_about(self, change, steps):
        """Ask the departments that a request touches to review it (articles 2.8, 3.13, 3.15).

        :param change: sale.order.change record in superuser mode, with its frozen content
        :param steps: order.policy.step records, see ``_steps_to_ask`` of requests
        """
        order, snapshot = change.order_id, change.proposed_snapshot
        vals_list = []
        for step in steps:
            current = order.review_ids.filtered(lambda review, step=step: review.is_current and review.step_id == step)
            vals = self._prepare_values(order, step, step._restrict(snapshot), previous=current)
            vals_list.append(
                {
                    **vals,
                    "change_id": change.id,
                    "is_current": False,
                    "content_digest": change.proposed_digest,
                    "requested_by_id": change.submitted_by_id.id,
                    "changed_by_ids": [Command.set((change.asked_by_id | change.changed_by_ids).ids)],
                }
            )
        return self.sudo().create(vals_list)

    def _take_over(self, order):
        """Let approvals of a request count for its order, which now has the content that they approved.

        Other approvals count on where their step does not look at what changed.

        :param order: sale.order record in superuser mode
        """
        snapshot = self.env["order.policy.aspect"]._snapshots(order)[order]
        approvals = self.filtered(lambda review: review.step_id.used_for == "order")
        current = order.review_ids.filtered("is_current")
        replaced = current.filtered(lambda review: review.step_id in approvals.step_id)
        replaced.write({"state": "outdated", "is_current": False})
        replaced.flush_recordset(["is_current"])  # history first, or the unique index refuses what takes its place
        approvals.write({"is_current": True, "content_digest": order.content_digest})
        for review in current - replaced:
            if review.decision == "approved" and review._agrees_with(order, review.step_id._restrict(snapshot)):
                review.content_digest = order.content_digest

    @api.model
    def _domain_of_same_subject(self, others):
        of_order = super()._domain_of_same_subject(others)
        of_request = Domain("review_ids", "any!", others & Domain("state", "in", COUNTING_STATES))
        return (Domain("change_id", "=", False) & of_order) | Domain("change_id", "any!", of_request)

    @api.model
    def _domain_not_history(self):
        open_request = Domain("change_id", "any!", Domain("state", "in", UNDER_WAY))
        return super()._domain_not_history() | open_request
