# What the next ones extend.
from . import (
    sale_order_review,
)

# isort: split
from . import (
    ir_attachment,
    mail_activity,
    order_policy,
    sale_order,
    sale_order_change,
    sale_order_change_application,
    sale_order_change_carrying_out,
    sale_order_change_line,
    sale_order_change_line_carrying_out,
    sale_order_change_notice,
    sale_order_change_outcome,
    sale_order_change_subject,
    sale_order_change_tasks,
    sale_order_portal,
    sale_order_question,
    sale_order_readers,
)
