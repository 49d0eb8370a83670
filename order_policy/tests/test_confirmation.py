"""What the customer is sent and confirms. One file, because all of it begins with an approved order."""

import base64

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .common import mail_in, pdf
from .common_orders import SCAN, ConfirmationCase


@tagged("post_install", "-at_install")
class TestConfirmation(ConfirmationCase):
    """What is approved is executed only after the customer confirmed it (articles 3.8, 3.9)."""

    def test_approved_order_waits_for_the_customer(self):
        order = self._approved()
        self.assertEqual(order.policy_stage, "confirmation")
        with self.assertRefused(
            "Ningbo Trading has to confirm the order. Accepted: Phone, E-mail, SMS, Signature, or Online"
        ):
            order.action_confirm()
        with self.assertRefused("has to confirm"):
            order.write({"state": "sale"})
        with self.assertRefused("has to confirm"):
            order.sudo().with_context(skip_confirmation=True).state = "sale"
        self.assertHeld(order)
        self.assertFalse(order.policy_can_confirm)
        self.assertTrue(order.policy_can_record)

    def test_each_way_with_its_evidence(self):
        for method, evidence in (
            ("phone", {"note": "She repeated quantities and date."}),
            ("email", {"note": "Confirmed, please go ahead."}),
            ("email", {"files": [("Re order.eml", base64.b64encode(b"From: buyer\n\nConfirmed.").decode())]}),
            ("sms", {"note": "YES"}),
            ("signature", {"files": [("scan.pdf", SCAN)]}),
        ):
            with self.subTest(method=method, evidence=list(evidence)):
                order = self._approved()
                self._record(order, method, **{"note": False, **evidence})
                confirmation = order.confirmation_ids
                self.assertEqual((confirmation.method, confirmation.contact), (method, "Ms. Wang"))
                self.assertEqual(confirmation.recorded_by_id, self.salesman)
                self.assertTrue(confirmation.is_valid)
                order.action_confirm()
                self.assertConfirmed(order)

    def test_files_are_filed_as_the_confirmation(self):
        order = self._approved()
        self._record(order, "signature", note=False, files=[("scan.pdf", SCAN)])
        paper = order.confirmation_ids.attachment_ids
        self.assertEqual(paper.raw, base64.b64decode(SCAN))
        self.assertEqual((paper.res_model, paper.res_id), (order.confirmation_ids._name, order.confirmation_ids.id))
        self.assertEqual(paper.policy_document_id, self.env.ref("order_policy.document_confirmation"))
        for operation in (paper.unlink, lambda: paper.write({"raw": b"forged"})):
            with self.assertRaises(AccessError):
                operation()

    def test_message_of_the_customer(self):
        order, other = self._approved(), self._approved()
        message = mail_in(order, "We confirm.", author_id=self.customer.id)
        self._record(order, "email", note=False, message_id=message.id)
        self.assertEqual(order.confirmation_ids.message_id, message)
        with self.assertRefused("belongs to another order"):
            self._record(other, "email", note=False, message_id=message.id)

    def test_links_of_the_customer_are_no_files(self):
        order = self._approved()
        link = self.env["ir.attachment"].create(
            {
                "name": "Order form",
                "type": "url",
                "url": "https://ningbo.example/form",
                "res_model": "sale.order",
                "res_id": order.id,
            }
        )
        message = mail_in(order, "We confirm.", author_id=self.customer.id, attachment_ids=link.ids)
        self.assertEqual(message.attachment_ids, link)
        self._record(order, "email", note=False, message_id=message.id)
        self.assertFalse(order.confirmation_ids.attachment_ids)

    def test_message_of_somebody_else(self):
        order = self._approved()
        stranger = self.env["res.partner"].create({"name": "Stranger", "email": "stranger@elsewhere.example"})
        viewed = mail_in(order, "Viewed", author_id=self.customer.id, message_type="notification")
        internal = mail_in(order, "Agreed.", author_id=self.customer.id, is_internal=True)
        for message, words in (
            (order.message_post(body="She agreed.", message_type="comment"), "salesman .* wrote this message"),
            (mail_in(order, "Agreed.", author_id=stranger.id), "Stranger wrote"),
            (
                mail_in(order, "Agreed.", author_id=False, email_from="nobody@elsewhere.example"),
                "nobody@elsewhere.example wrote",
            ),
            (viewed, "wrote this message"),
            (internal, "wrote this message"),
        ):
            with self.subTest(words), self.assertRefused(words):
                self._record(order, "email", note=False, message_id=message.id)
        self.assertFalse(order.confirmation_ids)

    def test_message_in_the_name_of_the_customer(self):
        order = self._order()
        forgeries = (
            {"author_id": self.customer.id, "message_type": "email"},
            {"author_id": False, "email_from": self.customer.email, "message_type": "email"},
            {"email_from": self.customer.email, "message_type": "comment"},
        )
        # Before anybody relies on what was said: afterwards nobody writes in somebody else's name.
        messages = [order.message_post(body="We confirm.", **values) for values in forgeries]
        order.action_policy_submit()
        self._approve_all(order)
        for values, message in zip(forgeries, messages, strict=True):
            with self.subTest(**values), self.assertRefused("salesman .* wrote this message, which is not Ningbo"):
                self._record(order, "email", note=False, message_id=message.id)
            with self.subTest(**values), self.assertRaisesRegex(AccessError, "in the name of"):
                order.message_post(body="We confirm.", **values)
        self.assertFalse(order.confirmation_ids)

    def test_message_of_the_customers_people(self):
        company = self.env["res.partner"].create({"name": "Ningbo Group", "is_company": True})
        self.customer.parent_id = company
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": company.id})
        for values in (
            {"author_id": buyer.id},
            {"author_id": company.id},
            {"author_id": False, "email_from": "Ms. Wang <Buyer@Ningbo.example>"},
        ):
            with self.subTest(**values):
                order = self._approved()
                message = mail_in(order, "Agreed.", **values)
                self._record(order, "email", note=False, message_id=message.id)
                self.assertTrue(order.confirmation_ids.is_valid)

    def test_message_of_a_sister_company(self):
        """Who works for another company of the group is no colleague of who sells to it."""
        sister = self.env["res.company"].create(
            {"name": "Beihai Furniture", "currency_id": self.env.ref("base.CNY").id}
        )
        self.env.user.company_ids |= sister
        buyer = new_test_user(
            self.env, "sister", "base.group_user", company_id=sister.id, company_ids=[Command.set(sister.ids)]
        )
        buyer.partner_id.parent_id = sister.partner_id
        order = self._approved(partner_id=sister.partner_id.id)
        message = mail_in(order, "Agreed.", author_id=buyer.partner_id.id)
        self._record(order, "email", note=False, message_id=message.id)
        self.assertTrue(order.confirmation_ids.is_valid)

    def test_signed_on_paper_after_something_else_in_the_portal(self):
        """The signature of the portal does not stand under what was signed on paper."""
        order = self._submitted(require_signature=True)
        order.sudo().write({"signature": self._signature(), "signed_by": "Wang", "signed_on": fields.Datetime.now()})
        self.assertTrue(order._is_signature_current())
        order.order_line.price_unit = 900.0
        self._record(order, "signature", note=False, files=[("scan.pdf", SCAN)])
        self.env.invalidate_all()
        self.assertTrue(order._is_agreed())
        self.assertFalse(order._is_signature_current())

    def test_not_before_the_order_came_in(self):
        order = self._approved(received_on="2026-03-02 08:00:00")
        message = mail_in(order, "Agreed.", author_id=self.customer.id, date="2026-03-02 07:59:59")
        for values, words in (
            ({"confirmed_on": "1999-12-31 12:00:00"}, "cannot have confirmed on .*1999.* came in on .*2026"),
            ({"confirmed_on": "2026-03-02 07:59:59"}, "cannot have confirmed"),
            ({"message_id": message.id}, "The customer wrote this message on .*before"),
        ):
            with self.subTest(**values), self.assertRefused(words):
                self._record(order, "email", **values)
        self._record(order, "email", confirmed_on="2026-03-02 08:00:00")
        self.assertTrue(order.confirmation_ids.is_valid)

    def test_not_on_an_order_that_was_never_submitted(self):
        order = self._order()
        self.assertFalse(order.policy_can_record)
        with self.assertRefused("was not submitted for review"):
            self._record(order)
        order.action_policy_submit()
        self.assertTrue(order.policy_can_record)
        order.action_policy_withdraw()
        with self.assertRefused("was not submitted for review"):
            self._record(order)
        order.action_policy_submit()
        self._record(order)
        self.assertTrue(order.confirmation_ids.is_valid)

    def test_dialog_offers_what_counts(self):
        order = self._approved()
        order.message_post(body="She agreed.", message_type="comment")
        mail_in(order, "I order.", author_id=self.customer.id, date="2020-01-01 00:00:00")
        agreed = mail_in(order, "Agreed.", author_id=self.customer.id)
        dialog = Form(
            self.env["sale.order.confirmation.record"]
            .with_user(self.salesman)
            .with_context(default_order_id=order.id, default_seen_digest=order.content_digest)
        )
        self.assertEqual(dialog.customer_message_ids.ids, agreed.ids)
        dialog.method, dialog.contact, dialog.message_id = "email", "Ms. Wang", agreed
        dialog.save().action_record()
        self.assertEqual(order.confirmation_ids.message_id, agreed)

    def test_expired_quotation_tells_what_to_do(self):
        order = self._approved(require_signature=True)
        self.assertNotIn("expired", order.policy_explanation)
        order.validity_date = "2020-01-01"
        self._approve_all(order)
        self.assertIn("The quotation expired on Jan 1, 2020: to let the customer sign", order.policy_explanation)

    def test_confirmed_before_approval(self):
        order = self._submitted()
        self._record(order)
        self.assertHeld(order)
        self._approve_all(order)
        self.assertHeld(order)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_changed_after_the_customer_confirmed(self):
        order = self._approved()
        self._record(order)
        order.order_line.price_unit = 900.0
        self._approve_all(order)
        self.assertFalse(order.confirmation_ids.is_valid)
        self.assertIn("Ms. Wang confirmed other content", order.policy_explanation)
        with self.assertRefused("confirmed other content .* has to confirm again"):
            order.action_confirm()
        order.order_line.price_unit = 1000.0
        self._approve_all(order)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_bad_input(self):
        order = self._approved()
        tomorrow = fields.Datetime.add(fields.Datetime.now(), days=1)
        for reason, values in (
            ("who at the customer", {"contact": "  "}),
            ("in the future", {"confirmed_on": tomorrow}),
            ("Write what the customer said", {"note": " "}),
            ("Attach the scan", {"method": "signature"}),
            ("recorded by themselves", {"method": "payment"}),
            ("does not accept a confirmation by pigeon", {"method": "pigeon"}),
            ("is empty", {"method": "signature", "files": [("scan.pdf", "")]}),
            ("did not arrive as a whole", {"method": "signature", "files": [("scan.pdf", "JVBER")]}),
            (
                "protected by a password",
                {"method": "signature", "files": [("a.pdf", base64.b64encode(pdf(password="secret")).decode())]},
            ),
            ("cannot be filed", {"files": [("scan.exe", base64.b64encode(b"PK\x03\x04" + b"\0" * 40).decode())]}),
            ("changed since you opened it", {"digest": "0" * 64}),
            ("is no text", {"contact": 7}),
            ("is no text", {"note": "Fine\0"}),
            ("is no record of Message", {"message_id": "the last"}),
            ("is no time", {"confirmed_on": "yesterday"}),
            ("did not arrive with their names", {"files": [7]}),
        ):
            with self.subTest(reason), self.assertRefused(reason):
                self._record(order, **values)
        self.assertFalse(order.confirmation_ids)

    def test_what_programs_hand_over_by_mistake_is_refused_in_words(self):
        order = self._order()
        with self.assertRefused("“Channel” cannot be"):
            order.write({"channel_id": 10**12})
        for ids in ([10**30], ["first"]):
            with self.subTest(ids=ids), self.assertRefused("is no record"):
                self.env["sale.order.change"].with_user(self.salesman).browse(ids).action_submit()

    def test_only_the_accepted_ways(self):
        self._put_in_force(confirm_by_phone=False, confirm_by_payment=False)
        order = self._approved()
        with self.assertRefused("does not accept a confirmation by Phone. Accepted: E-mail, SMS, or Signature"):
            self._record(order)
        self._record(order, "sms")
        order.action_confirm()
        self.assertConfirmed(order)

    def test_order_placed_online_counts_where_payments_do(self):
        self._put_in_force(confirm_by_phone=False, confirm_by_payment=True)
        order = self._order(require_signature=False, require_payment=False)
        order.sudo()._validate_order()
        self.assertEqual((order.confirmation_ids.method, order.confirmation_ids.is_valid), ("online", True))
        self._approve_all(order)
        self.assertConfirmed(order)
        self._put_in_force(confirm_by_phone=True, confirm_by_payment=False)
        order = self._order(require_signature=False, require_payment=False)
        order.sudo()._validate_order()
        self.assertFalse(order.confirmation_ids.is_valid)
        self._approve_all(order)
        self.assertHeld(order)
        self.assertIn("Ningbo Trading has to confirm the order. Accepted", order.policy_explanation)
        self._record(order)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_a_policy_has_to_accept_something(self):
        draft = self.env["order.policy"]._in_force(self.company).sudo()._copy_as_next_version()
        nothing = {f"confirm_by_{method}": False for method in ("phone", "email", "sms", "signature", "payment")}
        with self.assertRaisesRegex(ValidationError, "accepts no way"):
            draft.write(nothing)

    def test_who_may_record(self):
        order = self._approved()
        for user in (self.other_salesman, self.finance, self.production):
            with self.assertRaises(AccessError):
                self._record(order.with_user(user))
        with self.assertRaises(AccessError):
            self.env["sale.order.confirmation"].with_user(self.sales_head).create(
                {"order_id": order.id, "method": "phone", "digest": order.content_digest}
            )
        self._record(order.with_user(self.sales_head))
        confirmation = order.confirmation_ids.with_user(self.sales_head)
        for operation in (confirmation.unlink, lambda: confirmation.write({"digest": "x"})):
            with self.assertRaises(AccessError):
                operation()

    def test_staff_do_not_sign_for_the_customer(self):
        order = self._approved(require_signature=True)
        for user in (self.salesman, self.sales_head):
            with self.assertRefused("The signature is the customer's own"):
                order.with_user(user).write({"signature": self._signature(), "signed_by": "Wang"})
        with self.assertRefused("The signature is the customer's own"):
            self._order(signature=self._signature())
        self.assertFalse(order.confirmation_ids)
        order.sudo().write({"signature": self._signature(), "signed_by": "Wang", "signed_on": fields.Datetime.now()})
        for values in ({"signature": False}, {"signed_by": False, "signed_on": False}):
            with self.assertRefused("The signature is the customer's own"):
                order.write(values)
        self.assertTrue(order.signature and order.signed_by)

    def test_not_for_confirmed_or_cancelled_orders(self):
        order = self._approved()
        self._record(order)
        order.action_confirm()
        with self.assertRefused("not waiting for its customer"):
            self._record(order)
        cancelled = self._approved()
        self._cancel(cancelled)
        with self.assertRefused("not waiting for its customer"):
            self._record(cancelled)

    def test_recorded_once(self):
        order = self._approved()
        self._record(order)
        with self.assertRefused("Ms. Wang confirmed .* already"):
            self._record(order, contact="Mr. Zhou")
        self.assertEqual(len(order.confirmation_ids), 1)

    def test_recorded_by_two_people_at_once(self):
        order = self._approved()
        with self._somebody_works_on("sale.order"), self.assertRefused("Somebody else is working on"):
            self._record(order)
        self.assertFalse(order.confirmation_ids)

    def test_dialog_is_for_who_may_write_the_order(self):
        order = self._approved()
        dialog = self.env["sale.order.confirmation.record"]
        shown = {name: {} for name in ("order_id", "amount_total", "accepted_methods", "differences_html", "phone")}
        self.finance.group_ids += self.env.ref("sales_team.group_sale_salesman")
        self.assertTrue(order.with_user(self.finance).has_access("read"), "He reviewed it, and it is not his")
        for user in (self.finance, self.other_salesman):
            with self.assertRaises(AccessError):
                dialog.with_user(user).with_context(default_order_id=order.id).onchange({}, [], shown)
            for name in ("amount_total", "customer_message_ids", "contact"):
                with self.subTest(user=user.login, field=name), self.assertRaises(AccessError):
                    dialog.with_user(user).new({"order_id": order.id})[name]
            with self.assertRaises(AccessError):
                dialog.with_user(user).create({"order_id": order.id, "contact": "Ms. Wang"})
        values = dialog.with_user(self.salesman).with_context(default_order_id=order.id).onchange({}, [], shown)
        self.assertEqual(values["value"]["amount_total"], 1000.0)

    def test_order_of_which_only_the_signature_is_there_is_not_deleted(self):
        version = self.env["order.policy"]._in_force(self.company).sudo()._copy_as_next_version()
        version.step_ids.domain = "[('partner_id.name', '=', 'Nobody')]"
        version.with_user(self.policy_admin).action_activate()
        order = self._order(require_signature=True)
        order.sudo().write({"signature": self._signature(), "signed_by": "Wang", "signed_on": fields.Datetime.now()})
        self._cancel(order)
        self.assertEqual(len(order.confirmation_ids), 1)
        self.assertFalse(order.sudo().review_ids)
        with self.assertRefused("cannot be deleted"):
            order.sudo().unlink()

    def test_copy_starts_without(self):
        order = self._approved()
        self._record(order)
        self.assertFalse(order.copy().confirmation_ids)

    def test_recording_in_the_dialog(self):
        order = self._approved()
        dialog = Form(
            self.env["sale.order.confirmation.record"]
            .with_user(self.salesman)
            .with_context(default_order_id=order.id, default_seen_digest=order.content_digest)
        )
        dialog.contact = "Mr. Zhou"
        dialog.note = "Called at ten."
        dialog.save().action_record()
        self.assertEqual(order.confirmation_ids.contact, "Mr. Zhou")

    def test_dialog_of_a_stale_page(self):
        order = self._approved()
        dialog = Form(
            self.env["sale.order.confirmation.record"]
            .with_user(self.salesman)
            .with_context(default_order_id=order.id, default_seen_digest=order.content_digest)
        )
        dialog.contact, dialog.note = "Mr. Zhou", "Called at ten."
        record = dialog.save()
        order.order_line.price_unit = 900.0
        with self.assertRefused("changed since you opened it"):
            record.action_record()
        self.assertEqual(record.note, "Called at ten.", "What was entered is kept")


