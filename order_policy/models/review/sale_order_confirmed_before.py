from odoo import api, models
from odoo.exceptions import ValidationError

# What of an order tells who buys it, and when he pays.
FIXED = frozenset({"partner_id", "payment_term_id"})
# What of a line tells how much is sold of what, for how much.
SOLD = frozenset({
    "order_id", "product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount",
    "is_downpayment", "is_expense", "is_delivery", "reward_id", "coupon_id", "points_cost",
})  # fmt: skip


class SaleOrder(models.Model):
    """Orders that were confirmed before a policy took effect: finished as they were, and not enlarged.

    Deliveries, invoices, down payments, dates, addresses and texts go on as in plain Odoo; quantities can be lowered
    and the order can be cancelled. What is added would be an order without approval: it is entered as a new one, which
    goes by the policy. An administrator of the policy can exempt the order instead.
    """

    _inherit = "sale.order"

    def _policy_came_after(self):
        """Return those of these orders that were confirmed before the policy in force of their company."""
        if not self.pool.ready:
            return self.browse()  # apps bring orders, and go on with them, while they are installed
        return self._policy_finished().filtered(
            lambda order: (
                order.state == "sale"
                and not order.policy_id
                and not order.policy_exempt_reason
                and self.env["order.policy"]._in_force(order.company_id)
            )
        )

    def write(self, vals):
        for name in FIXED & vals.keys():
            for order in self._policy_came_after():
                if order[name].id != (vals[name] or False):
                    order._refuse_to_enlarge(self.env["order.policy.words"]._label_of(self._name, name))
        return super().write(vals)

    def _refuse_to_enlarge(self, what):
        """
        :raise ValidationError: which names what was to be changed, and what to do instead
        """
        self.ensure_one()
        raise ValidationError(
            self.env._(
                "%(order)s was confirmed before %(policy)s took effect, so it is finished as it was: it can be "
                "delivered, invoiced and lowered, but not enlarged (%(what)s). Enter what is added as a new order, "
                "which goes by the policy. An administrator of the order policy can exempt this order.",
                order=self.name,
                policy=self.env["order.policy"]._in_force(self.company_id).sudo().display_name,
                what=what,
            )
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_not_enlarged({})
        return lines

    def write(self, vals):
        sold = self._policy_sold() if SOLD & vals.keys() else {}
        result = super().write(vals)
        if SOLD & vals.keys():
            self._check_not_enlarged(sold)
        return result

    def _policy_sold(self):
        """Return how much each of these lines sells of what, for how much."""
        lines = self & self.order_id._policy_came_after().order_line
        return {
            line: (line.order_id, line.product_id, line.product_uom_id, line.product_uom_qty, line._policy_net_price())
            for line in lines._policy_ordered_lines()
        }

    def _policy_net_price(self):
        return self.currency_id.round(self.price_unit * (1 - self.discount / 100))

    def _check_not_enlarged(self, before):
        """Refuse to enlarge orders that were confirmed before the policy (article 2.8).

        With a lower quantity Odoo may find a higher price; any other change of the price is a new deal.

        :param before: what the lines sold, see ``_policy_sold``
        """
        for line, (order, product, unit, quantity, price) in self._policy_sold().items():
            if not quantity and not before.get(line, (0, 0, 0, 0))[3]:
                continue  # nothing is ordered
            label = line.product_id.display_name or line.name
            if line not in before:
                order._refuse_to_enlarge(self.env._("a new line of %s", label))
            was_order, was_product, was_unit, was_quantity, was_price = before[line]
            if (order, product, unit) != (was_order, was_product, was_unit):
                order._refuse_to_enlarge(self.env._("other goods instead of %s", was_product.display_name or label))
            if abs(quantity) > abs(was_quantity) or quantity * was_quantity < 0:
                order._refuse_to_enlarge(self.env._("more of %s", label))
            if price != was_price and not (price > was_price and quantity < was_quantity):
                order._refuse_to_enlarge(self.env._("another price of %s", label))
