"""The kinds of checks. One file, because what holds for every kind is inherited by a class of each."""

from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_orders import CheckCase


class EveryKind:
    """What holds for every kind of check. A kind says what it goes by, and gives an order of each sort."""

    check = {}  # what the check goes by
    observed = allowed = unknown = ""  # what the messages say

    def _good(self):
        return self._order()

    def _put_check_in_force(self, severity="block", **values):
        return self._put_in_force({**self.check, "severity": severity, **values})

    def test_order_within_the_rule_goes_through(self):
        self._put_check_in_force()
        order = self._good()
        order.action_policy_submit()
        result = self._results(order)
        self.assertEqual((result.state, result.judged), ("pass", True))
        self.assertEqual(result.content_digest, order.content_digest)
        self.assertTrue(order.policy_submitted_on)

    def test_violation_that_blocks_is_refused(self):
        self._put_check_in_force()
        order = self._bad()
        with self.assertIncomplete(order.name, f"Check of {self.check['kind']}", self.observed, self.allowed):
            order.action_policy_submit()
        self.assertFalse(order.policy_submitted_on)
        self.assertFalse(order.sudo().review_ids)

    def test_violation_that_warns_goes_through(self):
        self._put_check_in_force(severity="warn")
        order = self._bad()
        order.action_policy_submit()
        result = self._results(order)
        self.assertEqual((result.state, result.judged), ("warn", True))
        self.assertRegex(result.observed, self.observed)
        self.assertRegex(result.limit, self.allowed)
        self.assertTrue(result.explanation)
        shown = self._review(order, self.finance_department).with_user(self.finance).checks_html
        self.assertRegex(shown, self.observed)

    def test_reviewer_sees_what_the_step_found(self):
        for severity, state in (("warn", "warn"), ("block", "fail")):
            self._put_in_force(step_checks=[{**self.check, "severity": severity}])
            order = self._bad()
            order.action_policy_submit()
            review = self._review(order, self.finance_department)
            self.assertEqual(self._results(order, review=review).state, state)
            shown = review.with_user(self.finance).checks_html
            self.assertRegex(shown, self.observed)
            self.assertRegex(shown, self.allowed)
            review.with_user(self.finance).action_approve()
            self.assertEqual(review.state, "approved", "A step informs its reviewer, who decides")
            quotations = [("company_id", "=", self.company.id), ("state", "in", ("draft", "sent"))]
            self._cancel(self.env["sale.order"].search(quotations))

    def test_what_cannot_be_judged_never_passes(self):
        for severity, state in (("warn", "warn"), ("block", "fail")):
            self._put_check_in_force(severity=severity)
            outcome = self._found(self._unjudgeable())
            self.assertEqual((outcome["state"], outcome["judged"]), (state, False))
            self.assertRegex(outcome["explanation"], self.unknown)


class NoProducts:
    """Kinds that look at products do not know what to say when there are none."""

    unknown = "There is no product on the order"

    def _unjudgeable(self):
        return self._order(order_line=False)


@tagged("post_install", "-at_install")
class TestCatalogue(NoProducts, EveryKind, CheckCase):
    """The company sells what is ordered (article 1.5)."""

    check = {"kind": "catalogue"}
    observed, allowed = "Prototype", "Products that are sold"

    def _bad(self):
        prototype = self._product("Prototype", 5.0)
        order = self._order((self.desk, 1, 1000.0), (prototype, 1, 5.0))
        prototype.sale_ok = False
        return order

    def test_archived_product(self):
        self._put_check_in_force()
        order = self._order((self.chair, 1, 200.0))
        self.chair.active = False
        with self.assertIncomplete("Chair"):
            order.action_policy_submit()

    def test_categories_include_those_below(self):
        furniture = self.env["product.category"].create({"name": "Furniture"})
        desks = self.env["product.category"].create({"name": "Desks", "parent_id": furniture.id})
        self.desk.categ_id = desks
        self._put_check_in_force(product_category_ids=[Command.set(furniture.ids)])
        order = self._order()
        order.action_policy_submit()
        self.assertEqual(self._results(order).state, "pass")
        with self.assertIncomplete("Chair", "Furniture"):
            self._order((self.chair, 1, 200.0)).action_policy_submit()


@tagged("post_install", "-at_install")
class TestPriceList(NoProducts, EveryKind, CheckCase):
    """Prices are not below the price list (articles 1.6, 3.7). What Odoo itself enters always passes."""

    check = {"kind": "price", "price_basis": "pricelist", "percent": 5.0}
    observed, allowed = r"Desk: .*900\.00.*price list.*1,000\.00", "At most 5.0% below the price list"

    def _good(self):
        return self._order((self.desk, 1, 950.0), (self.chair, 1, 230.0))

    def _bad(self):
        return self._order((self.desk, 1, 900.0), (self.chair, 1, 200.0))

    def test_discount_counts(self):
        self._put_check_in_force()
        order = self._order()
        order.order_line.discount = 6.0
        with self.assertIncomplete("940"):
            order.action_policy_submit()
        order.order_line.discount = 5.0
        order.action_policy_submit()

    def test_order_without_price_list(self):
        """Then what the product costs as a rule is what Odoo asks."""
        self._put_check_in_force()
        rule = {"pricelist_id": False, "compute_price": "fixed", "fixed_price": 100.0, "applied_on": "3_global"}
        self.env["product.pricelist.item"].create(rule)  # as some apps keep them: Odoo looks at none of these
        order = self._order((self.desk, 1, 950.0), pricelist_id=False)
        order.action_policy_submit()
        self.assertEqual(self._results(order).state, "pass")
        with self.assertIncomplete("940.*price list.*1,000"):
            self._order((self.desk, 1, 940.0), pricelist_id=False).action_policy_submit()

    def test_what_is_taken_back_is_paid_at_the_price_list_at_most(self):
        self._put_check_in_force()
        with self.assertIncomplete("5,000.*price list.*1,000"):
            self._order((self.desk, -1, 5000.0)).action_policy_submit()
        self._order((self.desk, -1, 900.0)).action_policy_submit()

    def test_many_lines_do_not_fill_a_screen(self):
        self._put_check_in_force()
        products = [self._product(f"Lamp {number}", 100.0) for number in range(8)]
        with self.assertIncomplete("Lamp 4", "and 3 more"):
            self._order(*((product, 1, 1.0) for product in products)).action_policy_submit()

    def _by_price_list(self, *items, lines=1, **values):
        """Return an order of desks whose price Odoo found in a price list with some rules."""
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Dealers",
                "company_id": self.company.id,
                "currency_id": values.pop("currency_id", self.company.currency_id.id),
                "item_ids": [Command.create(item) for item in items],
            }
        )
        line = {"product_id": self.desk.id, "tax_ids": False, **values}
        order = self._order(pricelist_id=pricelist.id, order_line=[Command.create(line) for _number in range(lines)])
        self.env.flush_all()
        return order

    def _assert_price_by_odoo_is_the_limit(self, order, price):
        self._put_check_in_force(percent=0.0)
        line = order.order_line[0]
        self.assertAlmostEqual(line.price_unit * (1 - line.discount / 100), price, 2)
        order.action_policy_submit()
        self.assertEqual(self._results(order).state, "pass")
        order.action_policy_withdraw()
        line.price_unit -= 1.0
        with self.assertIncomplete("Desk"):
            order.action_policy_submit()

    def test_fixed_price(self):
        order = self._by_price_list({"compute_price": "fixed", "fixed_price": 800.0, "applied_on": "3_global"})
        self._assert_price_by_odoo_is_the_limit(order, 800.0)

    def test_percentage_shown_as_discount(self):
        order = self._by_price_list({"compute_price": "percentage", "percent_price": 20.0, "applied_on": "3_global"})
        self._assert_price_by_odoo_is_the_limit(order, 800.0)

    def test_price_for_a_quantity(self):
        rules = (
            {"compute_price": "fixed", "fixed_price": 700.0, "applied_on": "3_global", "min_quantity": 10},
            {"compute_price": "fixed", "fixed_price": 900.0, "applied_on": "3_global"},
        )
        self._assert_price_by_odoo_is_the_limit(self._by_price_list(*rules, product_uom_qty=10), 700.0)
        self._assert_price_by_odoo_is_the_limit(self._by_price_list(*rules, product_uom_qty=9), 900.0)

    def test_quantity_in_another_unit(self):
        rules = (
            {"compute_price": "fixed", "fixed_price": 700.0, "applied_on": "3_global", "min_quantity": 10},
            {"compute_price": "fixed", "fixed_price": 900.0, "applied_on": "3_global"},
        )
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self._by_price_list(*rules, product_uom_qty=1, product_uom_id=dozen.id)
        self._assert_price_by_odoo_is_the_limit(order, 8400.0)

    def test_rule_of_the_product_before_the_general_one(self):
        order = self._by_price_list(
            {"compute_price": "fixed", "fixed_price": 100.0, "applied_on": "3_global"},
            {
                "compute_price": "fixed",
                "fixed_price": 750.0,
                "applied_on": "1_product",
                "product_tmpl_id": self.desk.product_tmpl_id.id,
            },
        )
        self._assert_price_by_odoo_is_the_limit(order, 750.0)

    def test_rule_out_of_season_is_not_looked_at(self):
        past, later = self._today(-1), self._today(30)
        order = self._by_price_list(
            {"compute_price": "fixed", "fixed_price": 100.0, "applied_on": "3_global", "date_end": past},
            {"compute_price": "fixed", "fixed_price": 200.0, "applied_on": "3_global", "date_start": later},
            {"compute_price": "fixed", "fixed_price": 900.0, "applied_on": "3_global", "date_end": later},
        )
        self._assert_price_by_odoo_is_the_limit(order, 900.0)

    def test_rule_counts_until_the_moment_that_it_ends(self):
        ends = self._today(10).replace(microsecond=0)
        self._put_check_in_force(percent=0.0)
        order = self._by_price_list(
            {"compute_price": "fixed", "fixed_price": 900.0, "applied_on": "3_global", "date_end": ends}
        )
        order.write({"date_order": ends, "order_line": [Command.update(order.order_line.id, {"price_unit": 900.0})]})
        order.action_policy_submit()
        self.assertEqual(self._results(order).state, "pass")

    def test_price_list_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "company_id": self.company.id, "name": "2020-01-01", "rate": 0.125}
        )
        self._assert_price_by_odoo_is_the_limit(self._by_price_list(currency_id=euro.id), 125.0)

    def test_orders_of_different_days_have_rules_of_their_own(self):
        self._put_check_in_force(percent=0.0)
        last_week = {"compute_price": "fixed", "applied_on": "3_global", "date_end": self._today(-3)}
        order = self._by_price_list({**last_week, "fixed_price": 500.0})
        early = order.copy({"date_order": self._today(-7)})
        early.order_line.price_unit = 500.0
        both = order | early
        both.action_policy_submit()
        self.assertEqual(self._results(both).mapped("state"), ["pass", "pass"])
        both.action_policy_withdraw()
        order.order_line.price_unit = 500.0
        with self.assertIncomplete(order.name) as refusal:
            both.action_policy_submit()
        self.assertNotIn(early.name, str(refusal.exception))


