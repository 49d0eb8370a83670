# First what the others are made of.
from . import (
    order_policy_subject_mixin,
)

# isort: split
# What the next ones extend.
from . import (
    sale_order_review,
    sale_order_review_deciding,
    sale_order_review_following,
)

# isort: split
from . import (
    account_move_line,
    ir_attachment,
    mail_message,
    order_policy_department,
    order_policy_deputy,
    res_users,
    resource_calendar_leaves,
    sale_order,
    sale_order_card,
    sale_order_check,
    sale_order_confirmed_before,
    sale_order_gate,
    sale_order_question,
    sale_order_readers,
    sale_order_review_assignment,
    sale_order_review_authority,
    sale_order_review_card,
    sale_order_review_question,
    sale_order_review_readers,
    sale_order_review_telling,
    sale_order_stage,
    sale_order_subject,
)
