from . import sale_order, sale_order_feedback, sale_order_issue, sale_order_timeline
