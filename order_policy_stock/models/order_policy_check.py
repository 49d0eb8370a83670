from datetime import timezone
from math import inf

from odoo import fields, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class OrderPolicyCheck(models.Model):
    _inherit = "order.policy.check"

    kind = fields.Selection(
        selection_add=[("quantity", "Stock covers the quantity")],
        # Whatever was in force stays as it was, and cannot be judged any more.
        ondelete={"quantity": "set null"},
    )
    quantity_basis = fields.Selection(
        [("on_hand", "On hand and not reserved"), ("forecast", "On hand, or forecast for the promised date")],
        "Stock",
        default="forecast",
        help="The forecast counts what is to come in and to go out until the promised date. "
        "What is reserved for other orders never counts.",
    )

    def _kinds_used_up(self):
        return super()._kinds_used_up() | {"quantity"}

    def _parameters(self):
        return {**super()._parameters(), "quantity": ["quantity_basis"]}

    def _describe_rule(self):
        if self.kind == "quantity":
            return dict(self._fields["quantity_basis"]._description_selection(self.env)).get(self.quantity_basis)
        return super()._describe_rule()

    def _plain_env(self):
        """Return an environment without the client's context, which could make Odoo look at other stock or dates."""
        return self.env(su=True, context={"lang": self.env.lang})

    def _ordered_goods(self, orders):
        """Return what is to be delivered. Other addons replace products by what is delivered in their place.

        :return: dict of lists by order: product, quantity in its own unit, attribute values that make no variant
        """
        goods = {order: [] for order in orders}
        for line in orders.order_line._policy_ordered_lines():
            product, unit = line.product_id, line.product_uom_id
            if product and line.product_uom_qty > 0:
                quantity = unit._compute_quantity(line.product_uom_qty, product.uom_id, round=False)
                goods[line.order_id].append((product, quantity, line.product_no_variant_attribute_value_ids))
        return goods

    def _judge_quantity(self, orders):
        """Compare what is ordered with the stock of the order's warehouse (articles 1.6, 3.7).

        What a confirmed order has set aside is there for it, and what was shipped is not needed again.
        """
        wanted = {
            order: self._still_to_ship(order, self._add_up_stock(goods))
            for order, goods in self._ordered_goods(orders).items()
        }
        results = {}
        # By day: orders that are promised for the same day are looked up together.
        by_day = orders.grouped(lambda order: (order.warehouse_id, self._until(order)))
        for (warehouse, until), together in by_day.items():
            products = self.env["product.product"].union(*(product for order in together for product in wanted[order]))
            available = self._available(products, warehouse, until)
            for order in together:
                for_order = self._available_for(order, wanted[order], available, until)
                results[order] = self._quantity_result(order, wanted[order], for_order)
        return results

    def _add_up_stock(self, goods):
        """Return quantities by product, of those that are kept in stock."""
        wanted = {}
        for product, quantity, _values in goods:
            if product.is_storable:
                wanted[product] = wanted.get(product, 0.0) + quantity
        return wanted

    def _until(self, order):
        """Return the end of the promised day where the company is; False when there is nothing to forecast for."""
        if self.quantity_basis != "forecast" or not order.commitment_date:
            return False
        company = self.with_context(tz=order.company_id._policy_timezone())
        # What was promised for a day that is over is delivered today at best.
        promised = fields.Datetime.context_timestamp(company, max(order.commitment_date, fields.Datetime.now()))
        return promised.replace(hour=23, minute=59, second=59).astimezone(timezone.utc).replace(tzinfo=None)

    def _available(self, products, warehouse, until):
        """Return Odoo's own quantities of products in a warehouse.

        :param until: the moment to forecast for, or False for what is on hand
        :return: dict by product; pairs of what is not reserved, and of what is left when all that is to go out went
        """
        where = {"warehouse_id": warehouse.id, "to_date": until, "company_id": warehouse.company_id.id}
        products = products.with_env(self._plain_env()).with_company(warehouse.company_id).with_context(**where)
        if not until:
            return {product: (product.free_qty, inf) for product in products}
        return {product: (product.free_qty + product.incoming_qty, product.virtual_available) for product in products}

    def _available_for(self, order, wanted, available, until):
        """Return which quantities of some products an order can have, with what it has set aside already."""
        moves = self._open_moves(order)
        # Where goods are picked first, only the last of their moves takes them out of the warehouse.
        going_out = moves.filtered(lambda move: not move.move_dest_ids & moves and (not until or move.date <= until))
        quantities = {}
        for product in wanted:
            free, left = available[product]
            reserved = sum(self._quantity_reserved(move) for move in moves if move.product_id == product)
            planned = sum(move.product_qty for move in going_out if move.product_id == product)
            quantities[product] = min(free + reserved, left + planned)
        return quantities

    def _moves(self, order):
        """Return the moves of goods of an order that is confirmed."""
        confirmed = order._origin.filtered(lambda order: order.state == "sale")
        return confirmed.sudo().order_line.move_ids.filtered(lambda move: move.state != "cancel")

    def _open_moves(self, order):
        return self._moves(order).filtered(
            lambda move: move.state != "done" and move.location_id.warehouse_id == order.warehouse_id
        )

    def _quantity_reserved(self, move):
        return move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id, round=False)

    def _still_to_ship(self, order, wanted):
        """Return which quantities of an order are still to be shipped, of what is ordered by product."""
        shipped = dict.fromkeys(wanted, 0.0)
        for move in self._moves(order).filtered(lambda move: move.state == "done" and move.product_id in shipped):
            if move.location_dest_id.usage == "customer":
                shipped[move.product_id] += self._quantity_reserved(move)
            elif move.location_id.usage == "customer":
                shipped[move.product_id] -= self._quantity_reserved(move)
        return {product: max(quantity - shipped[product], 0.0) for product, quantity in wanted.items()}

    def _quantity_result(self, order, wanted, available):
        if not wanted:
            return self._passed(_lt("Nothing that is kept in stock"), self._own_rule())
        if not order.warehouse_id:
            return self._not_judged(_lt("The order has no warehouse. Choose it on the order."), self._own_rule())
        short = [product for product in wanted if product.uom_id.compare(wanted[product], available[product]) > 0]
        if not short:
            return self._passed(_lt("Covered in %s", order.warehouse_id.name), self._own_rule())
        if self.quantity_basis == "forecast" and not order.commitment_date:
            return self._not_judged(
                _lt("No delivery date is promised, so there is no day to forecast for. Enter it on the order."),
                self._own_rule(),
            )
        return self._failed(
            self._join_lines([self._shortage_in_words(product, wanted, available) for product in short]),
            self._own_rule(),
            _lt("Buy or make the rest in time, or agree on a later date."),
        )

    def _shortage_in_words(self, product, wanted, available):
        return _lt(
            "%(product)s: %(wanted)s %(unit)s needed, %(available)s available",
            product=product,
            wanted=self._number(wanted[product], precision="Product Unit"),
            unit=product.uom_id,
            available=self._number(max(available[product], 0.0), precision="Product Unit"),
        )
