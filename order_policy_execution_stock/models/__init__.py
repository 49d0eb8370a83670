from . import (
    sale_order_line,
    sale_order_timeline,
    stock_move,
    stock_move_line,
    stock_move_payment,
    stock_picking,
    stock_picking_payment,
    stock_picking_timeline,
)
