from odoo import fields
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common_collection import CollectionCase


class CustomerCase(CollectionCase):
    """An order with milestones, of which its customer is told of all but one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        version = cls.env["order.policy"]._in_force(cls.company).sudo()._copy_as_next_version()
        version.milestone_ids = [
            Command.create(
                {
                    "name": name,
                    "kind": kind,
                    "sequence": 10 * number,
                    "department_id": cls.production_department.id,
                    "planned_from": "confirmation",
                    "planned_days": 2 * number,
                    "tell_customer": name != "Secret polish",
                }
            )
            for number, (name, kind) in enumerate(
                (
                    ("Workshop", "production"),
                    ("Secret polish", "production"),
                    ("Gate 7", "inspection"),
                    ("Truck", "delivery"),
                ),
                1,
            )
        ]
        version.with_user(cls.policy_admin).action_activate()
        cls.order = cls._confirmed(commitment_date=fields.Datetime.add(fields.Datetime.now(), days=20))
        cls.workshop, cls.polish, cls.gate, cls.truck = cls.order.sudo().milestone_ids.sorted("sequence")
        cls.buyer = new_test_user(
            cls.env,
            "buyer",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.env.flush_all()

    def _timeline(self, order=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return {step["key"]: step for step in (order or self.order)._customer_timeline()}

    def _states(self):
        return {key: step["state"] for key, step in self._timeline().items()}


@tagged("post_install", "-at_install")
class TestTimeline(CustomerCase):
    """Customers see where their order is, with planned and real dates, and nothing internal (articles 1.11, 3.10)."""

    def test_follows_milestones_invoices_and_money(self):
        states = self._states()
        self.assertEqual(states["accepted"], "done")
        self.assertEqual(states["production"], "now")
        self.assertEqual([states[key] for key in ("inspection", "ready", "delivered", "paid")], ["planned"] * 4)
        for milestone in self.workshop | self.gate:
            milestone.with_user(self.production).action_done("Sprayed by Mr. Li")
        states = self._states()
        self.assertEqual([states[key] for key in ("production", "inspection", "ready")], ["done"] * 3)
        self.assertEqual(states["delivered"], "now")
        invoice = self._invoiced(self.order, due_in=5)
        steps = self._timeline()
        self.assertEqual((steps["delivered"]["state"], steps["invoiced"]["state"]), ("done", "done"))
        self.assertEqual((steps["paid"]["state"], steps["paid"]["planned"]), ("now", invoice.invoice_date_due))
        self._pay(invoice)
        self.assertEqual(self._states()["paid"], "done")

    def test_planned_and_real_dates(self):
        self.workshop.with_user(self.production).action_done()
        step = self._timeline()["production"]
        self.assertEqual(step["planned"], self.workshop.planned_on)
        self.assertEqual(step["done"], self.workshop.done_on)
        self.assertEqual(step["name"], "Produced")

    def test_what_is_late_says_so_and_until_when(self):
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=10)):
            step = self._timeline()["production"]
            self.assertEqual(step["state"], "late")
            self.assertIn("will let you know", step["words"])
            self.workshop.forecast_on = fields.Date.add(fields.Date.today(), days=5)
            self.assertIn("we expect it on", self._timeline()["production"]["words"])

    def test_skipped_milestones_do_not_show(self):
        self.gate.with_user(self.production).action_skip("Nothing to inspect")
        self.assertNotIn("inspection", self._timeline())

    def test_nothing_internal(self):
        self.workshop.with_user(self.production).action_report(40, "Mr. Li forgot the screws")
        text = str(self._timeline())
        for internal in ("Mr. Li", "Workshop", "Secret", "Gate 7", "Truck", self.production_department.name + " "):
            self.assertNotIn(internal, text)

    def test_waits_for_payment_in_words_of_the_customer(self):
        self._pay_before("production", 30)
        order = self._confirmed()
        step = self._timeline(order)["delivered"]
        version = order.sudo().policy_id
        self.assertTrue(version.milestone_ids)
        production = self._timeline(order)["production"]
        self.assertEqual((production["state"], step["state"]), ("held", "planned"))
        self.assertRegex(production["words"], "Waiting for your payment of .*300.00")

    def test_quotations_and_orders_without_policy_have_none(self):
        self.assertFalse(self._order()._customer_timeline())
        self.env["order.policy"]._in_force(self.company).with_user(self.policy_admin).action_retire()
        order = self._order()
        order.action_confirm()
        self.assertFalse(order._customer_timeline())


@tagged("post_install", "-at_install")
class TestPortal(CustomerCase, HttpCase):
    """The page of the order: time line and feedback, by the customer alone (articles 1.11, 2.13)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order.sudo().order_line.qty_delivered = 1
        cls.service = cls._user("service")
        cls.service_department = cls._department("Service", cls.service)
        cls.service_department.origin_id = cls.env.ref("order_policy.department_service")
        cls.order.sudo()._portal_ensure_token()
        cls.env.flush_all()

    def _post(self, token=None, order=None, **values):
        order = (order or self.order).sudo()
        self.env.flush_all()
        token = order._portal_ensure_token() if token is None else token
        data = {"csrf_token": Request.csrf_token(self), "stars": "5", "words": "Well packed.", "contact": "Ms. Wang"}
        response = self.url_open(f"/my/orders/{order.id}/feedback?access_token={token}", data={**data, **values})
        self.env.invalidate_all()
        return response

    def _feedback(self, order=None):
        return (order or self.order).sudo().feedback_ids

    def test_page_shows_the_time_line(self):
        self.authenticate("buyer", "buyer")
        page = self.url_open(f"/my/orders/{self.order.id}").text
        self.assertIn("Progress of your order", page)
        self.assertIn('data-step="production"', page)
        for internal in ("Workshop", "Secret polish", "Gate 7"):
            self.assertNotIn(internal, page)

    def test_by_the_link_of_a_letter(self):
        self.authenticate(None, None)
        page = self._post().text
        self.assertIn("Thank you, we received your feedback", page)
        feedback = self._feedback()
        self.assertEqual(
            (feedback.stars, feedback.score, feedback.words, feedback.contact, feedback.partner_id),
            ("5", 5, "Well packed.", "Ms. Wang", self.customer),
        )
        self.assertTrue(feedback.ip_address)
        self.assertFalse(feedback.issue_id)
        receipt = self.env["mail.mail"].sudo().search([("model", "=", feedback._name), ("res_id", "=", feedback.id)])
        self.assertEqual(receipt.recipient_ids, self.customer)

    def test_logged_in_customer_needs_no_link(self):
        self.authenticate("buyer", "buyer")
        self._post(token="")
        self.assertEqual(self._feedback().logged_in_id, self.buyer)

    def test_bad_feedback_goes_to_customer_service(self):
        self.authenticate(None, None)
        self._post(stars="2", words="One leg is broken.")
        issue = self._feedback().issue_id
        self.assertEqual(
            (issue.kind, issue.severity, issue.department_id), ("customer", "high", self.service_department)
        )
        self.assertIn("One leg is broken.", issue.description)
        letter = issue.sudo()._prepare_customer_letter()["body"]
        self.assertIn("You told us: “One leg is broken.”", letter)
        self.assertNotIn("Bad feedback", letter)
        Order = self.env["sale.order"].with_user(self.service)
        self.assertTrue(Order.search([("id", "=", self.order.id)]))
        self.assertEqual(self.env["sale.order.feedback"].with_user(self.service).search([]), self._feedback())

    def test_bad_feedback_is_told_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.order.sudo().company_id.partner_id.lang = "zh_CN"
        self.authenticate(None, None)
        self._post(stars="2", words="One leg is broken.")
        self.assertEqual(self._feedback().issue_id.cause, "客户差评")

    def test_staff_do_not_speak_for_the_customer(self):
        self.authenticate("salesman", "salesman")
        page = self._post().text
        self.assertFalse(self._feedback())
        self.assertIn("Your feedback was not sent", page)

    def test_needs_the_link(self):
        self.authenticate(None, None)
        self._post(token="wrong")
        self._post(token="")
        stranger = new_test_user(self.env, "stranger", "base.group_portal")
        self.authenticate(stranger.login, stranger.login)
        self._post(token="")
        self.assertFalse(self._feedback())

    @mute_logger("odoo.http")
    def test_needs_the_page(self):
        self.authenticate(None, None)
        self._post(csrf_token="forged")
        self.assertFalse(self._feedback())

    def test_stars_can_be_meant(self):
        self.authenticate(None, None)
        for stars in ("0", "6", "-1", "ten", "", "1.5"):
            page = self._post(stars=stars, words="Kept for correction").text
            self.assertIn("Please choose from one to five stars", page)
            self.assertIn("Kept for correction", page)
        self.assertFalse(self._feedback())

    def test_words_can_be_stored(self):
        self.authenticate(None, None)
        page = self._post(words="x" * 5001).text
        self.assertIn("What you wrote is too long", page)
        self.assertFalse(self._feedback())
        self._post(words="<b>Nice</b> & \0 good")
        self.assertEqual(self._feedback().words, "<b>Nice</b> &  good")
        page = self.url_open(self.order.get_portal_url()).text
        self.assertNotIn("<b>Nice</b>", page)

    def test_once_a_day(self):
        self.authenticate(None, None)
        self._post()
        page = self._post(stars="1").text
        self.assertIn("We have your feedback of today already", page)
        self.assertEqual(len(self._feedback()), 1)

    def test_nothing_before_something_is_delivered(self):
        order = self._confirmed()
        self.authenticate(None, None)
        page = self._post(order=order).text
        self.assertFalse(self._feedback(order))
        self.assertNotIn("How was it?", page)

    def test_sales_reads_what_was_said(self):
        self.authenticate(None, None)
        self._post()
        Feedback = self.env["sale.order.feedback"]
        self.assertEqual(Feedback.with_user(self.salesman).search([]), self._feedback())
        self.assertEqual(Feedback.with_user(self.sales_head).search([]), self._feedback())
        self.assertFalse(Feedback.with_user(self.other_salesman).search([]))
        self.assertTrue(self.order.message_ids.filtered(lambda message: "Well packed." in (message.body or "")))


