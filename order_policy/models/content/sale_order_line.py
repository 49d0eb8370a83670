from odoo import api, models
from odoo.exceptions import AccessError

# What follows from quantities, prices and taxes, and from invoices; by them down payments are taken off.
TOTALS = frozenset({"price_subtotal", "price_tax", "price_total", "qty_invoiced", "qty_to_invoice", "invoice_lines"})


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = [
        "order.policy.entry.mixin",
        "order.policy.reading.mixin",
        "order.policy.believable.mixin",
        "sale.order.line",
    ]

    @api.model
    def _policy_entered_fields(self):
        return self._with_limits(self.env["order.policy.aspect"]._content_fields()["sale.order.line"])

    @api.constrains(lambda self: self._policy_entered_fields())
    def _check_can_be_meant(self):
        self.filtered("order_id.policy_id")._check_is_believable(self._policy_entered_fields())

    @api.constrains(lambda self: self.env["order.policy.aspect"]._content_fields()["sale.order.line"])
    def _check_policy_gate(self):
        self.order_id._check_policy_gate()

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.mapped("content_digest")  # at once: whoever takes a line off is noted
        return result

    @api.constrains("qty_delivered")
    def _check_charged_as_made_by_odoo(self):
        """Look at lines again that Odoo makes when their delivered quantity changes, by which they are invoiced."""
        grown = self.filtered(lambda line: (line.is_expense or line.is_downpayment) and line.qty_delivered > 0)
        orders = grown.filtered(lambda line: not line._is_made_by_odoo()).order_id
        self.env.add_to_compute(orders._fields["content_digest"], orders)
        orders._check_policy_gate()

    def _has_field_access(self, field, operation):
        # Departments review quantities, prices and taxes.
        if operation == "write" and field.name in TOTALS and not self.env.su and self.order_id._is_policy_concerned():
            return False
        return super()._has_field_access(field, operation)

    def _check_field_access(self, field, operation):
        if operation == "write" and field.name in TOTALS and not self._has_field_access(field, operation):
            raise AccessError(
                self.env._(
                    "The amount of an order line follows from its quantity, price and taxes, and what is invoiced from "
                    "its invoices. Change those instead."
                )
            )
        return super()._check_field_access(field, operation)

    def _policy_ordered_lines(self):
        """Return the lines that are content of the order: all but those that Odoo makes by itself."""
        # Whoever goes on with them reads what belongs to all of them at once.
        return self.filtered(lambda line: not line._is_made_by_odoo()).with_prefetch(self._prefetch_ids)

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

        Every mark of such a line can be written by a client. What counts is therefore the record that proves it, and
        what that grants: an invoice, an expense, a delivery, a repair, the delivery method, a programme.
        """
        self.ensure_one()
        if self._is_granted_reward() or self._is_down_payment():
            return True
        if self.product_uom_qty < 0 or self.price_unit < 0:
            return False
        return (
            self._is_reinvoiced_expense()
            or self._is_extra_delivery()
            or self._is_part_of_repair()
            or self._is_delivery_cost()
        )

    def _is_down_payment(self):
        """A down payment: nothing is ordered by it, and the last invoice takes off what it was billed at, no more."""
        if not self.is_downpayment or self.product_uom_qty or self.qty_delivered > 0:
            return False
        billed = self._policy_billed_down_payments()
        return not billed or self.currency_id.compare_amounts(abs(self.price_unit), sum(billed)) <= 0

    def _policy_billed_down_payments(self):
        """Return the amounts at which this down payment was billed, by invoice or at the counter (pos_sale)."""
        line = self.sudo()  # whether it was billed is a fact of the order, whoever sees it
        billed = [
            abs(bill.price_unit) for bill in line.invoice_lines if bill.sale_line_ids == line and bill.quantity > 0
        ]
        sold = line.pos_order_line_ids if "pos_order_line_ids" in line._fields else ()
        return billed + [abs(sale.price_unit * sale.qty) for sale in sold]

    def _is_reinvoiced_expense(self):
        """An expense that the customer pays: of a product that the company charges on, as much as was booked.

        It costs him what Odoo charges for such an expense, at cost or at the sales price, and no more.
        """
        if not self.is_expense or self.product_id.sudo().expense_policy not in ("cost", "sales_price"):
            return False
        charged = max(self.product_uom_qty, self.qty_delivered)
        if self.product_uom_id.compare(charged, self._policy_booked_quantity()) > 0:
            return False
        price = self.price_unit * (1 - self.discount / 100)
        return self.product_uom_id.is_zero(charged) or self._is_within(price, self._policy_booked_prices())

    def _is_within(self, price, prices):
        return any(self.currency_id.compare_amounts(price, other) <= 0 for other in prices)

    def _policy_booked_quantity(self):
        """Return how much was booked of an expense, by vendor bills and by expenses of employees (sale_expense)."""
        line = self.sudo()  # what was booked is a fact of the order, whoever sees it
        booked = sum(line.analytic_line_ids.filtered("move_line_id").mapped("unit_amount"))
        if "expense_ids" in line._fields:
            approved = line.expense_ids.filtered(lambda expense: expense.state not in ("draft", "submitted", "refused"))
            booked = max(booked, sum(approved.mapped("quantity")))
        return booked

    def _policy_booked_prices(self):
        """Return the prices at which Odoo charges what was booked of an expense, in the currency of the order."""
        line = self.sudo()  # what was booked is a fact of the order, whoever sees it
        booked = line.analytic_line_ids.move_line_id
        return [bill._sale_get_invoice_price(line.order_id) for bill in booked]

    def _is_extra_delivery(self):
        """A product that was shipped though it was not ordered (sale_stock)."""
        if "move_ids" not in self._fields or self.product_uom_qty:
            return False
        return any(move.state == "done" for move in self.sudo().move_ids)

    def _is_part_of_repair(self):
        """A part for a repair that is ordered: as much as this takes, at no more than Odoo charges (repair)."""
        parts = self._policy_repair_moves()
        if not parts or any(part.repair_id.sale_order_line_id.order_id != self.order_id for part in parts):
            return False
        asked_for = parts.repair_id.sale_order_line_id
        if any(line.product_id.service_tracking != "repair" or line.product_uom_qty <= 0 for line in asked_for):
            return False
        taken = sum(
            part.product_uom._compute_quantity(part.product_uom_qty, self.product_uom_id)
            for part in parts
            if part.repair_line_type == "add" and part.state != "cancel" and part.product_id == self.product_id
        )
        if self.product_uom_id.compare(max(self.product_uom_qty, self.qty_delivered), taken) > 0:
            return False
        price = self.price_unit * (1 - self.discount / 100)
        return self.product_uom_id.is_zero(taken) or self._is_within(price, [self.sudo()._get_display_price()])

    def _policy_repair_moves(self):
        """Return the moves by which repairs take what this line charges, in superuser mode; none without that app."""
        if "move_ids" not in self._fields or "repair_line_type" not in self.env["stock.move"]._fields:
            return ()
        return self.sudo().move_ids.filtered("repair_line_type")  # who sells sees no moves

    def _is_delivery_cost(self):
        """The price of the delivery method of the order (delivery), which is charged once."""
        return (
            self._is_delivery()
            and self.product_uom_qty == 1
            and self.product_id == self.order_id.carrier_id.sudo().product_id
            and self == self.order_id.order_line.filtered(lambda line: line._is_delivery()).sorted("id")[:1]
        )

    def _is_granted_reward(self):
        """A reward of a loyalty programme, up to what the programme grants (sale_loyalty)."""
        if "reward_id" not in self._fields or not self.reward_id:
            return False
        reward, coupon = self.sudo().reward_id, self.sudo().coupon_id
        program = reward.program_id
        if coupon.program_id != program or (program.is_nominative and not self._is_card_of_customer(coupon)):
            return False
        granted = self.order_id.order_line.sudo().filtered(
            lambda line: line.reward_id == reward and line.coupon_id == coupon
        )
        if reward.reward_type == "product":
            return granted._is_free_product(reward)
        return granted._is_discount_within(reward)

    def _is_card_of_customer(self, card):
        return card.partner_id.commercial_partner_id == self.order_id.sudo().partner_id.commercial_partner_id

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
