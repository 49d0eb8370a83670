from odoo import models


class SaleOrderDossier(models.Model):
    _inherit = "sale.order.dossier"

    def _sources(self):
        """Add the delivery notes of what was delivered, and the papers of these deliveries (article 3.16)."""
        Item = self.env["sale.order.dossier.item"]
        deliveries = self.order_id.picking_ids.filtered(
            lambda picking: picking.state == "done" and picking.picking_type_code == "outgoing"
        )
        notes = [Item._from_report(delivery, "stock.action_report_delivery", "delivery") for delivery in deliveries]
        return super()._sources() + notes + Item._from_files(deliveries, "delivery")
