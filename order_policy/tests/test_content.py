"""What is content of an order. One file, because each field is decided on once, for all that follows from it."""

import importlib.util
import re
from collections import defaultdict
from pathlib import Path

from freezegun import freeze_time

from odoo import Command, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from .common import OrderPolicyCommon
from .common_content import OtherContentCase
from .common_ready import AdoptionCase

DOCUMENT = Path(__file__).parents[2] / "doc" / "content.md"
ROW = re.compile(r"^\| (?P<fields>`.+?`) \| (?P<app>\w+) \| (?P<verdict>[\w, ]+) \| (?P<why>.+\.) \|$", re.MULTILINE)
MODELS = {"Order": "sale.order", "Line": "sale.order.line"}


@tagged("post_install", "-at_install")
class TestContent(TransactionCase):
    """Of each field of orders somebody decided, in writing, whether a change of it asks for a review."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        installed = set(cls.env["ir.module.module"].search([("state", "=", "installed")]).mapped("name"))
        cls.verdicts, cls.known_apps = {}, installed
        text = DOCUMENT.read_text(encoding="utf-8")
        for title, model in MODELS.items():
            section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
            rows = list(ROW.finditer(section))
            # The two lines above the rows are the heading.
            assert len(rows) == len(re.findall(r"^\|", section, re.MULTILINE)) - 2, f"Unreadable row of {title}"
            named = [
                (field, row["app"], frozenset(row["verdict"].split(", ")))
                for row in rows
                for field in re.findall(r"`(\w+)`", row["fields"])
            ]
            cls.verdicts[model] = {field: (app, verdict) for field, app, verdict in named}
            assert len(cls.verdicts[model]) == len(named), f"A field of {title} has two rows"

    def _aspects(self, model):
        """Return the aspects that look at each field, by the code."""
        aspects = defaultdict(set)
        for code, by_model in self.env["sale.order"]._policy_aspect_fields().items():
            for name in by_model[model]:
                aspects[name].add(code)
        return aspects

    def test_every_field_was_decided_on(self):
        for model, verdicts in self.verdicts.items():
            written = {
                name
                for name, field in self.env[model]._fields.items()
                if (field.store or field.inverse) and name not in models.MAGIC_COLUMNS
            }
            self.assertFalse(written - verdicts.keys(), f"Say in {DOCUMENT} of these fields of {model} what they are")

    def test_no_field_is_made_up(self):
        for model, verdicts in self.verdicts.items():
            made_up = {
                name
                for name, (app, _verdict) in verdicts.items()
                if app in self.known_apps and name not in self.env[model]._fields
            }
            self.assertFalse(made_up, f"{DOCUMENT} names fields that {model} does not have")

    def test_departments_look_at_what_was_decided(self):
        every = set(self.env["order.policy.aspect"].search([]).mapped("code"))
        for model, verdicts in self.verdicts.items():
            aspects = self._aspects(model)
            self.assertFalse(aspects.keys() - verdicts.keys())
            marks = set(self.env[model]._policy_mark_fields()) if model == "sale.order.line" else set()
            for name, (_app, verdict) in verdicts.items():
                if name not in self.env[model]._fields:
                    continue
                with self.subTest(model=model, field=name):
                    looked_at = set(aspects.get(name, ())) - {"every"}
                    self.assertEqual(looked_at, set(verdict) & every)
                    self.assertEqual(name in marks, verdict == {"mark"})
                    self.assertLessEqual(verdict, every | {"every", "no", "mark"})
                    self.assertTrue(len(verdict) == 1 or verdict <= every)

    def test_special_orders_concern_every_step(self):
        content = {"order": {"special_order": True, "partner_id": [1, "Buyer"]}, "lines": []}
        for model, verdicts in self.verdicts.items():
            for name, (_app, verdict) in verdicts.items():
                if verdict == {"every"}:
                    self.assertEqual((model, name), ("sale.order", "special_order"))
        for aspect in self.env["order.policy.aspect"].search([]):
            kept = self.env["order.policy.aspect"]._restrict(content, [aspect.code])
            self.assertIn("special_order", kept["order"])


class ContentCase(AdoptionCase):
    """People under a ready policy, in a company with prices in its own currency."""

    def _asked(self, order):
        """Return the steps whose departments are asked now."""
        return set(self._pending(order).mapped("step_id.name"))

    def _approve_all(self, order):
        while pending := self._pending(order):
            for review in pending:
                people = self.staff[review.department_id.origin_id]
                decider = people[0] if review.step_id.authority == "head" else people[-1]
                review.with_user(decider).action_approve("Looked at.")

    def _approved(self, *args, **values):
        order = self._order(*args, **values)
        order.action_policy_submit()
        self._approve_all(order)
        self.assertEqual(order.policy_stage, "confirmation")
        return order

    def _confirmed(self, *args, **values):
        order = self._approved(*args, **values)
        order.action_confirm()
        return order

    def _pricelist(self, currency):
        return self.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id, "company_id": self.company.id}
        )


@tagged("post_install", "-at_install")
class TestContentIsReviewed(ContentCase):
    """Whatever changes what the customer gets, pays or when asks those who look at it, also after their approval."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        attribute = cls.env["product.attribute"].create(
            {
                "name": "Engraving",
                "create_variant": "no_variant",
                "value_ids": [
                    Command.create({"name": "None"}),
                    Command.create({"name": "Your text", "is_custom": True}),
                ],
            }
        )
        template = cls.env["product.template"].create(
            {
                "name": "Desk",
                "list_price": 1000.0,
                "taxes_id": False,
                "attribute_line_ids": [
                    Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})
                ],
            }
        )
        cls.engraving = template.attribute_line_ids.product_template_value_ids.filtered("is_custom")
        cls.desk = template.product_variant_ids

    def _engraved_line(self, text):
        return Command.create(
            {
                "product_id": self.desk.id,
                "product_no_variant_attribute_value_ids": [Command.set(self.engraving.ids)],
                "product_custom_attribute_value_ids": [
                    Command.create(
                        {"custom_product_template_attribute_value_id": self.engraving.id, "custom_value": text}
                    )
                ],
            }
        )

    def test_engraving_altered_after_approval(self):
        self._adopt("department_audit")
        order = self._approved(order_line=[self._engraved_line("To Ann")])
        entered = order.order_line.product_custom_attribute_value_ids
        entered.custom_value = "To Bob"
        with self.assertRaises(UserError):
            order.action_confirm()
        self.assertEqual(self._asked(order), {"Amount and payment", "Customer's need", "Capacity and delivery time"})
        changes = self._pending(order)[0].changes_html
        self.assertIn("To Ann", changes)
        self.assertIn("To Bob", changes)
        # Once it is as it was, it is what was approved.
        entered.custom_value = "To Ann"
        self.assertFalse(self._asked(order))
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_engraving_of_a_confirmed_order(self):
        self._adopt("risk_control")
        order = self._confirmed(order_line=[self._engraved_line("To Ann")])
        entered = order.order_line.product_custom_attribute_value_ids
        for operation in (
            lambda: entered.write({"custom_value": "To Bob"}),
            lambda: entered.sudo().write({"custom_value": "To Bob"}),
            entered.unlink,
            lambda: entered.copy({"sale_order_line_id": order.order_line.id}),
            lambda: order.write(
                {
                    "order_line": [
                        Command.update(
                            order.order_line.id,
                            {"product_custom_attribute_value_ids": [Command.update(entered.id, {"custom_value": ""})]},
                        )
                    ]
                }
            ),
        ):
            with self.assertRaises(Exception) as refusal:
                operation()
                self.env.flush_all()
            self.assertNotIsInstance(refusal.exception, AssertionError)
            self.env.invalidate_all()
            self.assertEqual((order.state, entered.custom_value), ("sale", "To Ann"))
        with self.assertRaisesRegex(ValidationError, "is confirmed under"), self.env.cr.savepoint():
            entered.custom_value = "To Bob"

    def test_configuration_in_another_language_is_the_same(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self._adopt("risk_control")
        self.engraving.product_attribute_value_id.with_context(lang="fr_FR").name = "Votre texte"
        order = self._confirmed(order_line=[self._engraved_line("To Ann")])
        digest = order.content_digest
        self.env.add_to_compute(order._fields["content_digest"], order)
        self.assertEqual(order.with_context(lang="fr_FR").content_digest, digest)

    def test_payment_not_required_any_more(self):
        self.company.portal_confirmation_pay = True
        self._adopt("department_audit")
        order = self._approved()
        self.assertTrue(order.require_payment)
        order.require_payment = False
        self.assertEqual(self._asked(order), {"Amount and payment"})
        self.assertIn("Online payment", self._pending(order).changes_html)
        with self.assertRaises(UserError):
            order.action_confirm()

    def test_down_payment_that_nobody_paid(self):
        self._adopt("department_audit")
        order = self._approved(quantity=4)
        order.write(
            {
                "order_line": [
                    Command.create(
                        {"name": "Down payment", "is_downpayment": True, "product_uom_qty": 1, "price_unit": -3900.0}
                    )
                ]
            }
        )
        self.assertEqual(order.amount_total, 100.0)
        self.assertIn("Amount and payment", self._asked(order))
        with self.assertRaises(UserError):
            order.action_confirm()

    def test_text_concerns_who_looks_at_descriptions(self):
        self._adopt("department_audit")
        order = self._approved()
        order.order_line = [Command.create({"display_type": "line_note", "name": "In red, please"})]
        self.assertEqual(self._asked(order), {"Customer's need", "Capacity and delivery time"})

    def test_unit_concerns_who_looks_at_prices(self):
        self._adopt("department_audit")
        order = self._approved(quantity=2)
        line = order.order_line
        line.write({"product_uom_id": self.env.ref("uom.product_uom_dozen").id, "price_unit": line.price_unit})
        self.assertIn("Amount and payment", self._asked(order))

    def test_harmless_fields(self):
        self._adopt("risk_control")
        order = self._confirmed()
        order.write({"client_order_ref": "PO 17", "validity_date": fields.Date.today(), "require_signature": True})
        order.order_line.write({"sequence": 99})
        self.assertEqual(order.state, "sale")


@tagged("post_install", "-at_install")
class TestInWords(OrderPolicyCommon):
    """Values are shown as Odoo shows them, in the language and the time zone of who reads them."""

    def _shown(self, user, model, name, *values, **context):
        Aspect = self.env["order.policy.aspect"].with_user(user).with_context(**context)
        return [Aspect._in_words(model, name, value) for value in values]

    def test_numbers(self):
        self.env["decimal.precision"].search([("name", "=", "Product Unit")]).digits = 3
        shown = self._shown(self.salesman, "sale.order.line", "product_uom_qty", 1234567.0, 2.5, 0.125)
        self.assertEqual(shown, ["1,234,567.000", "2.500", "0.125"])
        self.env["decimal.precision"].search([("name", "=", "Product Price")]).digits = 2
        shown = self._shown(self.salesman, "sale.order.line", "price_unit", 1000000.0, 1.333, 0.1 + 0.2)
        self.assertEqual(shown, ["1,000,000.00", "1.333", "0.30"])
        self.env["res.lang"]._activate_lang("de_DE")
        self.assertEqual(self._shown(self.salesman, "sale.order.line", "discount", 12.5, lang="de_DE"), ["12,50"])

    def test_what_is_promised_is_a_day(self):
        self.salesman.tz = "Asia/Shanghai"
        self.assertEqual(
            self._shown(self.salesman, "sale.order", "commitment_date", "2026-03-02 22:00:00"), ["Mar 3, 2026"]
        )
        self.salesman.tz = False
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.assertEqual(
            self._shown(self.salesman, "sale.order", "commitment_date", "2026-03-02 22:00:00"), ["Mar 3, 2026"]
        )
        [moment] = self._shown(self.salesman, "sale.order", "date_order", "2026-03-02 22:05:09")
        self.assertRegex(moment, r"^Mar 3, 2026, 6:05.AM$")

    def test_what_jobs_write_is_read_where_the_company_is(self):
        robot = self.env.ref("base.user_root")
        robot.tz = "America/New_York"
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        Aspect = self.env["order.policy.aspect"].with_user(robot).with_company(self.company)
        self.assertTrue(Aspect._time_in_words("2026-03-02 22:05:09").startswith("Mar 3, 2026, 6:05"))
        self.assertEqual(Aspect._day_in_words("2026-03-02 22:05:09"), "Mar 3, 2026")

    def test_another_hour_of_the_same_day(self):
        order = self._order(commitment_date="2026-03-02 08:00:00")
        Aspect = self.env["order.policy.aspect"].with_context(tz="UTC")
        before = Aspect._take_snapshots(order)[order]
        order.commitment_date = "2026-03-02 16:30:00"
        [(_line, _label, was, now)] = Aspect._differences(before, Aspect._take_snapshots(order)[order])
        self.assertNotEqual(was, now)
        self.assertTrue(was.startswith("Mar 2, 2026, 8:00") and now.startswith("Mar 2, 2026, 4:30"), (was, now))

    def test_due_date_has_no_seconds(self):
        order = self._submitted()
        review = self._review(order, self.finance_department)
        review.date_due = "2030-03-02 08:00:09"
        self.assertRegex(order.with_context(tz="UTC").policy_explanation, r"Mar 2, 2030, 8:00.AM")


@tagged("post_install", "-at_install")
class TestLinesMove(ContentCase):
    """Where lines stand is nothing that anybody approved; what goes with what is."""

    def _two_desks(self, *lines):
        return [
            Command.create(
                {"product_id": self.desk.id, "product_uom_qty": quantity, "price_unit": price, "sequence": number,
                 **({"name": text} if text else {})}
            )
            for number, (quantity, price, text) in enumerate(lines, start=1)
        ]  # fmt: skip

    def _swap(self, order, *names):
        first, second = order.order_line
        values = [{name: line[name] for name in names} for line in (first, second)]
        order.write({"order_line": [Command.update(first.id, values[1]), Command.update(second.id, values[0])]})

    def test_lines_of_one_product(self):
        self._adopt("risk_control")
        order = self._confirmed(order_line=self._two_desks((1, 1000.0, ""), (2, 1000.0, "")))
        reviews = order.sudo().review_ids
        self._swap(order, "sequence")
        self.env.flush_all()
        self.assertEqual(order.order_line.sorted("sequence").mapped("product_uom_qty"), [2.0, 1.0])
        # Whatever is written next is compared with the moved lines.
        order.order_line[0].write({"name": order.order_line[0].name})
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.sudo().review_ids, reviews)
        change = self.env["sale.order.change"].browse(order.action_request_change()["res_id"])
        self._swap(order, "sequence")
        self.assertFalse(change.needs_refresh)

    def test_moved_lines_of_a_quotation(self):
        self._adopt("department_audit")
        order = self._approved(order_line=self._two_desks((1, 1000.0, "Oak"), (2, 990.0, "Pine")))
        self._swap(order, "sequence")
        order.order_line[0].customer_lead = order.order_line[0].customer_lead
        self.assertFalse(self._asked(order))
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_what_goes_with_what(self):
        self._adopt("department_audit")
        for names, asked in (
            # The total is another one: who looks at prices has to know.
            (["product_uom_qty"], "Amount and payment"),
            (["price_unit"], "Amount and payment"),
            # Two in oak and one in pine are other goods.
            (["name"], "Capacity and delivery time"),
        ):
            with self.subTest(exchanged=names):
                order = self._approved(order_line=self._two_desks((1, 1000.0, "Oak"), (2, 990.0, "Pine")))
                self._swap(order, *names)
                self.assertIn(asked, self._asked(order))
                with self.assertRaises(UserError):
                    order.action_confirm()

    def test_prices_exchanged_between_products(self):
        self._adopt("department_audit")
        order = self._approved(
            order_line=[
                Command.create({"product_id": product.id, "price_unit": price})
                for product, price in ((self.desk, 1000.0), (self.safe, 2000.0))
            ]
        )
        self._swap(order, "price_unit")
        self.assertEqual(self._asked(order), {"Amount and payment"})

    def test_differences_pair_lines_that_are_the_same(self):
        self._adopt("department_audit")
        order = self._approved(order_line=self._two_desks((1, 1000.0, "Oak"), (2, 1000.0, "Oak")))
        self._swap(order, "sequence")
        order.order_line[1].product_uom_qty = 5
        changes = self._pending(order)[0].changes_html
        self.assertIn("2.00</del> → <b>5.00", changes)
        self.assertNotIn("1.00</del>", changes)

    def test_snapshots_of_earlier_versions(self):
        self._adopt("risk_control")
        Aspect = self.env["order.policy.aspect"]
        order = self._order(order_line=self._two_desks((1, 1000.0, ""), (2, 1000.0, "")))
        now = Aspect._take_snapshots(order)[order]
        self.assertEqual([line["key"] for line in now["lines"]], [f"p{self.desk.id}#1", f"p{self.desk.id}#2"])
        for name in ("require_payment", "special_order"):
            earlier = {**now, "order": {key: value for key, value in now["order"].items() if key != name}}
            self.assertEqual(Aspect._differences(earlier, {**now, "order": {**now["order"], name: True}}), [])


