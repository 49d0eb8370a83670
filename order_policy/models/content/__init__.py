from . import (
    order_policy_aspect,
    order_policy_merge,
    order_policy_step,
    product_attribute_custom_value,
    product_product,
    sale_order,
    sale_order_line,
)
