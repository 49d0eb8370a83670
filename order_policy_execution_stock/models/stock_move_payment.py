from odoo import api, models


class StockMove(models.Model):
    """Goods leave to customers only once they are paid where the policy of the order asks for that.

    It is judged where moves are stored, whoever moves them and by whatever way.
    """

    _inherit = "stock.move"

    @api.constrains("location_dest_id", "location_id", "quantity", "sale_line_id", "state")
    def _check_paid_before_delivery(self):
        """
        :raise UserError: when goods went to a customer who has to pay first
        """
        if self.env["order.policy"]._someone_pays_before("delivery"):
            # Superuser: where goods go decides, not what of it somebody sees.
            done = self.sudo().filtered(lambda move: move.state == "done")
            done._that_leave()._that_let_more_leave()._orders_to_pay()._check_is_paid("delivery")

    def _orders_to_pay(self):
        """Return the orders that moves are for, in superuser mode: by their lines, else by what asked for the goods."""
        # Superuser: who moves goods sees no orders, and is only told what they wait for.
        moves = self.sudo()
        loose = moves.filtered(lambda move: not move.sale_line_id)
        return moves.sale_line_id.order_id | loose.picking_id.sale_id | loose.reference_ids.sale_ids
