from . import order_policy_followed_mixin, order_policy_working_days

# isort: split
from . import (
    order_policy,
    order_policy_department,
    order_policy_milestone,
    res_users,
    sale_order,
    sale_order_due,
    sale_order_invoicing,
    sale_order_line,
    sale_order_milestone,
    sale_order_milestone_acting,
    sale_order_milestone_invoicing,
    sale_order_milestone_planning,
    sale_order_milestone_reopening,
    sale_order_readers,
)
