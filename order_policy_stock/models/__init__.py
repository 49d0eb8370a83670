from . import order_policy_check