@tagged("post_install", "-at_install")
class TestBelievable(ContentCase):
    """What nobody can mean is never kept; where it is there already, every page opens."""

    def test_entered(self):
        self._adopt("department_audit")
        order = self._order()
        for record, values, words in (
            (order, {"commitment_date": "0202-01-05 08:00:00"}, "the year 202 cannot be meant"),
            (order, {"commitment_date": "9999-12-31 23:59:59"}, "between 2000 and 2099"),
            (order, {"validity_date": "0026-12-01"}, "Expiration: the year 26"),
            (order, {"note": "x" * 600_000}, "attach the rest as a file"),
            (order.sudo(), {"policy_cancel_note": "x" * 600_000}, "attach the rest as a file"),
            (order.order_line, {"product_uom_qty": 1e12}, "Enter at most 1,000,000,000"),
            (order.order_line, {"price_unit": 1e17}, "cannot be meant"),
            (order.order_line, {"customer_lead": 1e6}, "Enter at most 3,650"),
            (order.order_line, {"name": "x" * 2_000_000}, "2000000 characters are too many"),
        ):
            refused = self.assertRaisesRegex(ValidationError, words)
            with self.subTest(values=str(values)[:60]), refused, self.env.cr.savepoint():
                record.write(values)
        order.write({"commitment_date": "2031-01-05 08:00:00", "note": "x" * 50_000})
        order.order_line.write({"product_uom_qty": 1e6, "customer_lead": 365, "name": "Oak. " * 1000})

    def test_asked_for(self):
        self._adopt("risk_control")
        order = self._confirmed()
        change = self.env["sale.order.change"].browse(order.action_request_change()["res_id"])
        for record, values in (
            (change, {"commitment_date": "0202-01-05 08:00:00"}),
            (change, {"asked_on": "0202-01-05 08:00:00"}),
            (change, {"note": "x" * 2_000_000}),
            (change.line_ids, {"product_uom_qty": 1e12}),
            (change.line_ids, {"name": "x" * 2_000_000}),
        ):
            refused = self.assertRaisesRegex(ValidationError, "Enter")
            with self.subTest(values=str(values)[:60]), refused, self.env.cr.savepoint():
                record.write(values)

    def test_there_already(self):
        self._adopt("department_audit")
        for date in ("0202-01-05 08:00:00", "9999-12-31 23:59:59", "0001-01-01 00:00:00"):
            with self.subTest(date=date):
                order = self._approved()
                self.env.flush_all()
                self.env.cr.execute("UPDATE sale_order SET commitment_date = %s WHERE id = %s", (date, order.id))
                self.env.cr.execute(
                    "UPDATE sale_order_line SET customer_lead = 1e12, product_uom_qty = 1e14, name = %s"
                    " WHERE order_id = %s",
                    ("x" * 2_000_000, order.id),
                )
                self.env.invalidate_all()
                self.env.add_to_compute(order._fields["content_digest"], order)
                order.action_policy_withdraw()
                order.action_policy_submit()
                for review in self._pending(order):
                    page = (review.changes_html or "") + (review.content_html or "") + (review.checks_html or "")
                    self.assertIn("…", page)
                    self.assertLess(len(page), 500_000)
                self.assertTrue(order.policy_explanation)
                # What is to be mended can be.
                order.commitment_date = "2031-01-05 08:00:00"
                order.order_line.write({"product_uom_qty": 1, "customer_lead": 0, "name": "Desk", "price_unit": 1000.0})
                self._approve_all(order)


