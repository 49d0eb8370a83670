from odoo.addons.order_policy.tests import test_translation
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTranslation(test_translation.TranslationCase):
    """Chinese staff read the checks of stock in Chinese."""

    addon = "order_policy_stock"
    at_least = 10
