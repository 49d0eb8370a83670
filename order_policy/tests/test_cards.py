from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import format_amount

from .common import OrderPolicyCommon
from .common_orders import FEW, MANY, QueriesCase


@tagged("post_install", "-at_install")
class TestCards(OrderPolicyCommon):
    """The card of a review shows what is to be decided, and one click decides it."""

    def _card(self, order, department, user):
        return self._review(order, department).with_user(user)

    def test_one_click_approves_what_is_shown(self):
        order = self._submitted()
        review = self._card(order, self.finance_department, self.finance)
        note = review.action_approve_shown({str(review.id): review.order_digest})
        self.assertEqual((review.state, review.decided_by_id), ("approved", self.finance))
        self.assertEqual((note["tag"], note["params"]["type"]), ("display_notification", "success"))
        self.assertEqual(note["params"]["message"], f"{order.name} approved")
        self.assertEqual(note["params"]["next"]["type"], "ir.actions.act_window_close", "The card is left")

    def test_one_click_does_not_approve_what_changed(self):
        order = self._submitted()
        review = self._card(order, self.finance_department, self.finance)
        shown = {str(review.id): review.order_digest}
        order.order_line.price_unit = 900.0
        with self.assertRaisesRegex(UserError, "changed since you opened it"):
            review.action_approve_shown(shown)
        self.assertEqual(review.state, "pending")

    def test_one_click_approves_nothing_that_was_not_shown(self):
        review = self._card(self._submitted(), self.finance_department, self.finance)
        other = self._review(self._submitted(), self.finance_department)
        for shown in (None, {}, {str(other.id): other.order_digest}, {str(review.id): False}):
            with self.assertRaisesRegex(UserError, "Nothing was decided"):
                review.action_approve_shown(shown)
        self.assertEqual(review.state, "pending")
        with self.assertRaisesRegex(UserError, "No review is chosen"):
            review.browse().action_approve_shown({})

    def test_one_click_asks_for_a_comment_where_the_step_does(self):
        version = self.policy._copy_as_next_version()
        version.step_ids[0].comment_required = True
        version.action_activate()
        order = self._submitted()
        review = self._card(order, self.finance_department, self.finance)
        shown = review.order_digest
        dialog = review.action_approve_shown({str(review.id): shown})
        self.assertEqual((dialog["res_model"], review.state), ("sale.order.review.decide", "pending"))
        wizard = Form(self.env["sale.order.review.decide"].with_user(self.finance).with_context(**dialog["context"]))
        wizard.comment = "Paid in advance"
        wizard.save().action_decide()
        self.assertEqual((review.state, review.comment), ("approved", "Paid in advance"))

    def test_one_click_is_for_who_may_decide(self):
        review = self._review(self._submitted(), self.finance_department)
        with self.assertRaises(AccessError):
            review.with_user(self.production).action_approve_shown({str(review.id): review.order_digest})

    def test_card_tells_terms_in_sentences_of_their_own(self):
        """Label and value are one text, so that each language puts its own separator between them."""
        terms = self.env.ref("account.account_payment_term_30days")
        address = self.env["res.partner"].create({"name": "Dock 3", "parent_id": self.customer.id, "type": "delivery"})
        order = self._submitted(payment_term_id=terms.id, partner_shipping_id=address.id)
        card = str(self._card(order, self.finance_department, self.finance).content_html)
        self.assertIn(f">Payment: {terms.name}</div>", card)
        self.assertIn(f">Ship to: {address.display_name}</div>", card)

    def test_card_of_a_request_shows_what_is_proposed(self):
        order = self._confirmed((self.desk, 2, 1000.0), commitment_date="2026-03-02 08:00:00")
        change = self._requested(order, commitment_date="2026-04-02 08:00:00")
        change.line_ids.write({"product_uom_qty": 5, "price_unit": 900.0})
        change.action_submit()
        review = change.sudo().review_ids[0].with_user(self.finance)
        self.assertEqual((review.subject_amount, review.subject_amount_company), (4500.0, 4500.0))
        self.assertEqual(str(review.subject_date.date()), "2026-04-02")
        self.assertFalse(review.is_history)
        found = review.search([("change_id", "=", change.id), ("is_history", "=", False)])
        self.assertIn(review, found)
        self._approve_all(change)
        self.assertEqual(order.amount_total, 4500.0)
        self.assertEqual(review.subject_amount_company, 4500.0)

    def test_card_of_a_cancellation_shows_what_it_ends(self):
        order = self._confirmed((self.desk, 2, 1000.0))
        request = self._cancellation(order)
        request.action_submit()
        self.assertEqual(set(request.sudo().review_ids.mapped("subject_amount")), {2000.0})

    def test_reviews_of_ended_requests_are_history(self):
        order = self._confirmed()
        request = self._cancellation(order)
        request.action_submit()
        review = request.sudo().review_ids[:1]
        self.assertFalse(review.search([("id", "=", review.id), ("is_history", "=", True)]))
        request.action_withdraw()
        self.assertTrue(review.is_history)
        self.assertFalse(review.search([("id", "=", review.id), ("is_history", "=", False)]))
        self.assertTrue(review.search([("id", "=", review.id), ("is_history", "=", True)]))

    def test_card_of_a_request_that_came_to_nothing(self):
        """What the order comes to is what it came to before."""
        for end in ("withdrawn", "rejected"):
            order = self._confirmed((self.desk, 2, 1000.0))
            change = self._requested(order)
            change.line_ids.product_uom_qty = 5
            change.action_submit()
            review = change.sudo().review_ids[:1]
            self.assertEqual(review.subject_amount_company, 5000.0)
            if end == "withdrawn":
                change.action_withdraw()
            else:
                review.with_user(self.production).action_reject("Too much")
            self.assertEqual((change.state, review.subject_amount_company), (end, 2000.0))

    def test_one_click_names_the_request(self):
        change = self._requested(self._confirmed(), note="Cheaper")
        change.line_ids.price_unit = 900.0
        change.action_submit()
        review = change.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)
        note = review.with_user(self.finance).action_approve_shown({str(review.id): review.order_digest})
        self.assertEqual(note["params"]["message"], f"{change.display_name} approved")

    def test_changes_are_shown_line_by_line(self):
        order = self._approved((self.desk, 1, 1000.0), (self.chair, 2, 200.0))
        order.order_line[0].write({"price_unit": 900.0, "discount": 5.0})
        changes = str(self._card(order, self.finance_department, self.finance).changes_html)
        self.assertEqual(changes.count("Desk"), 1)
        self.assertIn("900", changes)
        self.assertIn("5.00", changes)

    def test_amounts_of_lines_say_which_taxes_they_hold(self):
        self._load_chart()
        tax = self.company.account_sale_tax_id
        tax.amount = 13.0
        order = self._order()
        order.sudo().order_line.tax_ids = tax
        order.action_policy_submit()
        content = str(self._card(order, self.finance_department, self.finance).content_html)
        self.assertRegex(content, r"(?s)1,000\.00.*without taxes.*1,130\.00.*taxes included")
        plain = str(self._card(self._submitted(), self.finance_department, self.finance).content_html)
        self.assertNotIn("tax", plain)

    def test_amounts_are_written_as_everywhere_in_odoo(self):
        language = self.env.ref("base.lang_en")
        currencies = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "in", ("USD", "EUR", "JPY"))])
        )
        for grouping, separator, point in (
            ("[3,0]", ",", "."),
            ("[3,2,0]", ",", "."),
            ("[3,0]", " ", ","),
            ("[3,0]", False, ","),
        ):
            language.write({"grouping": grouping, "thousands_sep": separator, "decimal_point": point})
            write = self.env["order.policy.words"]._amount_writer()
            for currency in currencies:
                for amount in (0.0, 0.005, 12.5, -3.0, 999.999, 1234567.891, -98765432.1):
                    self.assertEqual(write(amount, currency), format_amount(self.env, amount, currency))

    def test_card_links_papers_and_says_why_an_order_is_special(self):
        order = self._order((self.desk, 1, 1000.0), special_order=True)
        paper = self._paper(order)
        order.action_policy_submit()
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self._review(order, self.sales_department).with_user(self.sales_head).action_approve()
        review = self._card(order, self.management, self.general_manager)
        self.assertIn(f"/web/content/{paper.id}", str(review.papers_html))
        self.assertIn("Letter.txt", str(review.papers_html))
        plain = self._card(self._submitted(), self.finance_department, self.finance)
        self.assertFalse(plain.papers_html or plain.special_reason)
        self.assertEqual(review.special_reason, "marked as special by hand")
        self.assertEqual(review.salesperson_id, self.salesman)

    def test_card_says_by_which_rule_an_order_is_special(self):
        version = self.policy._copy_as_next_version()
        tag = self.env["product.tag"].create({"name": "Dual <Use>"})
        self.desk.product_tag_ids = tag
        sensitive = {"name": "Sensitive", "kind": "sensitive", "product_tag_ids": [Command.set(tag.ids)]}
        version.intake_check_ids = [Command.create(sensitive)]
        version.action_activate()
        review = self._card(self._submitted(), self.management, self.general_manager)
        self.assertEqual(review.special_reason, "sensitive: Desk")


