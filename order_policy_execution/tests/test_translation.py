from odoo.addons.order_policy.tests import common_translation
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestTranslation(common_translation.TranslationCase, TransactionCase):
    """Chinese staff read all of it in Chinese."""

    addon = "order_policy_execution"
    at_least = 1
