from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import format_list


class StockLot(models.Model):
    """Lots that were released keep their numbers: by them they may leave (article 1.9)."""

    _inherit = "stock.lot"

    def write(self, vals):
        if not {"name", "product_id"} & vals.keys():
            return super().write(vals)
        changed = self.filtered(
            lambda lot: (
                lot.name != vals.get("name", lot.name) or lot.product_id.id != vals.get("product_id", lot.product_id.id)
            )
        )
        changed._check_number_was_not_released()
        result = super().write(vals)
        changed._check_number_was_not_released()  # nor does another lot take it
        return result

    def _check_number_was_not_released(self):
        """
        :raise ValidationError: when something was released by this number
        """
        if not self:
            return
        # Superuser: whoever numbers lots may not read inspections; no more is told than that there is one.
        found = (
            self.env["sale.order.inspection"]
            .sudo()
            .search(
                [
                    ("product_id", "in", self.product_id.ids),
                    ("lot_name", "!=", False),
                    ("released_qty", ">", 0),
                ]
            )
        )
        numbers = {(lot.product_id, lot.name) for lot in self}
        # What inspectors type may have blanks around it.
        if found := found.filtered(lambda done: (done.product_id, done.lot_name.strip()) in numbers):
            raise ValidationError(
                self.env._(
                    "%s was inspected under this number, and keeps it: another lot would leave in its place. Number "
                    "the other one differently.",
                    format_list(self.env, sorted(set(found.mapped("lot_name")))),
                )
            )