@tagged("post_install", "-at_install")
class TestAskingTheCustomer(ConfirmationCase):
    """After the last approval the quotation goes to the customer."""

    def _messages_to_customer(self, order):
        return order.sudo().message_ids.filtered(lambda message: self.customer in message.partner_ids)

    def test_quotation_is_sent_once(self):
        order = self._approved()
        self.assertEqual((order.state, order.policy_ask_customer), ("sent", True))
        self._run_job("ir_cron_ask_customers")
        self.assertEqual(len(self._messages_to_customer(order)), 1)
        self.assertTrue(self._messages_to_customer(order).attachment_ids, "with the quotation")
        self._run_job("ir_cron_ask_customers")
        self.assertEqual(len(self._messages_to_customer(order)), 1)

    def test_not_before_the_last_approval(self):
        order = self._submitted()
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self.assertEqual((order.state, order.policy_ask_customer), ("draft", False))

    def test_not_when_the_customer_confirmed_already(self):
        order = self._submitted()
        self._record(order)
        self._approve_all(order)
        self.assertFalse(order.policy_ask_customer)

    def test_not_when_it_was_withdrawn_meanwhile(self):
        order = self._approved()
        self._cancel(order)
        self._run_job("ir_cron_ask_customers")
        self.assertFalse(self._messages_to_customer(order))

    def test_customer_without_address(self):
        self.customer.email = False
        order = self._approved()
        self.assertFalse(order.policy_ask_customer)
        self.assertIn("has no e-mail address", "".join(order.sudo().message_ids.mapped("body")))

    def test_nothing_is_sent_where_customers_need_not_confirm(self):
        self._put_in_force(confirmation_required=False)
        order = self._approved()
        self.assertFalse(order.policy_ask_customer)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_message_on_a_confirmed_order_that_comes_back(self):
        order = self._approved()
        self._record(order)
        order.action_confirm()
        before = order.activity_ids
        order.sudo()._message_receive_bounce(self.customer.email, self.customer)
        self.assertEqual(order.activity_ids, before, "Nobody waits for the customer any more")

    def test_message_that_comes_back(self):
        order = self._approved()
        order.sudo()._message_receive_bounce("buyer@ningbo.example", self.customer)
        activity = order.sudo().activity_ids
        self.assertEqual(activity.user_id, self.salesman)
        self.assertIn("buyer@ningbo.example came back", activity.note)
        self.assertEqual(order.policy_stage, "confirmation")

    def test_asking_by_sms(self):
        order = self._approved()
        self.customer.phone = "+86 574 5550 1234"
        action = order.action_policy_ask_by_sms()
        composer = self.env[action["res_model"]].with_user(self.salesman).with_context(**action["context"]).create({})
        self.assertIn(order.name, composer.body)
        self.assertIn(order.access_token, composer.body, "with the link to the order")

    def test_asking_by_sms_without_a_number(self):
        order = self._approved()
        with self.assertRefused("has no phone number"):
            order.action_policy_ask_by_sms()