@tagged("post_install", "-at_install")
class TestFeedbackStays(CustomerCase):
    """Nobody writes, alters or deletes what a customer said."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order.sudo().order_line.qty_delivered = 1
        cls.feedback = cls.order._feedback_from_customer("4", "Good.", "Ms. Wang")

    def test_nobody_makes_one(self):
        values = {"order_id": self.order.id, "partner_id": self.customer.id, "stars": "5"}
        for person in (self.salesman, self.sales_head, self.policy_admin):
            with self.assertRefused():
                self.env["sale.order.feedback"].with_user(person).create(values)

    def test_nobody_alters_it(self):
        for person in (self.salesman, self.sales_head, self.policy_admin):
            with self.assertRefused():
                self.feedback.with_user(person).write({"stars": "5"})

    def test_nobody_deletes_it(self):
        for person in (self.salesman, self.policy_admin):
            with self.assertRefused():
                self.feedback.with_user(person).unlink()
        with self.assertRefused("nothing of this can be deleted"):
            self.feedback.sudo().unlink()

    def test_order_with_feedback_stays_readable_once_closed(self):
        views = self.feedback.with_user(self.salesman).get_views([(False, "list"), (False, "form"), (False, "search")])
        self.assertEqual(set(views["views"]), {"list", "form", "search"})
