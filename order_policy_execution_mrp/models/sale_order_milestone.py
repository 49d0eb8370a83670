from odoo import fields, models
from odoo.addons.order_policy_execution.models.milestone.sale_order_milestone import COMPLETE

from .mrp_production import UNDER_WAY


class SaleOrderMilestone(models.Model):
    """Production that reports itself: by what was really received from it (articles 1.8, 2.9, 3.10)."""

    _inherit = "sale.order.milestone"

    def _facts_production(self):
        self.order_id._read_productions().reference_ids.sale_ids.mapped("state")
        facts = {}
        for milestone in self:
            productions = milestone.order_id._policy_counted_productions()
            if productions:
                facts[milestone] = milestone._fact_of_productions(productions)
        return facts

    def _fact_of_productions(self, productions):
        order = self.order_id
        # Half-finished goods count where nothing else is made, as for kits.
        ordered = productions.filtered(lambda production: order._policy_ordered_qty(production.product_id))
        shares, complete = [], True
        for product, of_product in (ordered or productions).grouped("product_id").items():
            needed = order._policy_to_produce(of_product)
            complete &= product.uom_id.compare(sum(of_product.mapped("policy_produced_qty")), needed) >= 0
            shares.append(min(of_product._policy_expected_qty() / needed, 1.0) if needed else 1.0)
        moments = sorted(filter(None, productions.mapped("policy_produced_on")))
        under_way = moments or any(production.state in UNDER_WAY for production in productions)
        # When a production began is not kept where nobody could alter it: what counts is when it was noticed.
        started_on = under_way and (self.started_on or fields.Datetime.now())
        return (started_on, complete and bool(moments) and moments[-1], COMPLETE * sum(shares) / len(shares))
