from odoo.addons.order_policy.tests import common_translation
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestTranslation(common_translation.TranslationCase, TransactionCase):
    """Chinese staff read the checks of stock in Chinese."""

    addon = "order_policy_stock"
    at_least = 10
