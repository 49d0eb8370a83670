from . import (
    mrp_production,
    mrp_production_followed,
    mrp_production_payment,
    mrp_workorder,
    order_policy_milestone,
    sale_order,
    sale_order_inspection,
    sale_order_line,
    sale_order_milestone,
    sale_order_milestone_forecast,
    stock_move,
    stock_move_without_release,
)
