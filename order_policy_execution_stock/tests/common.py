"""Orders of which something is inspected before it leaves the warehouse."""

from odoo.addons.order_policy_execution.tests.common_quality import QualityCase


class GateCase(QualityCase):
    """Desks and chairs are in stock; desks are inspected. A warehouse keeper without rights in Sales delivers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls._user("keeper", "stock.group_stock_manager")
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.stock = cls.warehouse.lot_stock_id
        cls.to_customers = cls.env.ref("stock.stock_location_customers")
        (cls.desk | cls.chair).is_storable = True
        for product in cls.desk | cls.chair:
            cls.env["stock.quant"]._update_available_quantity(product, cls.stock, 100)
        cls.order = cls._confirmed((cls.desk, 5, 1000.0), (cls.chair, 4, 200.0))
        cls.desk_line, cls.chair_line = cls.order.order_line
        cls.transfer = cls.order.sudo().picking_ids.with_user(cls.keeper)
        cls.transfer.action_assign()
        cls.desks = cls.transfer.move_ids.filtered(lambda move: move.product_id == cls.desk)
        cls.chairs = cls.transfer.move_ids - cls.desks
        cls.env.flush_all()

    def _validate(self, transfer=None):
        """Validate a transfer as it stands, and leave the rest to a backorder."""
        transfer = transfer or self.transfer
        transfer.move_ids.picked = True
        transfer.with_context(skip_backorder=True).button_validate()
        self.env.flush_all()

    def _return(self, transfer, quantity):
        wizard = (
            self.env["stock.return.picking"]
            .with_user(self.keeper)
            .with_context(active_id=transfer.id, active_ids=transfer.ids, active_model="stock.picking")
            .create({})
        )
        for line in wizard.product_return_moves:
            line.quantity = quantity if line.product_id == self.desk else 0
        transfer = self.env["stock.picking"].with_user(self.keeper).browse(wizard.action_create_returns()["res_id"])
        transfer.action_assign()
        return transfer

    def _inner(self, product, quantity, **values):
        """Return a move within the warehouse, ready to be done, with one detail."""
        shelf = self.env["stock.location"].create({"name": "Shelf", "location_id": self.stock.id})
        move = (
            self.env["stock.move"]
            .with_user(self.keeper)
            .create(
                {
                    "product_id": product.id,
                    "product_uom_qty": quantity,
                    "product_uom": product.uom_id.id,
                    "location_id": self.stock.id,
                    "location_dest_id": shelf.id,
                    **values,
                }
            )
        )
        move._action_confirm()
        move._action_assign()
        move.quantity = quantity
        move.picked = True
        return move

    def _assert_held(self, act, sentence="quality released|has to be inspected"):
        """Expect that something is refused in words, at the latest when it is stored, and that nothing left."""
        before = self._at_customers()
        with self.assertRaisesRegex(Exception, sentence) as caught:
            act()
            self.env.flush_all()
        self.assertIn(type(caught.exception).__name__, ("ValidationError", "UserError", "AccessError"))
        self.env.invalidate_all()
        self.assertEqual(self._at_customers(), before)

    def _at_customers(self):
        self.env.flush_all()
        quants = (
            self.env["stock.quant"]
            .sudo()
            .search([("product_id", "=", self.desk.id), ("location_id", "=", self.to_customers.id)])
        )
        return sum(quants.mapped("quantity")), self.desk_line.sudo().qty_delivered
