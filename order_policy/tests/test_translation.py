import re

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.translate import TranslationModuleReader, translation_file_reader

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdf]|\$\{?\w+\}?")


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    """Chinese staff read the whole addon in Chinese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = {row[4] for row in TranslationModuleReader(cls.env.cr, modules=["order_policy"])}
        with file_open("order_policy/i18n/zh_CN.po", "rb") as source:
            cls.chinese = {
                row["src"]: row["value"]
                for row in translation_file_reader(source, fileformat="po", module="order_policy")
            }

    def test_every_term_is_in_chinese(self):
        self.assertGreater(len(self.terms), 300)
        missing = sorted(term for term in self.terms if not self.chinese.get(term))
        self.assertFalse(missing, f"{len(missing)} terms are not in zh_CN.po")

    def test_no_term_is_left_over(self):
        self.assertFalse(sorted(self.chinese.keys() - self.terms))

    def test_placeholders_are_kept(self):
        for term, chinese in self.chinese.items():
            self.assertCountEqual(PLACEHOLDER.findall(term), PLACEHOLDER.findall(chinese), term)
