from collections import defaultdict

from odoo import fields, models
from odoo.tools import formatLang


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
        help="The forecast counts what is to come in and to go out until the promised date.",
    )

    def _parameters(self):
        return {**super()._parameters(), "quantity": ["quantity_basis"]}

    def _describe_rule(self):
        if self.kind == "quantity":
            return dict(self._fields["quantity_basis"]._description_selection(self.env)).get(self.quantity_basis)
        return super()._describe_rule()

    def _check_quantity(self, orders):
        """Compare what is ordered with the stock of the order's warehouse (articles 1.6, 3.7)."""
        wanted = {order: self._ordered_stock(order) for order in orders}
        on_hand = self._available("free_qty", wanted, lambda order: False)
        forecast = {}
        if self.quantity_basis == "forecast":
            promised = {order: goods for order, goods in wanted.items() if order.commitment_date}
            forecast = self._available("virtual_available", promised, self._end_of_promised_day)
        return {order: self._quantity_result(order, wanted[order], on_hand, forecast) for order in orders}

    def _ordered_stock(self, order):
        """Return what is ordered of products that are kept in stock, in their own unit."""
        goods = defaultdict(float)
        for line in order.order_line._policy_ordered_lines():
            if line.product_id.is_storable:
                goods[line.product_id] += line.product_uom_id._compute_quantity(
                    line.product_uom_qty, line.product_id.uom_id, round=False
                )
        return goods

    def _end_of_promised_day(self, order):
        # By day: orders that are promised for the same day are looked up together.
        return order.commitment_date.replace(hour=23, minute=59, second=59)

    def _available(self, name, wanted, moment_of):
        """Return Odoo's own quantities by order and product, read together for each warehouse and day.

        :param name: ``free_qty`` or ``virtual_available``
        :param wanted: products to look up, by order
        :param moment_of: gives the time of an order until which moves count, or False for now
        """
        available = {}
        for (warehouse, moment), orders in self._grouped_by(wanted, moment_of).items():
            products = orders.order_line.product_id.filtered("is_storable")
            products = products.with_context(warehouse_id=warehouse.id, to_date=moment).with_company(
                warehouse.company_id
            )
            products.mapped(name)
            for order in orders:
                for product in wanted[order]:
                    available[order, product] = products.browse(product.id)[name]
        return available

    def _grouped_by(self, wanted, moment_of):
        orders = self.env["sale.order"].concat(*(order for order, goods in wanted.items() if goods))
        return orders.grouped(lambda order: (order.warehouse_id, moment_of(order)))

    def _quantity_result(self, order, wanted, on_hand, forecast):
        limit = dict(self._fields["quantity_basis"]._description_selection(self.env))[self.quantity_basis]
        if not wanted:
            return self._passed(self.env._("Nothing that is kept in stock"), limit)
        if not order.warehouse_id:
            return self._not_judged(self.env._("The order has no warehouse. Choose it on the order."), limit)
        short = {
            product: max(on_hand[order, product], forecast.get((order, product), 0.0))
            for product, quantity in wanted.items()
            if product.uom_id.compare(quantity, max(on_hand[order, product], forecast.get((order, product), 0.0))) > 0
        }
        if not short:
            return self._passed(self.env._("Covered in %s", order.warehouse_id.name), limit)
        if self.quantity_basis == "forecast" and not order.commitment_date:
            return self._not_judged(
                self.env._("No delivery date is promised, so there is no day to forecast for. Enter it on the order."),
                limit,
            )
        missing = [
            self.env._(
                "%(product)s: %(wanted)s ordered, %(available)s available",
                product=product.display_name,
                wanted=formatLang(self.env, wanted[product], dp="Product Unit"),
                available=formatLang(self.env, available, dp="Product Unit"),
            )
            for product, available in short.items()
        ]
        return self._failed(
            self._join_lines(missing), limit, self.env._("Buy or make the rest in time, or agree on a later date.")
        )
