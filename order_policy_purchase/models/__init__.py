from . import purchase_order_line, sale_order_change
