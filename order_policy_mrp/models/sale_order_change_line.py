from odoo import api, fields, models
from odoo.tools import format_list


class SaleOrderChangeLine(models.Model):
    """Shows what of a line is produced already."""

    _inherit = "sale.order.change.line"

    qty_produced = fields.Float("Produced", compute="_compute_qty_produced", digits="Product Unit")

    @api.depends("order_line_id")
    def _compute_qty_produced(self):
        productions = self._productions()
        for line in self:
            unit = line.product_uom_id
            line.qty_produced = sum(
                production.product_uom_id._compute_quantity(production.qty_produced, unit)
                for production in productions.get(line.order_line_id, ())
            )

    def _progress_in_words(self):
        number = self.env["order.policy.words"]._number_in_words
        produced = [self.env._("%s produced", number(self.qty_produced))] if self.qty_produced else []
        return produced + super()._progress_in_words()

    @api.depends("qty_produced")
    def _compute_so_far(self):
        return super()._compute_so_far()

    def _productions(self):
        """Return the manufacturing orders of these lines that are not cancelled, by line of the order."""
        # Superuser: who may see the request judges it by what was produced.
        productions = (
            self.env["mrp.production"]
            .sudo()
            .search([("sale_line_id", "in", self.order_line_id.ids), ("state", "!=", "cancel")])
        )
        return productions.grouped("sale_line_id")

    def _surplus_production(self):
        """List the manufacturing orders that make more than is ordered now: Odoo does not lower them."""
        tasks = []
        number = self.env["order.policy.words"]._number_in_words
        productions = self._productions()
        for line in self.filtered(lambda line: line.is_changed and line.order_line_id in productions):
            order_line, made_by = line.order_line_id, productions[line.order_line_id]
            unit = order_line.product_uom_id
            made = sum(
                production.product_uom_id._compute_quantity(production.product_qty, unit) for production in made_by
            )
            if unit.compare(made, order_line.product_uom_qty) > 0:
                tasks.append(
                    self.env._(
                        "%(productions)s: %(made)s %(product)s are being made, and %(ordered)s are ordered now. Lower "
                        "the quantity, or keep the rest in stock.",
                        productions=format_list(self.env, made_by.mapped("name")),
                        made=number(made),
                        product=order_line.product_id.display_name,
                        ordered=number(order_line.product_uom_qty),
                    )
                )
        return tasks