@tagged("post_install", "-at_install")
class TestRates(ContentCase):
    """Orders in another currency are compared with limits at the rate of the day on which they were submitted."""

    def _rate(self, currency, day, rate):
        return self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "company_id": self.company.id, "name": day, "inverse_company_rate": rate}
        )

    def test_day_of_the_company(self):
        dollar = self.env.ref("base.USD")
        self._rate(dollar, "2026-03-10", 7.6)
        self._rate(dollar, "2026-03-11", 6.65)
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self._adopt("department_audit", approval_threshold=100000)
        with freeze_time("2026-03-10 23:30:00"):  # half past seven of the eleventh in Shanghai
            order = self._order(pricelist_id=self._pricelist(dollar).id)
            order.order_line.price_unit = 14285.71
            order.action_policy_submit()
            self._approve_all(order)
        self.assertAlmostEqual(order.amount_company, 95000.0, delta=1)
        self.assertEqual(order.policy_stage, "confirmation")
        self.assertNotIn(self._ready_department("management"), order.sudo().review_ids.department_id.origin_id)

    def test_currency_without_rate(self):
        cowrie = self.env["res.currency"].create({"name": "XCW", "symbol": "¤"})
        self._adopt("department_audit")
        order = self._order(pricelist_id=self._pricelist(cowrie).id)
        self.assertEqual(order.currency_id, cowrie)
        with self.assertRaisesRegex(
            UserError, "none of XCW is known in Dongguan Furniture.*Invoicing > Configuration > Currencies"
        ):
            order.action_policy_submit()
        self.assertIn("none of XCW is known", order.policy_explanation)
        self._rate(cowrie, "2020-01-01", 60.0)
        order.action_policy_submit()
        self.assertAlmostEqual(order.amount_company, 60.0 * order.amount_total)
        # A rate of somebody else helps nobody.
        other = self.env["res.currency"].create({"name": "XCX", "symbol": "¤"})
        elsewhere = self._company("Elsewhere")
        self._rate(other, "2020-01-01", 60.0).company_id = elsewhere
        order = self._order(pricelist_id=self._pricelist(other).id)
        with self.assertRaisesRegex(UserError, "none of XCX is known"):
            order.action_policy_submit()