@tagged("post_install", "-at_install")
class TestSubmittedAgain(OrderPolicyCommon):
    """Who submits again what was rejected, and changed nothing of it, says what was agreed."""

    def setUp(self):
        super().setUp()
        self.order = self._submitted()
        self.review = self._review(self.order, self.finance_department)
        self.review.with_user(self.finance).action_reject("Too cheap")

    def test_not_without_a_word(self):
        with self.assertRaisesRegex(UserError, "(?s)Rejected, and not changed since.*Too cheap.*Say what was agreed"):
            self.order.action_policy_submit()
        with self.assertRaisesRegex(UserError, "Say what was agreed"):
            self.order.action_policy_submit("  ")
        self.assertEqual(self.order.policy_stage, "rejected")

    def test_who_rejected_reads_what_was_agreed(self):
        self.order.action_policy_submit("He pays in advance.")
        review = self._review(self.order, self.finance_department).with_user(self.finance)
        self.assertEqual((review.state, review.resubmit_comment), ("pending", "He pays in advance."))
        others = self._review(self.order, self.production_department)
        self.assertFalse(others.resubmit_comment)

    def test_what_was_agreed_is_short_enough_to_be_read(self):
        with self.assertRaisesRegex(UserError, "too long|characters"):
            self.order.action_policy_submit("He pays in advance. " * 5000)

    def test_only_the_last_rejection_is_talked_about(self):
        self.order.action_policy_submit("He pays in advance.")
        self._review(self.order, self.finance_department).with_user(self.finance).action_reject("Still too cheap")
        with self.assertRaisesRegex(UserError, "Still too cheap") as refusal:
            self.order.action_policy_submit()
        self.assertEqual(str(refusal.exception).lower().count("too cheap"), 1)

    def test_withdrawn_and_submitted_again(self):
        self.order.action_policy_withdraw()
        self.assertTrue(self.order.policy_comment_due)
        with self.assertRaisesRegex(UserError, "Say what was agreed"):
            self.order.action_policy_submit()

    def test_changed_order_needs_none(self):
        self.assertTrue(self.order.policy_comment_due)
        self.order.order_line.price_unit = 1100.0
        self.assertFalse(self.order.policy_comment_due)
        self.order.action_policy_submit()
        self.assertEqual(self._review(self.order, self.finance_department).state, "pending")

    def test_dialog(self):
        resubmit = self.env["sale.order.resubmit"].with_user(self.salesman)
        wizard = Form(resubmit.with_context(default_order_id=self.order.id))
        self.assertIn("Too cheap", wizard.rejections)
        wizard.comment = "He pays in advance."
        wizard.save().action_submit()
        self.assertEqual(self.order.policy_stage, "review")

    def test_dialog_shows_nobody_else_s_order(self):
        resubmit = self.env["sale.order.resubmit"].with_user(self.other_salesman)
        with self.assertRaises(AccessError):
            resubmit.create({"order_id": self.order.id, "comment": "Agreed"})


