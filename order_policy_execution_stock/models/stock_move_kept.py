from odoo import models
from odoo.exceptions import ValidationError


class StockMove(models.Model):
    """What was moved for an order stays as it is: by it is known what left, and what may still leave (article 3.10)."""

    _inherit = "stock.move"

    def write(self, vals):
        if "sale_line_id" in vals:
            self._check_stays_with_order(self.env["sale.order.line"].browse(vals["sale_line_id"] or ()))
        if vals.get("state", "done") != "done":
            self._check_stays_done()
        return super().write(vals)

    def _check_stays_with_order(self, line):
        """
        :raise ValidationError: when what was moved for one order would count for another one, or for none
        """
        # Superuser: it holds for everybody, and whoever moves goods may not read their order.
        line = line.sudo()
        for move in self.sudo().filtered(lambda move: move.state == "done" and move.sale_line_id != line):
            order = move.sale_line_id.order_id or line.order_id
            held = (order | line.order_id).filtered(lambda order: order._goes_by_policy())
            if held and not move._is_extra_of(line.order_id):
                raise ValidationError(
                    self.env._(
                        "%(product)s was moved already, and it stays as it was: %(order)s. Return it with the return "
                        "of its transfer, or enter a transfer of its own for the other order.",
                        product=move.product_id.display_name,
                        order=order.name,
                    )
                )

    def _is_extra_of(self, order):
        """Tell whether Odoo may add this move to an order: it went, or came back, with a transfer of the order."""
        self.ensure_one()
        if self.sale_line_id:
            return False
        transfer = self.picking_id
        orders = transfer.move_ids.sale_line_id.order_id | transfer.return_id.sale_id | transfer.reference_ids.sale_ids
        return order in orders or not self._policy_directions()

    def _check_stays_done(self):
        """
        :raise ValidationError: when what was moved for an order would be said not to be done
        """
        if done := self._done_for_orders()[:1]:
            raise ValidationError(
                self.env._(
                    "%(order)s, %(product)s: what was moved stays done. Return it with the return of its transfer.",
                    order=done.sale_line_id.order_id.name,
                    product=done.product_id.display_name,
                )
            )
