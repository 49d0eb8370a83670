"""Orders whose goods are delivered from stock."""

from odoo.addons.order_policy.tests.common_change import ChangeCase


class DeliveryCase(ChangeCase):
    """Desks and chairs are in stock; the order of both is to be delivered."""

    DELIVERY_STEPS = "ship_only"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.warehouse.delivery_steps = cls.DELIVERY_STEPS
        cls.logistics = cls._department("Logistics", cls.finance_head)
        cls.logistics.origin_id = cls.env.ref("order_policy.department_logistics")
        (cls.desk | cls.chair).is_storable = True
        for product in cls.desk | cls.chair:
            cls.env["stock.quant"]._update_available_quantity(product, cls.warehouse.lot_stock_id, 100)
        cls.order = cls._confirmed((cls.desk, 2, 1000.0), (cls.chair, 4, 200.0))
        cls.desk_line, cls.chair_line = cls.order.order_line
        cls.env.flush_all()

    def _moves(self, line):
        """Return the quantities that are on the way for a line, by state."""
        moves = line.sudo().move_ids.filtered(lambda move: move.state != "cancel")
        return sorted((move.state, move.product_uom_qty) for move in moves)

    def _ship(self, quantities=None):
        """Deliver all there is, or some of it, and leave a backorder."""
        for picking in self.order.sudo().picking_ids.sorted("id"):
            if picking.state in ("done", "cancel"):
                continue
            for move in picking.move_ids:
                move.quantity = (quantities or {}).get(move.product_id, 0 if quantities else move.product_uom_qty)
            picking.move_ids.picked = True
            picking.with_context(skip_backorder=True).button_validate()
        self.env.flush_all()

    def _reserved(self, product):
        quants = self.env["stock.quant"].search(
            [("product_id", "=", product.id), ("location_id", "child_of", self.warehouse.view_location_id.id)]
        )
        return sum(quants.mapped("reserved_quantity"))
