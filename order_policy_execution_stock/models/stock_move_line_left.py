from odoo import api, fields, models

# What changes how much left to a customer.
MOVED = frozenset({"location_dest_id", "location_id", "move_id", "product_uom_id", "quantity"})

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

    @api.model
    def default_get(self, fields):
        # No default that somebody chose says that something left.
        defaults = super().default_get(fields)
        return {name: value for name, value in defaults.items() if name not in LEFT}

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # Superuser: whoever moves goods, that they left is a fact. On a transfer that is done stock is moved at once.
        lines.filtered(lambda line: line.state == "done").sudo()._note_left()._report_deliveries()
        return lines

    def write(self, vals):
        if not MOVED & vals.keys():
            return super().write(vals)
        # Superuser: of a move that is done stock follows at once, and so does what is known of its order.
        left = self.sudo().filtered("policy_left_on")
        orders = left.move_id.sale_line_id.order_id
        result = super().write(vals)
        (orders | left._note_left())._report_deliveries()
        return result

    def _note_left(self):
        """Note what left to customers, and when, now that stock was moved. In superuser mode.

        :return: sale.order records of which something left or came back
        """
        directions = self.filtered(lambda line: line.move_id.sale_line_id)._policy_directions()
        noted = self.browse()
        for line, direction in directions.items():
            # What left, and is said to have gone elsewhere by now, did not leave.
            if direction or line.policy_left_qty:
                line.policy_left_qty = direction * line.quantity_product_uom
                line.policy_left_on = line.policy_left_on or fields.Datetime.now()
                noted |= line
        return noted.move_id.sale_line_id.order_id
