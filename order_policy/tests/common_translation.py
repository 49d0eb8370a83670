"""Texts of an addon in its sources and in its translation."""

import re
from pathlib import Path

import polib
from lxml import etree

from odoo.modules import Manifest
from odoo.tools import file_open, file_path
from odoo.tools.translate import TranslationModuleReader, translation_file_reader

CODE_SIDES = ("odoo-python", "odoo-javascript")


PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdf]|\$\{?\w+\}?")


MARKUP = re.compile(r"<[^>]+>")


WORD = re.compile(r"[A-Za-z]{3}")


CHINESE = re.compile(r"[\u4e00-\u9fff]")


class TranslationCase:
    """Everything that an addon says is there in Chinese. Those of bridges to other apps are tested in the same way."""

    addon = None
    at_least = 0  # so many terms there are, or the export went wrong

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chinese_file = f"{cls.addon}/i18n/zh_CN.po"
        cls.exported = list(TranslationModuleReader(cls.env.cr, modules=[cls.addon]))
        with file_open(cls.chinese_file, "rb") as chinese_file:
            cls.loaded = list(translation_file_reader(chinese_file, fileformat="po", module=cls.addon))
        cls.chinese = {row["src"]: row["value"] for row in cls.loaded}

    def _terms(self):
        """Return the terms of the addon, each with the places where people read it."""
        demo = self._demo_records()
        for _module, kind, name, res_id, term, _value, comments in self.exported:
            if kind == "code":
                yield from ((term, side) for side in CODE_SIDES if side in comments)
            elif res_id.removesuffix("_product_template") not in demo and self._is_ours(name, res_id):
                yield term, f"{name}:{res_id}"

    def _demo_records(self):
        """Names of demo data are not translated: they come with the addon into some databases only."""
        records = set()
        for path in Manifest.for_addon(self.addon)["demo"]:
            with file_open(f"{self.addon}/{path}", "rb") as demo_file:
                records.update(etree.parse(demo_file).xpath("//record/@id"))
        return {f"{self.addon}.{xmlid}" for xmlid in records}

    def _is_ours(self, name, res_id):
        """Labels of fields that other apps put on every model with a chatter are theirs to translate."""
        if name not in ("ir.model.fields,field_description", "ir.model.fields,help"):
            return True
        field = self.env.ref(res_id)
        return self.addon in self.env[field.model]._fields[field.name]._modules

    def _translated_terms(self):
        """Return what Odoo makes of the file: it goes by the places that the template names for a term."""
        for row in self.loaded:
            if not row["value"]:
                continue
            if row["type"] == "code":
                yield from ((row["src"], side) for side in CODE_SIDES if side in row["comments"])
            else:
                yield row["src"], f"{row['name']}:{row['module']}.{row['imd_name']}"

    def test_every_term_is_in_chinese(self):
        terms = set(self._terms())
        self.assertGreater(len(terms), self.at_least)
        missing = sorted(terms - set(self._translated_terms()))
        self.assertFalse(missing, f"{len(missing)} terms are missing in {self.chinese_file} or its template")

    def test_no_term_is_left_over(self):
        written = {entry.msgid for entry in polib.pofile(file_path(self.chinese_file))}
        self.assertFalse(sorted(written - {row[4] for row in self.exported}))

    def test_no_term_is_left_in_english(self):
        with_words = (term for term in self.chinese if WORD.search(MARKUP.sub("", PLACEHOLDER.sub("", term))))
        self.assertFalse(sorted(term for term in with_words if not CHINESE.search(self.chinese[term])))

    def test_no_label_is_apart_from_its_value(self):
        """Where a value follows a colon, both are one text: in Chinese no space stands between them."""
        folders = ("views", "wizard", "report")
        files = [path for folder in folders for path in Path(file_path(self.addon), folder).glob("*.xml")]
        for node in (node for path in files for node in etree.parse(path).iter("t", "span", "b", "strong", "field")):
            before, parent = node.getprevious(), node.getparent()
            text = (parent.text if before is None else before.tail) or ""
            shows = node.tag == "field" or node.get("t-out") or node.get("t-field")
            self.assertFalse(shows and text.strip().endswith(":"), f"{node.base}:{node.sourceline} {text.strip()}")

    def test_placeholders_are_kept(self):
        for term, chinese in self.chinese.items():
            self.assertCountEqual(PLACEHOLDER.findall(term), PLACEHOLDER.findall(chinese), term)

    def test_markup_is_kept(self):
        for term, chinese in self.chinese.items():
            self.assertEqual(MARKUP.findall(term), MARKUP.findall(chinese), term)
