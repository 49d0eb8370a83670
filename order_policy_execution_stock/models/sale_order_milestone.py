from odoo import models
from odoo.addons.order_policy_execution.models.milestone.sale_order_milestone import COMPLETE


class SaleOrderMilestone(models.Model):
    """Deliveries that report themselves: by what really left, less what came back (articles 1.8, 2.10, 3.10)."""

    _inherit = "sale.order.milestone"

    def _facts_delivery(self):
        # What is looked at of each order, of all orders together.
        moves = self.order_id.order_line.move_ids
        moves.mapped("state")
        moves.move_line_ids.fetch(["policy_left_qty", "policy_left_on", "product_id"])
        facts = {}
        for milestone in self:
            lines = milestone.order_id._policy_lines_from_stock()
            if lines:
                shares = [line._policy_delivered_share() for line in lines]
                share = sum(shares) / len(shares)
                went = lines._policy_left_lines().filtered(lambda moved: moved.policy_left_qty > 0)
                moments = sorted(filter(None, went.mapped("policy_left_on")))
                first, last = (moments[0], moments[-1]) if moments else (False, False)
                facts[milestone] = (first, share >= 1 and last, COMPLETE * share)
        return facts
