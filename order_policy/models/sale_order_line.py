from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.constrains(lambda self: self.env["sale.order"]._policy_content_fields()["sale.order.line"])
    def _check_policy_gate(self):
        self.order_id._check_policy_gate()

    def _policy_ordered_lines(self):
        """Return the lines that are content of the order: all but those that Odoo makes by itself."""
        return self.filtered(lambda line: not line._is_made_by_odoo())

    def _is_made_by_odoo(self):
        """Tell whether Odoo made this line, so that no department reviews it.

        Every mark of such a line can be written by a client. What counts is therefore what cannot be forged or does no
        harm: nothing is ordered by the line, or its product and price are those that Odoo itself would put there.
        """
        self.ensure_one()
        if self.product_uom_qty == 0:
            return bool(self.is_downpayment or self.is_expense or self._is_extra_delivery())
        return self._is_delivery_cost() or self._is_granted_reward()

    def _is_extra_delivery(self):
        """A product that was shipped though it was not ordered (sale_stock)."""
        return "move_ids" in self._fields and any(move.state == "done" for move in self.sudo().move_ids)

    def _is_delivery_cost(self):
        """The price of a delivery method (delivery)."""
        return (
            self._is_delivery()
            and self.product_uom_qty == 1
            and self.price_unit >= 0
            and self.product_id == self.order_id.carrier_id.sudo().product_id
        )

    def _is_granted_reward(self):
        """A reward of a loyalty programme, up to what the reward grants (sale_loyalty)."""
        reward = self.sudo().reward_id if "reward_id" in self._fields else False
        if not reward:
            return False
        if reward.reward_type == "product":
            return self.product_id in reward.reward_product_ids and self.price_total <= 0
        if self.product_id != reward.discount_line_product_id or self.price_unit > 0:
            return False
        if reward.discount_mode == "percent":
            ordered = sum(
                line.price_total for line in self.order_id.order_line if not line.reward_id and line.price_total > 0
            )
            granted = sum(line.price_total for line in self.order_id.order_line if line.reward_id == reward)
            return self.currency_id.compare_amounts(-granted, ordered * reward.discount / 100) <= 0
        points = self.points_cost if reward.discount_mode == "per_point" else 1
        return self.currency_id.compare_amounts(-self.price_total, reward.discount * points) <= 0
