"""The products that are compared: each says how it is set up, and how its people work with it."""

from .oca_tier import OcaTier
from .order_policy import OrderPolicy
from .plain import PlainOdoo
from .strictest import StrictestOfAll

PRODUCTS = {"V": PlainOdoo, "O": OcaTier, "P": OrderPolicy, "S": StrictestOfAll}
