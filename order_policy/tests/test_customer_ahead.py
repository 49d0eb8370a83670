"""Customers who act before the approval. One file, because signing and paying have to end in the same way."""

import base64
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, mute_logger, tagged
from odoo.tests.common import JsonRpcException

from ..models.customer import sale_order_letting_out
from .common_orders import GateCase


class CustomerCase(GateCase):
    """Helpers for what customers do, and for what they are told."""

    def _confirmation_mails(self, order):
        """Return the mails that tell the customer that the order is confirmed."""
        self._run_job("ir_cron_ask_customers")
        return order.sudo().message_ids.filtered(
            lambda message: (
                self.customer in message.partner_ids
                and "has been confirmed" in (message.body or "")
                and "A payment with reference" not in message.body
            )
        )


@tagged("post_install", "-at_install")
class TestCustomerSigns(CustomerCase, HttpCase):
    """Customers sign on the portal before everybody has approved."""

    def _sign(self, order):
        """Sign as the portal page does.

        :return: text of the page that the customer sees next
        """
        token = order.sudo()._portal_ensure_token()
        self.env.flush_all()
        result = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept?content={order.content_digest}",
            {"access_token": token, "name": "Wang Fang", "signature": self._signature().decode()},
            timeout=60,
        )
        self.env.invalidate_all()
        self.assertNotIn("error", result)
        return self.url_open(result["redirect_url"], timeout=60).text

    def test_customers_are_told_nothing_internal(self):
        """Whatever they set off: neither whom the order waits for, nor by which rule."""
        version = self.policy._copy_as_next_version()
        version.before_approval = "block"
        version.action_activate()
        order = self._submitted().with_user(SUPERUSER_ID)
        setting_off = {
            lambda: order.write({"state": "sale"}): ("we are still checking it", "cannot be confirmed yet under"),
            order.action_quotation_send: ("is still being checked", "quotations go to customers only after"),
        }
        for person, is_customer in ((self.env.ref("base.public_user"), True), (self.salesman, False)):
            asking = SimpleNamespace(env=self.env(user=person))
            for set_off, (to_customers, to_colleagues) in setting_off.items():
                with patch.object(sale_order_letting_out, "request", asking), self.assertRaises(Exception) as told:
                    set_off()
                self.assertEqual(to_customers in str(told.exception), is_customer)
                self.assertEqual(to_colleagues in str(told.exception), not is_customer)
                self.assertEqual("Finance" in str(told.exception), not is_customer)

    def test_signature_before_submission(self):
        order = self._order(require_signature=True, require_payment=False)
        page = self._sign(order)
        self.assertIn("Your signature has arrived.", page)
        self.assertIn("We are checking the order now", page)
        self.assertNotIn("Your order has been confirmed", page)
        self.assertHeld(order)
        self.assertTrue(order.signature)
        confirmation = order.sudo().confirmation_ids
        self.assertEqual((confirmation.method, confirmation.contact), ("signature", "Wang Fang"))
        self.assertEqual((confirmation.digest, confirmation.is_valid), (order.content_digest, True))
        self.assertTrue(confirmation.signature)
        self.assertTrue(order.policy_submitted_on)
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", None])
        self.assertFalse(self._confirmation_mails(order))

    def test_last_approval_confirms(self):
        order = self._order(require_signature=True, require_payment=False)
        self._sign(order)
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self.assertHeld(order)
        self._review(order, self.sales_department).with_user(self.sales_head).action_approve()
        self.assertConfirmed(order)
        self.assertEqual(len(self._confirmation_mails(order)), 1)
        self.assertEqual(len(order.sudo().confirmation_ids), 1)
        page = self.url_open(order.get_portal_url(query_string="&message=sign_ok"), timeout=60).text
        self.assertIn("Your order has been confirmed", page)

    def test_signature_while_under_review(self):
        order = self._submitted(require_signature=True, require_payment=False)
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        submitted_by = order.policy_submitted_by_id
        confirmations = order.sudo().confirmation_ids
        self.assertTrue(order._can_be_edited_on_portal())
        self._sign(order)
        self.assertFalse(order._can_be_edited_on_portal(), "It is what the customer agreed to")
        confirmations._record_signatures(order)
        self.assertEqual(len(order.sudo().confirmation_ids), 1, "It is recorded once")
        self.assertEqual(order.policy_submitted_by_id, submitted_by)
        self.assertEqual(self._review(order, self.finance_department).state, "approved", "Signing reopens nothing")
        self._approve_all(order)
        self.assertConfirmed(order)

    def test_content_changed_after_the_signature(self):
        order = self._order(require_signature=True, require_payment=False)
        self._sign(order)
        order.order_line.price_unit = 2000.0
        self.assertFalse(order.sudo().confirmation_ids.is_valid)
        self._approve_all(order)
        self.assertHeld(order)
        self.assertFalse(self._confirmation_mails(order))
        self.assertTrue(order.sudo().confirmation_ids.signature, "What the customer did is kept")

    def _portal_page(self, order):
        self.env.flush_all()
        page = self.url_open(order.get_portal_url(), timeout=60).text
        self.env.invalidate_all()
        return page

    def _printed(self, order):
        report = self.env["ir.actions.report"].with_user(self.salesman)
        return report._render_qweb_html("sale.action_report_saleorder", order.ids)[0].decode()

    def test_signs_anew_what_changed(self):
        order = self._order(require_signature=True, require_payment=False)
        self._sign(order)
        self.assertIn('name="signature"', self._portal_page(order))
        self.assertIn('name="signature"', self._printed(order))
        order.order_line.price_unit = 1500.0
        self._approve_all(order)
        self.assertHeld(order)
        page = self._portal_page(order)
        self.assertNotIn('name="signature"', page, "The old signature does not stand under the new price")
        self.assertNotIn('name="signature"', self._printed(order))
        self.assertIn("Accept & Sign", page)
        self.assertIn("Waiting for your confirmation", page)
        page = self._sign(order)
        self.assertIn("Your order has been confirmed", page)
        self.assertIn('name="signature"', page)
        self.assertConfirmed(order)
        anew, former = order.sudo().confirmation_ids.sorted("id", reverse=True)
        self.assertTrue(former.signature and not former.is_valid, "The former signature stays evidence")
        self.assertTrue(anew.signature and anew.is_valid)

    def test_signed_content_is_not_signed_twice(self):
        order = self._order(require_signature=True, require_payment=False)
        self._sign(order)
        self.assertNotIn("Accept & Sign", self._portal_page(order))
        self.env.flush_all()
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept?content={order.content_digest}",
            {"access_token": order.access_token, "name": "Wang", "signature": self._signature().decode()},
        )
        self.assertIn("not in a state requiring customer signature", answer["error"])

    def test_signature_stands_under_what_was_signed_also_once_confirmed(self):
        order = self._order(require_signature=True, require_payment=False)
        self._sign(order)
        self._approve_all(order)
        self.assertConfirmed(order)
        self.assertIn('name="signature"', self._printed(order))

    def test_signed_before_the_policy(self):
        self.policy.action_retire()
        order = self._order(require_signature=True, require_payment=True)
        self._sign(order)
        self.assertFalse(order.sudo().confirmation_ids)
        self.policy.copy({"company_id": self.company.id}).action_activate()
        self.assertTrue(order.sudo().confirmation_ids.is_valid)
        order.order_line.price_unit = 2000.0
        with self.assertRefused("Finance review"):
            order.action_confirm()
        self.env["order.policy"]._in_force(self.company).copy({"company_id": self.company.id}).action_activate()
        self.assertEqual(len(order.sudo().confirmation_ids), 1, "Nobody signed the new price")
        self.assertTrue(order._has_to_be_signed())

    def test_content_changed_back(self):
        order = self._order(require_signature=True, require_payment=False)
        self._sign(order)
        order.order_line.price_unit = 2000.0
        order.order_line.price_unit = 1000.0
        self._approve_all(order)
        self.assertConfirmed(order)

    def test_signature_on_a_rejected_order(self):
        order = self._submitted(require_signature=True, require_payment=False)
        self._reject(order)
        self._sign(order)
        self.assertEqual(order.policy_stage, "rejected", "Sales answers the rejection first")
        order.action_policy_submit("Agreed with finance")
        self._approve_all(order)
        self.assertConfirmed(order)

    def test_signature_on_an_approved_order(self):
        order = self._approved(require_signature=True, require_payment=False)
        page = self._sign(order)
        self.assertIn("Your order has been confirmed", page)
        self.assertConfirmed(order)
        self.assertEqual(len(self._confirmation_mails(order)), 1)

    def test_cancelled_order_takes_no_signature(self):
        order = self._submitted(require_signature=True, require_payment=False)
        token = order.sudo()._portal_ensure_token()
        self._cancel(order)
        self.env.flush_all()
        result = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept?content={order.content_digest}",
            {"access_token": token, "name": "Wang Fang", "signature": self._signature().decode()},
        )
        self.assertIn("error", result)
        self.env.invalidate_all()
        self.assertFalse(order.signature or order.sudo().confirmation_ids)

    def test_signature_that_is_no_picture(self):
        order = self._submitted(require_signature=True, require_payment=False)
        token = order.sudo()._portal_ensure_token()
        self.env.flush_all()
        drawing = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>").decode()
        for signature in ("x", drawing, 7, {"a": 1}, base64.b64encode(b"\0" * 40).decode()):
            answer = self.make_jsonrpc_request(
                f"/my/orders/{order.id}/accept?content={order.content_digest}",
                {"access_token": token, "name": "Wang", "signature": signature},
            )
            self.assertIn("did not arrive as a picture", answer["error"])
        self.env.invalidate_all()
        self.assertFalse(order.signature or order.sudo().confirmation_ids)

    def test_signature_with_payment_still_to_come(self):
        order = self._order(require_signature=True, require_payment=True)
        page = self._sign(order)
        self.assertIn("still needs to be paid", page)
        self.assertNotIn("You do not need to do anything", page)
        self.assertEqual(order.sudo().confirmation_ids.method, "signature")
        self.assertTrue(order.policy_submitted_on)
        self._approve_all(order)
        self.assertHeld(order)
        self.assertFalse(self._confirmation_mails(order))

    def test_customer_declines(self):
        order = self._submitted(require_signature=True, require_payment=False)
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        token = order.sudo()._portal_ensure_token()
        self.env.flush_all()
        self.authenticate(None, None)
        self.url_open(
            f"/my/orders/{order.id}/decline?access_token={token}",
            data={"decline_message": "Too dear", "csrf_token": Request.csrf_token(self)},
            timeout=60,
        )
        self.env.invalidate_all()
        self.assertEqual((order.state, order.policy_stage), ("cancel", "cancelled"))
        self.assertEqual(self._review(order, self.finance_department).decision, "approved")
        self.assertNotIn("pending", order.sudo().review_ids.mapped("state"))

    def test_where_the_order_stands(self):
        self.authenticate(None, None)
        order = self._order((self.desk, 2, 1000.0), require_signature=False, require_payment=False)
        order.sudo()._portal_ensure_token()
        order.sudo().state = "sent"
        self.assertIn("Being prepared", self._portal_page(order))
        order.action_policy_submit()
        self.assertIn("Being checked", self._portal_page(order))
        self._approve_all(order)
        order.action_confirm()
        for delivered, status in ((0.0, "In production"), (1.0, "Partly delivered"), (2.0, "Delivered")):
            order.sudo().order_line.qty_delivered = delivered
            self.assertIn(f">{status}<", self._portal_page(order))

    def test_customer_sees_no_reviews(self):
        order = self._submitted(require_signature=True, require_payment=False)
        self._reject(order)
        page = self._sign(order)
        for internal in ("below cost", "Finance review", self.finance.name, "Department audit"):
            self.assertNotIn(internal, page)


