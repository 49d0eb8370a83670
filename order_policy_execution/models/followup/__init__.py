from . import (
    order_policy,
    order_policy_followup,
    sale_order_followup,
)

# isort: split
from . import (
    res_users,
    sale_order,
    sale_order_followup_missed,
    sale_order_followup_news,
    sale_order_milestone,
    sale_order_news,
)
