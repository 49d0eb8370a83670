from odoo import api, models
from odoo.exceptions import UserError

from ..milestone.sale_order_milestone import COMPLETE


class SaleOrderMilestone(models.Model):
    """Milestones that follow from what quality released (articles 1.9, 3.10)."""

    _inherit = "sale.order.milestone"

    @api.model
    def _fact_dependencies(self):
        line = "order_id.order_line"
        return [
            *super()._fact_dependencies(),
            f"{line}.policy_released_qty",
            f"{line}.policy_to_inspect",
            f"{line}.product_uom_qty",
        ]

    def action_view_inspections(self):
        """Open the inspections that this milestone follows."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id.action_view_inspections()

    def _check_can_be_complete(self):
        """What was not released has not left: a delivery that is reported by hand is held by its inspections."""
        result = super()._check_can_be_complete()
        for milestone in self.filtered(lambda milestone: milestone.kind == "delivery"):
            held = milestone.order_id._lines_delivered_by_hand()._that_lack_release()
            if held:
                raise UserError(held._refusal_to_deliver(milestone))
        return result

    def _facts_inspection(self):
        """Of orders of which nothing has to be inspected there is no fact: whoever inspects them says so."""
        # What is looked at of each order, of all orders together.
        self.order_id.order_line.inspection_ids.mapped("state")
        facts = {}
        for milestone in self:
            lines = milestone.order_id.order_line.filtered(
                lambda line: line.policy_to_inspect and line.product_uom_qty > 0
            )
            if not lines:
                continue
            decided = sorted(lines.inspection_ids._decided().mapped("decided_on"))
            shares = [min(line.policy_released_qty / line.product_uom_qty, 1.0) for line in lines]
            is_done = all(
                line.product_uom_id.compare(line.policy_released_qty, line.product_uom_qty) >= 0 for line in lines
            )
            facts[milestone] = (
                decided[0] if decided else False,
                decided[-1] if decided and is_done else False,
                COMPLETE * sum(shares) / len(shares),
            )
        return facts