@tagged("post_install", "-at_install")
class TestBeforeApproval(ConfirmationCase):
    """Some policies do not let quotations out before approval, or mark them."""

    def _print(self, order, user=None, report="sale.action_report_saleorder"):
        return (
            self.env["ir.actions.report"]
            .with_user(user or self.salesman)
            ._render_qweb_html(report, order.ids)[0]
            .decode()
        )

    def test_free(self):
        order = self._order()
        self.assertNotIn("Not yet approved", self._print(order))
        order.action_quotation_send()

    def test_banner(self):
        self._put_in_force(before_approval="banner")
        order = self._submitted()
        self.assertIn("Not yet approved", self._print(order))
        self._approve_all(order)
        self.assertNotIn("Not yet approved", self._print(order))

    def test_blocked(self):
        self._put_in_force(before_approval="block")
        order = self._submitted()
        for operation in (
            order.action_quotation_send,
            order.action_quotation_sent,
            lambda: self._print(order),
            lambda: self._print(order, self.env.ref("base.user_root")),
            lambda: self.env["ir.actions.report"]._render_qweb_pdf("sale.action_report_pro_forma_invoice", order.ids),
        ):
            with self.assertRefused("cannot be sent or printed yet.*\n.*Finance review"):
                operation()
        self._print(order, report="order_policy.action_report_review_sheet")
        self._approve_all(order)
        self._print(order)
        order.action_quotation_send()

    def test_exempt_orders_go_out(self):
        self._put_in_force(before_approval="block")
        order = self._order()
        order.with_user(self.policy_admin).action_policy_exempt("Fair special, agreed with the board.")
        self._print(order)

    def test_without_policy(self):
        self._put_in_force(before_approval="block").with_user(self.policy_admin).action_retire()
        self._print(self._order())


