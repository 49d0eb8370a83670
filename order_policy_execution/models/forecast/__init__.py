from . import order_policy_pace

# isort: split
from . import (
    sale_order,
    sale_order_danger_telling,
    sale_order_milestone,
    sale_order_milestone_cause,
    sale_order_perfect,
)
