from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _policy_is_made_to_order(self):
        """Products that are replenished for each order are made to order too."""
        route_id = self.env["ir.model.data"]._xmlid_to_res_id("stock.route_warehouse0_mto")
        # Both leave out routes that are archived, as this one is until somebody uses it.
        return super()._policy_is_made_to_order() or route_id in (self.route_ids | self.categ_id.total_route_ids).ids
