from . import order_policy_adopt
from . import order_policy_exempt
from . import sale_order_review_decide