@tagged("post_install", "-at_install")
class TestRateOfToday(OrderPolicyCommon):
    """A quotation that needs no review is compared with limits at the rate of the day on which it is confirmed."""

    def test_quotation_of_last_month(self):
        dollar = self.env.ref("base.USD")
        policy = self._policy(
            step_ids=[
                Command.create(
                    self._step("Large orders", 10, self.management, (), kind="approval", authority="head",
                               applies="amount", amount_min=100000.0)
                )
            ]
        )  # fmt: skip
        policy.action_activate()
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": dollar.id, "company_id": self.company.id}
        )
        with freeze_time("2026-10-01 08:00:00"):
            self.env["res.currency.rate"].create(
                {"currency_id": dollar.id, "company_id": self.company.id, "name": "2026-09-01",
                 "inverse_company_rate": 6.0}
            )  # fmt: skip
            order = self._order((self.desk, 15, 1000.0), pricelist_id=pricelist.id)
            self.env.flush_all()
            self.assertEqual(order.amount_company, 90000.0)
        with freeze_time("2026-11-02 08:00:00"):
            self.env["res.currency.rate"].create(
                {"currency_id": dollar.id, "company_id": self.company.id, "name": "2026-11-01",
                 "inverse_company_rate": 7.0}
            )  # fmt: skip
            with self.assertRaisesRegex(ValidationError, "Large orders"):
                order.action_confirm()
                self.env.flush_all()


