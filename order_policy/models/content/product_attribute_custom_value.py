from odoo import api, models


class ProductAttributeCustomValue(models.Model):
    """What was entered for an attribute, such as an engraving, is content of the order for which it was entered."""

    _name = "product.attribute.custom.value"
    _inherit = ["order.policy.believable.mixin", "product.attribute.custom.value"]

    @api.constrains("custom_value")
    def _check_can_be_meant(self):
        # Superuser: whoever enters it, reviewers of the order read it.
        entered = self.sudo().filtered("sale_order_line_id.order_id.policy_id")
        entered._check_is_believable(["custom_value"])

    @api.constrains("custom_product_template_attribute_value_id", "custom_value", "sale_order_line_id")
    def _check_policy_gate(self):
        # Superuser: whoever enters it, the gate holds.
        self.sudo().sale_order_line_id.order_id._check_policy_gate()
