from odoo import api, models


class ProductAttributeCustomValue(models.Model):
    """What was entered for an attribute, such as an engraving, is content of the order for which it was entered."""

    _inherit = "product.attribute.custom.value"

    @api.constrains("custom_product_template_attribute_value_id", "custom_value", "sale_order_line_id")
    def _check_policy_gate(self):
        # Superuser: whoever enters it, the gate holds.
        self.sudo().sale_order_line_id.order_id._check_policy_gate()
