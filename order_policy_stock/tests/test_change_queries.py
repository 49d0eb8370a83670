from odoo.addons.order_policy.tests import common_change
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestChangeQueriesWithDeliveries(common_change.ChangeQueriesCase):
    """The same where every line has a delivery that follows the change."""

    FEW, MANY = 4, 16
