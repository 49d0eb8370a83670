from odoo import api, models
from odoo.tools import SQL


class StockMoveWithoutRelease(models.Model):
    """What manufacturing orders take is theirs: it is inspected as what is made of it (articles 1.8, 1.9)."""

    _inherit = "stock.move.without.release"
    _depends = {"stock.move": ["consume_unbuild_id", "raw_material_production_id"]}

    @api.model
    def _is_free_sql(self):
        return SQL(
            "%s AND move.raw_material_production_id IS NULL AND move.consume_unbuild_id IS NULL", super()._is_free_sql()
        )
