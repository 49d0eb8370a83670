from odoo import models


class SaleOrder(models.Model):
    """Shipments in the time line that customers see, with the links by which they follow them (article 1.10)."""

    _inherit = "sale.order"

    def _customer_shipments(self):
        # Odoo counts a transfer for several orders to one of them.
        pickings = (self.picking_ids | self.order_line.move_ids.picking_id).filtered(
            lambda picking: picking.state != "cancel" and picking.picking_type_code == "outgoing"
        )
        if not pickings:
            return super()._customer_shipments()
        # Returned goods came back: they are no shipments to the customer.
        pickings = pickings.filtered(lambda picking: picking.location_dest_id._that_are_outside())
        return [
            {
                "done": picking.state == "done" and picking.date_done,
                "links": picking._customer_tracking() if picking.state == "done" else [],
            }
            for picking in pickings.sorted("date_done")
        ]
