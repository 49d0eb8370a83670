from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import format_list


class StockLot(models.Model):
    """Lots that were inspected keep their numbers: by them they were released (article 1.9)."""

    _inherit = "stock.lot"

    def write(self, vals):
        if {"name", "product_id"} & vals.keys():
            self._check_number_was_not_inspected()
            result = super().write(vals)
            self._check_number_was_not_inspected()  # nor does another lot take it
            return result
        return super().write(vals)

    def _check_number_was_not_inspected(self):
        """
        :raise ValidationError: when something was decided about a lot of this number
        """
        # Superuser: whoever numbers lots may not read inspections; no more is told than that there is one.
        found = (
            self.env["sale.order.inspection"]
            .sudo()
            .search(
                [
                    ("product_id", "in", self.product_id.ids),
                    ("lot_name", "in", self.mapped("name")),
                    ("state", "not in", ("todo", "dropped")),
                ]
            )
        )
        if found:
            raise ValidationError(
                self.env._(
                    "%s was inspected under this number, and keeps it: another lot would leave in its place. Number "
                    "the other one differently.",
                    format_list(self.env, sorted(set(found.mapped("lot_name")))),
                )
            )
