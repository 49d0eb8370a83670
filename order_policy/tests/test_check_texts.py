from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderPolicyCommon
from .common_orders import FEW, MANY, QueriesCase


class ChineseCase(OrderPolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        version = cls.policy._copy_as_next_version()
        version.step_ids[0].check_ids = [Command.create(values) for values in cls._checks()]
        version.action_activate()
        cls.order = cls._submitted((cls.desk, 1, 1000.0), user=cls.salesman)

    @classmethod
    def _checks(cls):
        terms = cls.env.ref("account.account_payment_term_30days")
        return (
            {"name": "Price", "kind": "price", "price_basis": "pricelist", "percent": 10.0},
            {"name": "Date", "kind": "delivery_date", "days": 2},
            {"name": "Terms", "kind": "payment_term", "payment_term_ids": [Command.set(terms.ids)]},
            {"name": "Split", "kind": "split", "days": 7},
            {"name": "Industry", "kind": "sensitive", "industry_ids": [Command.set(cls._industry().ids)]},
            {"name": "Rule", "kind": "rule", "domain": "[('client_order_ref', '!=', False)]", "message": "Enter it."},
        )

    @classmethod
    def _industry(cls):
        return cls.env["res.partner.industry"].create({"name": "Arms"})

    def _result(self, kind, lang, order=None):
        results = (order or self.order).sudo().check_ids.filtered(lambda result: result.is_current)
        return results.filtered(lambda result: result.check_id.kind == kind).with_context(lang=lang)


@tagged("post_install", "-at_install")
class TestTextsOfResults(ChineseCase):
    """What a check found is read by each reviewer in his language, whoever submitted the order."""

    def test_each_reader_reads_his_language(self):
        order = self._submitted((self.desk, 1, 500.0))
        english, chinese = (self._result("price", lang, order) for lang in ("en_US", "zh_CN"))
        self.assertIn("price list", english.observed)
        self.assertIn("Desk", chinese.observed)
        self.assertNotIn("price list", chinese.observed)
        self.assertIn("at most", english.limit.lower())
        self.assertNotIn("most", chinese.limit)
        self.assertNotIn("price", chinese.explanation)
        card = self._review(order, self.finance_department).with_user(self.finance)
        self.assertIn("Change the price", str(card.checks_html))
        self.assertNotIn("Change the price", str(card.with_context(lang="zh_CN").checks_html))

    def test_amounts_and_days_are_formatted_for_the_reader(self):
        english, chinese = (self._result("split", lang) for lang in ("en_US", "zh_CN"))
        self.assertIn("1,000.00", english.observed)
        self.assertIn("1,000.00", chinese.observed)
        english, chinese = (self._result("delivery_date", lang) for lang in ("en_US", "zh_CN"))
        self.assertRegex(english.limit, r"Not before [A-Z][a-z]{2} \d+, \d{4}")
        self.assertRegex(chinese.limit, r"\d{4}\N{CJK UNIFIED IDEOGRAPH-5E74}|\d{4}[-/]")

    def test_names_of_fields_and_of_the_policy(self):
        english, chinese = (self._result("sensitive", lang) for lang in ("en_US", "zh_CN"))
        self.assertIn("lacks: Industry.", english.explanation)
        self.assertNotIn("lacks", chinese.explanation)
        rule = self._result("rule", "en_US")
        self.assertEqual((rule.limit, rule.explanation), ("Rule", "Enter it."))

    def test_names_are_told_in_the_language_of_the_reader_while_records_are_called_so(self):
        terms = self.env.ref("account.account_payment_term_30days")
        terms.with_context(lang="zh_CN").name = "三十天付款"
        order = self._submitted((self.desk, 1, 1000.0), payment_term_id=terms.id)
        english, chinese = (self._result("payment_term", lang, order) for lang in ("en_US", "zh_CN"))
        self.assertEqual((english.observed, chinese.observed), (terms.name, "三十天付款"))
        self.assertIn("三十天付款", chinese.limit)
        said = english.observed
        terms.name = "Something else"
        self.env.invalidate_all()
        self.assertEqual((english.observed, chinese.observed), (said, said), "as it was when it was checked")

    def test_changes_are_told_in_the_language_of_the_reader(self):
        terms = self.env.ref("account.account_payment_term_30days")
        terms.with_context(lang="zh_CN").name = "三十天付款"
        self.desk.with_context(lang="zh_CN").name = "书桌"
        Aspect = self.env["order.policy.aspect"].with_context(lang="zh_CN")
        order = self._order((self.desk, 1, 1000.0))
        before = Aspect.with_context(lang="en_US")._take_snapshots(order)[order]
        order.payment_term_id = terms
        order.order_line.product_uom_qty = 2
        after = Aspect.with_context(lang="en_US")._take_snapshots(order)[order]
        [of_order, of_line] = Aspect._differences(before, after)
        self.assertEqual((of_order[3], of_line[0]), ("三十天付款", "书桌"))
        terms.unlink()
        self.assertEqual(Aspect._differences(before, after)[0][3], after["order"]["payment_term_id"][1])

    def test_delivery_date_has_one_name(self):
        field = self.env["ir.model.fields"]._get("sale.order", "commitment_date")
        field.update_field_translations("field_description", {"zh_CN": "another word of Odoo"})
        Aspect = self.env["order.policy.aspect"].with_context(lang="zh_CN")
        order = self._order((self.desk, 1, 1000.0))
        before = Aspect._take_snapshots(order)[order]
        order.commitment_date = "2026-03-02 08:00:00"
        [(_line, label, _was, _now)] = Aspect._differences(before, Aspect._take_snapshots(order)[order])
        self.assertEqual(label, Aspect._label_of("sale.order", "commitment_date"))
        self.assertNotEqual(label, "another word of Odoo")

    def test_of_much_that_is_allowed_as_much_is_told_as_can_be_read(self):
        check = self.env["order.policy.check"]
        terms = self.env["account.payment.term"].create([{"name": f"Terms {number}"} for number in range(7)])
        self.assertEqual(
            check._say(check._plain_text(check._one_of(terms))),
            "Terms 0, Terms 1, Terms 2, Terms 3, Terms 4, or 2 more",
        )

    def test_refusal_is_told_in_the_language_of_who_submits(self):
        version = self.policy.search([("state", "=", "active"), ("company_id", "=", self.company.id)])
        version = version._copy_as_next_version()
        version.intake_check_ids = [Command.create({**self._checks()[0], "severity": "block"})]
        version.action_activate()
        order = self._order((self.desk, 1, 500.0))
        for lang, words in (("en_US", "Change the price"), ("zh_CN", "Desk")):
            with self.assertRaisesRegex(Exception, words) as refusal:
                order.with_context(lang=lang).action_policy_submit()
            self.assertEqual("Change the price" in str(refusal.exception), lang == "en_US")

    def test_sentence_of_an_older_version_stays(self):
        result = self._result("price", "zh_CN")
        result.texts = {"observed": "All lines"}
        self.assertEqual((result.observed, result.limit), ("All lines", False))


@tagged("post_install", "-at_install")
class TestQueriesOfTexts(ChineseCase, QueriesCase):
    def _cost(self, count):
        orders = self.env["sale.order"].concat(*(self._order((self.desk, 1, 500.0)) for _number in range(count)))
        orders.action_policy_submit()
        results = self.env["sale.order.check"].sudo().browse(orders.sudo().check_ids.ids)
        self.assertEqual(len(results), count * len(self._checks()))
        results.mapped("observed")
        return self._queries(lambda: (results.mapped("observed"), results.mapped("limit")))

    def test_many_results_are_told_at_no_more_cost_than_few(self):
        few, many = self._cost(FEW), self._cost(MANY)
        self.assertLessEqual(many, few)
