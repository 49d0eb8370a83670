import re

from lxml import etree

from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.translate import TranslationModuleReader, translation_file_reader

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdf]|\$\{?\w+\}?")
MARKUP = re.compile(r"<[^>]+>")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NO_WORDS = {"ID", "<span>·</span>"}


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    """Chinese staff read the whole addon in Chinese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = list(TranslationModuleReader(cls.env.cr, modules=["order_policy"]))
        cls.exported = {source for _module, _type, _name, _res_id, source, _value, _comments in rows}
        demo = cls._demo_records()
        cls.terms = {
            source
            for _module, _type, name, res_id, source, _value, _comments in rows
            if res_id not in demo and cls._is_ours(name, res_id)
        }
        with file_open("order_policy/i18n/zh_CN.po", "rb") as po_file:
            cls.chinese = {
                row["src"]: row["value"]
                for row in translation_file_reader(po_file, fileformat="po", module="order_policy")
            }

    @classmethod
    def _demo_records(cls):
        """Names of demo data are not translated: they come with the addon into some databases only."""
        records = set()
        for path in Manifest.for_addon("order_policy")["demo"]:
            with file_open(f"order_policy/{path}", "rb") as demo_file:
                records.update(etree.parse(demo_file).xpath("//record/@id"))
        return {xmlid if "." in xmlid else f"order_policy.{xmlid}" for xmlid in records}

    @classmethod
    def _is_ours(cls, name, res_id):
        """Labels of fields that other apps put on every model with a chatter are theirs to translate."""
        if name not in ("ir.model.fields,field_description", "ir.model.fields,help"):
            return True
        field = cls.env.ref(res_id)
        return "order_policy" in cls.env[field.model]._fields[field.name]._modules

    def test_every_term_is_in_chinese(self):
        self.assertGreater(len(self.terms), 300)
        missing = sorted(term for term in self.terms if not self.chinese.get(term))
        self.assertFalse(missing, f"{len(missing)} terms are not in zh_CN.po")

    def test_no_term_is_left_over(self):
        self.assertFalse(sorted(self.chinese.keys() - self.exported))

    def test_no_term_is_left_in_english(self):
        english = {term for term, chinese in self.chinese.items() if not CHINESE.search(chinese)}
        self.assertFalse(sorted(english - NO_WORDS))

    def test_placeholders_are_kept(self):
        for term, chinese in self.chinese.items():
            self.assertCountEqual(PLACEHOLDER.findall(term), PLACEHOLDER.findall(chinese), term)

    def test_markup_is_kept(self):
        for term, chinese in self.chinese.items():
            self.assertEqual(MARKUP.findall(term), MARKUP.findall(chinese), term)
