from odoo import api, models
from odoo.exceptions import ValidationError


class StockMove(models.Model):
    """What production receives, and when its components come (articles 1.8, 1.11, 3.10)."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        (moves | moves.filtered("unbuild_id").origin_returned_move_id).production_id._note_produced()
        return moves

    def write(self, vals):
        if "production_id" in vals:
            self._check_was_made_by(vals["production_id"] or False)
        return super().write(vals)

    def _check_was_made_by(self, production_id):
        """
        :raise ValidationError: when what was received already would count for another production
        """
        # Superuser: it holds for everybody.
        for move in self.sudo().filtered(lambda move: move.state == "done" and move.production_id.id != production_id):
            raise ValidationError(
                self.env._(
                    "%(product)s was moved already (%(production)s), and is not said to come from another production. "
                    "Enter what was produced in its manufacturing order.",
                    product=move.product_id.display_name,
                    production=move.production_id.name or self.env._("by no production"),
                )
            )

    @api.constrains("quantity")
    def _note_corrected(self):
        """Note what of a production that is done was corrected afterwards."""
        # Superuser: whoever corrects it, what was received is a fact.
        done = self.sudo().filtered(lambda move: move.production_id and move.state == "done")
        done.production_id.filtered("policy_produced_qty")._note_produced()

    @api.constrains("date", "delay_alert_date")
    def _note_new_dates(self):
        result = super()._note_new_dates()
        self.raw_material_production_id._note_change()
        return result

    @api.constrains("location_dest_id", "location_id", "product_id", "product_uom", "quantity", "sale_line_id", "state")
    def _check_may_leave(self):
        # What production puts into stock does not leave, though it is for an order line: nothing is read for it.
        leaving = self.filtered(lambda move: not move.production_id or move._policy_directions())
        return super(StockMove, leaving)._check_may_leave()
