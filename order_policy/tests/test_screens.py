from ast import literal_eval

from lxml import etree

from odoo.fields import Datetime
from odoo.tests import Form, HttpCase, freeze_time, tagged

from .common import OrderPolicyCommon

SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


class ScreensCommon(OrderPolicyCommon, HttpCase):
    """What the tours of desktop and phone share."""

    def _open_order(self, order, tour, user):
        self.start_tour(f"/odoo/policy-orders/{order.id}", tour, login=user.login)

    def _open_reviews(self, tour, user):
        self.start_tour("/odoo/order-reviews", tour, login=user.login)


@tagged("post_install", "-at_install")
class TestScreens(ScreensCommon):
    """Everybody does his part on screen, and sees what concerns him."""

    def test_order_from_submission_to_confirmation(self):
        order = self._order((self.desk, 3, 1000.0))
        self._open_order(order, "order_policy_submit", self.salesman)
        self._open_reviews("order_policy_approve_card", self.finance)
        self._open_reviews("order_policy_reject_card", self.production)
        self.assertEqual(order.policy_stage, "rejected")
        self._open_order(order, "order_policy_resubmit", self.salesman)
        self.assertEqual(self._states(order), ["approved", "pending", "waiting", None])
        self._open_reviews("order_policy_approve_card", self.production)
        self._open_order(order, "order_policy_approve_order", self.sales_head)
        self._open_order(order, "order_policy_confirm", self.salesman)
        self.assertEqual(order.state, "sale")

    def test_activity_menu_opens_the_reviews(self):
        self._submitted()
        self.start_tour("/odoo/policy-orders", "order_policy_activity_menu", login=self.finance.login)

    def test_order_without_policy_looks_as_in_odoo(self):
        self.policy.action_retire()
        order = self._order()
        self.start_tour(f"/odoo/sales/{order.id}", "order_policy_no_policy", login=self.salesman.login)

    def test_customer_who_signs_early_reads_that_the_order_is_checked(self):
        order = self._order(require_signature=True, require_payment=False)
        order.action_quotation_sent()
        order.sudo().write({"signed_by": "Lin Wei", "signed_on": Datetime.now(), "signature": SIGNATURE})
        order.sudo()._validate_order()
        page = self.url_open(f"{order.get_portal_url()}&message=sign_ok").text
        self.assertIn("Your signature has arrived.", page)
        self.assertNotIn("has been confirmed", page)


@tagged("post_install", "-at_install")
class TestScreensOnPhone(ScreensCommon):
    """Reviewers decide with a thumb."""

    browser_size = "375x667"
    touch_enabled = True

    def test_approve_on_the_card(self):
        order = self._submitted()
        self._open_reviews("order_policy_approve_card", self.finance)
        self.assertEqual(self._states(order)[0], "approved")


@tagged("post_install", "-at_install")
class TestViews(OrderPolicyCommon):
    """What the views ask for can be read by those who open them."""

    @freeze_time("2026-03-02 10:00:00")
    def test_filters_of_the_activity_menu_show_what_it_counts(self):
        overdue, today, later = (self._submitted() for _ in range(3))
        self._submitted()
        now = Datetime.now()
        for order, due in (
            (overdue, Datetime.subtract(now, days=2)),
            (today, Datetime.add(now, hours=2)),
            (later, Datetime.add(now, days=2)),
        ):
            self._review(order, self.finance_department).date_due = due
        reviews = self.env["sale.order.review"].with_user(self.finance)
        filters = self._filters_of_reviews()
        mine = filters["filter_activities_my"]
        shown = tuple(
            reviews.search_count(mine + filters[name])
            for name in ("activities_overdue", "activities_today", "activities_upcoming_all")
        )
        self.assertEqual(shown, (1, 1, 2))
        self.assertEqual(shown, reviews._count_to_decide())
        self.assertEqual(sum(shown), reviews.search_count(mine))

    def _filters_of_reviews(self):
        arch = etree.fromstring(self.env["sale.order.review"].get_view(view_type="search")["arch"])
        return {
            node.get("name"): literal_eval(node.get("domain").replace("uid", str(self.finance.id)))
            for node in arch.iter("filter")
            if node.get("domain")
        }

    def test_every_role_opens_orders_and_reviews(self):
        order = self._submitted((self.desk, 100, 1000.0))
        reviewers = self.finance | self.production | self.general_manager
        for user in self.salesman | self.sales_head | reviewers | self.policy_admin:
            with self.subTest(user=user.login):
                self.assertEqual(Form(order.with_user(user)).policy_stage, "review")
                for review in order.with_user(user).review_ids:
                    Form(review)
                self._open_list(order.with_user(user), "sale.sale_order_tree")
                self._open_list(order.with_user(user).review_ids, "order_policy.sale_order_review_view_list")

    def test_accountant_opens_orders(self):
        accountant = self._user("accountant", "account.group_account_invoice")
        order = self._submitted().with_user(accountant)
        self.assertEqual(Form(order).policy_stage, "review")
        self._open_list(order, "sale.sale_order_tree")

    def _open_list(self, records, view):
        arch = etree.fromstring(records.get_view(self.env.ref(view).id, "list")["arch"])
        columns = {node.get("name"): {} for node in arch.iter("field")}
        records.web_search_read([("id", "in", records.ids)], columns)
