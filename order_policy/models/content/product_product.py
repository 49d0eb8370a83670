from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _policy_is_made_to_order(self):
        """Tell whether a product is made for each order: by its tag. Other addons know it by other things."""
        self.ensure_one()
        return self._policy_made_to_order_tag() <= self.all_product_tag_ids

    def _policy_bears_tag(self, tags):
        """Tell whether a product bears one of some tags; what is made to order bears that tag in any case."""
        self.ensure_one()
        return bool(self.all_product_tag_ids & tags) or (
            self._policy_made_to_order_tag() <= tags and self._policy_is_made_to_order()
        )

    def _policy_made_to_order_tag(self):
        # By its number, which Odoo keeps in memory: this is asked of each product.
        return self.env["product.tag"].browse(
            self.env["ir.model.data"]._xmlid_to_res_id("order_policy.product_tag_made_to_order") or 0
        )
