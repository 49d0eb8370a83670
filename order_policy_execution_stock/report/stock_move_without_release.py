from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class StockMoveWithoutRelease(models.Model):
    """Moves that quality does not hold though their product is inspected before it leaves (articles 1.9, 1.16).

    Transfers within the company, returns to vendors, scrap, corrections of the stock and what is put into production by
    hand are free: supervision and the head of the department that inspects see them here. A move is judged by the
    version of the policy that was in force when it was done. Quantities are in the unit of the move.
    """

    _name = "stock.move.without.release"
    _description = "Move without Release"
    _inherit = ["order.policy.entry.mixin"]
    _auto = False
    _rec_name = "reference"
    _order = "date desc, id desc"
    _depends = {
        "order.policy": ["activated_on", "company_id", "state"],
        "order.policy.inspection": ["department_id", "policy_id", "product_category_ids", "product_ids", "sequence"],
        "product.category": ["parent_path"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "type"],
        "sale.order.line": ["order_id"],
        "stock.location": ["company_id", "parent_path", "usage"],
        "stock.move": [
            "company_id", "date", "location_dest_id", "location_id", "picking_id", "product_id", "product_uom",
            "quantity", "reference", "sale_line_id", "scrap_id", "state",
        ],
    }  # fmt: skip

    date = fields.Datetime("Moved", readonly=True)
    kind = fields.Selection(
        [
            ("transfer", "Internal Transfer"),
            ("vendor", "To a Vendor"),
            ("production", "Into Production"),
            ("scrap", "Scrap"),
            ("adjustment", "Adjustment"),
        ],
        readonly=True,
    )
    reference = fields.Char(readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    product_category_id = fields.Many2one("product.category", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True, aggregator=None)
    product_uom_id = fields.Many2one("uom.uom", "Unit", readonly=True)
    location_id = fields.Many2one("stock.location", "From", readonly=True)
    location_dest_id = fields.Many2one("stock.location", "To", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True, help="For which it was moved, if for one.")
    picking_id = fields.Many2one("stock.picking", "Transfer", readonly=True)
    user_id = fields.Many2one("res.users", "Entered By", readonly=True)
    plan_id = fields.Many2one("order.policy.inspection", "Inspection Plan", readonly=True)
    department_id = fields.Many2one("order.policy.department", "Inspected By", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    @property
    def _table_query(self):
        """Moves by their date or company are found first, and their plan is looked up for these alone."""
        return SQL(
            """
            WITH version AS (
                SELECT id, company_id, activated_on AS since,
                       COALESCE(
                           LEAD(activated_on) OVER (PARTITION BY company_id ORDER BY activated_on),
                           CASE WHEN state = 'retired' THEN write_date END,
                           'infinity'
                       ) AS until
                  FROM order_policy
                 WHERE state IN ('active', 'retired') AND company_id IS NOT NULL AND activated_on IS NOT NULL
            )
            SELECT move.id, move.date, move.reference, move.product_id, template.categ_id AS product_category_id,
                   move.quantity, move.product_uom AS product_uom_id, move.location_id, move.location_dest_id,
                   line.order_id, move.picking_id, move.create_uid AS user_id, plan.id AS plan_id, plan.department_id,
                   version.company_id,
                   CASE WHEN move.scrap_id IS NOT NULL THEN 'scrap'
                        WHEN 'inventory' IN (source.usage, target.usage) THEN 'adjustment'
                        WHEN target.usage = 'supplier' THEN 'vendor'
                        WHEN target.usage = 'production' THEN 'production'
                        ELSE 'transfer' END AS kind
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location target ON target.id = move.location_dest_id
              JOIN product_product product ON product.id = move.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'consu'
              LEFT JOIN product_category category ON category.id = template.categ_id
              LEFT JOIN sale_order_line line ON line.id = move.sale_line_id
              JOIN version ON version.company_id = COALESCE(source.company_id, move.company_id)
                          AND version.since <= move.date AND move.date < version.until
              JOIN LATERAL (
                   SELECT found.id, found.department_id
                     FROM order_policy_inspection found
                    WHERE found.policy_id = version.id AND %(concerns)s
                    ORDER BY found.sequence, found.id
                    LIMIT 1
                   ) plan ON TRUE
             WHERE move.state = 'done' AND move.quantity != 0 AND %(is_free)s
            """,
            concerns=self._concerns_product_sql(),
            is_free=self._is_free_sql(),
        )

    @api.model
    def _concerns_product_sql(self):
        """Return the same as ``_concerns_product`` of an inspection plan tells, whoever buys the product."""
        return SQL(
            """(
                EXISTS (
                    SELECT 1 FROM order_policy_inspection_product_product_rel chosen
                     WHERE chosen.order_policy_inspection_id = found.id AND chosen.product_product_id = product.id
                ) OR EXISTS (
                    SELECT 1 FROM order_policy_inspection_product_category_rel chosen
                      JOIN product_category above ON above.id = chosen.product_category_id
                     WHERE chosen.order_policy_inspection_id = found.id
                       AND category.parent_path LIKE above.parent_path || '%%'
                ) OR NOT (
                    EXISTS (
                        SELECT 1 FROM order_policy_inspection_product_product_rel chosen
                         WHERE chosen.order_policy_inspection_id = found.id
                    ) OR EXISTS (
                        SELECT 1 FROM order_policy_inspection_product_category_rel chosen
                         WHERE chosen.order_policy_inspection_id = found.id
                    )
                )
            )"""
        )

    @api.model
    def _is_free_sql(self):
        """Return which moves the gate does not hold: neither to a customer nor to a sister company."""
        sisters = self.env.ref("stock.stock_location_inter_company", raise_if_not_found=False)
        within = ("internal", "transit")
        is_free = SQL(
            "(%(within_or_loss)s AND %(to_within)s OR source.usage IN %(within)s AND target.usage IN %(out)s)",
            within_or_loss=SQL("source.usage IN %s", (*within, "inventory")),
            to_within=SQL("target.usage IN %s", within),
            within=within,
            out=("inventory", "supplier", "production"),
        )
        if not sisters:
            return is_free
        return SQL("%s AND target.parent_path NOT LIKE %s", is_free, f"{sisters.sudo().parent_path}%")

    @api.readonly
    def action_open(self):
        """Open the transfer of this move, or the move itself where it has none, for who works with Inventory.

        :raise UserError: when the move has neither, which only Inventory's own list of moves shows
        """
        self.ensure_one()
        self.check_access("read")
        record = self.picking_id or self.env["stock.move"].browse(self.id).scrap_id
        if not record:
            raise UserError(
                self.env._(
                    "%s is no transfer. Open Inventory, Reporting, Moves Analysis to see more of it.", self.reference
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
