from odoo import models


class SaleOrder(models.Model):
    """What is produced for an order."""

    _inherit = "sale.order"

    def _read_productions(self):
        """Read what is looked at of each of these orders, of all together, and return their manufacturing orders."""
        productions = self._policy_followed_productions()
        productions.mapped("state")
        productions.fetch(["policy_produced_for_ids", "policy_produced_on", "policy_produced_qty"])
        productions.product_id.mapped("uom_id")
        productions.workorder_ids.mapped("state")
        productions.move_raw_ids.mapped("delay_alert_date")
        return productions

    def _policy_followed_productions(self):
        """Return all manufacturing orders for these orders, also of what subcontractors make for them."""
        references = self.stock_reference_ids
        productions = self.order_line.policy_production_ids | references.production_ids
        return productions | references.move_ids._policy_subcontracted()

    def _policy_counted_productions(self):
        """Return the manufacturing orders for the order, also those that somebody linked to it by hand.

        Every employee may link them: what was produced before that was not for this order.
        """
        self.ensure_one()
        return self._policy_followed_productions().filtered(
            lambda production: (
                production.state != "cancel"
                and (not production.policy_produced_qty or self in production.policy_produced_for_ids)
            )
        )

    def _policy_ordered_qty(self, product):
        """Return how much of a product is ordered, in its unit."""
        self.ensure_one()
        lines = self.order_line._policy_ordered_lines().filtered(lambda line: line.product_id == product)
        return sum(line.product_uom_id._compute_quantity(line.product_uom_qty, product.uom_id) for line in lines)

    def _policy_to_produce(self, productions):
        """Return how much some productions have to make for the order, in the unit of their product.

        :param productions: mrp.production records of one product
        """
        self.ensure_one()
        planned = sum(productions.mapped("product_uom_qty"))
        others = productions._policy_orders() - self
        ordered = self._policy_ordered_qty(productions.product_id)
        # What is made for other orders too is for this one when all of it is made.
        return min(ordered, planned) if ordered and not others else planned
