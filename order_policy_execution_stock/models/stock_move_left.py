from odoo import models

from .sale_order_line import PRECISION


class StockMove(models.Model):
    """What is noted as left: by it is known what lets more leave (articles 1.9, 3.10)."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        # Superuser: whoever moves goods, that they left is a fact. It is noted once it was judged.
        done = moves.sudo().filtered(lambda move: move.state == "done")
        done.move_line_ids._note_left()._report_deliveries()
        return moves

    def _left_before(self):
        """Tell whether something of this move is noted as left, or as come back."""
        self.ensure_one()
        return any(detail.policy_left_on for detail in self.move_line_ids)

    def _that_let_more_leave(self):
        """Return those of these moves by which more is out than is noted of them.

        What comes back, moves inside or is corrected downwards lets nothing more leave. Of a return that is lowered
        afterwards more is out. In superuser mode.
        """
        own, found = self._policy_own_directions(), self.move_line_ids._policy_directions()

        def lets_more_leave(detail):
            quantity = detail.product_uom_id._compute_quantity(detail.quantity, detail.product_id.uom_id, round=False)
            # It came back only where both say so.
            return max(own[detail.move_id], found[detail]) * quantity > detail.policy_left_qty + 10**-PRECISION

        return self.filtered(lambda move: any(map(lets_more_leave, move.move_line_ids)))
