from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from ..controllers import portal
from ..models.customer import sale_order as sale_order_of_customer
from .common import pdf
from .common_change import ChangeCase


@tagged("post_install", "-at_install")
class TestPortalRequests(ChangeCase, HttpCase):
    """Customers ask for changes and cancellations in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = new_test_user(
            cls.env,
            "buyer",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.buyer.partner_id.name = "buyer"
        cls.order.sudo()._portal_ensure_token()
        cls.changed = cls.env.ref("order_policy.reason_change_specification")
        cls.env.flush_all()

    def _post(self, order=None, token=True, files=(), **values):
        """Send a request as the portal page does; return the page that the customer sees next."""
        order = (order or self.order).sudo()
        self.env.flush_all()
        query = f"?access_token={order._portal_ensure_token()}" if token else ""
        data = {
            "csrf_token": Request.csrf_token(self),
            "kind": "change",
            "reason_id": self.changed.id,
            "note": "Three desks, please.",
            "contact": "Ms. Wang",
            **values,
        }
        response = self.url_open(
            f"/my/orders/{order.id}/request{query}", data=data, files=[("files", file) for file in files]
        )
        self.env.invalidate_all()
        return response.text

    def _requests(self, order=None):
        return (order or self.order).sudo().change_ids

    def test_in_the_browser(self):
        self.start_tour(self.order.get_portal_url(), "order_policy_portal_request", login="buyer")
        change = self._requests()
        self.assertEqual(
            (change.kind, change.state, change.asked_by, change.reason_id, change.note, change.contact),
            ("change", "draft", "customer", self.changed, "Three desks instead of two", "buyer"),
        )
        self.assertEqual(change.application_ids.raw, b"Three desks, please.")
        self.assertEqual(change.application_ids.policy_document_id, self.env.ref("order_policy.document_application"))
        self.assertEqual(change.activity_ids.user_id, self.salesman)

    def test_colleague_who_asked_is_told(self):
        colleague = new_test_user(
            self.env,
            "colleague",
            "base.group_portal",
            email="colleague@ningbo.example",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        ).partner_id
        colleague.parent_id = self.customer
        self.authenticate("colleague", "colleague")
        self._post(token=False)
        change = self._requests().with_user(self.salesman)
        receipt = (
            self.env["mail.mail"]
            .sudo()
            .search(
                [
                    ("model", "=", change._name),
                    ("res_id", "=", change.id),
                    ("subject", "ilike", "we received your request"),
                ]
            )
        )
        self.assertEqual(receipt.recipient_ids, self.customer | colleague)
        self._line(change, self.desk).product_uom_qty = 3
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)
        letter = change.sudo().message_ids.filtered(lambda message: colleague in message.partner_ids)
        self.assertEqual(letter.notified_partner_ids, self.customer | colleague)

    def test_settled_in_the_browser(self):
        self.authenticate(None, None)
        self._post()
        change = self._requests().with_user(self.salesman)
        self._line(change, self.desk).product_uom_qty = 3
        change.customer_note = "With pleasure."
        change.action_submit()
        for review in change.sudo().review_ids.sorted("sequence"):
            user = self.production if review.department_id == self.production_department else self.sales_head
            review.with_user(user).action_approve("Go ahead")
        self.assertEqual(change.state, "applied", change.trouble)
        self.env.flush_all()
        self.start_tour(self.order.get_portal_url(), "order_policy_portal_request_settled", login="buyer")

    def test_cancellation_goes_to_its_reviewers(self):
        self.authenticate(None, None)
        page = self._post(kind="cancel", reason_id=self.own_decision.id, note="")
        self.assertIn("We received your request", page)
        self.assertIn("Being checked", page)
        change = self._requests()
        self.assertEqual((change.kind, change.state), ("cancel", "submitted"))
        self.assertEqual(self._asked(change), ["Head of sales"])
        self._approve_all(change)
        self.assertEqual((change.state, self.order.state), ("applied", "cancel"))

    def test_cancellation_that_cannot_go_on_is_left_to_sales(self):
        self.authenticate(None, None)
        requests = self.env.registry["sale.order.change"]
        with patch.object(requests, "_ask_departments", side_effect=UserError("Nobody works there.")):
            page = self._post(kind="cancel", reason_id=self.own_decision.id)
        self.assertIn("We received your request", page)
        change = self._requests()
        self.assertEqual((change.state, change.note), ("draft", "Three desks, please."))
        log = "".join(self._messages(change).mapped("body"))
        self.assertIn("It could not be submitted by itself: Nobody works there.", log)
        change.with_user(self.salesman).action_submit()
        self.assertEqual(self._asked(change), ["Head of sales"])

    def test_request_keeps_from_where_and_the_customer_is_told(self):
        self.customer.email = "wang@ningbo.example"
        self.authenticate("buyer", "buyer")
        self._post()
        change = self._requests()
        self.assertEqual((change.ip_address, change.logged_in_id), ("127.0.0.1", self.buyer))
        receipt = self.env["mail.mail"].search(
            [("model", "=", change._name), ("res_id", "=", change.id), ("subject", "ilike", "we received your request")]
        )
        self.assertEqual((receipt.state, receipt.recipient_ids), ("outgoing", self.customer))
        self.assertIn("Three desks, please.", receipt.body_html)

    def test_absurd_input_gets_an_answer(self):
        self.authenticate(None, None)
        self.assertIn("too long", self._post(note="x" * 6000))
        self.assertIn("too long", self._post(contact="x" * 300))
        self.assertFalse(self._requests())
        with patch.object(portal, "MAX_REQUEST", 1024**2):
            self.assertIn("too large together", self._post(files=[("Large.txt", b"x" * 1024**2)]))
        self.assertFalse(self._requests())
        self._post(note="Three\0 desks", contact="Ms.\0 Wang", files=[("Desk\0s.txt", b"Three desks")])
        change = self._requests()
        self.assertEqual((change.note, change.contact), ("Three desks", "Ms. Wang"))

    def test_counts_as_written_application(self):
        policy = self.policy._copy_as_next_version()
        policy.application_required = True
        policy.action_activate()
        order = self._confirmed()
        self.authenticate(None, None)
        self._post(order, kind="cancel", reason_id=self.own_decision.id)
        self.assertEqual(self._requests(order).state, "submitted")

    def test_not_the_order_of_somebody_else(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        new_test_user(self.env, "stranger", "base.group_portal", partner_id=stranger.id)
        self.authenticate("stranger", "stranger")
        self._post(token=False)
        self.assertFalse(self._requests())
        self.authenticate(None, None)
        self._post(token=False)
        self.assertFalse(self._requests())
        self.url_open(
            f"/my/orders/{self.order.id}/request?access_token=guess",
            data={"csrf_token": Request.csrf_token(self), "kind": "cancel", "reason_id": self.own_decision.id},
        )
        self.assertFalse(self._requests())

    def test_what_cannot_be_taken_in(self):
        self.authenticate(None, None)
        ours = self.env.ref("order_policy.reason_cancel_expired")
        for values, words in (
            ({"reason_id": ""}, "choose a reason"),
            ({"reason_id": self.own_decision.id}, "choose a reason"),
            ({"reason_id": "x"}, "choose a reason"),
            ({"kind": "cancel", "reason_id": ours.id}, "choose a reason"),
            ({"kind": "delete"}, "choose a reason"),
            ({"note": " "}, "what is to be changed"),
            (
                {"files": [("virus.exe", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff")]},
                "virus.exe.*cannot be filed",
            ),
            ({"files": [("empty.pdf", b"")]}, "the file is empty"),
            ({"files": [("locked.pdf", pdf(password="secret"))]}, "locked.pdf.*protected by a password"),
            ({"files": [("broken.pdf", pdf()[:200])]}, "broken.pdf.*is damaged"),
            ({"files": [(f"{number}.txt", b"text") for number in range(6)]}, "at most 5 files"),
        ):
            with self.subTest(**values):
                page = self._post(**values)
                self.assertRegex(page, f"Your request was not sent[\\s\\S]*{words}")
                self.assertFalse(self._requests())
                self.assertFalse(self.env["ir.attachment"].search([("res_model", "=", "sale.order.change")]))
        self.assertIn("Three desks, please.", page, "What was typed is still there")
        self.assertNotIn("Your request was not sent", self.url_open(self.order.sudo().get_portal_url()).text)

    def test_what_was_typed_shows_on_the_page_where_it_was(self):
        self.authenticate(None, None)
        other = self._confirmed()
        self.env.flush_all()
        token = Request.csrf_token(self)
        page = f"/my/orders/{self.order.id}/request?access_token={self.order.sudo().access_token}"
        data = {"csrf_token": token, "kind": "change", "reason_id": "", "note": "Three desks"}
        self.url_open(page, data=data, allow_redirects=False)
        elsewhere = f"/my/orders/{other.id}?access_token={other.sudo()._portal_ensure_token()}"
        self.env.flush_all()
        self.assertNotIn("Your request was not sent", self.url_open(elsewhere).text)
        self.assertIn("Your request was not sent", self.url_open(self.order.sudo().get_portal_url()).text)

    def test_what_was_typed_is_kept_for_the_order(self):
        """An invoice may have the number of the order, and its page shows nothing of this."""
        said = {"order_id": self.order.id, "words": "Nothing was signed."}
        asked = SimpleNamespace(session={"order_policy_words": said}, httprequest=SimpleNamespace(args={}))
        page, invoice = portal.OrderPolicyPortal(), self.env["account.move"].browse(self.order.id)
        with (
            patch.object(portal, "request", asked),
            patch.object(
                portal.CustomerPortal, "_get_page_view_values", lambda _page, _document, _token, values: values
            ),
        ):
            self.assertEqual(page._get_page_view_values(invoice, None, {}), {})
            values = page._get_page_view_values(self.order, None, {})
        self.assertEqual(values, {"words_for_customer": said, "request_sent": False})

    def test_a_file_over_the_limit(self):
        self.authenticate(None, None)
        with patch.object(sale_order_of_customer, "MAX_FILE_SIZE", 1024**2):
            page = self._post(files=[("photo.txt", b"x" * (1024**2 + 1))])
            self.assertRegex(page, "photo.txt.*too large: a file may have at most 1 MB")
            self.assertFalse(self._requests())
            self._post(files=[("photo.txt", b"x" * 1024**2)])
        self.assertEqual(self._requests().application_ids.mapped("name"), ["photo.txt"])

    def test_as_many_files_as_are_allowed(self):
        self.authenticate(None, None)
        self._post(files=[(f"{number}.txt", b"text") for number in range(5)])
        self.assertEqual(len(self._requests().application_ids), 5)

    def test_what_fails_on_the_way_leaves_nothing(self):
        self.authenticate(None, None)
        change = type(self.env["sale.order.change"])
        with patch.object(change, "_attach_application", side_effect=UserError("The letter got lost.")):
            page = self._post(files=[("letter.txt", b"Three desks")])
        self.assertRegex(page, r"Your request was not sent[\s\S]*The letter got lost")
        self.assertFalse(self._requests())

    def test_two_people_of_the_customer_at_once(self):
        with self._somebody_works_on("sale.order"), self.assertRefused("Somebody else is working on"):
            self.order.sudo()._request_from_customer("change", self.changed, "Three desks.", "Ms. Wang", [])
        self.assertFalse(self._requests())

    def test_a_double_click(self):
        self.authenticate(None, None)
        self._post()
        self.assertIn("We have your request of", self._post())
        self.assertEqual(len(self._requests()), 1)
        self._post(kind="cancel", reason_id=self.own_decision.id)
        self.assertEqual(len(self._requests()), 2)

    def test_asked_for_again(self):
        """What a colleague asks for, and what was settled, keeps no customer from asking."""
        self._desks(3)
        self.authenticate(None, None)
        self._post()
        change = self._requests().filtered(lambda change: change.asked_by == "customer")
        self.assertEqual(change.state, "draft")
        change.sudo()._settle("withdrawn")
        self._post()
        self.assertEqual(len(self._requests()), 3)

    def test_orders_that_nobody_changes_by_request(self):
        self.authenticate(None, None)
        quotation, ended = self._submitted(), self._confirmed()
        self._carried_out(self._cancellation(ended))
        known = self._requests(ended)
        for order in (quotation, ended):
            page = self._post(order)
            self.assertIn("cannot be changed or cancelled here any more", page)
            self.assertNotIn("modal_request_change", page.split("Your request was not sent")[0])
        self.assertEqual(self._requests(ended), known)
        self.assertFalse(self._requests(quotation))

    def test_progress_in_words(self):
        change = self._desks(3)
        words = {
            "draft": "Received",
            "submitted": "Being checked",
            "approved": "Accepted",
            "applied": "Carried out",
            "rejected": "Declined",
            "withdrawn": "Withdrawn",
        }
        for state, status in words.items():
            change.sudo().state = state
            self.assertEqual(change._get_portal_status()[1], status)

    def test_requests_of_colleagues_show_once_they_are_carried_out(self):
        self.authenticate(None, None)
        change = self._desks(3)
        change.note = "The buyer is difficult."
        change.action_submit()
        self.env.flush_all()
        self.assertNotIn("Your requests", self.url_open(self.order.sudo().get_portal_url()).text)
        self._approve_all(change)
        self.env.flush_all()
        page = self.url_open(self.order.sudo().get_portal_url()).text
        self.assertIn("Carried out", page)
        self.assertNotIn("is difficult", page)

    def test_declining_a_quotation_says_why(self):
        order = self._approved(require_signature=True)
        order.sudo().state = "sent"
        self.authenticate(None, None)
        self.url_open(
            f"/my/orders/{order.id}/decline?access_token={order.sudo()._portal_ensure_token()}",
            data={"csrf_token": Request.csrf_token(self), "decline_message": "Too dear."},
        )
        self.env.invalidate_all()
        self.assertEqual((order.state, order.policy_cancel_reason_id), ("cancel", self.own_decision))
        self.assertEqual(order.policy_cancel_note, "Too dear.")

    def test_declining_what_is_not_to_be_signed(self):
        """Odoo cancels only what has to be signed: nothing is noted of what did not end."""
        order = self._approved(require_signature=False)
        order.sudo().state = "sent"
        self.authenticate(None, None)
        self.url_open(
            f"/my/orders/{order.id}/decline?access_token={order.sudo()._portal_ensure_token()}",
            data={"csrf_token": Request.csrf_token(self), "decline_message": "Too dear."},
        )
        self.env.invalidate_all()
        self.assertEqual(order.state, "sent")
        self.assertFalse(order.policy_cancel_reason_id or order.policy_cancel_note)

    def test_a_change_to_confirm(self):
        """What sales asks for is shown once it is approved and waits for the customer."""
        policy = self.policy._copy_as_next_version()
        policy.confirmation_required = True
        policy.action_activate()
        self.order = self._approved((self.desk, 2, 1000.0))
        self.order.action_policy_record_confirmation("phone", "Ms. Wang", note="Yes.")
        self.order.action_confirm()
        change = self._desks(3)
        change.action_submit()
        page = f"/my/orders/{self.order.id}?access_token={self.order.sudo()._portal_ensure_token()}"
        self.env.flush_all()
        self.assertNotIn(change.name, self.url_open(page).text)
        self._approve_all(change)
        self.env.flush_all()
        shown = self.url_open(page).text
        self.assertRegex(
            shown, rf"(?s){change.name}.*Waiting for your confirmation.*3\.00.*3,000\.00.*whether you agree"
        )