@tagged("post_install", "-at_install")
class TestCombos(CheckCase):
    """A combo is one good: its parts bear the price, whatever they cost by themselves (article 3.7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.combos = cls.env["product.combo"].create(
            [
                {
                    "name": product.name,
                    "combo_item_ids": [Command.create({"product_id": product.id, "extra_price": extra})],
                }
                for product, extra in ((cls.desk, 0.0), (cls.chair, 30.0))
            ]
        )
        cls.office = cls._product("Office", 900.0, type="combo", combo_ids=[Command.set(cls.combos.ids)])

    def _combo(self, quantity=1, part_quantity=None, parts=None, **values):
        """Return an order of a combo, as Odoo's configurator enters it."""
        order = self._order(order_line=[Command.create({"product_id": self.office.id, "product_uom_qty": quantity})])
        order.order_line = [
            Command.create(
                {
                    "product_id": item.product_id.id,
                    "combo_item_id": item.id,
                    "linked_line_id": order.order_line[0].id,
                    "product_uom_qty": part_quantity or quantity,
                    **values,
                }
            )
            for item in (parts or self.combos.combo_item_ids)
        ]
        return order

    def _judge_price(self, order, basis, percent=0.0):
        self._put_in_force({"kind": "price", "price_basis": basis, "percent": percent})
        outcome = self._found(order)
        return outcome["state"], outcome["observed"]

    def test_price_by_odoo_is_that_of_the_price_list(self):
        self.assertEqual(self._judge_price(self._combo(2), "pricelist"), ("pass", "All lines"))

    def test_price_may_be_moved_between_parts(self):
        order = self._combo()
        order.order_line[1].price_unit -= 100.0
        order.order_line[2].price_unit += 100.0
        self.assertEqual(self._judge_price(order, "pricelist"), ("pass", "All lines"))

    def test_price_below_the_price_list(self):
        order = self._combo()
        order.order_line[2].price_unit -= 100.0
        state, observed = self._judge_price(order, "pricelist")
        self.assertEqual(state, "warn")
        self.assertRegex(observed, r"^Office: .*830\.00, price list .*930\.00$")

    def test_more_parts_than_combos_are_no_combo(self):
        for order in (self._combo(part_quantity=10, price_unit=90.0), self._combo(parts=self.combos[0].combo_item_ids)):
            state, observed = self._judge_price(order, "pricelist")
            self.assertEqual(state, "warn")
            self.assertRegex(observed, r"Office: .*0\.00, price list .*900\.00; Desk: .*, price list .*1,000\.00")

    def test_combo_takes_nothing_off_its_parts(self):
        for basis in ("pricelist", "discount", "margin"):
            with self.subTest(basis):
                self.desk.standard_price, self.chair.standard_price = 600.0, 144.0
                order = self._combo()
                order.order_line[0].price_unit = -300.0
                self.assertEqual(self._judge_price(order, basis, 10.0)[0], "warn")

    def test_part_is_what_is_offered_for_it(self):
        order = self._combo()
        part = order.order_line[2]
        part.write({"product_id": self._product("Throne", 50000.0).id, "price_unit": part.price_unit})
        state, observed = self._judge_price(order, "pricelist")
        self.assertEqual(state, "warn")
        self.assertRegex(observed, r"Throne: .*180\.00, price list .*50,000\.00")

    def test_discount(self):
        order = self._combo()
        order.order_line[1].write({"price_unit": 600.0, "discount": 20.0})
        order.order_line[2].write({"price_unit": 600.0})
        self.assertEqual(self._judge_price(order, "discount", 10.0), ("pass", "All lines"))
        self.assertEqual(self._judge_price(order, "discount", 9.0), ("warn", "Office: 10.0% discount"))

    def test_margin(self):
        self.desk.standard_price = 600.0
        order = self._combo()
        self.assertEqual(self._judge_price(order, "margin", 10.0)[0], "warn", "No cost is known of the chair")
        self.chair.standard_price = 144.0
        self.assertEqual(self._judge_price(order, "margin", 20.0), ("pass", "All lines"))
        self.assertEqual(self._judge_price(order, "margin", 20.1), ("warn", "Office: 20.0% margin"))

    def test_combo_for_nothing(self):
        order = self._combo(price_unit=0.0)
        self.assertEqual(self._judge_price(order, "discount"), ("pass", "All lines; Office: free of charge"))


@tagged("post_install", "-at_install")
class TestDiscount(NoProducts, EveryKind, CheckCase):
    """Discounts stay within a limit."""

    check = {"kind": "price", "price_basis": "discount", "percent": 10.0}
    observed, allowed = "Desk: 10.5% discount", "At most 10.0% discount"

    def _with_discount(self, percent):
        order = self._order()
        order.order_line.discount = percent
        return order

    def _good(self):
        return self._with_discount(10.0)

    def _bad(self):
        return self._with_discount(10.5)

    def test_line_that_takes_off_from_the_total(self):
        self._put_check_in_force()
        order = self._order((self.desk, 1, 1000.0), (self.chair, 1, -100.0))
        order.action_policy_submit()
        order.action_policy_withdraw()
        order.order_line[0].discount = 1.0
        with self.assertIncomplete("Desk: 11.0% discount"):
            order.action_policy_submit()
        with self.assertIncomplete("Desk: 50.0% discount"):
            self._order((self.desk, 1, 1000.0), (self.chair, 1, -500.0)).action_policy_submit()

    def test_free_goods_are_told_and_not_refused(self):
        self._put_check_in_force()
        order = self._order((self.desk, 1, 1000.0), (self.chair, 1, 0.0))
        order.action_policy_submit()
        result = self._results(order)
        self.assertEqual((result.state, result.observed), ("pass", "All lines; Chair: free of charge"))


@tagged("post_install", "-at_install")
class TestMargin(NoProducts, EveryKind, CheckCase):
    """The margin is not below a limit; without a cost it is not known."""

    check = {"kind": "price", "price_basis": "margin", "percent": 20.0}
    observed, allowed = "Desk: 10.0% margin", "At least 20.0% margin"
    unknown = "No cost is known of Chair"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk.standard_price = 800.0

    def _bad(self):
        self.desk.standard_price = 900.0
        return self._order()

    def _unjudgeable(self):
        return self._order((self.desk, 1, 1000.0), (self.chair, 1, 200.0))

    def test_order_without_products(self):
        self._put_check_in_force()
        self.assertFalse(self._found(self._order(order_line=False))["judged"])

    def test_loss_is_not_excused_by_a_line_without_cost(self):
        self._put_check_in_force()
        outcome = self._found(self._order((self.desk, 1, 500.0), (self.chair, 1, 200.0)))
        self.assertEqual((outcome["state"], outcome["judged"]), ("fail", True))

    def test_given_away(self):
        self._put_check_in_force()
        with self.assertIncomplete("Desk: free of charge"):
            self._order((self.desk, 1, 0.0)).action_policy_submit()
        with self.assertIncomplete("Chair: free of charge"):
            self._order((self.desk, 1, 1000.0), (self.chair, 1, 0.0)).action_policy_submit()

    def test_what_is_paid_to_the_customer_is_a_loss(self):
        self._put_check_in_force()
        self.chair.standard_price = 100.0
        with self.assertIncomplete("Chair: .*200.0% margin"):
            self._order((self.desk, 1, 1000.0), (self.chair, 1, -100.0)).action_policy_submit()

    def test_discount_and_unit_of_the_line_count(self):
        self._put_check_in_force()
        order = self._order((self.desk, 1, 12000.0))
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        order.order_line.price_unit = 12000.0
        order.action_policy_submit()
        order.action_policy_withdraw()
        order.order_line.discount = 1.0
        with self.assertIncomplete("19.2% margin"):
            order.action_policy_submit()


