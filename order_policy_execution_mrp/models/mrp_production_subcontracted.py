from odoo import models
from odoo.tools import SQL


class StockMove(models.Model):
    """Receipts of what subcontractors make (mrp_subcontracting): they alone know for which orders it is made."""

    _inherit = "stock.move"

    def _policy_subcontracted(self):
        """Return the manufacturing orders of what these moves receive from subcontractors."""
        if "is_subcontract" not in self._fields:
            return self.env["mrp.production"]
        return self.filtered("is_subcontract").move_orig_ids.production_id


class MrpProduction(models.Model):
    """What subcontractors make for orders (articles 1.8, 3.10)."""

    _inherit = "mrp.production"

    def _policy_orders(self):
        """Return the orders that these productions are for."""
        references = self.reference_ids
        if "subcontractor_id" in self._fields:
            references |= self.filtered("subcontractor_id").move_finished_ids.move_dest_ids.reference_ids
        return self.sale_line_id.order_id | references.sale_ids

    def _query_of_subcontracted(self):
        """Return the SQL that selects the ids of these productions, each with those of the orders of its receipts."""
        return SQL(
            """
            SELECT finished.production_id, sold.sale_id
              FROM stock_move finished
              JOIN stock_move_move_rel went ON went.move_orig_id = finished.id
              JOIN stock_move receipt ON receipt.id = went.move_dest_id AND receipt.is_subcontract
              JOIN stock_reference_move_rel moved ON moved.move_id = receipt.id
              JOIN stock_reference_sale_rel sold ON sold.reference_id = moved.reference_id
             WHERE finished.production_id IN %s
            """,
            tuple(self.ids),
        )