@tagged("post_install", "-at_install")
class TestQueriesOfCards(QueriesCase):
    """A page of cards costs the same for few and for many."""

    COLUMNS = (
        "partner_id", "subject_amount", "subject_amount_company", "subject_date", "order_id", "salesperson_id",
        "change_id", "step_id", "state", "date_due", "changes_html", "content_html", "checks_html", "earlier_html",
        "papers_html", "special_reason", "comment", "user_id", "department_id", "order_digest", "is_overdue",
        "can_decide", "can_ask", "resubmit_comment", "questions_html", "deciding_for",
    )  # fmt: skip

    def _cost(self, count):
        orders = self.env["sale.order"].concat(
            *(self._order((self.desk, 1, 1000.0), (self.chair, 2, 100.0)) for _number in range(count))
        )
        for order in orders[:3]:
            self._paper(order)
        orders.action_policy_submit()
        reviews = self._review(orders, self.finance_department).with_user(self.finance)
        reviews.action_ask("Who pays the freight?")
        names = {name: {} for name in self.COLUMNS}
        self._queries(lambda: reviews.web_read(names))  # fills the caches of the registry
        return self._queries(lambda: reviews.web_read(names))

    def test_many_cards_cost_no_more_than_few(self):
        few, many = self._cost(FEW), self._cost(MANY)
        self.assertLessEqual(many, few)
        # Names of people and files of all that the page tells, each kind once.
        self.assertLessEqual(few, 26)

    def test_cards_of_what_was_not_changed_read_no_content(self):
        """What a review holds is large: it is read where something may have changed."""
        orders = self.env["sale.order"].concat(*(self._order() for _number in range(2)))
        orders.action_policy_submit()
        reviews = self._review(orders, self.finance_department).with_user(self.finance)
        self.env.flush_all()
        self.env.invalidate_all()
        reviews.web_read({name: {} for name in self.COLUMNS})
        snapshot = reviews._fields["snapshot"]
        self.assertEqual([*snapshot._cache_missing_ids(reviews)], reviews.ids)
        orders[0].order_line[0].price_unit = 900.0
        self.assertIn("900", reviews[0].changes_html)
        self.assertFalse(reviews[1].changes_html)
