from odoo import api, models
from odoo.exceptions import UserError


class StockMove(models.Model):
    """Parts of repairs that are charged to confirmed orders: they prove why a line was added that nobody reviewed."""

    _inherit = "stock.move"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged_parts(self):
        """
        :raise UserError: when a part is removed by which a line of an order under a policy came to it
        """
        if "repair_line_type" not in self._fields:
            return
        # Superuser: whoever repairs may not read the order.
        for move in self.sudo().filtered(lambda move: move.repair_line_type and move.sale_line_id):
            order = move.sale_line_id.order_id
            if order.state == "sale" and order._is_policy_concerned() and move.sale_line_id._is_part_of_repair():
                raise UserError(
                    self.env._(
                        "%(part)s is charged to %(order)s as a part of its repair. Set its quantity to 0 instead of "
                        "removing it. Of a kit, add the parts that it consists of.",
                        part=move.product_id.display_name,
                        order=order.name,
                    )
                )