@tagged("post_install", "-at_install")
class TestHeldBack(ConfirmationCase, HttpCase):
    """Where quotations go out only once they are approved, no door shows them before, and nobody says why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_force(before_approval="block")
        cls.buyer = new_test_user(
            cls.env,
            "buyer",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def assertSaysNothing(self, text):
        for internal in ("below cost", "Finance", self.finance.name, "Department audit", "1,000.00", "Desk"):
            self.assertNotIn(internal, text)

    def test_customers_read_nothing_in_any_format(self):
        order = self._submitted(require_signature=True, require_payment=False)
        self._reject(order)
        token = order.sudo()._portal_ensure_token()
        order.sudo().message_subscribe(self.customer.ids)
        drawing = self.env["product.document"].create(
            {
                "name": "Drawing.txt",
                "raw": b"A Desk, 1,000.00",
                "res_model": "product.template",
                "res_id": self.desk.product_tmpl_id.id,
                "attached_on_sale": "quotation",
            }
        )
        self.env.flush_all()
        for login in (None, "buyer"):
            self.authenticate(login, login)
            for url in (
                f"/my/orders/{order.id}?access_token={token}",
                f"/my/orders/{order.id}?access_token={token}&report_type=pdf&download=true",
                f"/my/orders/{order.id}?access_token={token}&report_type=html",
                f"/my/orders/{order.id}?access_token={token}&report_type=text",
                f"/my/orders/{order.id}/download_edi?access_token={token}",
                f"/my/orders/{order.id}/document/{drawing.id}?access_token={token}",
                f"/report/html/sale.report_saleorder/{order.id}",
                f"/report/pdf/sale.report_saleorder/{order.id}",
            ):
                with self.subTest(login=login, url=url):
                    self.assertSaysNothing(self.url_open(url, timeout=60).text)
        page = self.url_open(f"/my/orders/{order.id}?access_token={token}", timeout=60).text
        self.assertIn("is still being checked", page)
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept?content={order.content_digest}",
            {"access_token": token, "name": "Wang Fang", "signature": self._signature().decode()},
            timeout=60,
        )
        self.assertIn("is still being checked", answer["error"])
        self.assertSaysNothing(str(answer))
        self.env.invalidate_all()
        self.assertFalse(order.signature)
        self.authenticate("salesman", "salesman")
        self.assertIn("Desk", self.url_open(f"/my/orders/{order.id}", timeout=60).text)  # Preview

    def test_not_listed_while_it_is_checked_again(self):
        order = self._approved(require_signature=True, require_payment=False)
        order.with_context(mark_so_as_sent=True).message_post(body="Here it is.", message_type="comment")
        order.sudo().message_subscribe(self.customer.ids)
        self.assertEqual(order.state, "sent")
        self.env.flush_all()
        self.authenticate("buyer", "buyer")
        self.assertIn(order.name, self.url_open("/my/quotes", timeout=60).text)
        order.order_line.price_unit = 900.0
        self.env.flush_all()
        self.assertNotIn(order.name, self.url_open("/my/quotes", timeout=60).text)
        self.authenticate("salesman", "salesman")
        self.assertEqual(self.url_open("/my/quotes", timeout=60).status_code, 200)

    def test_shown_once_it_is_approved(self):
        order = self._approved(require_signature=True, require_payment=False)
        self.env.flush_all()
        self.authenticate(None, None)
        self.assertIn("Desk", self.url_open(order.sudo().get_portal_url(), timeout=60).text)

    def test_shown_to_who_signed_it(self):
        """Signed before the policy held it back: the customer has seen it."""
        order = self._submitted(require_signature=True, require_payment=False)
        order.sudo().write({"signature": self._signature(), "signed_by": "Wang", "signed_on": fields.Datetime.now()})
        self.assertFalse(order._held_back())
        order.order_line.price_unit = 900.0
        self.assertTrue(order._held_back(), "That is something else")

    def test_nobody_marks_it_as_sent(self):
        order = self._submitted()
        for operation in (
            lambda: order.with_context(mark_so_as_sent=True).message_post(body="Here it is."),
            lambda: order.write({"state": "sent"}),
        ):
            with self.assertRefused("cannot be sent or printed yet"):
                operation()
        self.assertEqual(order.state, "draft")
        order.message_post(body="We are checking your order.", subtype_xmlid="mail.mt_comment")

    def test_portal_users_read_no_field_of_the_policy(self):
        order = self._submitted()
        self._reject(order)
        order.sudo().message_subscribe(self.customer.ids)
        mine = order.with_user(self.buyer)
        internal = [name for name, field in mine._fields.items() if (field._module or "").startswith("order_policy")]
        self.assertIn("policy_explanation", internal)
        for name in internal:
            with self.subTest(name), self.assertRaises(AccessError):
                mine.read([name])
            self.assertNotIn(name, mine.fields_get())
        for model in ("sale.order.review", "sale.order.confirmation", "sale.order.check", "sale.order.change"):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.buyer).search([])
        self.assertFalse(
            self.env["mail.message"]
            .with_user(self.buyer)
            .search([("model", "=", "sale.order"), ("res_id", "=", order.id), ("body", "ilike", "below cost")])
        )


@tagged("post_install", "-at_install")
class TestReviewSheet(ConfirmationCase):
    """The review sheet is printed at any stage, by who may read the order."""

    def _sheet(self, order, user):
        report = self.env["ir.actions.report"].with_user(user)
        return report._render_qweb_html("order_policy.action_report_review_sheet", order.ids)[0].decode()

    def test_at_every_stage(self):
        order = self._order()
        self.assertIn("has not been submitted", self._sheet(order, self.salesman))
        order.action_policy_submit()
        self._review(order, self.finance_department).with_user(self.finance).action_approve("Terms as agreed")
        sheet = self._sheet(order, self.production)
        for words in ("Finance review", "finance", "Terms as agreed", "Desk", "Signature"):
            self.assertIn(words, sheet)
        self._approve_all(order)
        self._record(order)
        order.action_confirm()
        self.assertIn("Everything is right", self._sheet(order, self.sales_head))

    def test_as_a_real_pdf(self):
        order = self._submitted()
        report = self.env["ir.actions.report"].with_user(self.salesman).with_context(force_report_rendering=True)
        content, kind = report._render_qweb_pdf("order_policy.action_report_review_sheet", order.ids)
        self.assertEqual((kind, content[:5]), ("pdf", b"%PDF-"))

    def test_not_by_customers(self):
        order = self._submitted()
        buyer = self.env["res.users"].create(
            {
                "name": "Buyer",
                "login": "buyer",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        with self.assertRaises(UserError):
            self._sheet(order, buyer)
