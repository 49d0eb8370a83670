from odoo.addons.order_policy.tests import test_change_queries
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestChangeQueriesWithDeliveries(test_change_queries.TestChangeQueries):
    """The same where every line has a delivery that follows the change."""

    FEW, MANY = 4, 16
