from . import (
    order_policy,
    order_policy_aspect,
    order_policy_department,
    order_policy_step,
    payment_transaction,
    res_config_settings,
    res_users,
    sale_order,
    sale_order_confirmation,
    sale_order_line,
    sale_order_review,
)