@tagged("post_install", "-at_install")
class TestDeliveryDate(EveryKind, CheckCase):
    """The promised date leaves the notice and the lead times that the company needs (articles 1.5, 1.7)."""

    check = {"kind": "delivery_date", "days": 2}
    observed, allowed, unknown = "Promised for", "Not before", "No delivery date is promised"

    def _good(self):
        return self._order(commitment_date=self._today(60))

    def _bad(self):
        return self._order(commitment_date=self._today())

    def _unjudgeable(self):
        return self._order()

    def _assert_first_day(self, now, first, last_refused):
        with freeze_time(now):
            self._put_check_in_force()
            with self.assertIncomplete("Not before"):
                self._order(commitment_date=f"{last_refused} 10:00:00").action_policy_submit()
            self._order(commitment_date=f"{first} 10:00:00").action_policy_submit()

    def test_weekend_is_no_notice(self):
        self.company.resource_calendar_id.tz = "UTC"
        self._assert_first_day("2026-06-05 09:00:00", first="2026-06-09", last_refused="2026-06-08")  # Friday

    def test_holiday_is_no_notice(self):
        self.company.resource_calendar_id.tz = "UTC"
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Dragon Boat Festival",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": "2026-06-03 00:00:00",
                "date_to": "2026-06-03 23:59:59",
            }
        )
        self._assert_first_day("2026-06-02 09:00:00", first="2026-06-05", last_refused="2026-06-04")

    def test_days_are_those_of_the_company(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        # Monday evening in London is Tuesday morning in Shanghai.
        self._assert_first_day("2026-06-01 22:00:00", first="2026-06-04", last_refused="2026-06-03")

    def test_company_without_working_hours(self):
        self.company.resource_calendar_id.attendance_ids.unlink()
        self._assert_first_day("2026-06-05 09:00:00", first="2026-06-07", last_refused="2026-06-06")

    def test_lead_time_of_the_products(self):
        self._put_check_in_force(days=0)
        order = self._order(commitment_date=self._today(10))
        order.order_line.customer_lead = 20
        with self.assertIncomplete("Lead times and notice do not allow it"):
            order.action_policy_submit()
        order.order_line.customer_lead = 10
        order.action_policy_submit()

    def test_today_needs_no_notice_when_none_is_asked(self):
        self._put_check_in_force(days=0)
        self._order(commitment_date=self._today()).action_policy_submit()


@tagged("post_install", "-at_install")
class TestPaymentTerm(EveryKind, CheckCase):
    """Payment terms are among those that are allowed (articles 1.7, 2.6)."""

    observed, allowed, unknown = "45 Days", "One of: .*30 Days", "The order has no payment terms"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.short = cls.env.ref("account.account_payment_term_30days")
        cls.long = cls.env.ref("account.account_payment_term_45days")
        cls.check = {"kind": "payment_term", "payment_term_ids": [Command.set(cls.short.ids)]}

    def _good(self):
        return self._order(payment_term_id=self.short.id)

    def _bad(self):
        return self._order(payment_term_id=self.long.id)

    def _unjudgeable(self):
        return self._order(payment_term_id=False)

    def test_small_orders_are_not_concerned(self):
        self._put_check_in_force(amount_min=5000.0)
        self._order((self.desk, 4, 1000.0), payment_term_id=self.long.id).action_policy_submit()
        with self.assertIncomplete("45 Days"):
            self._order((self.desk, 5, 1000.0), payment_term_id=self.long.id).action_policy_submit()

    def test_terms_stay_allowed_when_they_are_archived(self):
        self._put_check_in_force()
        order, other = self._good(), self._bad()
        self.short.active = False
        self.env.registry.clear_cache()
        order.action_policy_submit()
        self.assertEqual(self._results(order).state, "pass")
        with self.assertIncomplete("45 Days"):
            other.action_policy_submit()

    def test_returns_count_by_what_they_are_worth(self):
        self._put_check_in_force(amount_min=5000.0)
        with self.assertIncomplete("45 Days"):
            self._order((self.desk, -5, 1000.0), payment_term_id=self.long.id).action_policy_submit()

    def test_only_some_customers_are_concerned(self):
        new = self.env["res.partner.category"].create({"name": "New Customer"})
        self._put_check_in_force(partner_category_ids=[Command.set(new.ids)])
        self._bad().action_policy_submit()
        self.customer.category_id = new
        with self.assertIncomplete("45 Days"):
            self._bad().action_policy_submit()

    def test_tag_of_the_customer_concerns_its_contacts(self):
        new = self.env["res.partner.category"].create({"name": "New Customer"})
        self.customer.category_id = new
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        self._put_check_in_force(partner_category_ids=[Command.set(new.ids)])
        with self.assertIncomplete("45 Days"):
            self._order(partner_id=buyer.id, payment_term_id=self.long.id).action_policy_submit()


@tagged("post_install", "-at_install")
class TestCredit(EveryKind, CheckCase):
    """What the customer owes, has ordered and orders now stays within his credit (articles 1.7, 2.6)."""

    check = {"kind": "credit"}
    observed, allowed, unknown = r"10,000\.01", r"At most .*10,000\.00", "has no credit limit. An accountant can set it"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.company.account_use_credit_limit = True
        cls.customer.credit_limit = 10000.0
        cls.env.ref("base.USD").active = True
        cls.env["res.currency.rate"].create(
            {
                "currency_id": cls.env.ref("base.USD").id,
                "company_id": cls.company.id,
                "name": "2020-01-01",
                "rate": 0.125,
            }
        )

    def _of_amount(self, amount, **values):
        return self._order((self.desk, 1, amount), **values)

    def _good(self):
        return self._of_amount(10000.0)

    def _bad(self):
        return self._of_amount(10000.01)

    def _unjudgeable(self):
        self.customer.credit_limit = 0.0
        return self._of_amount(1.0)

    def _in_dollars(self, amount):
        dollars = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.env.ref("base.USD").id, "company_id": self.company.id}
        )
        order = self._of_amount(amount, pricelist_id=dollars.id)
        self.assertEqual(order.currency_id.name, "USD")
        return order

    def _invoice(self, amount):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create({"product_id": self.desk.id, "price_unit": amount, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_limits_that_are_not_in_use(self):
        self.company.account_use_credit_limit = False
        self._put_check_in_force()
        with self.assertIncomplete("Cannot be judged", "Credit limits are not in use"):
            self._of_amount(1.0).action_policy_submit()

    def test_open_invoice_counts_until_it_is_paid(self):
        self._put_check_in_force()
        invoice = self._invoice(9500.0)
        with self.assertIncomplete(r"10,500\.00", r"owed .*9,500\.00", "orders not invoiced .*0.00"):
            self._of_amount(1000.0).action_policy_submit()
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {}
        )._create_payments()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self._of_amount(1000.0).action_policy_submit()

    def test_draft_invoice_does_not_count(self):
        self._put_check_in_force()
        self._invoice(9500.0).button_draft()
        self._of_amount(1000.0).action_policy_submit()

    def test_confirmed_orders_count_until_they_are_cancelled(self):
        self._put_check_in_force()
        other = self._approved((self.desk, 1, 9500.0))
        self._of_amount(1000.0).action_policy_submit()
        other.action_confirm()
        with self.assertIncomplete(r"10,500\.00", r"orders not invoiced .*9,500\.00"):
            self._of_amount(1000.0).action_policy_submit()
        cancellation = self._cancellation(other)
        cancellation.action_submit()
        self._approve_all(cancellation)
        self._of_amount(1000.0).action_policy_submit()

    def test_order_in_another_currency(self):
        self._put_check_in_force()
        self._in_dollars(1250.0).action_policy_submit()
        with self.assertIncomplete(r"10,008\.00"):
            self._in_dollars(1251.0).action_policy_submit()

    def test_confirmed_order_in_another_currency(self):
        self._put_check_in_force()
        other = self._in_dollars(1000.0)
        other.action_policy_submit()
        self._approve_all(other)
        other.action_confirm()
        self._of_amount(2000.0).action_policy_submit()
        with self.assertIncomplete(r"10,001\.00", r"orders not invoiced .*8,000\.00"):
            self._of_amount(2001.0).action_policy_submit()

    def test_limit_of_the_company_counts_for_its_contacts(self):
        self._put_check_in_force()
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        with self.assertIncomplete(r"10,000\.01"):
            self._of_amount(10000.01, partner_id=buyer.id).action_policy_submit()

    def test_many_customers_at_once(self):
        self._put_check_in_force()
        unlimited = self.env["res.partner"].create({"name": "Shanghai Trading", "credit_limit": 1000000.0})
        orders = self._of_amount(10000.01) | self._of_amount(10000.01, partner_id=unlimited.id)
        with self.assertIncomplete(orders[0].name) as refusal:
            orders.action_policy_submit()
        self.assertNotIn(orders[1].name, str(refusal.exception))


@tagged("post_install", "-at_install")
class TestRule(EveryKind, CheckCase):
    """A condition of one's own."""

    check = {
        "kind": "rule",
        "domain": "[('client_order_ref', '!=', False)]",
        "message": "Ask the customer for the number of his order.",
    }
    observed, allowed = "Does not follow the rule", "Check of rule"
    unknown = "An administrator of the order policy has to change it"

    def _good(self):
        return self._order(client_order_ref="PO 7")

    def _bad(self):
        return self._order()

    def _unjudgeable(self):
        # The field that the condition looks at went away with its app.
        check = self.env["order.policy"]._in_force(self.company).intake_check_ids
        check.flush_recordset()
        self.env.cr.execute("UPDATE order_policy_check SET domain = %s WHERE id = %s", ["[('gone', '=', 1)]", check.id])
        check.invalidate_recordset(["domain"])
        return self._order()

    def test_salesperson_reads_the_message(self):
        self._put_check_in_force()
        with self.assertIncomplete("Ask the customer for the number of his order"):
            self._bad().action_policy_submit()


@tagged("post_install", "-at_install")
class TestDuplicate(NoProducts, EveryKind, CheckCase):
    """The same goods were not entered twice for a customer (article 3.5)."""

    check = {"kind": "duplicate", "days": 7}
    observed, allowed = "The same goods are on", "Once within 7 days"

    def _good(self):
        self._submitted()
        return self._order((self.desk, 2, 1000.0))

    def _bad(self):
        self._submitted((self.desk, 1, 1000.0), (self.chair, 4, 200.0))
        return self._order((self.chair, 4, 150.0), (self.desk, 1, 900.0))

    def _assert_passes(self, order):
        self._put_check_in_force()
        order.action_policy_submit()
        self.assertEqual(self._results(order).state, "pass")

    def test_other_order_is_named(self):
        self._put_check_in_force()
        first, second = self._submitted(), self._order()
        with self.assertIncomplete(f"The same goods are on {first.name}", "Ask the customer whether both are wanted"):
            second.action_policy_submit()

    def test_lines_are_added_up(self):
        self._put_check_in_force()
        self._submitted((self.desk, 3, 1000.0))
        with self.assertIncomplete("The same goods are on"):
            self._order((self.desk, 1, 1000.0), (self.desk, 2, 1000.0)).action_policy_submit()

    def test_contacts_of_one_customer(self):
        self._put_check_in_force()
        self._submitted()
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        with self.assertIncomplete("The same goods are on"):
            self._order(partner_id=buyer.id).action_policy_submit()

    def test_order_of_a_colleague(self):
        self._put_check_in_force()
        hidden = self._submitted()
        order = self._order(user=self.other_salesman)
        self.assertFalse(hidden.with_user(self.other_salesman).has_access("read"))
        with self.assertIncomplete(hidden.name):
            order.action_policy_submit()

    def test_two_orders_at_once(self):
        self._put_check_in_force()
        orders = self._order() | self._order()
        with self.assertIncomplete(*orders.mapped("name")):
            orders.action_policy_submit()

    def test_other_customer(self):
        self._submitted(partner_id=self.env["res.partner"].create({"name": "Shanghai Trading"}).id)
        self._assert_passes(self._order())

    def _in_dozens(self, quantity):
        order = self._order((self.desk, quantity, 12000.0))
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        return order

    def test_other_quantity_in_another_unit(self):
        self._in_dozens(1).action_policy_submit()
        self._assert_passes(self._order())

    def test_same_quantity_in_another_unit(self):
        self._put_check_in_force()
        dozens = self._in_dozens(1)
        dozens.action_policy_submit()
        for order in (self._order((self.desk, 12, 1000.0)), self._order((self.desk, 6, 1000.0), (self.desk, 6, 900.0))):
            with self.assertIncomplete(f"The same goods are on {dozens.name}"):
                order.action_policy_submit()

    def test_quotation_that_nobody_submitted(self):
        self._order()
        self._assert_passes(self._order())

    def test_order_that_was_withdrawn(self):
        self._submitted().action_policy_withdraw()
        self._assert_passes(self._order())

    def test_confirmed_order(self):
        self._put_check_in_force()
        confirmed = self._confirmed()
        with self.assertIncomplete(f"The same goods are on {confirmed.name}"):
            self._order().action_policy_submit()

    def test_line_at_zero(self):
        self._put_check_in_force()
        self._submitted()
        with self.assertIncomplete("The same goods are on"):
            self._order((self.desk, 1, 1000.0), (self.chair, 0, 200.0)).action_policy_submit()

    def test_cancelled_order(self):
        self._cancel(self._submitted())
        self._assert_passes(self._order())

    def test_order_of_last_month(self):
        former = self._submitted()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = create_date - interval '8 days' WHERE id = %s", [former.id]
        )
        self._assert_passes(self._order())


