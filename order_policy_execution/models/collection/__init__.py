from . import (
    account_move,
    account_move_line,
    account_payment,
    ir_ui_menu,
    order_policy,
    order_policy_department,
    order_policy_milestone,
    res_users,
    sale_order,
    sale_order_milestone,
    sale_order_money,
    sale_order_payment_hold,
)
