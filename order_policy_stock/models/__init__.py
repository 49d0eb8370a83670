from . import (
    order_policy_aspect,
    order_policy_check,
    product_product,
    sale_order,
    sale_order_change,
    sale_order_dossier,
    stock_move,
)
