from odoo import api, fields, models
from odoo.tools import SQL


class MrpProduction(models.Model):
    """What of a manufacturing order milestones and forecasts follow: how far it is, and when it will be through."""

    _name = "mrp.production"
    _inherit = ["mrp.production", "order.policy.followed.mixin"]

    # Odoo has no index: orders ask what is made for their lines.
    sale_line_id = fields.Many2one(index="btree_not_null")

    @api.constrains(
        "date_finished", "date_start", "policy_produced_qty", "product_qty", "reference_ids", "sale_line_id", "state"
    )
    def _note_progress(self):
        self._note_change()

    def write(self, vals):
        # What was for other orders until now cannot be told afterwards.
        if {"reference_ids", "sale_line_id"} & vals.keys():
            linked = self.filtered(lambda production: production.sale_line_id or production.reference_ids)
            if linked:
                linked.flush_recordset(["reference_ids", "sale_line_id"])
                linked._note_change()
                self.env["sale.order.due"]._note_orders()
        return super().write(vals)

    def _query_of_orders(self):
        return SQL("SELECT pair.order_id FROM (%s) pair (production_id, order_id)", self._query_of_pairs())

    def _query_of_pairs(self):
        """Return the SQL that selects the ids of these productions, each with those of the orders that it is for."""
        query = SQL(
            """
            SELECT production.id, line.order_id
              FROM mrp_production production
              JOIN sale_order_line line ON line.id = production.sale_line_id
             WHERE production.id IN %(ids)s
             UNION
            SELECT made.production_id, sold.sale_id
              FROM stock_reference_production_rel made
              JOIN stock_reference_sale_rel sold ON sold.reference_id = made.reference_id
             WHERE made.production_id IN %(ids)s
            """,
            ids=tuple(self.ids),
        )
        if "is_subcontract" not in self.env["stock.move"]._fields:
            return query
        return SQL("%s UNION %s", query, self._query_of_subcontracted())

    def _policy_expected_on(self):
        """Return when Odoo expects the rest of this production: as planned, or later where components come later."""
        self.ensure_one()
        if self.state == "done":
            return False
        late = list(filter(None, self.move_raw_ids.mapped("delay_alert_date")))
        if not late or not self.date_start or not self.date_finished:
            return self.date_finished
        return max(self.date_finished, max(late) + (self.date_finished - self.date_start))
