from contextlib import contextmanager

from odoo import api, models
from odoo.addons.order_policy.models.intake.sale_order_check import NOT_PASSED


class SaleOrder(models.Model):
    """Has stock looked at again when the goods are to come from another warehouse.

    The warehouse is no content of the order: neither customers nor other departments agreed to it.
    """

    _inherit = "sale.order"

    @api.model
    def _policy_aspect_fields(self):
        """Freight and risk are a matter of prices too; routes and the shipping policy say when goods arrive."""
        fields = super()._policy_aspect_fields()
        fields["delivery"]["sale.order"] += ["picking_policy", "incoterm", "incoterm_location"]
        fields["delivery"]["sale.order.line"] += ["route_ids"]
        fields["price"]["sale.order"] += ["incoterm", "incoterm_location"]
        return fields

    def _policy_used_records(self):
        """Of goods there is only so much in stock."""
        goods = self.order_line._policy_wanted_lines().sudo().product_id.filtered("is_storable")
        return super()._policy_used_records() + [goods] * bool(goods)

    def write(self, vals):
        if "warehouse_id" not in vals:
            return super().write(vals)
        with self._policy_watch_warehouse():
            result = super().write({name: value for name, value in vals.items() if name != "state"})
        # Confirmed last, when the gate knows of the warehouse.
        return super().write({"state": vals["state"]}) if "state" in vals else result

    def _compute_warehouse_id(self):
        with self._policy_watch_warehouse():
            return super()._compute_warehouse_id()

    @contextmanager
    def _policy_watch_warehouse(self):
        before = {order: order.warehouse_id for order in self if order.id and order.policy_submitted_on}
        yield
        changed = self.filtered(lambda order: order in before and order.warehouse_id != before[order])
        changed.sudo()._policy_check_stock_again()

    def _policy_check_stock_again(self):
        """Run again, for orders under review, the checks that looked at stock; nothing is approved by them any more."""
        orders = self.filtered(lambda order: order.state in ("draft", "sent"))
        found = orders.check_ids.filtered(lambda result: result.is_current and result.check_id.kind == "quantity")
        reviews = found.review_id.filtered("is_current")
        reviews.filtered(lambda review: not review.decision).checked_digest = NOT_PASSED
        reviews.filtered(lambda review: review.is_automatic and review.decision).content_digest = False
        found.filtered(lambda result: not result.review_id).order_id.policy_intake_digest = NOT_PASSED
        self.env["sale.order.review"]._follow(found.order_id)