@tagged("post_install", "-at_install")
class TestNegativeAmounts(ContentCase):
    """Money that goes back to the customer is approved as money that comes from him."""

    def test_return_above_the_threshold(self):
        self._adopt("department_audit", approval_threshold=50000)
        order = self._order(quantity=-60)
        order.action_policy_submit()
        self.assertEqual(order.amount_company, -60000.0)
        self._approve_all(order)
        self.assertIn(self._ready_department("management"), order.sudo().review_ids.department_id.origin_id)

    def test_exchange_below_the_threshold(self):
        self._adopt("department_audit", approval_threshold=50000)
        self.safe.product_tag_ids = False  # sensitive ones are special orders whatever their amount
        order = self._order(quantity=-60)
        order.order_line = [Command.create({"product_id": self.safe.id, "product_uom_qty": 10})]
        order.action_policy_submit()
        self.assertEqual(order.amount_company, -40000.0)
        self._approve_all(order)
        self.assertNotIn(self._ready_department("management"), order.sudo().review_ids.department_id.origin_id)


@tagged("post_install", "-at_install")
class TestWhatIsContentChanges(OtherContentCase, ContentCase):
    """What was decided goes on to count when more or less of an order is content: addons come, go and are upgraded."""

    def _earlier(self):
        def without_later_fields(aspects):
            aspects["payment"]["sale.order"].remove("require_payment")
            aspects["quantity"]["sale.order.line"].remove("product_uom_id")
            aspects["price"]["sale.order.line"].remove("product_uom_id")

        return self._content(without_later_fields)

    def _take_anew(self, orders):
        """Have fingerprints computed anew, as the next change of an order does."""
        self.env.flush_all()
        former = {order: order.content_digest for order in orders}
        self.env.add_to_compute(orders._fields["content_digest"], orders)
        self.env.flush_all()
        for order in orders:
            self.assertNotEqual(order.content_digest, former[order])

    def _pay_in_advance(self, order):
        order._create_down_payment_section_line_if_needed()
        order.order_line = [
            Command.create(
                {"name": "Down payment", "is_downpayment": True, "product_uom_qty": 0.0, "price_unit": 100.0}
            )
        ]
        self.env.flush_all()
        self.assertTrue(order.order_line.filtered("is_downpayment"))

    def test_addon_adds_content(self):
        self._adopt("risk_control")
        order = self._confirmed(client_order_ref="PO 17")
        late = self._confirmed(client_order_ref="PO 18")
        with self._content(lambda aspects: aspects["customer"]["sale.order"].append("client_order_ref")):
            self._take_anew(order)
            self._pay_in_advance(order)
            self.assertEqual(order.state, "sale")
            # From then on it is content like any other; what was content before stays so at every moment.
            self.env.add_to_compute(order._fields["content_digest"], order)
            with self.assertRaisesRegex(ValidationError, "is confirmed under"), self.env.cr.savepoint():
                order.client_order_ref = "PO 99"
                self.env.add_to_compute(order._fields["content_digest"], order)
                order.order_line.name = order.order_line[0].name
            with self.assertRaisesRegex(ValidationError, "is confirmed under"), self.env.cr.savepoint():
                late.order_line.price_unit = 1.0

    def test_upgrade_keeps_what_fingerprints_were_taken_of(self):
        self._adopt("accuracy")
        order = self._order()
        order.action_policy_submit()
        self._approve_all(order)
        order.action_policy_record_confirmation("phone", "Ms. Lin", note="Yes.")
        order.action_confirm()
        # As an earlier version left it.
        order.sudo().policy_cleared_snapshot = order.sudo().confirmation_ids.snapshot = False
        self.env.flush_all()
        script = Path(__file__).parents[1] / "migrations" / "19.0.1.4.0" / "end-migration.py"
        spec = importlib.util.spec_from_file_location("end_migration", script)
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        migration.migrate(self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()
        with self._content(lambda aspects: aspects["payment"]["sale.order"].remove("note")):
            order.sudo().note = "Thirty days"
            self.env.add_to_compute(order._fields["content_digest"], order)
            order.order_line.name = order.order_line.name
            self.assertEqual(order.state, "sale")
            self.assertTrue(order._is_agreed())

    def test_addon_takes_content_away(self):
        self._adopt("risk_control")
        with self._content(lambda aspects: aspects["customer"]["sale.order"].append("client_order_ref")):
            order = self._confirmed(client_order_ref="PO 17")
            self.env.flush_all()
        self._take_anew(order)
        self._pay_in_advance(order)
        self.assertEqual(order.state, "sale")
        with self.assertRaisesRegex(ValidationError, "is confirmed under"), self.env.cr.savepoint():
            order.order_line[0].price_unit = 1.0

    def test_orders(self):
        self.company.portal_confirmation_pay = True
        self._adopt("accuracy")
        with self._earlier():
            confirmed, approved, asked, returning = orders = self.env["sale.order"].concat(
                *(self._order() for _number in range(4))
            )
            orders.action_policy_submit()
            for order in confirmed + approved + returning:
                self._approve_all(order)
            for order in confirmed + approved:
                order.action_policy_record_confirmation("phone", "Ms. Lin", note="Yes.")
            confirmed.action_confirm()
            returning.order_line.price_unit = 990.0
            reviews = {order: self._asked(order) for order in orders}
            change = self.env["sale.order.change"].browse(confirmed.action_request_change()["res_id"])
        history = returning.sudo().review_ids.filtered(lambda review: review.state == "outdated")
        decided_on = {review: review.snapshot for review in history}
        self._take_anew(orders)
        for order in orders:
            self.assertEqual(self._asked(order), reviews[order])
        # What was let through stays so; it is compared with what it was.
        confirmed.order_line.name = confirmed.order_line.name
        self.assertEqual(confirmed.state, "sale")
        self.assertFalse(change.needs_refresh)
        with self.assertRaisesRegex(ValidationError, "is confirmed under"), self.env.cr.savepoint():
            confirmed.require_payment = False
        # The customer's yes counts; who is asked sees all of what he decides on.
        approved.action_confirm()
        self.assertEqual(approved.state, "sale")
        self.assertTrue(self._pending(asked)[0].snapshot)
        self.assertEqual({review: review.snapshot for review in history}, decided_on)
        # As it was approved: that counts again.
        returning.order_line.price_unit = 1000.0
        self.assertFalse(self._asked(returning))

    def test_requests(self):
        self._adopt("risk_control")
        with self._earlier():
            order = self._confirmed(quantity=3)
            change = self.env["sale.order.change"].browse(order.action_request_change()["res_id"])
            change.reason_id = self.env.ref("order_policy.reason_change_special")
            change.line_ids.product_uom_qty = 2
            if change.application_required:
                change.sudo()._attach_application([("Letter.txt", b"Two are enough.")])
            change.action_submit()
        self._take_anew(order)
        self.assertEqual(change.state, "submitted")
        self.assertFalse(change.needs_refresh)
        while pending := change.sudo().review_ids.filtered(lambda review: review.state == "pending"):
            for review in pending:
                people = self.staff[review.department_id.origin_id]
                decider = people[0] if review.step_id.authority == "head" else people[-1]
                review.with_user(decider).action_approve("Looked at.")
        self.assertEqual((change.state, order.order_line.product_uom_qty), ("applied", 2.0))
        self.assertEqual(set(order.sudo().review_ids.filtered("is_current").mapped("decision")), {"approved"})
