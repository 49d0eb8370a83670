from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _policy_is_made_to_order(self):
        """Products that are replenished for each order are made to order too."""
        route = self.env.ref("stock.route_warehouse0_mto", raise_if_not_found=False)
        return super()._policy_is_made_to_order() or bool(
            route and route.active and route in (self.route_ids | self.categ_id.total_route_ids)
        )
