from odoo import api, fields, models

# What changes how much left to a customer.
MOVED = frozenset({"quantity", "product_uom_id", "location_id", "location_dest_id"})

LEFT = frozenset({"policy_left_qty", "policy_left_on"})


class StockMoveLine(models.Model):
    """What really left to a customer, as stock itself moved it: not what somebody entered as done (articles 1.8, 2.10).

    Whoever may write transfers can write that a move is done, without any goods moved, and alter dates afterwards.
    """

    _inherit = "stock.move.line"

    policy_left_qty = fields.Float(
        "Left to the Customer",
        digits="Product Unit",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="In the unit of the product: what left to the customer of an order; below zero for what came back.",
    )
    policy_left_on = fields.Datetime(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="When stock was moved. Empty while it was not, whatever the transfer says.",
    )

    def _action_done(self):
        result = super()._action_done()
        self.exists()._note_left()
        return result

    @api.model
    def default_get(self, fields):
        # No default that somebody chose says that something left.
        defaults = super().default_get(fields)
        return {name: value for name, value in defaults.items() if name not in LEFT}

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # On a transfer that is done already stock is moved at once.
        lines.filtered(lambda line: line.state == "done")._note_left()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if MOVED & vals.keys():
            self._note_change_of_what_left()
        return result

    def _note_left(self):
        """Note what left to customers, and when, now that stock was moved."""
        # Superuser: whoever moves goods, that they left is a fact.
        lines = self.sudo().filtered(lambda line: line.move_id.sale_line_id)
        # Asked once for each place: Odoo looks it up each time.
        outside = {place: place._is_outgoing() for place in lines.location_id | lines.location_dest_id}
        for line in lines:
            # 1 for what goes to a customer, -1 for what comes from there, 0 for all else.
            direction = outside[line.location_dest_id] - outside[line.location_id]
            if direction or line.policy_left_qty:
                line.policy_left_qty = direction * line.quantity_product_uom
                line.policy_left_on = line.policy_left_on or fields.Datetime.now()

    def _note_change_of_what_left(self):
        """Note that other quantities left, or elsewhere: of a move that is done stock follows at once."""
        # Superuser: see above.
        self.sudo().filtered("policy_left_on")._note_left()
