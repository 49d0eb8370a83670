from . import stock_move_without_release
