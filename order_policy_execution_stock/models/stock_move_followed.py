from odoo import api, models
from odoo.tools import SQL


class StockMove(models.Model):
    """Moves that are planned anew: forecasts of their orders follow Odoo's own warnings (article 1.11)."""

    _name = "stock.move"
    _inherit = ["stock.move", "order.policy.followed.mixin"]

    @api.constrains("date", "delay_alert_date")
    def _note_new_dates(self):
        self.filtered("sale_line_id")._note_change()

    def write(self, vals):
        if "sale_line_id" not in vals:
            return super().write(vals)
        # Superuser: what left counts for the order that it is for by now.
        done = self.sudo().filtered(lambda move: move.state == "done")
        orders = done.sale_line_id.order_id
        # For another line it is judged, and noted, anew.
        passed_on = done.filtered(lambda move: move.sale_line_id.id != vals["sale_line_id"])
        passed_on.move_line_ids.filtered("policy_left_qty").policy_left_qty = 0.0
        result = super().write(vals)
        done.move_line_ids.filtered("policy_moved")._note_left()
        (orders | done.sale_line_id.order_id)._report_deliveries()
        return result

    def _query_of_orders(self):
        return SQL(
            "SELECT line.order_id FROM stock_move move JOIN sale_order_line line ON line.id = move.sale_line_id "
            "WHERE move.id IN %s",
            tuple(self.ids),
        )
