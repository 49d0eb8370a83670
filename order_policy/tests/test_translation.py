from odoo.tests import TransactionCase, tagged

from .common_translation import TranslationCase


@tagged("post_install", "-at_install")
class TestTranslation(TranslationCase, TransactionCase):
    """Chinese staff read the whole addon in Chinese."""

    addon = "order_policy"
    at_least = 800
