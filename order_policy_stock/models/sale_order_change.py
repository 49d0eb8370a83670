from odoo import models

CLOSED = ("done", "cancel")


class SaleOrderChange(models.Model):
    """Carries another address or date of an order on to the deliveries that are still open (articles 2.8, 3.13)."""

    _inherit = "sale.order.change"

    def _alter(self, order, values):
        others = dict(values)
        address = others.pop("partner_shipping_id", False)
        if address:
            # First and by itself: goods that are added join deliveries to the same address. Odoo would ask people to
            # change the deliveries by hand, which is done here.
            order.with_context(mail_activity_automation_skip=True).write({"partner_shipping_id": address})
            self._redirect_deliveries()
        result = super()._alter(order, others)
        if "commitment_date" in values:
            self._set_deadlines()
        return result

    def _open_deliveries(self):
        """Return the transfers of the order that are not handed over yet; goods that come back are none of them."""
        return self.order_id.picking_ids.filtered(lambda picking: picking.state not in CLOSED and not picking.return_id)

    def _redirect_deliveries(self):
        address = self.order_id.partner_shipping_id
        deliveries = self._open_deliveries().filtered(lambda picking: not self._carries_goods_of_others(picking))
        # Vendors that deliver to the customer stay who they are; only the moves have the address.
        direct = deliveries.filtered(lambda picking: picking.picking_type_code == "dropship")
        direct.move_ids.filtered(lambda move: move.state not in CLOSED).partner_id = address
        (deliveries - direct).partner_id = address
        note = self.env._(
            "Goes to %(address)s now, by request %(request)s.", address=address.display_name, request=self.name
        )
        deliveries._message_log_batch({delivery.id: note for delivery in deliveries})

    def _carries_goods_of_others(self, picking):
        return bool(picking.move_ids.sale_line_id.order_id - self.order_id)

    def _set_deadlines(self):
        """Give the promised day to goods on their first steps too: Odoo gives it to the last one alone."""
        order = self.order_id
        moves = order.order_line.move_ids.filtered(
            lambda move: (
                move.state not in CLOSED
                and move.location_final_id.usage == "customer"
                and move.location_dest_id.usage != "customer"
            )
        )
        moves.date_deadline = order.commitment_date or order.expected_date

    def _is_of_who_plans(self, review):
        """The warehouse has nothing planned besides deliveries, which follow by themselves."""
        return super()._is_of_who_plans(review) and review.department_id != self._department_for("department_logistics")

    def _logistics_tasks(self):
        """Deliveries with goods of other orders are not sent elsewhere: people take the goods of this one out."""
        tasks = super()._logistics_tasks()
        if self.kind == "cancel" or self.partner_shipping_id == self.was_partner_shipping_id:
            return tasks
        shared = self._open_deliveries().filtered(self._carries_goods_of_others)
        return tasks + [
            self.env._(
                "%(delivery)s still goes to %(address)s, as it carries goods of other orders too. Take out what is for "
                "%(order)s, and send it to %(new_address)s.",
                delivery=delivery.name,
                address=delivery.partner_id.display_name,
                order=self.order_id.name,
                new_address=self.partner_shipping_id.display_name,
            )
            for delivery in shared
        ]