@tagged("post_install", "-at_install")
class TestWhoActsOnThePage(CustomerCase, HttpCase):
    """The page of an order is its customer's: colleagues read it, and act for nobody."""

    def _accept(self, order, content=None, token=True, **values):
        token = token and order.sudo()._portal_ensure_token()
        self.env.flush_all()
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept?content={order.content_digest if content is None else content}",
            {"access_token": token, "name": "Wang Fang", "signature": self._signature().decode(), **values},
            timeout=60,
        )
        self.env.invalidate_all()
        return answer

    def _decline(self, order, message="Too dear", token=True):
        query = f"?access_token={order.sudo()._portal_ensure_token()}" if token else ""
        self.env.flush_all()
        page = self.url_open(
            f"/my/orders/{order.id}/decline{query}",
            data={"decline_message": message, "csrf_token": Request.csrf_token(self)},
            timeout=60,
        ).text
        self.env.invalidate_all()
        return page

    def test_colleagues_do_not_act_for_customers(self):
        order = self._submitted(require_signature=True, require_payment=True)
        for user in (self.salesman, self.sales_head, self.finance):
            self.authenticate(user.login, user.login)
            for token in (True, False):
                with self.subTest(user=user.login, token=token):
                    self.assertIn("recorded on the order", self._accept(order, token=token)["error"])
                    self.assertIn("recorded on the order", self._decline(order, token=token))
                    with self.assertRaises(JsonRpcException):
                        self.make_jsonrpc_request(
                            f"/my/orders/{order.id}/transaction?content={order.content_digest}",
                            {"access_token": order.access_token, "amount": order.amount_total},
                        )
            page = self.url_open(order.get_portal_url(), timeout=60)
            self.assertIn(order.name, page.text)  # as Preview shows it
        self.assertEqual((order.state, order.signature), ("draft", False))
        self.assertFalse(order.sudo().confirmation_ids or order.sudo().transaction_ids)

    def test_colleagues_do_not_ask_for_customers(self):
        order = self._confirmed()
        reason = self.env.ref("order_policy.reason_cancel_customer")
        order.sudo()._portal_ensure_token()
        self.env.flush_all()
        self.authenticate("salesman", "salesman")
        page = self.url_open(
            f"/my/orders/{order.id}/request?access_token={order.access_token}",
            data={"csrf_token": Request.csrf_token(self), "kind": "cancel", "reason_id": reason.id},
            timeout=60,
        ).text
        self.assertIn("Request Cancellation", page)
        self.assertIn("You are logged in as salesman", page)
        self.env.invalidate_all()
        self.assertFalse(order.sudo().change_ids)

    def test_optional_products_are_the_customers_choice_until_he_agrees(self):
        order = self._order(require_signature=True, require_payment=False)
        order.sudo().order_line = [
            Command.create({"display_type": "line_section", "name": "Options", "is_optional": True, "sequence": 90}),
            Command.create({"product_id": self.chair.id, "product_uom_qty": 0, "sequence": 91}),
        ]
        line = order.order_line[-1]
        token = order.sudo()._portal_ensure_token()

        def choose(**values):
            self.env.flush_all()
            self.make_jsonrpc_request(
                f"/my/orders/{order.id}/update_line_dict", {"access_token": token, "line_id": line.id, **values}
            )
            self.env.invalidate_all()

        self.authenticate("finance", "finance")
        with self.assertRaises(JsonRpcException):
            choose(input_quantity=2)
        self.authenticate(None, None)
        for quantity in (-1, 1e300, "x", [2], True):
            if quantity is not True:
                with self.subTest(quantity=quantity), self.assertRaises(JsonRpcException):
                    choose(input_quantity=quantity)
        choose(input_quantity=2)
        self.assertEqual(line.product_uom_qty, 2)
        self.assertIn("sign_ok", self._accept(order)["redirect_url"])
        choose(input_quantity=3)
        self.assertEqual(line.product_uom_qty, 2)

    def test_signed_is_what_the_page_showed(self):
        order = self._submitted(require_signature=True, require_payment=False)
        order.sudo()._portal_ensure_token()
        self.env.flush_all()
        seen = order.content_digest
        self.assertIn(seen, self.url_open(order.get_portal_url(), timeout=60).text)
        order.order_line.name = "Desk, black"
        for content in (seen, "", "guess"):
            answer = self._accept(order, content)
            self.assertNotIn("sign_ok", answer["redirect_url"])
            self.assertIn("nothing was signed", self.url_open(answer["redirect_url"], timeout=60).text)
        self.assertFalse(order.signature or order.sudo().confirmation_ids)
        self.assertIn("sign_ok", self._accept(order)["redirect_url"])

    def test_signature_keeps_from_where_and_the_customer_is_told(self):
        self.customer.email = "wang@ningbo.example"
        order = self._submitted(require_signature=True, require_payment=False)
        self.assertIn("sign_ok", self._accept(order)["redirect_url"])
        act = order.sudo().confirmation_ids
        self.assertEqual((act.ip_address, act.logged_in_id), ("127.0.0.1", self.env["res.users"]))
        self.assertIn("requests", act.browser)
        receipt = self.env["mail.mail"].search([("model", "=", act._name), ("res_id", "=", act.id)])
        self.assertEqual((receipt.state, receipt.recipient_ids), ("outgoing", self.customer))
        for words in (order.name, "Wang Fang", "127.0.0.1", "If that was not you"):
            self.assertIn(words, receipt.body_html)
        for name in ("ip_address", "browser", "logged_in_id"):
            with self.assertRaises(AccessError):
                act.with_user(self.sales_head).write({name: False})

    def test_absurd_input_gets_an_answer(self):
        order = self._submitted(require_signature=True, require_payment=False)
        self.authenticate(None, None)
        token = order.sudo()._portal_ensure_token()
        self.env.flush_all()
        for url in (
            "/my/orders/99999999999999999999",
            "/my/orders/2147483648",
            f"/my/orders/{order.id}?access_token=%C3%A9",
            f"/my/orders/{order.id}/document/99999999999999999999?access_token={token}",
            f"/my/orders/99999999999999999999/download_edi?access_token={token}",
        ):
            self.assertLess(self.url_open(url, timeout=60).status_code, 500, url)
        for token in (7, ["x"], {"a": 1}, "é", None):
            self.assertIn("Invalid order", self._accept(order, token=False, access_token=token)["error"])
        self.assertIn("too long", self._accept(order, name="W" * 1000)["error"])
        self.assertIn("enter your name", self._accept(order, name="\0 ")["error"])
        self.assertIn("enter your name", self._accept(order, name={"a": 1})["error"])
        self.assertIn("too long", self._decline(order, "x" * 6000))
        self.assertEqual(order.state, "draft")
        self._decline(order, "Too\0 dear")
        self.assertEqual(order.state, "cancel")

    def test_documents_go_with_a_quotation(self):
        order = self._submitted(require_signature=True, require_payment=False)
        drawing = self.env["product.document"].create(
            {
                "name": "Drawing.txt",
                "raw": b"Two metres wide",
                "res_model": "product.template",
                "res_id": self.desk.product_tmpl_id.id,
                "attached_on_sale": "quotation",
            }
        )
        self.authenticate(None, None)
        token = order.sudo()._portal_ensure_token()
        self.env.flush_all()
        page = f"/my/orders/{order.id}/document/%s?access_token={token}"
        self.assertEqual(self.url_open(page % drawing.id).text, "Two metres wide")
        for nothing in (0, 2**31):
            self.assertEqual(self.url_open(page % nothing, allow_redirects=False).status_code, 303)


