from odoo import models
from odoo.tools import format_list

ORDERED = "purchase"


class SaleOrderChange(models.Model):
    """Tells purchasing what vendors were asked for on behalf of an order that changed or ended (articles 2.8, 3.15)."""

    _inherit = "sale.order.change"

    def _department_for(self, area):
        """Let logistics look after vendors where the company has no purchasing department."""
        department = super()._department_for(area)
        if not department and area == "department_purchasing":
            return super()._department_for("department_logistics")
        return department

    def _tasks(self):
        vendor_lines = self._vendor_lines()
        if self.kind == "cancel":
            tasks = [self._task_of_cancelled(line) for line in vendor_lines]
        else:
            surplus = [line._surplus_purchase(vendor_lines) for line in self.line_ids]
            tasks = [task for task in surplus if task] + self._addresses_to_tell(vendor_lines)
        return {**super()._tasks(), "department_purchasing": tasks}

    def _vendor_lines(self):
        """Return what is bought for the order: services, goods that vendors deliver, and goods bought to order."""
        order = self.order_id
        lines = order._get_purchase_orders().order_line.filtered(
            lambda line: line.state != "cancel" and not line.display_type and line.product_qty > 0
        )
        # Goods bought to order have no link to the line; requests for quotations may gather them for several orders.
        return lines.filtered(
            lambda line: (
                line.sale_line_id in order.order_line
                if line.sale_line_id
                else line.product_id in order.order_line.product_id or line.order_id._get_sale_orders() <= order
            )
        )

    def _task_of_cancelled(self, line):
        values = {
            "purchase": line._in_words_for_request(),
            "quantity": self.env["order.policy.words"]._number_in_words(line.product_qty),
            "unit": line.product_uom_id.name,
            "product": line.product_id.display_name,
            "order": self.order_id.name,
            "others": format_list(self.env, (line.order_id._get_sale_orders() - self.order_id).mapped("name")),
        }
        if values["others"] and not line.sale_line_id:
            return self.env._(
                "%(purchase)s: %(quantity)s %(unit)s %(product)s are bought for %(order)s and %(others)s. Lower it by "
                "what was for %(order)s, or keep that in stock.",
                **values,
            )
        if line.state != ORDERED:
            return self.env._(
                "%(purchase)s: %(quantity)s %(unit)s %(product)s were to be bought for %(order)s. Take them out.",
                **values,
            )
        if line.qty_received > 0:
            return self.env._(
                "%(purchase)s: %(quantity)s %(unit)s %(product)s were bought for %(order)s. Cancel the rest with the "
                "vendor; send back what was received, or keep it.",
                **values,
            )
        return self.env._(
            "%(purchase)s: %(quantity)s %(unit)s %(product)s were bought for %(order)s. Cancel them with the vendor, "
            "or keep them in stock.",
            **values,
        )

    def _addresses_to_tell(self, vendor_lines):
        """Vendors that send goods to the customer know the old address only."""
        if self.partner_shipping_id == self.was_partner_shipping_id:
            return []
        open_lines = vendor_lines.filtered(
            lambda line: line.state not in ("draft", "cancel") and line.qty_received < line.product_qty
        )
        return [
            self.env._(
                "%(purchase)s: tell the vendor that it goes to %(address)s now.",
                purchase=f"{purchase.name} ({purchase.partner_id.display_name})",
                address=self.partner_shipping_id.display_name,
            )
            for purchase in open_lines.order_id
            if "dest_address_id" in purchase._fields and purchase.dest_address_id
        ]


class SaleOrderChangeLine(models.Model):
    _inherit = "sale.order.change.line"

    def _surplus_purchase(self, vendor_lines):
        """Tell that more is bought for this line than is ordered now; False where it is not."""
        order_line = self.order_line_id
        if not self.was_on_order or not order_line or not self._goes_below(self.was_product_uom_qty):
            return False
        bought_by = vendor_lines.filtered(
            lambda line: (
                line.sale_line_id == order_line if line.sale_line_id else line.product_id == order_line.product_id
            )
        )
        unit = order_line.product_uom_id
        bought = sum(line.product_uom_id._compute_quantity(line.product_qty, unit, round=False) for line in bought_by)
        needed = self._needed_from_vendors(bought_by)
        if unit.compare(bought, needed) <= 0:
            return False
        number = self.env["order.policy.words"]._number_in_words
        return self.env._(
            "%(purchases)s: %(bought)s %(unit)s %(product)s are bought, and %(needed)s are ordered now. Lower the "
            "quantity with the vendor, or keep the rest in stock.",
            purchases=format_list(self.env, (line._in_words_for_request() for line in bought_by)),
            bought=number(bought),
            unit=unit.name,
            product=order_line.product_id.display_name,
            needed=number(needed),
        )

    def _needed_from_vendors(self, bought_by):
        """Return what is ordered of what vendors were asked for, by all the orders that it is bought for."""
        order_line = self.order_line_id
        if bought_by.sale_line_id:
            ordering = order_line
        else:
            orders = bought_by.order_id._get_sale_orders() | order_line.order_id
            ordering = orders.filtered(lambda order: order.state == "sale").order_line.filtered(
                lambda line: line.product_id == order_line.product_id
            )
        unit = order_line.product_uom_id
        return sum(line.product_uom_id._compute_quantity(line.product_uom_qty, unit, round=False) for line in ordering)
