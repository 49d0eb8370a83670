"""Orders under a policy with milestones whose goods are delivered from stock."""

from odoo.addons.order_policy_execution.tests.common import MilestoneCase
from odoo.fields import Command


class LeavingCase(MilestoneCase):
    """Desks and chairs are in stock; that they left reports the milestone Delivery."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        (cls.desk | cls.chair).is_storable = True
        for product in cls.desk | cls.chair:
            cls.env["stock.quant"]._update_available_quantity(product, cls.warehouse.lot_stock_id, 100)
        cls.warehouse_user = cls._user("warehouse_user", "stock.group_stock_user")
        cls.logistics_department.member_ids = [Command.link(cls.warehouse_user.id)]
        cls.order = cls._confirmed((cls.desk, 2, 1000.0), (cls.chair, 4, 200.0))
        cls.desk_line, cls.chair_line = cls.order.order_line
        cls.env.flush_all()

    @classmethod
    def _milestone_rules(cls):
        return (
            cls._rule("Production", cls.production_department, kind="production"),
            cls._rule("Delivery", cls.logistics_department, kind="delivery", source="delivery"),
        )

    def _open_transfers(self, order=None):
        transfers = (order or self.order).sudo().picking_ids.with_user(self.warehouse_user).sudo(False)
        return transfers.filtered(lambda transfer: transfer.state not in ("done", "cancel")).sorted("id")

    def _ship(self, quantities=None, order=None, backorder=True):
        """Deliver all there is, or some of it, as the warehouse does."""
        for picking in self._open_transfers(order):
            for move in picking.move_ids:
                move.quantity = (quantities or {}).get(move.product_id, 0 if quantities else move.product_uom_qty)
            picking.move_ids.picked = True
            left_out = {} if backorder else {"picking_ids_not_to_backorder": picking.ids}
            picking.with_context(skip_backorder=True, **left_out).button_validate()
        self.env.flush_all()

    def _return(self, picking, quantities):
        wizard = self.env["stock.return.picking"].with_context(active_id=picking.id, active_model="stock.picking")
        wizard = wizard.create({})
        for line in wizard.product_return_moves:
            line.quantity = quantities.get(line.product_id, 0)
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        back.move_ids.picked = True
        back.button_validate()
        self.env.flush_all()
        return back

    def _delivered(self, order=None):
        """Return state and progress of the milestone."""
        self.env.flush_all()
        self.env.invalidate_all()
        milestone = self._milestone(order or self.order, "Delivery")
        return milestone.state, milestone.progress
