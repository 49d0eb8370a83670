"""The products that are compared, as they have to be known before Odoo is there."""

from typing import NamedTuple


class Name(NamedTuple):
    """A product by name.

    ``modules`` are installed beside Odoo's sales, ``packages`` are what pip installs for that, each an addon with its
    version; without ``has_screens`` only the life of an order is measured.
    """

    label: str
    modules: tuple = ()
    packages: tuple = ()
    has_screens: bool = True


NAMES = {
    "V": Name("plain Odoo"),
    "O": Name(
        "OCA sale_tier_validation",
        ("sale_tier_validation",),
        (("odoo-addon-base-tier-validation", "19.0.1.4.6"), ("odoo-addon-sale-tier-validation", "19.0.1.0.0.3")),
    ),
    "P": Name("order_policy", ("order_policy",)),
    "S": Name("order_policy, Strictest of All", ("order_policy",), has_screens=False),
}
