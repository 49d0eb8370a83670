from odoo import api, fields, models

from .sale_order import UNDER_WAY


class SaleOrder(models.Model):
    """Departments read an order as they ask for its change or cancellation, or were told of one."""

    _inherit = "sale.order"

    policy_change_readers = fields.Json(
        "Read By for a Request",
        compute="_compute_policy_change_readers",
        store=True,
        copy=False,
        help="The departments that ask for a change or were told of one, and whether something of it is left to them.",
        exportable=False,
    )

    @api.depends(
        "change_ids.department_id",
        "change_ids.notice_ids.acknowledged_by_id",
        "change_ids.notice_ids.department_id",
        "change_ids.state",
    )
    def _compute_policy_change_readers(self):
        for order in self:
            order.policy_change_readers = order._change_readers()

    def _change_readers(self):
        """Return, by who reads the order for a request, whether something is left to be done there."""
        self.ensure_one()
        left = {}
        for change in self.change_ids:
            asking = change.department_id if change.state in ("draft", *UNDER_WAY) else change.department_id.browse()
            concerned = [(asking, True)]
            concerned += [(notice.department_id, not notice.acknowledged_by_id) for notice in change.notice_ids]
            for department, is_left in concerned:
                if department:
                    reader = self._reader_of_department(department.id)
                    left[reader] = left.get(reader, False) or is_left
        return left

    @api.model
    def _reader_dependencies(self):
        return [*super()._reader_dependencies(), "policy_change_readers", "change_ids.state"]

    def _readers(self):
        # What is kept of requests, so that orders without any, as most are, need not look for them.
        still_read = self._is_still_read()
        for_requests = (self.policy_change_readers or {}).items()
        return super()._readers() | {reader for reader, is_left in for_requests if is_left or still_read}