class PaymentCase(CustomerCase):
    """A company that takes payments online."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.provider = cls._provider()

    def _order_to_pay(self, **values):
        return self._order(require_signature=False, require_payment=True, prepayment_percent=1.0, **values)

    def _transaction(self, order, amount=None):
        return self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "amount": amount or order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "reference": f"{order.name}-{self.env['payment.transaction'].search_count([])}",
                "operation": "online_redirect",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )

    def _pay(self, order, **values):
        transaction = self._transaction(order, **values)
        transaction._set_done()
        transaction._post_process()
        return transaction


@tagged("post_install", "-at_install")
class TestCustomerPaysInPortal(PaymentCase, HttpCase):
    """What is paid is what the page showed."""

    def _start_payment(self, order, content):
        token = order.sudo()._portal_ensure_token()
        self.env.flush_all()
        self.make_jsonrpc_request(
            f"/my/orders/{order.id}/transaction?content={content}",
            {
                "access_token": token,
                "provider_id": self.provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "token_id": None,
                "amount": order.amount_total,
                "flow": "direct",
                "tokenization_requested": False,
                "landing_route": order.get_portal_url(),
            },
            timeout=60,
        )
        self.env.invalidate_all()

    def _publish_provider(self):
        method = self.env.ref("payment.payment_method_unknown")
        self.provider.write({"is_published": True, "payment_method_ids": [Command.set(method.ids)]})
        method.active = True

    def test_payment_of_a_confirmed_order(self):
        """By whoever pays, and also by a link to the payment that was sent before."""
        self._publish_provider()
        for login in (None, "salesman"):
            self.authenticate(login, login)
            order = self._confirmed(require_payment=False)
            self._start_payment(order, "")
            self.assertTrue(order.sudo().transaction_ids)

    def test_payment_of_what_the_page_showed(self):
        self.authenticate(None, None)
        self._publish_provider()
        order = self._order_to_pay()
        order.sudo()._portal_ensure_token()
        seen = order.content_digest
        self.env.flush_all()
        self.assertIn(f"content={seen}", self.url_open(order.get_portal_url(), timeout=60).text)
        order.order_line.name = "Desk, black"
        with self.assertRaises(JsonRpcException):
            self._start_payment(order, seen)
        self.assertFalse(order.sudo().transaction_ids)
        self._start_payment(order, order.content_digest)
        paid = order.sudo().transaction_ids._paid_content(order.sudo())
        self.assertEqual(self.env["order.policy.aspect"]._digest(paid), order.content_digest)


@tagged("post_install", "-at_install")
class TestCustomerPays(PaymentCase):
    """Customers pay online before everybody has approved."""

    def test_paid_before_approval(self):
        order = self._order_to_pay()
        transaction = self._pay(order)
        self.assertHeld(order)
        self.assertTrue(transaction.is_post_processed and transaction.payment_id, "The money is booked")
        confirmation = order.sudo().confirmation_ids
        self.assertEqual((confirmation.method, confirmation.transaction_ref), ("payment", transaction.reference))
        self.assertEqual(confirmation.digest, order.content_digest)
        self.assertTrue(order.policy_submitted_on)
        self.assertFalse(self._confirmation_mails(order))
        self._approve_all(order)
        self.assertConfirmed(order)
        self.assertEqual(len(self._confirmation_mails(order)), 1)
        self.assertEqual(self.env["account.payment"].search_count([("payment_transaction_id", "=", transaction.id)]), 1)

    def _approve_all_in_trouble(self, order):
        """Let everybody approve an order that cannot be confirmed by itself: the decisions stay, and sales is told."""
        with mute_logger("odoo.addons.order_policy.models.policy.order_policy_evidence_mixin"):
            self._approve_all(order)
        self.assertEqual(self._states(order), ["approved", "approved", "approved", None])
        self.assertHeld(order)
        activity = order.sudo().activity_ids.filtered(
            lambda activity: activity.summary == "Approved, but not confirmed"
        )
        self.assertEqual(activity.user_id, self.salesman)
        self.assertIn("confirm the order", activity.note)
        self.assertTrue(order.sudo().message_ids.filtered(lambda message: "by itself" in (message.body or "")))

    def test_payment_that_cannot_be_booked_undoes_no_approval(self):
        order = self._order_to_pay()
        transaction = self._transaction(order)
        self.provider.support_manual_capture = "full_only"
        transaction._set_authorized()
        transaction._post_process()
        transaction._set_done()
        booked_by = self.env["account.payment.method.line"].search([("payment_provider_id", "=", self.provider.id)])
        journal = self.provider.journal_id
        # Odoo looks for another journal for providers that are in use.
        self.provider.state = "disabled"
        booked_by.journal_id = False
        self.env.invalidate_all()
        self._approve_all_in_trouble(order)
        self.provider.state = "test"
        self.provider.journal_id = journal
        self.env.invalidate_all()
        transaction._post_process()
        self.assertConfirmed(order)

    def test_whatever_fails_after_the_last_approval_undoes_no_approval(self):
        order = self._order_to_pay()
        self._pay(order)
        Order = self.env.registry["sale.order"]
        with patch.object(Order, "_send_order_confirmation_mail", side_effect=KeyError("smtp")):
            self._approve_all_in_trouble(order)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_processed_again_and_again(self):
        order = self._order_to_pay()
        transaction = self._pay(order)
        for _attempt in range(2):
            transaction._post_process()
        order.order_line.price_unit = 900.0
        transaction._post_process()
        self.assertHeld(order)
        self.assertEqual(len(order.sudo().confirmation_ids), 1)
        self.assertFalse(order.sudo().confirmation_ids.is_valid)
        order.order_line.price_unit = 1000.0
        self._approve_all(order)
        self.assertConfirmed(order)
        transaction._post_process()
        self.assertEqual(len(order.sudo().confirmation_ids), 1)
        self.assertEqual(len(self._confirmation_mails(order)), 1)
        self.assertEqual(self.env["account.payment"].search_count([("payment_transaction_id", "=", transaction.id)]), 1)

    def test_processed_by_the_scheduled_action(self):
        order = self._order_to_pay()
        transaction = self._transaction(order)
        transaction._set_done()
        transaction.last_state_change = fields.Datetime.subtract(fields.Datetime.now(), minutes=30)
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("payment.cron_post_process_payment_tx").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(transaction.is_post_processed)
        self.assertHeld(order)
        self.assertEqual(order.sudo().confirmation_ids.method, "payment")

    def test_authorized_then_captured(self):
        order = self._order_to_pay()
        transaction = self._transaction(order)
        self.provider.support_manual_capture = "full_only"
        transaction._set_authorized()
        transaction._post_process()
        self.assertHeld(order)
        self.assertEqual(len(order.sudo().confirmation_ids), 1)
        transaction._set_done()
        transaction._post_process()
        self.assertHeld(order)
        self.assertEqual(len(order.sudo().confirmation_ids), 1)
        self._approve_all(order)
        self.assertConfirmed(order)

    def test_authorized_when_approved(self):
        order = self._order_to_pay()
        transaction = self._transaction(order)
        self.provider.support_manual_capture = "full_only"
        transaction._set_authorized()
        transaction._post_process()
        self._approve_all(order)
        self.assertConfirmed(order)
        self.assertEqual(transaction.state, "authorized")

    def test_bank_transfer_that_is_announced(self):
        order = self._order_to_pay()
        transaction = self._transaction(order)
        transaction._set_pending()
        transaction._post_process()
        self.assertEqual(order.state, "sent", "As in plain Odoo: announced money is no money")
        order.action_policy_submit()
        self._approve_all(order)
        self.assertHeld(order)
        transaction._set_done()
        transaction._post_process()
        self.assertConfirmed(order)
        self.assertEqual(len(self._confirmation_mails(order)), 1)

    def test_paid_once_everything_is_approved(self):
        order = self._order_to_pay()
        order.action_policy_submit()
        self._approve_all(order)
        self._pay(order)
        self.assertConfirmed(order)
        self.assertEqual(len(self._confirmation_mails(order)), 1)

    def test_paid_in_part(self):
        order = self._order_to_pay()
        self._pay(order, amount=100.0)
        self.assertFalse(order.sudo().confirmation_ids, "As in plain Odoo: a part of the payment confirms nothing")
        order.action_policy_submit()
        self._approve_all(order)
        self.assertHeld(order)
        self._pay(order, amount=900.0)
        self.assertConfirmed(order)

    def test_content_changed_after_the_payment(self):
        order = self._order_to_pay()
        self._pay(order)
        order.order_line.product_uom_qty = 3
        self._approve_all(order)
        self.assertHeld(order)
        self.assertEqual(len(order.sudo().transaction_ids), 1, "The payment stays with the order")

    def test_signed_and_paid(self):
        order = self._order_to_pay()
        order.sudo().write({"signed_by": "Wang", "signed_on": fields.Datetime.now(), "signature": self._signature()})
        self.assertTrue(order.policy_submitted_on)
        self._approve_all(order)
        self.assertHeld(order)
        self._pay(order)
        self.assertConfirmed(order)

    def _signed(self, **values):
        order = self._order(require_signature=True, require_payment=True, prepayment_percent=1.0, **values)
        order.sudo().write({"signed_by": "Wang", "signed_on": fields.Datetime.now(), "signature": self._signature()})
        return order

    def test_signed_quotation_that_expires_waits_for_the_money(self):
        order = self._signed(validity_date=fields.Date.today())
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.env.invalidate_all()
            self._approve_all(order)
            self.assertHeld(order)
            self.assertFalse(order.is_expired, "The customer signed in time")
            self.assertTrue(order._has_to_be_paid(), "The customer can still pay")
            self.assertRegex(order._get_policy_portal_status()[1], "Waiting for your payment of .*1,000.00")
            self._pay(order)
            self.assertConfirmed(order)

    def test_quotation_that_nobody_signed_expires(self):
        order = self._order(
            require_signature=True, require_payment=True, prepayment_percent=1.0, validity_date=fields.Date.today()
        )
        order.action_policy_submit()
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self.env.invalidate_all()
            self._approve_all(order)
            self.assertTrue(order.is_expired)
            self.assertFalse(order._has_to_be_signed() or order._has_to_be_paid())
            self.assertEqual(order._get_policy_portal_status()[1], "Expired")
            order.sudo()._validate_order()
            self.assertHeld(order)

    def test_payment_that_is_due_is_told(self):
        order = self._signed()
        self.assertRegex(order._get_policy_portal_status()[1], "Being checked, your payment of .*1,000.00 is due")
        self._approve_all(order)
        self.assertHeld(order)
        self.assertRegex(order._get_policy_portal_status()[1], "Waiting for your payment of .*1,000.00")
        self.assertRegex(order.policy_explanation, "1,000.00.*of the payment that .* asks for .100 %. is still due")
        self.assertNotIn("can be confirmed", order.policy_explanation)
        self.assertTrue(order.policy_payment_due and order.policy_can_confirm)
        self.assertTrue(order.policy_ask_customer, "The customer gets the quotation with the link to pay it")
        self._pay(order, amount=400.0)
        self.assertHeld(order)
        self.assertIn("600.00", order.policy_explanation)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_signed_without_payment_asked(self):
        order = self._order(require_signature=True, require_payment=False)
        order.sudo().write({"signed_by": "Wang", "signed_on": fields.Datetime.now(), "signature": self._signature()})
        self.assertEqual(order._get_policy_portal_status()[1], "Being checked")
        self.assertFalse(order.policy_payment_due)
        self._approve_all(order)
        self.assertConfirmed(order)

    def _ask_for_the_customer(self):
        version = self.env["order.policy"]._in_force(self.company).sudo()._copy_as_next_version()
        version.confirmation_required = True
        version.with_user(self.policy_admin).action_activate()

    def test_announced_money_is_no_confirmation(self):
        self._ask_for_the_customer()
        order = self._order_to_pay()
        transaction = self._transaction(order)
        transaction._set_pending()
        transaction._post_process()
        order.action_policy_submit()
        self._approve_all(order)
        with self.assertRefused("has to confirm"):
            order.action_confirm()
        self.assertFalse(order.sudo().confirmation_ids)
        self.assertTrue(order.policy_can_record)
        transaction._set_done()
        transaction._post_process()
        self.assertConfirmed(order)
        self.assertTrue(order.sudo().confirmation_ids.is_valid)

    def test_part_of_the_money_is_no_confirmation(self):
        self._ask_for_the_customer()
        order = self._order_to_pay()
        self._pay(order, amount=400.0)
        order.sudo().write({"signed_by": "Wang", "signed_on": fields.Datetime.now(), "signature": self._signature()})
        self.assertEqual(order.sudo().confirmation_ids.mapped("method"), ["signature"])
        self._approve_all(order)
        self.assertHeld(order)
        self._pay(order, amount=600.0)
        self.assertConfirmed(order)

    def test_money_for_what_the_order_held_before(self):
        for ask in (False, True):
            with self.subTest(ask=ask):
                if ask:
                    self._ask_for_the_customer()
                order = self._order_to_pay()
                transaction = self._transaction(order)
                transaction._set_pending()
                paid = order.content_digest
                order.order_line.write({"product_id": self.chair.id, "price_unit": 1000.0})
                order.order_line.tax_ids = False
                self.assertEqual(order.amount_total, 1000.0)
                order.action_policy_submit()
                self._approve_all(order)
                transaction._set_done()
                transaction._post_process()
                self.assertHeld(order)
                if ask:
                    confirmation = order.sudo().confirmation_ids
                    self.assertEqual((confirmation.digest, confirmation.is_valid), (paid, False))
                    self.assertIn("confirmed other content", order.policy_explanation)

    def test_what_was_paid_is_for_nobody_to_choose(self):
        accountant = self._user("accountant", "account.group_account_invoice")
        self.env["ir.default"].set("payment.transaction", "policy_contents", {"1": "x"}, user_id=self.env.uid)
        order = self._order_to_pay()
        transaction = self._transaction(order)
        self.assertEqual(list(transaction.policy_contents), [str(order.id)])
        self.assertEqual(
            self.env["order.policy.aspect"]._digest(transaction._paid_content(order)), order.content_digest
        )
        with self.assertRaises(AccessError):
            transaction.with_user(accountant).policy_contents = {str(order.id): "x"}

    def test_nobody_says_what_a_customer_paid(self):
        people = (
            self._user("accountant", "account.group_account_manager", "sales_team.group_sale_manager"),
            self._user("system", "base.group_system", "account.group_account_invoice"),
        )
        order, other = self._order_to_pay(), self._order_to_pay()
        begun, paid = self._transaction(order), self._pay(other)
        self.env.flush_all()
        values = {
            "provider_id": self.provider.id,
            "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "partner_id": order.partner_id.id,
            "reference": "Forged",
            "state": "done",
        }
        for user in people:
            for record, vals in (
                (begun, {"state": "done"}),
                (begun, {"amount": 1.0}),
                (paid, {"sale_order_ids": [Command.link(order.id)]}),
                (order, {"transaction_ids": [Command.link(paid.id)]}),
                (order, {"transaction_ids": [Command.create(values)]}),
            ):
                with self.subTest(user=user.login, **vals), self.assertRaises(AccessError):
                    record.with_user(user).write(vals)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                begun.with_user(user).create({**values, "sale_order_ids": [Command.set(order.ids)]})
        with self.assertRaisesRegex(UserError, "nothing of this can be deleted"):
            paid.unlink()
        self.assertEqual((begun.state, order.sudo().transaction_ids), ("draft", begun))

    def test_automatic_invoice(self):
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        self.desk.invoice_policy = "order"
        order = self._order_to_pay()
        self._pay(order)
        self.assertHeld(order)
        self._approve_all(order)
        self.assertConfirmed(order)
        self.assertEqual(
            order.sudo().invoice_ids.filtered(lambda invoice: invoice.state == "posted").mapped("amount_total"),
            [1000.0],
        )
