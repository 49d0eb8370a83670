from . import stock_move_payment, stock_picking_payment
