from odoo import api, fields, models


class StockPicking(models.Model):
    """Whoever packs a transfer sees before that its customer has to pay first."""

    _inherit = "stock.picking"

    policy_payment_hold = fields.Text(
        "Waits for Payment",
        compute="_compute_policy_payment_hold",
        compute_sudo=True,
        exportable=False,
        help="What the order waits for before its goods leave to the customer.",
    )

    @api.depends("state", "move_ids.sale_line_id", "location_dest_id")
    @api.depends_context("lang")
    def _compute_policy_payment_hold(self):
        leaving = self.filtered(
            lambda picking: picking.state not in ("done", "cancel") and picking.location_dest_id._that_are_outside()
        )
        orders = {picking: picking.move_ids._orders_to_pay() for picking in leaving}
        holds = self.env["sale.order"].union(*orders.values())._payment_holds("delivery")
        for picking in self:
            words = [order._payment_hold_in_words(holds[order]) for order in orders.get(picking, ()) if order in holds]
            picking.policy_payment_hold = "\n".join(words) or False
