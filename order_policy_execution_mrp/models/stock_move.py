from odoo import api, models


class StockMove(models.Model):
    """What production receives, and when its components come (articles 1.8, 1.11, 3.10)."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        moves.production_id._note_produced()
        return moves

    @api.constrains("date", "delay_alert_date")
    def _note_new_dates(self):
        result = super()._note_new_dates()
        self.raw_material_production_id._note_change()
        return result
