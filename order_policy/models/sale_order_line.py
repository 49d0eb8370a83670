from odoo import api, models
from odoo.exceptions import AccessError

TOTALS = frozenset({"price_subtotal", "price_tax", "price_total"})


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["order.policy.entry.mixin", "order.policy.reading.mixin", "sale.order.line"]

    @api.constrains(lambda self: self.env["order.policy.aspect"]._content_fields()["sale.order.line"])
    def _check_policy_gate(self):
        self.order_id._check_policy_gate()

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.mapped("content_digest")  # at once: whoever takes a line off is noted
        return result

    def _has_field_access(self, field, operation):
        # Totals follow from quantities, prices and taxes, which is what departments review.
        if operation == "write" and field.name in TOTALS and not self.env.su and self.order_id._is_policy_concerned():
            return False
        return super()._has_field_access(field, operation)

    def _check_field_access(self, field, operation):
        if operation == "write" and field.name in TOTALS and not self._has_field_access(field, operation):
            raise AccessError(
                self.env._(
                    "The amount of an order line follows from its quantity, price and taxes. Change those instead."
                )
            )
        return super()._check_field_access(field, operation)

    def _policy_ordered_lines(self):
        """Return the lines that are content of the order: all but those that Odoo makes by itself."""
        return self.filtered(lambda line: not line._is_made_by_odoo())

    def _policy_wanted_lines(self):
        """Return the ordered lines that bring the customer something: not those at zero, removed or left optional."""
        return self._policy_ordered_lines().filtered(lambda line: line.product_id and line.product_uom_qty)

    def _policy_lines_to_fill_in(self):
        """Return the lines that have to be complete: what is ordered, and lines whose quantity is still to be entered.

        Zero is the quantity of what was removed from a confirmed order, and of what a customer may add to an offer.
        """
        return self._policy_ordered_lines().filtered(
            lambda line: (
                not line.display_type
                and (line.product_uom_qty or (line.order_id.state != "sale" and not line._is_line_optional()))
            )
        )

    def _policy_is_specified(self, has_drawing):
        """Tell whether it is said what exactly is ordered (articles 1.5, 2.5).

        :param has_drawing: whether a drawing is among the papers of the order
        """
        self.ensure_one()
        texts = self.product_custom_attribute_value_ids.filtered(lambda custom: (custom.custom_value or "").strip())
        chosen = self.product_template_attribute_value_ids | self.product_no_variant_attribute_value_ids
        asking_for_text = chosen.filtered("is_custom")
        if asking_for_text - texts.custom_product_template_attribute_value_id:
            return False
        return bool(chosen or has_drawing or not self.product_id._policy_is_made_to_order())

    @api.model
    def _policy_mark_fields(self):
        """Return the fields by which Odoo and its apps mark the lines that they make by themselves."""
        marks = ("is_downpayment", "is_expense", "is_delivery", "reward_id", "coupon_id", "points_cost")
        return [name for name in marks if name in self._fields]

    def _is_made_by_odoo(self):
        """Tell whether Odoo made this line, so that no department reviews it.

        Every mark of such a line can be written by a client. What counts is therefore what cannot be forged or does no
        harm: nothing is ordered by the line, or its product, quantity and price are what Odoo itself would put there.
        """
        self.ensure_one()
        if self._is_granted_reward():
            return True
        if self.product_uom_qty == 0 and self.is_downpayment:
            return True
        if self.product_uom_qty < 0 or self.price_unit < 0:
            return False
        return self._is_reinvoiced_expense() or self._is_extra_delivery() or self._is_delivery_cost()

    def _is_reinvoiced_expense(self):
        """An expense that the customer pays: of a product that the company charges on."""
        return self.is_expense and self.product_id.sudo().expense_policy in ("cost", "sales_price")

    def _is_extra_delivery(self):
        """A product that was shipped though it was not ordered (sale_stock)."""
        if "move_ids" not in self._fields or self.product_uom_qty:
            return False
        return any(move.state == "done" for move in self.sudo().move_ids)

    def _is_delivery_cost(self):
        """The price of a delivery method (delivery)."""
        return (
            self._is_delivery()
            and self.product_uom_qty == 1
            and self.product_id == self.order_id.carrier_id.sudo().product_id
        )

    def _is_granted_reward(self):
        """A reward of a loyalty programme, up to what the programme grants (sale_loyalty)."""
        if "reward_id" not in self._fields or not self.reward_id:
            return False
        reward, coupon = self.sudo().reward_id, self.sudo().coupon_id
        if coupon.program_id != reward.program_id:
            return False
        granted = self.order_id.order_line.sudo().filtered(
            lambda line: line.reward_id == reward and line.coupon_id == coupon
        )
        if reward.reward_type == "product":
            return granted._is_free_product(reward)
        return granted._is_discount_within(reward)

    def _is_free_product(self, reward):
        claims = sum(self.mapped("points_cost")) / reward.required_points if not reward.clear_wallet else 1
        return (
            self.product_id <= reward.reward_product_ids
            and all(line.discount == 100 for line in self)
            and sum(self.mapped("product_uom_qty")) <= reward.reward_product_qty * claims
        )

    def _is_discount_within(self, reward):
        if self.product_id != reward.discount_line_product_id or any(line.price_unit > 0 for line in self):
            return False
        order = self.order_id
        limits = [order.company_id.currency_id.round(limit) for limit in self._reward_limits(reward)]
        given = -sum(line.price_unit * line.product_uom_qty for line in self)
        return all(self.currency_id.compare_amounts(given, limit) <= 0 for limit in limits)

    def _reward_limits(self, reward):
        """Return the amounts that a discount of some programme may not exceed, in the currency of the order."""
        order = self.order_id

        def in_order_currency(amount):
            return reward.currency_id._convert(amount, order.currency_id, order.company_id, order.date_order)

        if reward.discount_mode == "percent":
            limits = [self._discountable_amount(reward) * reward.discount / 100]
        elif reward.discount_mode == "per_point":
            limits = [in_order_currency(reward.discount * sum(self.mapped("points_cost")))]
        else:
            limits = [in_order_currency(reward.discount)]
        return limits + [in_order_currency(reward.discount_max_amount)] * bool(reward.discount_max_amount)

    def _discountable_amount(self, reward):
        """Return the value of what is ordered and concerned by a discount, taxes included."""
        goods = self.order_id.order_line.filtered(lambda line: not line.reward_id and line.price_total > 0)
        if reward.discount_applicability == "specific":
            goods = goods.filtered(lambda line: line.product_id.filtered_domain(reward._get_discount_product_domain()))
        if reward.discount_applicability == "cheapest":
            return min((line.price_total / line.product_uom_qty for line in goods), default=0.0)
        return sum(goods.mapped("price_total"))