@tagged("post_install", "-at_install")
class TestSensitive(CheckCase):
    """Sensitive products and customers make an order special, so that the general manager is asked (1.7, 2.7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["product.tag"].create({"name": "Dual Use"})
        cls.category = cls.env["product.category"].create({"name": "Chemicals"})
        cls.below = cls.env["product.category"].create({"name": "Solvents", "parent_id": cls.category.id})
        cls.customer_tag = cls.env["res.partner.category"].create({"name": "Military"})
        cls.industry = cls.env["res.partner.industry"].create({"name": "Mining"})
        cls.country = cls.env.ref("base.cu")
        cls.customer.write(
            {
                "country_id": cls.env.ref("base.cn").id,
                "industry_id": cls.env["res.partner.industry"].create({"name": "Furniture"}).id,
            }
        )
        cls.check = {
            "kind": "sensitive",
            "product_tag_ids": [Command.set(cls.tag.ids)],
            "product_category_ids": [Command.set(cls.category.ids)],
            "partner_category_ids": [Command.set(cls.customer_tag.ids)],
            "industry_ids": [Command.set(cls.industry.ids)],
            "country_ids": [Command.set(cls.country.ids)],
        }

    def _assert_special(self, found, **values):
        self._put_in_force(self.check)
        order = self._submitted(**values)
        result = self._results(order)
        self.assertEqual((result.state, result.judged, result.observed), ("warn", True, found))
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", "waiting"])
        shown = self._review(order, self.finance_department).with_user(self.finance).checks_html
        self.assertIn(found, shown)

    def test_customer_of_whom_nothing_is_known(self):
        self.customer.write({"industry_id": False, "country_id": False})
        self._put_in_force(self.check)
        order = self._submitted()
        result = self._results(order)
        self.assertEqual((result.state, result.judged), ("warn", False))
        self.assertIn("Ningbo Trading lacks: Industry and Country", result.explanation)
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", None], "Not known to be sensitive")

    def test_nothing_sensitive(self):
        self._put_in_force(self.check)
        order = self._submitted()
        self.assertEqual((self._results(order).state, self._results(order).judged), ("pass", True))
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", None])

    def test_tag_of_the_product(self):
        self.desk.product_tmpl_id.product_tag_ids = self.tag
        self._assert_special("Desk")

    def test_tag_of_the_variant(self):
        self.desk.additional_product_tag_ids = self.tag
        self._assert_special("Desk")

    def test_category_below_the_chosen_one(self):
        self.desk.categ_id = self.below
        self._assert_special("Desk")

    def test_tag_of_the_customer(self):
        self.customer.category_id = self.customer_tag
        self._assert_special("Military")

    def test_tag_of_the_company_of_a_contact(self):
        self.customer.category_id = self.customer_tag
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        self._assert_special("Military", partner_id=buyer.id)

    def test_industry(self):
        self.customer.industry_id = self.industry
        self._assert_special("Mining")

    def test_country_of_the_customer(self):
        self.customer.country_id = self.country
        self._assert_special("Cuba")

    def test_country_where_the_goods_go(self):
        site = self.env["res.partner"].create({"name": "Site", "country_id": self.country.id})
        self._assert_special("Cuba", partner_shipping_id=site.id)

    def test_block_refuses(self):
        self._put_in_force({**self.check, "severity": "block"})
        self.customer.industry_id = self.industry
        order = self._order()
        with self.assertIncomplete("Check of sensitive", "Mining", "Needs a special approval"):
            order.action_policy_submit()

    def test_check_of_a_step_makes_the_order_special_too(self):
        self._put_in_force(step_checks=[self.check])
        self.customer.industry_id = self.industry
        order = self._submitted()
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", "waiting"])
        self.assertIn("Mining", self._review(order, self.finance_department).with_user(self.finance).checks_html)

    def test_general_manager_has_to_approve(self):
        self._put_in_force(self.check)
        self.desk.product_tmpl_id.product_tag_ids = self.tag
        order = self._submitted()
        for department, user in (
            (self.finance_department, self.finance),
            (self.production_department, self.production),
            (self.sales_department, self.sales_head),
        ):
            self._review(order, department).with_user(user).action_approve()
        with self.assertRaisesRegex(UserError, "General manager"):
            order.action_confirm()
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_sensitive_product_added_under_review(self):
        self._put_in_force(self.check)
        self.chair.product_tmpl_id.product_tag_ids = self.tag
        order = self._submitted()
        self.assertIsNone(self._states(order)[3])
        order.order_line = [Command.create({"product_id": self.chair.id, "tax_ids": False})]
        self.env.flush_all()
        self.assertEqual(self._states(order)[3], "waiting")
        order.order_line[1].unlink()
        self.env.flush_all()
        self.assertEqual(self._states(order)[3], "not_required")


@tagged("post_install", "-at_install")
class TestSplit(EveryKind, CheckCase):
    """Orders split up to stay below the threshold are approved as if they were one (article 2.7)."""

    check = {"kind": "split", "days": 3}
    observed, allowed = r"130,000\.00 within 3 days, this order .*60,000\.00", r"General manager from .*100,000\.00"
    unknown = "The policy has no amount from which more approval is due"

    def _of_amount(self, amount, **values):
        return self._order((self.desk, 1, amount), **values)

    def _bad(self):
        self._of_amount(70000.0).action_policy_submit()
        return self._of_amount(60000.0)

    def _unjudgeable(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids[-1].applies = "special"
        former = self.env["order.policy"]._in_force(self.company)
        policy.intake_check_ids = [Command.create(self._check(**self.check, severity=former.intake_check_ids.severity))]
        policy.action_activate()
        return self._of_amount(60000.0)

    def _asks_general_manager(self, order):
        self.env.flush_all()
        return self._states(order)[3] in ("waiting", "pending")

    def _submit_pair(self, first=60000.0, second=60000.0, **values):
        self._put_in_force(self.check)
        first, second = self._of_amount(first), self._of_amount(second, **values)
        first.action_policy_submit()
        self.assertFalse(self._asks_general_manager(first))
        second.action_policy_submit()
        return first, second

    def test_general_manager_is_asked_for_both(self):
        first, second = self._submit_pair()
        self.assertTrue(self._asks_general_manager(first), "It was under review already")
        self.assertTrue(self._asks_general_manager(second))
        self._approve_all(first)
        first.action_confirm()
        self.assertIn("approved", self._states(first)[3])

    def test_of_two_thresholds_the_higher_one_is_told(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids[2].write({"applies": "amount", "amount_min": 50000.0})
        policy.intake_check_ids = [Command.create(self._check(**self.check))]
        policy.action_activate()
        for _number in range(2):
            self._of_amount(45000.0).action_policy_submit()
        order = self._of_amount(45000.0)
        order.action_policy_submit()
        self.assertIn("General manager from", self._results(order).limit)

    def test_both_are_locked_at_once(self):
        """Whoever works on either locks both in one order: two people never wait for each other."""
        first, second = self._submit_pair()
        locked = []
        lock = type(first)._lock_or_refuse

        def noted(orders):
            locked.append(orders.ids)
            return lock(orders)

        def edit():
            second.order_line.price_unit = 59000.0
            self.env.flush_all()

        review = self._review(second, self.finance_department).with_user(self.finance)
        for work in (review.action_approve, edit, second.action_policy_withdraw, second.action_policy_submit):
            locked.clear()
            with patch.object(type(first), "_lock_or_refuse", noted):
                work()
            self.assertEqual(set(locked[0]), {first.id, second.id})

    def test_neither_is_confirmed_without_him(self):
        first, second = self._submit_pair()
        for order in (first, second):
            for department, user in (
                (self.finance_department, self.finance),
                (self.production_department, self.production),
                (self.sales_department, self.sales_head),
            ):
                self._review(order, department).with_user(user).action_approve()
            with self.assertRaisesRegex(UserError, "General manager"):
                order.action_confirm()

    def test_approved_order_waits_again(self):
        self._put_in_force(self.check)
        first = self._of_amount(60000.0)
        first.action_policy_submit()
        self._approve_all(first)
        self.assertEqual(first.policy_stage, "confirmation")
        self._of_amount(60000.0).action_policy_submit()
        self.assertTrue(self._asks_general_manager(first))
        self.assertEqual(first.policy_stage, "approval")

    def test_confirmed_order_counts(self):
        self._put_in_force(self.check)
        first = self._of_amount(60000.0)
        first.action_policy_submit()
        self._approve_all(first)
        first.action_confirm()
        second = self._of_amount(60000.0)
        second.action_policy_submit()
        self.assertTrue(self._asks_general_manager(second))
        self.assertEqual(first.state, "sale")

    def test_submitted_together(self):
        self._put_in_force(self.check)
        orders = self._of_amount(60000.0) | self._of_amount(60000.0)
        orders.action_policy_submit()
        for order in orders:
            self.assertTrue(self._asks_general_manager(order))

    def test_below_the_threshold_together(self):
        first, second = self._submit_pair(second=39999.99)
        self.assertFalse(self._asks_general_manager(first) or self._asks_general_manager(second))

    def test_exactly_the_threshold_together(self):
        first, second = self._submit_pair(second=40000.0)
        self.assertTrue(self._asks_general_manager(first) and self._asks_general_manager(second))

    def test_other_customer(self):
        other = self.env["res.partner"].create({"name": "Shanghai Trading"})
        first, second = self._submit_pair(partner_id=other.id)
        self.assertFalse(self._asks_general_manager(first) or self._asks_general_manager(second))

    def test_contacts_of_one_customer(self):
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        first, second = self._submit_pair(partner_id=buyer.id)
        self.assertTrue(self._asks_general_manager(first) and self._asks_general_manager(second))

    def test_days(self):
        for later, together in ((2, True), (3, False)):
            customer = self.env["res.partner"].create({"name": "Shanghai Trading"})
            self._put_in_force(self.check)
            first = self._of_amount(60000.0, partner_id=customer.id)
            first.action_policy_submit()
            with freeze_time(self._today(later)):
                second = self._of_amount(60000.0, partner_id=customer.id)
                second.action_policy_submit()
                self.assertEqual(self._asks_general_manager(second), together)
                self.assertEqual(self._asks_general_manager(first), together)

    def test_cancelled_order_does_not_count(self):
        self._put_in_force(self.check)
        first, second = self._of_amount(60000.0), self._of_amount(60000.0)
        first.action_policy_submit()
        self._cancel(first)
        second.action_policy_submit()
        self.assertFalse(self._asks_general_manager(second))

    def test_cancelling_one_lets_the_other_go(self):
        first, second = self._submit_pair()
        self._cancel(first)
        self.assertFalse(self._asks_general_manager(second))

    def test_cancelling_one_later_lets_the_other_go(self):
        first, second = self._submit_pair()
        with freeze_time(self._today(10)):
            self._cancel(first)
            self.assertFalse(self._asks_general_manager(second))

    def test_amount_that_shrinks_lets_the_other_go(self):
        first, second = self._submit_pair()
        first.order_line.price_unit = 100.0
        self.assertFalse(self._asks_general_manager(second))

    def test_amount_that_grows_asks_for_the_other(self):
        first, second = self._submit_pair(second=10000.0)
        self.assertFalse(self._asks_general_manager(first))
        second.order_line.price_unit = 60000.0
        self.assertTrue(self._asks_general_manager(first) and self._asks_general_manager(second))

    def test_large_order_takes_no_small_one_along(self):
        self._put_in_force(self.check)
        small, large = self._of_amount(1000.0), self._of_amount(150000.0)
        (small | large).action_policy_submit()
        self.assertTrue(self._asks_general_manager(large))
        self.assertFalse(self._asks_general_manager(small))
        self.assertEqual(self._results(small).state, "pass")
        # another small one, with which the first reaches the threshold
        self._of_amount(99000.0).action_policy_submit()
        self.assertTrue(self._asks_general_manager(small))

    def test_each_threshold_for_itself(self):
        policy = self._policy().with_user(self.policy_admin)
        head = policy.step_ids.filtered(lambda step: step.department_id == self.sales_department)
        head.write({"applies": "amount", "amount_min": 50000.0})
        policy.intake_check_ids = [Command.create(self._check(**self.check))]
        policy.action_activate()
        orders = self._of_amount(60000.0) | self._of_amount(45000.0)
        orders.action_policy_submit()
        self.assertEqual(
            [self._states(order)[2:] for order in orders],
            [["waiting", "waiting"], [None, "waiting"]],
            "Together they are for the general manager; the small one alone is not for the head of sales",
        )
        small = self._of_amount(40000.0, partner_id=self.env["res.partner"].create({"name": "Shanghai Trading"}).id)
        other = small.copy()
        (small | other).action_policy_submit()
        self.assertEqual(self._states(small)[2:], ["waiting", None])
        self.assertRegex(self._results(small).observed, r"80,000\.00 within 3 days")
        self.assertRegex(self._results(small).limit, r"Head of sales from .*50,000\.00")

    def test_returns_count_by_what_they_are_worth(self):
        self._put_in_force(self.check)
        orders = self._order((self.desk, -60, 1000.0)) | self._order((self.desk, -50, 1000.0))
        orders.action_policy_submit()
        for order in orders:
            self.assertTrue(self._asks_general_manager(order))

    def test_quotation_not_submitted_does_not_count(self):
        self._put_in_force(self.check)
        self._of_amount(60000.0)
        order = self._of_amount(60000.0)
        order.action_policy_submit()
        self.assertFalse(self._asks_general_manager(order))


@tagged("post_install", "-at_install")
class TestComplete(CheckCase):
    """What the policy requires is still there when the order is looked at (article 3.7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        requirement = {
            "name": "Delivery date",
            "field_ids": [Command.set(cls.env.ref("sale.field_sale_order__commitment_date").ids)],
        }
        cls.required = {"requirement_ids": [Command.create(requirement)]}

    def _reviewed(self, **check):
        self._put_in_force(step_checks=[{"kind": "complete", **check}], **self.required)
        order = self._submitted(commitment_date=self._today(30))
        return order, self._review(order, self.finance_department)

    def test_complete(self):
        order, review = self._reviewed()
        self.assertEqual((self._results(order, review=review).state, review.check_ids.judged), ("pass", True))
        self.assertIn("Complete", review.with_user(self.finance).checks_html)

    def test_nothing_is_required(self):
        self._put_in_force(step_checks=[{"kind": "complete"}])
        order = self._submitted()
        result = self._results(order, review=self._review(order, self.finance_department))
        self.assertEqual((result.state, result.judged), ("warn", False))

    def test_completed_at_intake(self):
        self._put_in_force({"kind": "complete", "severity": "block"}, **self.required)
        with self.assertIncomplete("Check of complete: Missing: Delivery date"):
            self._order().action_policy_submit()
        order = self._submitted(commitment_date=self._today(30))
        self.assertEqual(self._results(order).state, "pass")

    def test_what_was_taken_away_is_shown_to_the_reviewer(self):
        for severity, state in (("warn", "warn"), ("block", "fail")):
            order, review = self._reviewed(severity=severity)
            order.commitment_date = False
            self.env.flush_all()
            result = self._results(order, review=review)
            self.assertEqual((result.state, result.observed), (state, "Missing: Delivery date"))
            self.assertIn("Missing: Delivery date", review.with_user(self.finance).checks_html)


@tagged("post_install", "-at_install")
class TestKindOfAnotherApp(CheckCase):
    """Other apps bring kinds of checks; when one goes, what it checked cannot be judged."""

    def test_kind_that_went_with_its_app(self):
        for severity, state in (("warn", "warn"), ("block", "fail")):
            policy = self._put_in_force({"kind": "catalogue", "severity": severity})
            self.env.flush_all()
            self.env.cr.execute("UPDATE order_policy_check SET kind = NULL WHERE id = %s", policy.intake_check_ids.ids)
            self.env.invalidate_all()
            self.env.registry.clear_cache()
            found = self._found(self._order())
            self.assertEqual((found["state"], found["judged"]), (state, False))
            self.assertIn("The app that made this check is not installed", found["explanation"])
        with self.assertIncomplete("Cannot be judged"):
            self._order().action_policy_submit()


DISCOUNT = {"kind": "price", "price_basis": "discount", "percent": 10.0}


@tagged("post_install", "-at_install")
class TestResultsFollowContent(CheckCase):
    """Results are of the present content: whatever changes under review is checked again, by whatever path."""

    def _assert_not_confirmed(self, order, sentence):
        with self.assertRaisesRegex(UserError, sentence):
            order.action_confirm()
        with self.assertRaisesRegex(ValidationError, sentence):
            order.write({"state": "sale"})
        self.assertEqual(order.state, "draft")

    def test_violation_after_submission_keeps_the_order_from_being_confirmed(self):
        self._put_in_force({**DISCOUNT, "severity": "block"})
        order = self._submitted()
        order.order_line.write({"discount": 50.0})
        self._approve_all(order)
        self.assertEqual((self._results(order).state, self._results(order).content_digest),
                         ("fail", order.content_digest))  # fmt: skip
        self._assert_not_confirmed(order, "Check of price: Desk: 50.0% discount. Allowed: At most 10.0% discount")
        order.order_line.write({"discount": 0.0})
        self._approve_all(order)
        self.assertEqual(self._results(order).state, "pass")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_violation_in_the_write_that_confirms(self):
        self._put_in_force({**DISCOUNT, "severity": "block"})
        order = self._approved()
        with self.assertRaisesRegex(ValidationError, "changed since it was checked at intake. Submit it again"):
            order.write({"state": "sale", "order_line": [Command.update(order.order_line.id, {"discount": 50.0})]})
        self.assertEqual(order.order_line.discount, 0.0)

    def test_changed_to_something_else_that_is_allowed(self):
        self._put_in_force({**DISCOUNT, "severity": "block"})
        order = self._submitted()
        order.order_line.discount = 50.0
        self.env.flush_all()
        order.order_line.discount = 9.0
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_submitting_again_is_refused_while_it_fails(self):
        self._put_in_force({**DISCOUNT, "severity": "block"})
        order = self._submitted()
        order.order_line.discount = 50.0
        with self.assertIncomplete("50.0% discount"):
            order.action_policy_submit()

    def test_warning_comes_and_goes(self):
        self._put_in_force(DISCOUNT)
        order = self._submitted()
        self.assertEqual(self._results(order).state, "pass")
        review = self._review(order, self.finance_department).with_user(self.finance)
        order.order_line.discount = 20.0
        self.env.flush_all()
        self.assertIn("20.0% discount", review.checks_html)
        order.order_line.discount = 0.0
        self.env.flush_all()
        self.assertNotIn("discount", review.checks_html)

    def test_checks_run_once_for_the_same_content(self):
        self._put_in_force(step_checks=[DISCOUNT])
        order = self._submitted()
        review = self._review(order, self.finance_department)
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self.assertEqual(len(review.check_ids), 1)

    def test_reviewers_see_what_the_intake_warns_of_and_nothing_else_of_it(self):
        self._put_in_force({**DISCOUNT, "name": "Discount at intake"})
        order = self._submitted()
        review = self._review(order, self.finance_department).with_user(self.finance)
        self.assertNotIn("at intake", review.checks_html, "It passed")
        order.order_line.discount = 20.0
        self.env.flush_all()
        self.assertIn("20.0% discount", review.checks_html)
        order.order_line.discount = 30.0
        self.env.flush_all()
        self.assertNotIn("20.0% discount", review.checks_html, "That was found before")
        self._approve_all(order)
        order.action_confirm()
        change = self._requested(order)
        change.line_ids.price_unit = 950.0
        change.action_submit()
        of_request = change.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)
        self.assertTrue(of_request)
        self.assertNotIn("at intake", of_request.checks_html, "It is about what the order holds so far")

    def test_names_are_no_markup(self):
        self._put_in_force({**DISCOUNT, "name": "<b>Discount</b>"})
        order = self._order((self._product("<script>alert(1)</script>", 10.0), 1, 10.0))
        order.order_line.discount = 20.0
        order.action_policy_submit()
        shown = self._review(order, self.finance_department).with_user(self.finance).checks_html
        self.assertIn("&lt;script&gt;", shown)
        self.assertIn("&lt;b&gt;Discount", shown)

    def test_former_results_are_kept(self):
        self._put_in_force(DISCOUNT)
        order = self._submitted()
        order.order_line.discount = 20.0
        self.env.flush_all()
        results = order.sudo().check_ids
        self.assertEqual(results.mapped("state"), ["pass", "warn"])
        self.assertEqual(results.mapped("is_current"), [False, True])
        self.assertEqual(results[1].content_digest, order.content_digest)
        self.assertNotEqual(results[0].content_digest, order.content_digest)

    def test_order_that_no_step_concerns_is_still_checked(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids.domain = "[('client_order_ref', '=', 'asks for every review')]"
        policy.intake_check_ids = [Command.create(self._check(**DISCOUNT))]
        policy.action_activate()
        order = self._order()
        self._assert_not_confirmed(order, "To be submitted, so that it is checked at intake")
        order.action_policy_submit()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_requirement_that_is_no_longer_met(self):
        requirement = {
            "name": "Delivery date",
            "field_ids": [Command.set(self.env.ref("sale.field_sale_order__commitment_date").ids)],
        }
        self._put_in_force(requirement_ids=[Command.create(requirement)])
        order = self._submitted(commitment_date=self._today(30))
        order.commitment_date = False
        self._approve_all(order)
        self._assert_not_confirmed(order, "Missing: Delivery date")
        order.commitment_date = self._today(40)
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_what_a_step_found_is_not_held_against_the_intake(self):
        """A reviewer approves what its own check refuses; only what the intake refuses keeps the order."""
        requirement = {
            "name": "Delivery date",
            "field_ids": [Command.set(self.env.ref("sale.field_sale_order__commitment_date").ids)],
        }
        self._put_in_force(
            requirement_ids=[Command.create(requirement)], step_checks=[{**DISCOUNT, "severity": "block"}]
        )
        order = self._submitted(commitment_date=self._today(30))
        order.order_line.discount = 50.0
        order.commitment_date = False
        self.env.flush_all()
        review = self._review(order, self.finance_department)
        self.assertEqual(self._results(order, review=review).state, "fail")
        self.assertIn("Missing: Delivery date", order.policy_explanation)
        self.assertNotIn("Check of price", order.policy_explanation)

    def test_check_of_a_step_is_run_when_its_turn_comes(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids[2].check_ids = [Command.create(self._check(**DISCOUNT))]
        policy.action_activate()
        order = self._submitted()
        head = self._review(order, self.sales_department)
        self.assertFalse(head.check_ids)
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self.assertEqual(head.check_ids.state, "pass")

    def test_approved_order_that_did_not_change_is_not_checked_again(self):
        self._put_in_force(DISCOUNT, step_checks=[DISCOUNT])
        order = self._submitted()
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(len(order.sudo().check_ids), 2)


@tagged("post_install", "-at_install")
class TestAutomaticSteps(CheckCase):
    """A step approves by itself when all of its checks pass, and asks its department when one does not (3.7)."""

    LIMIT = {"kind": "rule", "domain": "[('amount_company', '<', 5000)]", "message": "Above 5,000."}

    def _finance_decides_by_itself(self, *checks, **values):
        return self._put_in_force(step_checks=checks or [DISCOUNT, self.LIMIT], step={"automatic": True}, **values)

    def _of_finance(self, order):
        self.env.flush_all()
        return self._review(order, self.finance_department)

    def test_approves_when_all_checks_pass(self):
        self._finance_decides_by_itself()
        order = self._submitted()
        review = self._of_finance(order)
        self.assertEqual((review.state, review.decision, review.is_automatic), ("approved", "approved", True))
        self.assertFalse(review.decided_by_id or review.user_id)
        self.assertTrue(review.decided_on)
        self.assertEqual(review.check_ids.mapped("state"), ["pass", "pass"])
        self.assertEqual(self._states(order), ["approved", "pending", "waiting", None])
        self.assertEqual(order.review_done_count, 1)

    def test_evidence_says_who_decided(self):
        self._finance_decides_by_itself()
        order = self._submitted()
        production = self._review(order, self.production_department).with_user(self.production)
        self.assertIn("was approved automatically", production.earlier_html)

    def test_asks_the_department_when_one_warns(self):
        self._finance_decides_by_itself()
        order = self._submitted((self.desk, 6, 1000.0))
        review = self._of_finance(order)
        self.assertEqual((review.state, review.is_automatic), ("pending", False))
        self.assertEqual(review.check_ids.mapped("state"), ["pass", "warn"])
        review.with_user(self.finance).action_approve()
        self.assertEqual((review.decided_by_id, review.is_automatic), (self.finance, False))

    def test_reviewers_see_what_their_own_checks_found(self):
        self._finance_decides_by_itself()
        order = self._submitted((self.desk, 6, 1000.0))
        self.assertIn("Above 5,000.", self._of_finance(order).with_user(self.finance).checks_html)
        production = self._review(order, self.production_department).with_user(self.production)
        self.assertFalse(production.checks_html)

    def test_asks_the_department_when_a_check_cannot_judge(self):
        self._finance_decides_by_itself({"kind": "payment_term", "payment_term_ids": [
            Command.set(self.env.ref("account.account_payment_term_30days").ids)]})  # fmt: skip
        review = self._of_finance(self._submitted(payment_term_id=False))
        self.assertEqual((review.state, review.check_ids.judged), ("pending", False))

    def test_change_runs_the_checks_again(self):
        self._finance_decides_by_itself()
        order = self._submitted()
        first = self._of_finance(order)
        order.order_line.discount = 5.0
        second = self._of_finance(order)
        self.assertNotEqual(first, second)
        self.assertEqual((first.state, second.state, second.is_automatic), ("outdated", "approved", True))
        order.order_line.discount = 20.0
        third = self._of_finance(order)
        self.assertEqual((third.state, third.check_ids.mapped("state")), ("pending", ["warn", "pass"]))
        third.with_user(self.finance).action_approve()
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_change_of_what_the_step_does_not_look_at(self):
        self._finance_decides_by_itself()
        order = self._submitted()
        order.order_line.product_uom_qty = 6
        review = self._of_finance(order)
        self.assertEqual((review.state, review.check_ids.mapped("state")), ("pending", ["pass", "warn"]))

    def test_violation_put_right_under_review(self):
        self._finance_decides_by_itself()
        order = self._submitted((self.desk, 6, 1000.0))
        order.order_line.product_uom_qty = 1
        review = self._of_finance(order)
        self.assertEqual((review.state, review.is_automatic), ("approved", True))

    def test_order_that_needs_nobody_is_ready_at_once(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids[2:].unlink()
        for number, step in enumerate(policy.step_ids):
            step.write({"automatic": True, "sequence": number, "check_ids": [Command.create(self._check(**DISCOUNT))]})
        policy.action_activate()
        order = self._submitted()
        self.assertEqual(order.policy_stage, "confirmation")
        self.assertEqual(order.sudo().review_ids.mapped("is_automatic"), [True, True])
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_approves_without_anybody_in_a_later_turn(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids[2].write({"automatic": True, "check_ids": [Command.create(self._check(**DISCOUNT))]})
        policy.action_activate()
        order = self._submitted()
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self.assertEqual(self._states(order)[2], "waiting")
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self.assertEqual(self._states(order)[2], "approved")
        self.assertEqual(order.policy_stage, "confirmation")

    def test_no_notice_to_anybody_when_it_passes(self):
        self._finance_decides_by_itself()
        order = self._submitted()
        review = self._of_finance(order).with_user(self.finance)
        self.assertFalse(review.can_decide)
        with self.assertRaisesRegex(UserError, "was approved automatically"):
            review.action_reject("I would have rejected it.")

    def test_rates(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids[2:].unlink()
        for step in policy.step_ids:
            step.write({"automatic": True, "check_ids": [Command.create(self._check(**DISCOUNT))]})
        policy.action_activate()
        untouched, touched = self._submitted(), self._order()
        touched.order_line.discount = 20.0
        touched.action_policy_submit()
        self._approve_all(touched)
        [(automatic, whole)] = self.env["sale.order.review"]._read_group(
            [("order_id", "in", (untouched | touched).ids)], [], ["automatic_rate:avg", "untouched_rate:avg"]
        )
        self.assertEqual((automatic, whole), (0.5, 0.5))
        self.assertEqual(sum(untouched.sudo().review_ids.mapped("untouched_rate")), 1.0)

    def test_step_without_a_check_cannot_come_into_force(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids[0].automatic = True
        with self.assertRaisesRegex(ValidationError, "has no check, so it would approve everything. Add a check"):
            policy.action_activate()

    def test_proofreading_is_done_by_a_person(self):
        proofread, automatic = {"kind": "proofread"}, {"automatic": True}
        for first, then in ((proofread, automatic), (automatic, proofread), ({}, proofread | automatic)):
            step = self._policy().with_user(self.policy_admin).step_ids[0]
            step.check_ids = [Command.create(self._check(**DISCOUNT))]
            step.write(first)
            with self.assertRaisesRegex(ValidationError, "proofreading is done by a person"):
                step.write(then)


@tagged("post_install", "-at_install")
class TestCheckRights(CheckCase):
    """Results are evidence that nobody writes; what a policy checks changes only in drafts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        requirement = {
            "name": "Customer",
            "field_ids": [Command.set(cls.env.ref("sale.field_sale_order__partner_id").ids)],
        }
        cls.active = cls._put_in_force(DISCOUNT, step_checks=[DISCOUNT], requirement_ids=[Command.create(requirement)])
        cls.order = cls._submitted()
        cls.result = cls._results(cls.order)

    def test_nobody_writes_results(self):
        values = {
            "order_id": self.order.id,
            "check_id": self.result.check_id.id,
            "name": "Forged",
            "state": "pass",
        }
        for user in (self.salesman, self.sales_head, self.finance, self.policy_admin):
            result = self.result.with_user(user)
            for operation in (
                lambda result=result: result.write({"state": "pass"}),
                lambda result=result: result.create(values),
                lambda result=result: result.copy(),
                lambda result=result: result.unlink(),
            ):
                with self.assertRaises(AccessError):
                    operation()

    def test_nobody_writes_results_by_way_of_the_order_or_the_review(self):
        for values in (
            {"check_ids": [Command.update(self.result.id, {"state": "pass"})]},
            {"check_ids": [Command.delete(self.result.id)]},
            {"policy_intake_digest": self.order.content_digest},
        ):
            with self.assertRaises(AccessError):
                self.order.with_user(self.salesman).write(values)
            with self.assertRaises(AccessError):
                self._review(self.order, self.finance_department).with_user(self.finance).write(values)

    def test_results_are_read_by_those_who_see_the_order(self):
        results = self.env["sale.order.check"]
        domain = [("order_id", "=", self.order.id)]
        for user in (self.salesman, self.finance, self.sales_head):
            self.assertIn(self.result, results.with_user(user).search(domain))
        self.assertFalse(results.with_user(self.other_salesman).search(domain))

    def test_orders_with_results_are_not_deleted(self):
        policy = self._policy().with_user(self.policy_admin)
        policy.step_ids.domain = "[('client_order_ref', '=', 'asks for every review')]"
        policy.intake_check_ids = [Command.create(self._check(**DISCOUNT))]
        policy.action_activate()
        order = self._submitted()
        order.action_policy_withdraw()
        self.assertFalse(order.sudo().review_ids)
        with self.assertRaisesRegex(UserError, "Cancel the order instead"):
            order.with_user(self.sales_head).unlink()

    def _changes(self, policy):
        check, requirement = policy.intake_check_ids, policy.requirement_ids
        return (
            lambda: check.write({"percent": 90.0}),
            lambda: check.unlink(),
            lambda: check.copy({"policy_id": policy.id}),
            lambda: policy.write({"intake_check_ids": [Command.create(self._check("catalogue"))]}),
            lambda: policy.step_ids[0].write({"check_ids": [Command.clear()]}),
            lambda: policy.step_ids[0].check_ids.write({"step_id": policy.step_ids[1].id}),
            lambda: requirement.write({"name": "Nothing"}),
            lambda: requirement.write({"channel_ids": [Command.set(self.env.ref("order_policy.channel_fax").ids)]}),
            lambda: requirement.unlink(),
            lambda: requirement.copy({"policy_id": policy.id}),
            lambda: policy.write({"requirement_ids": [Command.clear()]}),
        )

    def test_policy_in_force_is_not_changed(self):
        for change in self._changes(self.active.with_user(self.policy_admin)):
            with self.assertRaisesRegex(UserError, "in force or was"):
                change()

    def test_draft_is_changed(self):
        for number in range(11):
            action = self.active.with_user(self.policy_admin).action_new_version()
            self._changes(self.env["order.policy"].with_user(self.policy_admin).browse(action["res_id"]))[number]()

    def test_salespeople_change_no_draft(self):
        draft = self.env["order.policy"].browse(self.active.action_new_version()["res_id"])
        for user in (self.salesman, self.sales_head):
            for change in self._changes(draft.with_user(user)):
                with self.assertRaises(AccessError):
                    change()

    def test_nothing_is_moved_into_or_out_of_a_policy_in_force(self):
        draft = self.env["order.policy"].browse(self.active.action_new_version()["res_id"])
        for moved, policy in ((self.active, draft), (draft, self.active)):
            for record in (moved.intake_check_ids, moved.requirement_ids):
                with self.assertRaisesRegex(UserError, "in force or was"):
                    record.with_user(self.policy_admin).write({"policy_id": policy.id})

    def test_new_version_has_requirements_and_checks_of_its_own(self):
        version = self.env["order.policy"].browse(self.active.action_new_version()["res_id"])
        self.env.flush_all()
        self.env.invalidate_all()
        for name in ("intake_check_ids", "requirement_ids", "check_ids"):
            copied, original = version[name], self.active[name]
            self.assertEqual(copied.mapped("name"), original.mapped("name"))
            self.assertFalse(copied & original)
        self.assertEqual(version.intake_check_ids.percent, 10.0)
        self.assertEqual(version.requirement_ids.field_ids, self.active.requirement_ids.field_ids)
        self.assertEqual(version.step_ids[0].check_ids.policy_id, version)
        self.assertEqual(len(version.check_ids), 2)
        self.assertFalse(version.intake_check_ids.step_id)

    def test_orders_under_review_keep_their_checks(self):
        version = (
            self.env["order.policy"].with_user(self.policy_admin).browse(self.active.action_new_version()["res_id"])
        )
        version.intake_check_ids.percent = 90.0
        version.action_activate()
        self.order.order_line.discount = 50.0
        self.env.flush_all()
        self.assertEqual(self._results(self.order).state, "warn")
        other = self._order()
        other.order_line.discount = 50.0
        other.action_policy_submit()
        self.assertEqual(self._results(other).state, "pass")


@tagged("post_install", "-at_install")
class TestBadInput(CheckCase):
    """A check that could not judge anything is refused when it is entered, in words that help."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._policy(name="Draft").with_user(cls.policy_admin)

    def _assert_refused(self, sentence, **values):
        with self.assertRaisesRegex(ValidationError, sentence):
            self.draft.intake_check_ids = [Command.create({"name": "Check", **values})]

    def test_kind_is_missing(self):
        self._assert_refused("Check: choose what is checked")

    def test_parameter_is_missing(self):
        for kind, parameter in {
            "price": "Price Rule",
            "payment_term": "Allowed Terms",
            "sensitive": "Product Tags or Product Categories or Customer Tags",
            "duplicate": "Days",
            "split": "Days",
            "rule": "Orders Have to Match",
        }.items():
            self._assert_refused(f"Check has nothing to judge by. Enter: {parameter}", kind=kind)

    def test_parameter_is_taken_away(self):
        self.draft.intake_check_ids = [Command.create(self._check("duplicate", days=3))]
        with self.assertRaisesRegex(ValidationError, "Enter: Days"):
            self.draft.intake_check_ids.days = 0

    def test_rule_without_a_message(self):
        self._assert_refused("write the message", kind="rule", domain="[('client_order_ref', '!=', False)]")

    @mute_logger("odoo.sql_db")
    def test_condition_that_cannot_be_used(self):
        for condition in ("amount_total > 5", "[('nonsense', '=', 1)]", "__import__('os').getcwd()"):
            self._assert_refused(
                "Choose fields of the order with the condition editor", kind="rule", message="No.", domain=condition
            )

    @mute_logger("odoo.sql_db")
    def test_negative_limits(self):
        for name, label in (("percent", "limit"), ("days", "days"), ("amount_min", "amount")):
            with self.assertRaises(IntegrityError) as caught:
                self.draft.intake_check_ids = [
                    Command.create(self._check("price", price_basis="discount", **{name: -1}))
                ]
                self.env.flush_all()
            message = self.env["order.policy.check"]._sql_error_to_message(caught.exception)
            self.assertIn("cannot be below zero. Enter 0 or more", message)
            self.assertIn(label, message)

    def test_step_of_another_policy(self):
        other = self._policy(name="Other")
        check = {"policy_id": self.draft.id, "step_id": other.step_ids[0].id}
        with self.assertRaisesRegex(ValidationError, "is a step of another policy. Choose a step of Draft"):
            self.draft.check_ids.create(self._check("catalogue", **check))

    def test_step_that_moves_takes_its_checks_along(self):
        other = self._policy(name="Other").with_user(self.policy_admin)
        step = self.draft.step_ids[0]
        step.check_ids = [Command.create(self._check("catalogue"))]
        step.policy_id = other
        self.env.flush_all()
        self.assertEqual(step.check_ids.policy_id, other)

    def test_rule_is_told_in_words(self):
        for values, words in (
            (DISCOUNT, "At most 10.0% discount"),
            ({"kind": "delivery_date", "days": 3}, "3 working days of notice"),
            ({"kind": "split", "days": 7}, "Within 7 days"),
            ({"kind": "rule", "domain": "[('note', '!=', False)]", "message": "Say why."}, "Say why."),
            ({"kind": "sensitive", "country_ids": [Command.set(self.env.ref("base.cu").ids)]}, "Cuba"),
        ):
            check = self.draft.check_ids.create({**self._check(**values), "policy_id": self.draft.id})
            self.assertEqual(check.rule_in_words, words)

    def test_terms_are_told_with_whom_they_concern(self):
        new = self.env["res.partner.category"].create({"name": "New Customer"})
        short = self.env.ref("account.account_payment_term_30days")
        check = self.draft.check_ids.create(
            {**self._check("payment_term", payment_term_ids=[Command.set(short.ids)]), "policy_id": self.draft.id}
        )
        self.assertEqual(check.rule_in_words, "30 Days")
        check.write({"amount_min": 5000.0, "partner_category_ids": [Command.set(new.ids)]})
        self.assertRegex(check.rule_in_words, r"^30 Days for customers tagged New Customer, from .*5,000\.00$")

    def test_rule_in_words_follows_every_parameter(self):
        Check = self.env["order.policy.check"]
        parameters = {name for names in Check._parameters().values() for name in names}
        followed = {
            name for name, field in Check._fields.items() if field.store and field in self._triggers_of("rule_in_words")
        }
        self.assertLessEqual(
            parameters | {"percent", "days", "amount_min", "message", "payment_term_ids", "domain", "kind"}, followed
        )
        self.assertFalse(followed & {"severity", "sequence", "name"})

    def _triggers_of(self, name):
        """Return the fields of checks on which a field of theirs depends."""
        Check = self.env["order.policy.check"]
        followed = self.env.registry.get_dependent_fields
        return {field for field in Check._fields.values() if Check._fields[name] in followed(field)}

    def test_rule_of_blanks_is_no_rule(self):
        for blank in ("  ", "[]", " [] "):
            self._assert_refused(
                "Check has nothing to judge by. Enter: Orders Have to Match", kind="rule", message="No.", domain=blank
            )


@tagged("post_install", "-at_install")
class TestConditionsOfBlanks(CheckCase):
    """What the condition editor leaves of a condition that was removed is none, wherever conditions are."""

    BLANKS = (False, "", "  ", "[]", " [ ] ")

    def test_special_orders(self):
        for blank in self.BLANKS:
            self._put_in_force(special_domain=blank)
            self.assertEqual(self._states(self._submitted()), ["pending", "pending", "waiting", None])

    def test_steps(self):
        for blank in self.BLANKS:
            self._put_in_force(step={"domain": blank})
            self.assertEqual(self._states(self._submitted())[0], "pending")
            self.assertNotIn(
                "condition", self.env["order.policy"]._in_force(self.company).step_ids[0].condition_in_words
            )

    def test_papers_of_the_archive_and_classes(self):
        document = self.env.ref("order_policy.document_contract")
        order = self._order().sudo()
        for blank in self.BLANKS:
            paper = self.env["order.policy.requirement"].create(
                {
                    "name": "Contract",
                    "policy_id": self._policy().id,
                    "kind": "document",
                    "due": "archive",
                    "document_id": document.id,
                    "domain": blank,
                }
            )
            self.assertTrue(paper._for_archive(order))
            self.env["order.policy.dossier.class"].search([]).domain = blank
            self.assertTrue(self.env["order.policy.dossier.class"]._propose(order))
