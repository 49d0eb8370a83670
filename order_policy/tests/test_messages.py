import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import mail_in
from .common_orders import ConfirmationCase


@tagged("post_install", "-at_install")
class TestWhatWasSaid(ConfirmationCase, HttpCase):
    """Messages and files on which somebody relied stay as they were, whoever comes and by whatever door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls._user("system", "base.group_system", "sales_team.group_sale_manager")
        cls.buyer = new_test_user(
            cls.env,
            "buyer",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _file(self, record, name="Drawing.txt", user=None, **values):
        return (
            self.env["ir.attachment"]
            .with_user(user or self.salesman)
            .create({"name": name, "raw": b"Two metres.", "res_model": record._name, "res_id": record.id, **values})
        )

    def _came_later(self, file):
        """Let a file come an hour after everything that was decided."""
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = create_date + interval '1 hour' WHERE id = %s", [file.id]
        )
        file.invalidate_recordset()

    def _decided(self, order):
        self._review(order, self.finance_department).with_user(self.finance).action_approve("Terms as agreed")

    def _forgeries(self, message):
        other = self.env["ir.attachment"].create({"name": "Other.txt", "raw": b"Other"})
        return (
            {"body": "Nobody said this."},
            {"author_id": self.company.partner_id.id},
            {"email_from": "other@elsewhere.example"},
            {"date": "1999-12-31 12:00:00"},
            {"message_type": "auto_comment"},
            {"is_internal": not message.is_internal},
            {"subtype_id": self.env.ref("mail.mt_activities").id},
            {"attachment_ids": [Command.clear()]}
            if message.attachment_ids
            else {"mail_activity_type_id": self.env.ref("mail.mail_activity_data_call").id},
            {"attachment_ids": [Command.set(other.ids)]},
        )

    def assertStays(self, message, *people):
        for user in people:
            mine = message.with_user(user)
            for values in (*self._forgeries(message), *([] if mine.env.su else [{"subject": "Other"}])):
                with self.subTest(user=user.login, **values), self.assertRaises(UserError):
                    mine.write(values)
            with self.subTest(user=user.login), self.assertRaises(UserError):
                mine.unlink()
        self.assertTrue(message.exists())

    def test_customers_read_no_note_by_its_number(self):
        order = self._approved()
        self.assertTrue(order.with_user(self.buyer).has_access("read"))
        notes = order.sudo().message_ids.filtered(lambda message: message.subtype_id.internal or message.is_internal)
        self.assertIn("notification", notes.mapped("message_type"))
        self.assertIn("approved for Finance", "".join(notes.mapped("body")))
        for note in notes:
            with self.subTest(note=note.body):
                self.assertFalse(note.with_user(self.buyer).has_access("read"))
                with self.assertRaises(AccessError):
                    note.with_user(self.buyer).read(["body"])

    def test_customers_read_what_is_written_to_them(self):
        order = self._approved()
        order.message_subscribe(self.customer.ids)
        letter = order.message_post(body="We deliver on Monday.", subtype_xmlid="mail.mt_comment")
        told = order.message_notify(body="Please call us.", partner_ids=self.customer.ids)
        for message in (letter, told):
            self.assertIn(str(message.sudo().body), str(message.with_user(self.buyer).read(["body"])))

    def test_customers_read_no_paper_of_departments(self):
        order = self._approved()
        file = self._file(order)
        self.assertFalse(file.with_user(self.buyer).has_access("read"), "Filed by the company, for itself")

    def test_notes_of_decisions_stay(self):
        order = self._submitted()
        self._reject(order)
        note = order.sudo().message_ids.filtered(lambda message: "below cost" in (message.body or ""))[:1]
        self.assertTrue(note)
        self.assertStays(
            note, self.salesman, self.sales_head, self.finance, self.system, self.env.ref("base.user_root")
        )

    def test_nothing_is_told_of_messages_out_of_reach(self):
        order = self._submitted()
        note = order.sudo().message_ids[:1].with_user(self.other_salesman)
        for operation in (lambda: note.write({"body": "Nobody said this."}), note.unlink):
            with self.assertRaises(AccessError) as refusal:
                operation()
            self.assertNotIn(order.name, str(refusal.exception))

    def test_what_goes_on_with_a_message_goes_on(self):
        """Whom it reached, and what its readers and Odoo mark of it."""
        order = self._submitted()
        self._reject(order)
        note = order.sudo().message_ids.filtered(lambda message: "below cost" in (message.body or ""))[:1]
        preview = self.env["mail.link.preview"].sudo().create({"source_url": "https://nanhai.example"})
        for values in (
            {"message_id": "<1@nanhai.example>"},
            {"notification_ids": [Command.create({"res_partner_id": self.customer.id})]},
            {"notified_partner_ids": []},
            {"starred_partner_ids": [Command.link(self.finance.partner_id.id)]},
            {"pinned_at": "2026-01-05 08:00:00"},
            {"reaction_ids": [Command.create({"content": "👍", "partner_id": self.finance.partner_id.id})]},
            {"message_link_preview_ids": [Command.create({"link_preview_id": preview.id})]},
            {"mail_ids": [Command.create({"mail_message_id": note.id})]},
            {"reply_to": "orders@nanhai.example"},
            {"reply_to_force_new": True},
            {"mail_server_id": False},
            {"email_layout_xmlid": "mail.mail_notification_light"},
            {"email_add_signature": False},
        ):
            with self.subTest(**values), self.env.cr.savepoint():
                note.write(values)
                note.flush_recordset()

    def test_comments_are_corrected_by_who_wrote_them(self):
        order = self._submitted()
        comment = order.message_post(body="Two desks.", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertStays(comment, self.sales_head, self.system)
        for values in (
            {"body": "Three desks."},
            {"subject": "Desks"},
            {"attachment_ids": [Command.create({"name": "Sketch.txt", "raw": b"Sketch"})]},
            {"partner_ids": [Command.link(self.sales_head.partner_id.id)]},
        ):
            with self.subTest(**values):
                comment.with_user(self.salesman).write(values)
        with self.assertRaisesRegex(UserError, "is kept as it was written"):
            comment.with_user(self.salesman).author_id = self.customer
        comment.with_user(self.salesman).unlink()

    def test_nobody_writes_in_the_name_of_customers(self):
        order = self._submitted()
        said = {"body": "We agree.", "author_id": self.customer.id, "message_type": "email"}
        for user in (self.salesman, self.sales_head):
            for forge in (
                lambda user=user: order.with_user(user).message_post(**said),
                lambda user=user: (
                    self.env["mail.message"]
                    .with_user(user)
                    .create({**said, "model": "sale.order", "res_id": order.id, "date": "2026-01-01"})
                ),
                lambda user=user: (
                    self.env["mail.message"]
                    .with_user(user)
                    .create(
                        {
                            "body": "You were told.",
                            "author_id": user.partner_id.id,
                            "model": "sale.order",
                            "res_id": order.id,
                            "date": "2026-01-01",
                        }
                    )
                ),
            ):
                with self.subTest(user=user.login), self.assertRaisesRegex(AccessError, "in the name of"):
                    forge()
        order.message_post(body="Sent by an assistant.", author_id=self.sales_head.partner_id.id)
        by_app = {"body": "Handed to the printer.", "author_id": self.env.ref("base.partner_root").id}
        order.with_user(self.salesman).message_post(**by_app)
        self._order().message_post(**said)  # nobody relies on it yet

    def test_nobody_hands_in_the_mail_of_a_customer(self):
        order = self._submitted()
        for user in (self.salesman, self.sales_head, self.finance, self.buyer, self.policy_admin):
            for thread_id in (order.id, False):
                with self.subTest(user=user.login, thread_id=thread_id), self.assertRaises(AccessError):
                    self._hand_in(user, thread_id=thread_id)
        self.assertFalse(order.sudo()._messages_of_customer())
        self._hand_in(self.system, thread_id=order.id)  # as programs do that read a mailbox
        self.assertIn("We agree.", order.sudo()._messages_of_customer().body)

    def test_nobody_hands_in_values_with_a_mail(self):
        values = {"user_ids": [Command.link(self.salesman.id)]}
        for user in (self.salesman, self.system):
            with self.subTest(user=user.login), self.assertRaisesRegex(AccessError, "taken in as it is"):
                self._hand_in(user, "res.partner", custom_values=values)
        self._hand_in(self.salesman, "res.partner")

    def test_mail_brings_nothing_of_decisions(self):
        for values in (
            {"state": "sale"},
            {"policy_exempt_reason": "Forged"},
            {"review_ids": [Command.create({"decision": "approved"})]},
            {"transaction_ids": [Command.create({"state": "done"})]},
        ):
            with self.subTest(**values):
                entered = {"partner_id": self.customer.id, "company_id": self.company.id}
                order_id = self._hand_in(self.env.ref("base.user_root"), custom_values={**entered, **values})
                order = self.env["sale.order"].browse(order_id)
                self.assertEqual((order.partner_id, order.state), (self.customer, "draft"))
                self.assertFalse(order.policy_exempt_reason or order.review_ids or order.transaction_ids)

    def test_mail_brings_nothing_of_decisions_to_other_records(self):
        order = self._submitted()
        for values in ({"policy_exempt_reason": "Forged"}, {"state": "sale"}):
            orders = {"name": "Forged", "sale_order_ids": [Command.update(order.id, values)]}
            partner_id = self._hand_in(self.env.ref("base.user_root"), "res.partner", custom_values=orders)
            self.assertEqual(self.env["res.partner"].browse(partner_id).name, "Forged")
            self.assertEqual((order.state, order.policy_exempt_reason), ("draft", False))
            nested = {"child_ids": [Command.create(orders)]}
            self._hand_in(self.env.ref("base.user_root"), "res.partner", custom_values=nested)
            self.assertEqual((order.state, order.policy_exempt_reason), ("draft", False))

    def test_mail_brings_no_payment_to_an_invoice(self):
        brought = {"ref": "Bill 7", "transaction_ids": [Command.create({"state": "done"})]}
        self.assertEqual(self.env["mail.thread"]._without_decisions("account.move", brought), {"ref": "Bill 7"})

    def _hand_in(self, user, model="sale.order", **values):
        """Hand in an e-mail of the customer, as a program does that reads a mailbox."""
        self.mails = getattr(self, "mails", 0) + 1
        mail = (
            f"From: {self.customer.email}\r\nTo: orders@nanhai.example\r\nSubject: Yes\r\n"
            f"Message-Id: <{self.mails}@ningbo.example>\r\nContent-Type: text/plain\r\n\r\nWe agree."
        )
        return self.env[model].with_user(user).message_process(model, mail, **values)

    def test_message_of_a_confirmation_stays(self):
        order = self._approved()
        message = mail_in(order, "We confirm.", author_id=self.customer.id, attachments=[("Yes.txt", b"Yes")])
        self._record(order, "email", note=False, message_id=message.id)
        file = message.attachment_ids
        self.assertStays(message, self.salesman, self.system, self.env.ref("base.user_root"))
        self._came_later(file)
        for user in (self.sales_head, self.system, self.env.ref("base.user_root")):
            with self.assertRaisesRegex(UserError, "belongs to the customer's confirmation of"):
                file.with_user(user).unlink()
        confirmation = order.confirmation_ids
        self.assertEqual(confirmation.message_text, "We confirm.")
        self.assertEqual(confirmation.message_from, message.email_from or self.customer.display_name)
        copy = confirmation.attachment_ids
        self.assertEqual((copy.name, copy.raw), ("Yes.txt", b"Yes"))
        self.assertNotEqual(copy, file)

    def test_customer_does_not_empty_what_was_confirmed_by(self):
        order = self._approved()
        message = (
            order.sudo()
            .with_user(self.buyer)
            .sudo()
            .message_post(
                body="We confirm.",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=self.customer.id,
                attachments=[("Yes.txt", b"Yes")],
            )
        )
        self._record(order, "email", note=False, message_id=message.id)
        self.env.flush_all()
        self.authenticate("buyer", "buyer")
        for data in ({"body": "", "attachment_ids": []}, {"body": "We never agreed."}):
            answer = self.url_open(
                "/mail/message/update_content",
                json={"params": {"message_id": message.id, "update_data": data}},
            ).json()
            self.assertIn("error", answer)
        self.env.invalidate_all()
        self.assertIn("We confirm.", message.body)
        self.assertTrue(message.attachment_ids.exists())

    def test_customer_does_not_rewrite_what_was_decided_by(self):
        order = self._submitted()
        message = (
            order.sudo()
            .with_user(self.buyer)
            .sudo()
            .message_post(body="Two metres.", message_type="comment", author_id=self.customer.id)
        )
        message.body = "Two metres, please."
        self._decided(order)
        with self.assertRaisesRegex(UserError, "is kept as it was written"):
            message.body = "Three metres."

    def test_messages_go_with_a_quotation_that_nobody_reviewed(self):
        order = self._order()
        comment = order.message_post(body="A draft.")
        comment.with_user(self.sales_head).body = "Another."
        order.with_user(self.sales_head).unlink()
        self.assertFalse(comment.exists())

    def test_done_activities_keep_their_files(self):
        order = self._submitted()
        file = self.env["ir.attachment"].with_user(self.salesman).create({"name": "Call.txt", "raw": b"Agreed"})
        activity = order.activity_schedule("mail.mail_activity_data_call", user_id=self.salesman.id)
        activity.with_user(self.salesman).action_feedback("Called", attachment_ids=file.ids)
        self.assertIn(file, order.message_ids.attachment_ids)

    def test_files_that_reviewers_saw_stay(self):
        order = self._submitted()
        files = self._file(order)
        message = order.message_post(body="See there.", attachments=[("Sketch.txt", b"Sketch")])
        files += message.attachment_ids
        free = self._file(order, "Free.txt")
        self._decided(order)
        self._came_later(free)
        for file in files:
            for user in (self.salesman, self.system, self.env.ref("base.user_root")):
                mine = file.with_user(user)
                for values in (
                    {"raw": b"Three metres."},
                    {"datas": base64.b64encode(b"Three metres.")},
                    {"name": "Other.txt"},
                    {"type": "url", "url": "https://elsewhere.example"},
                    {"mimetype": "text/html"},
                    {"public": True},
                    {"res_id": self._order().id},
                    {"res_model": "res.partner", "res_id": self.customer.id},
                    {"access_token": "guess"} if user != self.env.ref("base.user_root") else {"public": True},
                ):
                    with self.subTest(user=user.login, **values), self.assertRaisesRegex(UserError, "kept as it is"):
                        mine.write(values)
                with self.assertRaisesRegex(UserError, "kept as it is"):
                    mine.unlink()
        # What it is may be said afterwards, once.
        files[0].policy_document_id = self.env.ref("order_policy.document_original")
        with self.assertRaisesRegex(UserError, "kept as it is"):
            files[0].policy_document_id = self.env.ref("order_policy.document_confirmation")
        files[0].description = "As drawn by the customer"
        odoo = files[0].with_user(self.env.ref("base.user_root"))
        for values in (
            {"thumbnail": False},
            {"index_content": "two metres"},
            {"original_id": free.id},
            {"access_token": odoo._generate_access_token()},
        ):
            odoo.write(values)
        free.name = "Renamed.txt"
        free.unlink()

    def test_no_field_is_filled_by_a_file(self):
        order = self._approved(require_signature=True)
        confirmation = order.sudo().confirmation_ids
        field = {"res_model": "sale.order", "res_id": order.id, "res_field": "signature"}
        for user in (self.salesman, self.sales_head, self.system):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._file(order, user=user, datas=self._signature(), res_field="signature")
                loose = self.env["ir.attachment"].with_user(user).create({"name": "s.png", "datas": self._signature()})
                with self.assertRaises(AccessError):
                    loose.write(field)
                with self.assertRaises(AccessError):
                    loose.copy(field)
        order.sudo().write({"signature": self._signature(), "signed_by": "Wang", "signed_on": "2026-03-02 08:00:00"})
        confirmation = order.sudo().confirmation_ids
        for record in (order, confirmation):
            file = self.env["ir.attachment"].search(
                [("res_model", "=", record._name), ("res_id", "=", record.id), ("res_field", "=", "signature")]
            )
            self.assertTrue(file)
            for user in (self.salesman, self.sales_head, self.system):
                mine = file.with_user(user)
                for operation in (
                    lambda mine=mine: mine.write({"datas": self._signature()}),
                    lambda mine=mine: mine.write({"res_field": False}),
                    lambda mine=mine: mine.write({"res_id": 0}),
                    mine.unlink,
                ):
                    with self.subTest(user=user.login, record=record._name), self.assertRaises(AccessError):
                        operation()
        self.assertTrue(order.signature)

    def test_uploads_are_no_pages_of_the_company(self):
        order = self._order()
        harmless = self._file(order)
        pages = self._file(order, "Page.html", self.env.ref("base.user_root"), raw=b"<html><script>1</script></html>")
        pages += self._file(
            order, "Picture.svg", self.env.ref("base.user_root"), raw=b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        )
        self.env.flush_all()
        self.authenticate("salesman", "salesman")
        for page in pages:
            for url in (f"/web/content/{page.id}", f"/web/content/{page.id}?download=0", f"/web/image/{page.id}"):
                answer = self.url_open(url)
                self.assertNotRegex(answer.headers["Content-Type"], "html|svg|xml", url)
        self.assertIn("text/plain", self.url_open(f"/web/content/{harmless.id}").headers["Content-Type"])

    def test_what_browsers_show_without_running_it_is_shown(self):
        order, odoo = self._order(), self.env.ref("base.user_root")
        elsewhere = self.env["ir.attachment"].sudo().create({"name": "Page", "raw": b"x", "public": True})
        elsewhere.mimetype = "text/html"
        expected = {elsewhere: "text/html"}  # which is Odoo's business
        for mimetype, shown in (
            ("application/pdf", True),
            ("audio/mpeg", True),
            ("image/png", True),
            ("text/plain", True),
            ("video/mp4", True),
            ("image/svg+xml", False),
            ("text/html", False),
            ("text/xml", False),
        ):
            file = self._file(order, "File", odoo, raw=b"content")
            file.mimetype = mimetype
            expected[file] = mimetype if shown else "application/octet-stream"
        self.env.flush_all()
        self.authenticate("salesman", "salesman")
        for file, mimetype in expected.items():
            with self.subTest(mimetype=file.mimetype):
                self.assertIn(mimetype, self.url_open(f"/web/content/{file.id}").headers["Content-Type"])
