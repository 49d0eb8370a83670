from odoo.tests import tagged

from . import common_change


@tagged("post_install", "-at_install")
class TestChangeQueries(common_change.ChangeQueriesCase):
    """Many requests, and requests of many lines, cost no more queries than few."""
