"""How orders come in. One file, because each order passes all of it before anybody reviews it."""

import base64
import io
import zipfile
from email.message import EmailMessage
from unittest.mock import patch

from psycopg2 import IntegrityError
from pypdf import PdfWriter

from odoo import fields
from odoo.addons.base.models import ir_actions_report
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..exceptions import OrderIncomplete
from ..models.intake import order_policy_document
from .common import OrderPolicyCommon, pdf

PDF = pdf("Order form of the customer")
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# Sectors of 512 bytes; their table is sector 0, the directory sector 1.
OLE_HEADER = (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(22) + b"\x09" + bytes(13) + b"\x01\0\0\0\x01").ljust(512, b"\0")


class IntakeCase(OrderPolicyCommon):
    """Puts policies with requirements in force."""

    @classmethod
    def _put_in_force(cls, *requirements, **values):
        policy = cls._policy(
            requirement_ids=[Command.create(requirement) for requirement in requirements], **values
        ).with_user(cls.policy_admin)
        policy.action_activate()
        return policy

    @classmethod
    def _requirement(cls, name, *field_names, kind="order", **values):
        """Return the values of a requirement of one of some fields."""
        model = cls.env["order.policy.requirement"].MODELS.get(kind)
        chosen = cls.env["ir.model.fields"].concat(
            *(cls.env["ir.model.fields"]._get(model, field_name) for field_name in field_names)
        )
        return {"name": name, "kind": kind, "field_ids": [Command.set(chosen.ids)], **values}

    @classmethod
    def _channel(cls, code):
        return cls.env.ref(f"order_policy.channel_{code}")

    def _papers(self, order, document):
        self.env.invalidate_all()
        kind = self.env.ref(f"order_policy.document_{document}")
        return order.sudo().policy_paper_ids.filtered(lambda paper: paper.policy_document_id == kind)

    def _missing(self, order):
        """Return what keeps an order from being submitted: label, model, id and field of each."""
        with self.assertRaises(OrderIncomplete) as refusal:
            order.action_policy_submit()
        [listed] = refusal.exception.context["orders"]
        self.assertEqual((listed["id"], listed["name"]), (order.id, order.name))
        return [tuple(item.get(key) for key in ("label", "model", "res_id", "field")) for item in listed["items"]]

    def _assert_submitted(self, order):
        order.action_policy_submit()
        self.assertTrue(order.policy_submitted_on)


@tagged("post_install", "-at_install")
class TestRequirements(IntakeCase):
    """An order is submitted only when what the policy requires is there (articles 2.5, 3.5, 3.6)."""

    def test_field_of_the_order(self):
        self._put_in_force(self._requirement("Customer's number", "client_order_ref"))
        order = self._order()
        self.assertEqual(self._missing(order), [("Customer's number", "sale.order", order.id, "client_order_ref")])
        self.assertFalse(order.policy_submitted_on)
        order.client_order_ref = "PO 7"
        self._assert_submitted(order)

    def test_blank_text_is_missing(self):
        self._put_in_force(self._requirement("Customer's number", "client_order_ref"))
        self.assertTrue(self._missing(self._order(client_order_ref="  ")))

    def test_empty_editor_is_missing(self):
        self._put_in_force(self._requirement("Terms", "note"))
        self.assertTrue(self._missing(self._order(note="<p><br></p>")))
        self._assert_submitted(self._order(note="<p>Free on board</p>"))

    def test_one_of_several_fields(self):
        self._put_in_force(self._requirement("Phone or e-mail", "phone", "email", kind="customer"))
        self._assert_submitted(self._order())
        self.customer.write({"email": False, "phone": "+86 574 1234"})
        self._assert_submitted(self._order())
        self.customer.phone = False
        self.assertEqual(
            self._missing(self._order()),
            [("Phone or e-mail of Ningbo Trading", "res.partner", self.customer.id, "email")],  # by their names
        )

    def test_nothing_is_missing_of_no_customer(self):
        self._put_in_force(self._requirement("Phone", "phone", kind="customer"))
        with Form(self.env["sale.order"].with_user(self.salesman)) as form:
            self.assertNotIn("Phone", form.policy_explanation)
            self.assertNotIn("False", form.policy_explanation)
            form.partner_id = self.customer

    def test_customer_is_complete_by_its_company(self):
        self._put_in_force(self._requirement("Phone", "phone", kind="customer"))
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        order = self._order(partner_id=buyer.id)
        [(label, model, res_id, _field)] = self._missing(order)
        self.assertEqual((label, model, res_id), ("Phone of Ningbo Trading, Buyer", "res.partner", buyer.id))
        self.customer.phone = "+86 574 1234"
        self._assert_submitted(order)

    def test_contact_is_enough(self):
        self._put_in_force(self._requirement("Phone", "phone", kind="customer"))
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id, "phone": "1"})
        self._assert_submitted(self._order(partner_id=buyer.id))

    def test_zero_quantity_is_missing_and_zero_price_is_a_price(self):
        self._put_in_force(
            self._requirement("Quantity", "product_uom_qty", kind="line"),
            self._requirement("Price", "price_unit", kind="line"),
        )
        order = self._order((self.desk, 0, 1000.0), (self.chair, 2, 0.0))
        self.assertEqual(
            self._missing(order),
            [("Quantity of Desk", "sale.order", order.id, "order_line")],
        )
        order.order_line[0].product_uom_qty = 1
        self._assert_submitted(order)

    def test_sections_and_notes_need_no_quantity(self):
        self._put_in_force(self._requirement("Quantity", "product_uom_qty", kind="line"))
        order = self._order()
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Office"}),
            Command.create({"display_type": "line_note", "name": "Handle with care"}),
        ]
        self._assert_submitted(order)

    def test_only_for_some_channels(self):
        self._put_in_force(
            self._requirement(
                "Customer's number", "client_order_ref", channel_ids=[Command.set(self._channel("marketplace").ids)]
            )
        )
        self._assert_submitted(self._order())
        self._assert_submitted(self._order(channel_id=self._channel("phone").id))
        self.assertTrue(self._missing(self._order(channel_id=self._channel("marketplace").id)))

    def test_paper(self):
        contract = self.env.ref("order_policy.document_contract")
        self._put_in_force({"name": "Signed contract", "kind": "document", "document_id": contract.id})
        order = self._order()
        self._paper(order, "other")
        self.assertEqual(self._missing(order), [("Signed contract", "sale.order", order.id, "policy_paper_ids")])
        self._paper(order, "contract")
        self._assert_submitted(order)

    def test_paper_of_another_order_does_not_count(self):
        contract = self.env.ref("order_policy.document_contract")
        self._put_in_force({"name": "Signed contract", "kind": "document", "document_id": contract.id})
        self._paper(self._order(), "contract")
        self.assertTrue(self._missing(self._order()))

    def test_everything_of_all_orders_in_one_message(self):
        self._put_in_force(
            self._requirement("Customer's number", "client_order_ref"),
            self._requirement("Delivery time", "commitment_date"),
        )
        complete = self._order(client_order_ref="PO 1", commitment_date=fields.Datetime.now())
        both, one = self._order(), self._order(client_order_ref="PO 2")
        with self.assertRaises(OrderIncomplete) as refusal:
            (both | complete | one).action_policy_submit()
        self.assertEqual(
            str(refusal.exception),
            f"{both.name} cannot be submitted yet:\n• Customer's number\n• Delivery time\n"
            f"{one.name} cannot be submitted yet:\n• Delivery time",
        )
        self.assertEqual([order["id"] for order in refusal.exception.context["orders"]], [both.id, one.id])
        self.assertFalse(complete.policy_submitted_on, "All or none")

    def test_field_that_was_deleted(self):
        field = self.env["ir.model.fields"].create(
            {
                "name": "x_colour",
                "field_description": "Colour",
                "ttype": "char",
                "state": "manual",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
            }
        )
        self._put_in_force(self._requirement("Colour", "x_colour"))
        self.assertEqual(self._missing(self._order())[0][0], "Colour")
        field.unlink()
        order = self._order()
        [(label, *_where)] = self._missing(order)
        self.assertIn("Colour: the field that the policy asks for does not exist any more", label)
        self.assertIn("administrator of the order policy", label)

    def test_nothing_is_chosen(self):
        for values, sentence in (
            ({"kind": "order"}, "choose the field that is required"),
            ({"kind": "document"}, "choose the kind of paper that is required"),
        ):
            with self.assertRaisesRegex(ValidationError, f"Nothing: {sentence}"):
                self._policy(requirement_ids=[Command.create({"name": "Nothing", **values})])

    def test_field_of_something_else(self):
        wrong = {**self._requirement("Phone", "phone", kind="customer"), "kind": "order"}
        with self.assertRaisesRegex(ValidationError, "does not belong to “Field of the order”. Choose it again"):
            self._policy(requirement_ids=[Command.create(wrong)])

    def test_required_in_words(self):
        policy = self._put_in_force(self._requirement("Contact", "phone", "email", kind="customer"))
        self.assertEqual(set(policy.requirement_ids.what_in_words.split(" or ")), {"Phone", "Email"})

    def test_administrator_of_the_policy_sets_it_up_on_the_form(self):
        with Form(self._policy().with_user(self.policy_admin)) as policy, policy.requirement_ids.new() as requirement:
            requirement.name = "Delivery time"
            requirement.field_ids.add(self.env["ir.model.fields"]._get("sale.order", "commitment_date"))


@tagged("post_install", "-at_install")
class TestPapers(IntakeCase):
    """Channels that demand the customer's own paper, and what can be filed as a paper (articles 2.4, 2.5, 3.4)."""

    def test_channel_that_demands_the_original(self):
        self._put_in_force()
        order = self._order(channel_id=self._channel("fax").id)
        self.assertEqual(
            self._missing(order),
            [("Order Original, which orders by Fax need", "sale.order", order.id, "policy_paper_ids")],
        )
        self._paper(order, "copy")
        self.assertTrue(self._missing(order), "Another kind of paper does not do")
        self._paper(order)
        self._assert_submitted(order)

    def test_paper_is_added_on_the_form(self):
        self._put_in_force()
        order = self._order(channel_id=self._channel("fax").id)
        with Form(order) as form, form.policy_paper_ids.new() as paper:
            paper.policy_document_id = self.env.ref("order_policy.document_original")
            paper.datas = base64.b64encode(b"One desk, please.")
            paper.name = "fax.txt"
        self.assertEqual(order.policy_paper_ids.mapped("name"), ["fax.txt"])
        self._assert_submitted(order)

    def test_channel_that_demands_nothing(self):
        self._put_in_force()
        self._assert_submitted(self._order(channel_id=self._channel("phone").id))

    def test_plain_attachment_is_filed_afterwards(self):
        self._put_in_force()
        order = self._order(channel_id=self._channel("fax").id)
        paper = self._paper(order, "other")
        self.assertTrue(self._missing(order))
        paper.policy_document_id = self.env.ref("order_policy.document_original")
        self._assert_submitted(order)

    def test_empty_file(self):
        with self.assertRaisesRegex(ValidationError, "“order.pdf” cannot be filed: the file is empty.*attach that"):
            self._paper(self._order(), content=b"", name="order.pdf")

    def test_file_that_nobody_can_read_in_years(self):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("order.txt", "One desk")
        program = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(64)
        protected_office_file = OLE_HEADER + "EncryptedPackage".encode("utf-16-le") + bytes(1024)
        for name, content, reason in (
            ("order.pdf", packed.getvalue(), "it is a packed file"),
            ("order.exe", program, "it is of (the|a) type .*not kept"),
            ("order.pdf", program, "it is of (the|a) type .*not kept"),
            ("order.pdf", PDF[: len(PDF) // 2], "the PDF is damaged"),
            ("order.pdf", pdf(password="secret"), "the PDF is protected by a password"),
            ("order.docx", packed.getvalue()[:60], "the document is damaged"),
            ("order.doc", OLE_HEADER, "the document is damaged"),
            ("order.xlsx", protected_office_file, "the document is protected by a password"),
            ("scan.png", PICTURE[:40], "the picture is damaged"),
        ):
            with (
                self.subTest(name=name, reason=reason),
                self.assertRaisesRegex(ValidationError, f"“{name}” cannot be filed: {reason}.*as a PDF, and attach"),
            ):
                self._paper(self._order(), name=name, content=content)

    def test_documents_that_do_not_open(self):
        empty = io.BytesIO()
        PdfWriter().write(empty)
        protected = self._packed(**{"META-INF/manifest.xml": '<manifest:encryption-data manifest:checksum="x"/>'})
        entry_protected = bytearray(self._packed(**{"[Content_Types].xml": "<Types/>"}))
        entry_protected[entry_protected.index(b"PK\x01\x02") + 8] |= 1  # as the list of what is packed says
        altered = bytearray(self._packed(**{"META-INF/manifest.xml": "<manifest/>" * 9}))
        altered[altered.index(b"manifest.xml") + 20] ^= 255
        tables_beyond = OLE_HEADER[:76] + (9).to_bytes(4, "little") + OLE_HEADER[80:] + bytes(2048)
        for name, content, reason in (
            ("empty.pdf", empty.getvalue(), "the PDF has no page"),
            ("order.odt", protected, "the document is protected by a password"),
            ("order.docx", bytes(entry_protected), "the document is protected by a password"),
            ("order.odt", bytes(altered), "the document is damaged"),
            ("order.doc", OLE_HEADER[:20], "the document is damaged"),
            ("order.doc", tables_beyond, "the document is damaged"),
            ("data.bin", b"\0\1\2\3" * 40, "it is of a type that is not kept"),
        ):
            with (
                self.subTest(name=name, reason=reason),
                self.assertRaisesRegex(ValidationError, f"“{name}” cannot be filed: {reason}"),
            ):
                self._paper(self._order(), name=name, content=content)

    def test_large_documents_are_read_to_their_end(self):
        marker = "EncryptedPackage".encode("utf-16-le")
        for name, content, reason in (
            # What tells that it is protected may lie across two parts that are read one after the other.
            ("order.xls", OLE_HEADER + bytes(512 - len(marker) // 2) + marker + bytes(512), "protected by a password"),
            ("call.txt", b"One desk, please. " * 60 + b"\0", "of a type that is not kept"),
            ("call.txt", b"One desk, please. " * 60 + b"\xff\xff oak", "of a type that is not kept"),
        ):
            with (
                self.subTest(name=name, reason=reason),
                patch.object(order_policy_document, "CHUNK", 512),
                self.assertRaisesRegex(ValidationError, reason),
            ):
                self._paper(self._order(), name=name, content=content)

    def _packed(self, **entries):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, text in entries.items():
                archive.writestr(name, text)
        return content.getvalue()

    def test_kinds_of_paper_that_are_used_are_not_deleted(self):
        administrator = self.policy_admin
        used, unused = (
            self.env["order.policy.document"].with_user(administrator).create({"name": name})
            for name in ("Drawing", "Sample")
        )
        paper = self._paper(self._order(), False)
        paper.policy_document_id = used.id
        for kind in (used, self.env.ref("order_policy.document_original").with_user(administrator)):
            with self.assertRaisesRegex(UserError, f"{kind.name} cannot be deleted.*Archive it instead"):
                kind.unlink()
        unused.unlink()
        self.assertEqual(paper.policy_document_id, used)

    def test_channels_count_their_orders(self):
        fax, phone = self._channel("fax"), self._channel("phone")
        before = fax.order_count
        self._order(channel_id=fax.id)
        self._order(channel_id=phone.id)
        self.env.flush_all()
        fax.invalidate_recordset()
        self.assertEqual(fax.order_count, before + 1)
        found = self.env["sale.order"].search(fax.action_view_orders()["domain"])
        self.assertEqual(found.channel_id, fax)

    def test_files_that_can_be_read(self):
        order = self._order()
        document = io.BytesIO()
        with zipfile.ZipFile(document, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
        for name, content in (
            ("a.pdf", PDF),
            ("scan.png", PICTURE),
            ("call.txt", b"One desk, please."),
            ("note.txt", b"BMW orders one desk."),
            ("order.txt", "订单：办公桌一张".encode("gb18030")),
            ("order.docx", document.getvalue()),
            ("order.odt", self._packed(**{"META-INF/manifest.xml": "<manifest/>"})),
            ("order.txt", "One desk, please.".encode("utf-16")),
            ("order.doc", OLE_HEADER + bytes(1024)),
            ("mail.eml", b"From: buyer@ningbo.example\n\nOne desk, please."),
        ):
            with self.subTest(name=name):
                self.assertTrue(self._paper(order, name=name, content=content))

    def test_file_is_not_exchanged_for_one_that_cannot_be_filed(self):
        paper = self._paper(self._order())
        for content in (b"", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(64)):
            with self.assertRaises(ValidationError):
                paper.raw = content

    def test_unreadable_attachment_is_not_filed_afterwards(self):
        order = self._order()
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.salesman)
            .create(
                {"name": "order.zip", "raw": b"PK\x03\x04" + bytes(40), "res_model": "sale.order", "res_id": order.id}
            )
        )
        with self.assertRaisesRegex(ValidationError, "cannot be filed"):
            attachment.policy_document_id = self.env.ref("order_policy.document_original")

    def test_link_is_no_paper(self):
        order = self._order()
        with self.assertRaisesRegex(ValidationError, "the file is empty"):
            self.env["ir.attachment"].with_user(self.salesman).create(
                {
                    "name": "order.pdf",
                    "type": "url",
                    "url": "https://example.com/order.pdf",
                    "res_model": "sale.order",
                    "res_id": order.id,
                    "policy_document_id": self.env.ref("order_policy.document_original").id,
                }
            )

    def test_other_salesman_files_nothing(self):
        order = self._order()
        with self.assertRaises(AccessError):
            self._paper(order, user=self.other_salesman)


@tagged("post_install", "-at_install")
class TestArrival(IntakeCase):
    """When an order arrived, and how long it took to enter it (article 2.5)."""

    def test_arrival_in_the_future(self):
        for operation in (
            lambda: self._order(received_on=fields.Datetime.add(fields.Datetime.now(), hours=1)),
            lambda: self._order().write({"received_on": fields.Datetime.add(fields.Datetime.now(), days=1)}),
        ):
            with self.assertRaisesRegex(ValidationError, "cannot have arrived in the future"):
                operation()

    def test_time_to_entry(self):
        self.assertAlmostEqual(self._order().entry_hours, 0.0, 1)
        order = self._order(received_on=fields.Datetime.subtract(fields.Datetime.now(), hours=3))
        self.assertAlmostEqual(order.entry_hours, 3.0, 1)
        order.received_on = fields.Datetime.subtract(fields.Datetime.now(), hours=5)
        self.assertAlmostEqual(order.entry_hours, 5.0, 1)

    def test_average_by_channel(self):
        fax = self.env["order.policy.channel"].create({"name": "Telex"})
        for hours in (2, 4):
            received_on = fields.Datetime.subtract(fields.Datetime.now(), hours=hours)
            self._order(channel_id=fax.id, received_on=received_on)
        [(average,)] = self.env["sale.order"]._read_group([("channel_id", "=", fax.id)], [], ["entry_hours:avg"])
        self.assertAlmostEqual(average, 3.0, 1)

    def test_time_to_entry_is_not_entered(self):
        with self.assertRaises(AccessError):
            self._order().write({"entry_hours": 0.0})

    def test_copy_arrives_now_by_the_same_channel(self):
        order = self._order(
            channel_id=self._channel("phone").id,
            received_on=fields.Datetime.subtract(fields.Datetime.now(), days=3),
        )
        copy = order.copy()
        self.assertEqual(copy.channel_id, self._channel("phone"))
        self.assertAlmostEqual(copy.entry_hours, 0.0, 1)


@tagged("post_install", "-at_install")
class TestOrdersByEmail(IntakeCase):
    """An e-mail to the alias of orders becomes an order, with what the customer sent as its original (article 1.4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create({"name": "nanhai.example"})
        cls.env["mail.alias"].create(
            {
                "alias_name": "orders",
                "alias_domain_id": domain.id,
                "alias_model_id": cls.env["ir.model"]._get_id("sale.order"),
                "alias_defaults": {"company_id": cls.company.id},
                "alias_contact": "everyone",
            }
        )
        cls._put_in_force()

    def _receive(self, *files, sender="buyer@ningbo.example", text="Please send one desk.", subject="PO 4711"):
        """Receive an e-mail with some files, and return the order that it made."""
        mail = self._mail(sender, text, subject)
        for name, content in files:
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        return self._deliver(mail)

    def _mail(self, sender="buyer@ningbo.example", text="Please send one desk.", subject="PO 4711"):
        mail = EmailMessage()
        mail["From"] = f"Buyer <{sender}>"
        mail["To"] = "orders@nanhai.example"
        mail["Subject"] = subject
        mail["Message-Id"] = f"<{len(self.env['sale.order'].search([]))}-{subject}@ningbo.example>".replace(" ", "")
        mail["Date"] = "Mon, 01 Jun 2026 08:00:00 +0800"
        mail.set_content(text)
        return mail

    def _deliver(self, mail):
        """Receive an e-mail as the mail server delivers it."""
        order_id = self.env["mail.thread"].sudo().message_process(None, mail.as_bytes())
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["sale.order"].browse(order_id)

    def test_order_of_a_known_customer(self):
        order = self._receive()
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.channel_id, self._channel("email"))
        self.assertEqual(order.company_id, self.company)
        self.assertEqual(order.client_order_ref, "PO 4711")
        self.assertTrue(order.name.startswith("S"), "It is numbered like any other")
        self.assertEqual(order.policy_stage, "intake")
        self.assertEqual(fields.Datetime.to_string(order.received_on), "2026-06-01 00:00:00")

    def test_who_wrote_is_the_customer(self):
        twin = self.customer.copy({"email": self.customer.email})
        values = {"author_id": twin.id, "email_from": self.customer.email, "subject": "PO 1", "company_id": 1}
        self.assertEqual(self.env["sale.order"].sudo().message_new(values).partner_id, twin)

    def _alias(self, **values):
        self.env["mail.alias"].search([("alias_name", "=", "orders")]).write(values)

    def _assigned_to(self, user, order):
        """Make sure that somebody is the salesperson of an order, is told so, and sees it."""
        self.assertEqual(order.user_id, user)
        self.assertIn(user.partner_id, order.message_partner_ids)
        told = (
            order.message_ids.notified_partner_ids
            | self.env["mail.message"]
            .search(
                [("model", "=", "sale.order"), ("res_id", "=", order.id), ("message_type", "=", "user_notification")]
            )
            .notified_partner_ids
        )
        self.assertIn(user.partner_id, told)
        self.assertTrue(order.with_user(user).has_access("write"))

    def test_salesperson_of_the_customer(self):
        self.customer.user_id = self.other_salesman
        self._assigned_to(self.other_salesman, self._receive())

    def test_owner_of_the_alias_comes_first(self):
        self.customer.user_id = self.other_salesman
        self._alias(
            alias_parent_model_id=self.env["ir.model"]._get_id("res.users"), alias_parent_thread_id=self.salesman.id
        )
        self._assigned_to(self.salesman, self._receive())
        self._alias(alias_defaults={"company_id": self.company.id, "user_id": self.sales_head.id})
        self._assigned_to(self.sales_head, self._receive(subject="PO 4712"))

    def test_leader_of_the_sales_team(self):
        self.env["crm.team"].create(
            {"name": "Without Leader", "company_id": self.company.id, "user_id": False, "sequence": -1}
        )
        team = self.env["crm.team"].create(
            {"name": "Export", "company_id": self.company.id, "user_id": self.sales_head.id, "sequence": 0}
        )
        self._assigned_to(self.sales_head, self._receive())
        team.user_id = self.other_salesman
        self._alias(alias_parent_model_id=self.env["ir.model"]._get_id("crm.team"), alias_parent_thread_id=team.id)
        order = self._receive(subject="PO 4712")
        self._assigned_to(self.other_salesman, order)
        self.assertEqual(order.team_id, team)

    def test_nobody_is_in_charge(self):
        self.env["crm.team"].search([]).user_id = False
        self.assertFalse(self._receive().user_id, "Nobody, and no program")

    def test_new_customer(self):
        order = self._receive(sender="new@shanghai.example")
        self.assertEqual(order.partner_id.email, "new@shanghai.example")

    def test_text_is_the_original(self):
        paper = self._papers(self._receive(), "original")
        self.assertEqual((paper.name, paper.mimetype), ("PO 4711.txt", "text/plain"))
        self.assertIn(b"Please send one desk.", paper.raw)

    def test_attachments_are_the_original(self):
        order = self._receive(("order.pdf", PDF), ("drawing.pdf", pdf("Drawing")))
        papers = self._papers(order, "original")
        self.assertEqual(set(papers.mapped("name")), {"order.pdf", "drawing.pdf"})
        self.assertEqual(papers.filtered(lambda paper: paper.name == "order.pdf").raw, PDF)

    def test_logo_in_the_text_is_not_the_original(self):
        logo = b"\x89PNG\r\n\x1a\n" + bytes(32)
        mail = self._mail()
        mail.add_alternative("<p>Please send one desk.</p><img src='cid:logo'>", subtype="html")
        mail.get_payload()[1].add_related(logo, "image", "png", cid="<logo>", filename="logo.png")
        paper = self._papers(self._deliver(mail), "original")
        self.assertEqual(paper.mapped("name"), ["PO 4711.txt"])
        self.assertIn(b"Please send one desk.", paper.raw)

    def test_program_is_not_the_original(self):
        program = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(64)
        order = self._receive(("order.exe", program))
        self.assertEqual(self._papers(order, "original").name, "PO 4711.txt")

    def test_types_that_can_be_opened_in_years_are_kept(self):
        documents = self.env["order.policy.document"]
        for mimetype, kept in (
            ("image/png", True),
            ("text/csv", True),
            ("message/rfc822", True),
            ("application/xml", True),
            ("application/json", True),
            ("application/msword", True),
            ("application/vnd.ms-excel", True),
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", True),
            ("application/vnd.oasis.opendocument.text", True),
            ("application/CDFV2", True),
            ("application/x-ole-storage", True),
            ("application/pdf", True),
            ("application/octet-stream", True),
            ("application/x-executable", False),
            ("video/mp4", False),
        ):
            guessed = patch.object(order_policy_document, "guess_mimetype", lambda _head, mimetype=mimetype: mimetype)
            with self.subTest(mimetype=mimetype), guessed:
                refusal = documents._why_not_readable(io.BytesIO(b"Two desks")) or ""
                self.assertEqual(refusal == f"it is of the type {mimetype}, which is not kept", not kept)

    def test_protected_file_is_kept_and_sales_is_told(self):
        protected = pdf(password="secret")
        self.env["mail.alias"].search([("alias_name", "=", "orders")]).alias_defaults = repr(
            {"company_id": self.company.id, "user_id": self.salesman.id}
        )
        order = self._receive(("order.pdf", protected), ("drawing.pdf", PDF))
        self.assertEqual(self._papers(order, "original").name, "drawing.pdf")
        kept = order.with_user(self.salesman).policy_file_ids
        self.assertEqual((kept.name, kept.raw), ("order.pdf", protected))
        activity = order.sudo().activity_ids
        self.assertEqual(activity.user_id, self.salesman)
        self.assertIn("“order.pdf”: the PDF is protected by a password", activity.note)

    def test_what_is_no_paper_is_told_on_the_order_where_nobody_sells_it(self):
        self.env["mail.alias"].search([("alias_name", "=", "orders")]).alias_defaults = repr(
            {"company_id": self.company.id, "user_id": False}
        )
        order = self._receive(("order.pdf", pdf(password="secret")))
        self.assertFalse(order.user_id)
        notes = order.sudo().message_ids.filtered(lambda message: "protected by a password" in (message.body or ""))
        self.assertEqual(len(notes), 1)

    def test_reply_is_no_second_original(self):
        order = self._receive()
        order.sudo().message_post(
            body="One more thing", author_id=self.customer.id, message_type="email",
            attachments=[("late.pdf", PDF)],
        )  # fmt: skip
        self.assertEqual(self._papers(order, "original").name, "PO 4711.txt")

    def test_order_is_submitted_with_its_original(self):
        order = self._receive()
        order.sudo().user_id = self.salesman
        order = order.with_user(self.salesman)
        order.order_line = [Command.create({"product_id": self.desk.id, "tax_ids": False})]
        self._assert_submitted(order)

    def test_quotation_sent_by_us_files_nothing(self):
        order = self._order(channel_id=self._channel("email").id)
        order.message_post(body="Our quotation", message_type="comment", attachments=[("quotation.pdf", PDF)])
        self.assertFalse(self._papers(order, "original"))


@tagged("post_install", "-at_install")
class TestProofreading(IntakeCase):
    """Somebody other than who entered the order proofreads it before departments look at it (article 3.5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proofreader = cls._user("proofreader", "sales_team.group_sale_salesman_all_leads")
        cls.sales_department.member_ids += cls.proofreader
        cls._proofread_first()

    @classmethod
    def _proofread_first(cls, **values):
        policy = cls._policy(**values).with_user(cls.policy_admin)
        policy.step_ids[2:].unlink()
        policy.step_ids = [Command.create(cls._step("Proofreading", 5, cls.sales_department, (), kind="proofread"))]
        policy.action_activate()

    def _proofreading(self, order):
        return self._review(order, self.sales_department)

    def test_order_stays_in_intake(self):
        order = self._submitted()
        self.assertEqual(order.policy_stage, "intake")
        self.assertEqual(self._states(order)[:2], ["waiting", "waiting"])
        self.assertFalse(order.proofread_by_id or order.proofread_on)

    def test_colleague_proofreads(self):
        order = self._submitted()
        self._proofreading(order).with_user(self.proofreader).action_approve()
        self.assertEqual(order.policy_stage, "review")
        self.assertEqual(order.proofread_by_id, self.proofreader)
        self.assertEqual(order.proofread_on, self._proofreading(order).decided_on)
        self.assertEqual(self._states(order)[:2], ["pending", "pending"])

    def test_nobody_proofreads_what_he_entered(self):
        order = self._submitted()
        with self.assertRaisesRegex(AccessError, "nobody decides on an order or a request that he entered"):
            self._proofreading(order).with_user(self.salesman).action_approve()

    def test_not_even_where_people_approve_their_own_orders(self):
        self._proofread_first(allow_self_approval=True)
        order = self._submitted()
        review = self._proofreading(order).with_user(self.salesman)
        self.assertFalse(review.can_decide)
        self.assertNotIn(review, review.search([("can_decide", "=", True)]))
        with self.assertRaisesRegex(AccessError, "nobody decides on an order or a request that he entered"):
            review.action_approve()
        self.assertTrue(review.with_user(self.proofreader).can_decide)

    def test_entered_for_a_colleague_who_proofreads_it(self):
        self._proofread_first(allow_self_approval=True)
        order = self._order(user=self.proofreader, user_id=self.salesman.id)
        order.action_policy_submit()
        review = self._proofreading(order)
        self.assertFalse(review.with_user(self.proofreader).can_decide)
        review.with_user(self.salesman).action_approve()
        self.assertEqual(order.proofread_by_id, self.salesman)

    def test_change_asks_again(self):
        order = self._submitted()
        self._proofreading(order).with_user(self.proofreader).action_approve()
        order.order_line.price_unit = 900.0
        self.env.flush_all()
        self.assertEqual(order.policy_stage, "intake")
        self.assertEqual(self._proofreading(order).state, "pending")
        self.assertFalse(order.proofread_by_id)
        self.assertEqual(self._states(order)[:2], ["waiting", "waiting"])


@tagged("post_install", "-at_install")
class TestOrderCopies(IntakeCase):
    """What was submitted is filed as a paper, whatever becomes of the order (article 2.5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.lang = "en_US"

    def _file_copies(self):
        with self.enter_registry_test_mode():
            self.env.ref("order_policy.ir_cron_order_copies").method_direct_trigger()

    def test_second_click_files_no_second_copy(self):
        order = self._submitted()
        order.action_policy_submit()
        self.assertEqual(len(order.sudo().policy_copies_due), 1)

    def test_submission_does_not_wait_for_the_copy(self):
        order = self._submitted()
        self.assertFalse(self._papers(order, "copy"))
        self.assertEqual(len(order.sudo().policy_copies_due), 1)

    def test_copy_is_filed(self):
        order = self._submitted(client_order_ref="PO 4711", channel_id=self._channel("phone").id)
        self._file_copies()
        copy = self._papers(order, "copy")
        self.assertEqual(len(copy), 1)
        self.assertFalse(order.sudo().policy_copies_due)
        self.assertTrue(copy.name.startswith(order.name))
        text = copy.raw.decode()
        for shown in (order.name, "Ningbo Trading", "PO 4711", "Phone", "Desk", "1,000.00", self.salesman.name):
            self.assertIn(shown, text)
        self.assertIn(copy, copy.with_user(self.salesman).search([("res_id", "=", order.id)]))

    def test_copy_shows_what_was_submitted(self):
        order = self._submitted((self.desk, 3, 1234.0))
        order.order_line.write({"price_unit": 5678.0, "product_uom_qty": 7})
        self._file_copies()
        text = self._papers(order, "copy").raw.decode()
        self.assertIn("1,234.00", text)
        self.assertIn("3,702.00", text)
        self.assertNotIn("5,678.00", text)

    def test_each_submission_is_copied(self):
        order = self._submitted((self.desk, 1, 1234.0))
        order.action_policy_withdraw()
        order.order_line.price_unit = 5678.0
        order.action_policy_submit()
        self._file_copies()
        copies = self._papers(order, "copy")
        self.assertEqual(len(copies), 2)
        self.assertEqual([b"5,678.00" in copy.raw for copy in copies.sorted("id")], [False, True])
        self.assertEqual(copies.sorted("id").mapped("policy_version"), ["superseded", "valid"])
        card = str(order.review_ids[0].papers_html)
        superseded, valid = (card.index(f"/web/content/{copy.id}") for copy in copies.sorted("id"))
        self.assertLess(valid, card.index("<details"))
        self.assertGreater(superseded, card.index("<details"), "It is folded")
        other = self._submitted()
        self._file_copies()
        copy = self._papers(other, "copy")
        scan = copy.with_user(self.salesman).create(
            {
                "name": "Page 2",
                "raw": b"Page 2",
                "res_model": "sale.order",
                "res_id": other.id,
                "policy_document_id": copy.policy_document_id.id,
            }
        )
        self.assertEqual((copy | scan).mapped("policy_version"), [False, False])
        self._file_copies()
        self.assertEqual(len(self._papers(order, "copy")), 2)

    def test_copy_names_who_submitted_what_and_when(self):
        order = self._submitted(
            (self.desk, 2, 1234.0),
            client_order_ref="PO 7",
            channel_id=self._channel("phone").id,
            received_on="2026-01-05 08:00:00",
        )
        [copy] = order.sudo().policy_copies_due
        expected = {
            "title": order.name,
            "company_id": self.company.id,
            "channel": self._channel("phone").name,
            "reference": "PO 7",
            "received_on": "2026-01-05 08:00:00",
            "submitted_by_id": self.salesman.id,
            "submitted_on": fields.Datetime.to_string(order.policy_submitted_on),
            "currency_id": order.currency_id.id,
            "amount_untaxed": 2468.0,
            "amount_tax": 0.0,
            "amount_total": 2468.0,
        }
        self.assertEqual({name: copy[name] for name in expected}, expected)
        self.assertEqual([line["label"] for line in copy["lines"]], ["Desk"])

    def test_copy_of_a_confirmed_order(self):
        order = self._approved()
        order.action_confirm()
        self._file_copies()
        self.assertEqual(len(self._papers(order, "copy")), 1)

    def test_text_is_not_markup(self):
        order = self._order()
        order.order_line.name = "<script>alert(1)</script>"
        order.action_policy_submit()
        self._file_copies()
        self.assertNotIn(b"<script>alert", self._papers(order, "copy").raw)

    def test_note_is_shown_as_it_was_written(self):
        order = self._submitted(note="<p>Free on <b>board</b></p>")
        self._file_copies()
        self.assertIn(b"<p>Free on <b>board</b></p>", self._papers(order, "copy").raw)

    def test_large_quantity(self):
        order = self._submitted((self.desk, 1234567.25, 0.01))
        self._file_copies()
        self.assertIn(b"1,234,567.25", self._papers(order, "copy").raw)

    def test_real_pdf(self):
        order = self._submitted()
        copies = self.env["order.policy.document"].sudo().with_context(force_report_rendering=True)
        copy = copies._file_order_copies(order.sudo())
        self.assertEqual((copy.mimetype, copy.raw[:5]), ("application/pdf", b"%PDF-"))
        self.assertTrue(copy.name.endswith(".pdf"))
        self.assertFalse(self._notes(order))

    def test_without_wkhtmltopdf(self):
        order = self._submitted()
        missing = ir_actions_report.WkhtmlInfo("install", False, "wkhtmltopdf", "", False, "wkhtmltoimage", None)
        copies = self.env["order.policy.document"].sudo().with_context(force_report_rendering=True)
        with patch.object(ir_actions_report, "_wkhtml", lambda: missing):
            copy = copies._file_order_copies(order.sudo())
        self.assertTrue(copy.name.endswith(".html"))
        self.assertIn(b"1,000.00", copy.raw)
        self.assertEqual(len(self._notes(order)), 1)

    def _notes(self, order):
        return order.sudo().message_ids.filtered(lambda message: "wkhtmltopdf is not installed" in (message.body or ""))

    def test_nobody_forges_what_is_copied(self):
        with self.assertRaises(AccessError):
            self._order().write({"policy_copies_due": [{"title": "Forged"}]})


@tagged("post_install", "-at_install")
class TestRefusal(IntakeCase):
    """Orders that break the company's rules are refused, and their customers told why (article 1.5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("order_policy.reason_refusal_delivery")

    def _mails(self, order):
        return order.sudo().message_ids.filtered(lambda message: self.customer in message.partner_ids)

    def _log(self, order):
        return "\n".join(message.body for message in order.sudo().message_ids - self._mails(order))

    def test_order_is_cancelled_and_the_customer_told(self):
        order = self._order(client_order_ref="PO 4711")
        order.action_policy_refuse(self.reason.id, "They never pay.")
        self.assertEqual((order.state, order.policy_stage), ("cancel", "cancelled"))
        self.assertEqual((order.policy_refusal_reason_id, order.policy_refused_by_id), (self.reason, self.salesman))
        self.assertEqual(order.policy_refusal_note, "They never pay.")
        self.assertTrue(order.policy_refused_on)
        mail = self._mails(order)
        self.assertEqual(len(mail), 1)
        self.assertIn(self.reason.name, mail.body)
        self.assertIn("PO 4711", mail.subject)
        self.assertNotIn("They never pay", mail.body)
        self.assertIn("They never pay", self._log(order))
        self.assertIn("Refused by salesman", order.policy_explanation)

    def test_history_is_kept(self):
        order = self._submitted()
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        order.action_policy_refuse(self.reason.id)
        reviews = order.sudo().review_ids
        self.assertEqual(
            set(reviews.mapped("state")), {"approved", "not_required"}, "What was decided stays, nothing is asked"
        )

    def test_reason_is_missing(self):
        order = self._order()
        of_cancellations = self.env.ref("order_policy.reason_cancel_delivery")
        for reason in (False, self.env["order.policy.reason"], 123456789, of_cancellations.id):
            with self.assertRaisesRegex(UserError, "Choose the reason of the refusal"):
                order.action_policy_refuse(reason)
        self.assertEqual(order.state, "draft")

    def test_confirmed_order_is_not_refused(self):
        order = self._approved()
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "it is confirmed. Request its cancellation"):
            order.action_policy_refuse(self.reason.id)
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._mails(order).filtered(lambda message: self.reason.name in message.body))

    def test_refused_order_is_not_deleted(self):
        order = self._order()
        order.action_policy_refuse(self.reason.id)
        self.assertFalse(order.sudo().review_ids, "Nobody was asked about it")
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            order.sudo().unlink()

    def test_order_without_policy_is_not_refused(self):
        self.policy.action_retire()
        order = self._order()
        with self.assertRaisesRegex(UserError, "only quotations under an order policy can"):
            order.action_policy_refuse(self.reason.id)

    def test_refused_order_is_not_refused_twice(self):
        order = self._order()
        order.action_policy_refuse(self.reason.id)
        with self.assertRaisesRegex(UserError, "cannot be refused"):
            order.action_policy_refuse(self.reason.id)
        self.assertEqual(len(self._mails(order)), 1)

    def test_order_of_another_salesman(self):
        order = self._order()
        with self.assertRaises(AccessError):
            order.with_user(self.other_salesman).action_policy_refuse(self.reason.id)
        with self.assertRaises(AccessError):
            order.with_user(self.finance).action_policy_refuse(self.reason.id)

    def test_facts_of_the_refusal_are_not_entered(self):
        for values in ({"policy_refusal_reason_id": self.reason.id}, {"policy_refused_by_id": self.finance.id}):
            with self.assertRaises(AccessError):
                self._order().write(values)

    def test_customer_without_an_address(self):
        self.customer.email = False
        order = self._order()
        order.action_policy_refuse(self.reason.id)
        self.assertEqual(order.state, "cancel")
        self.assertFalse(self._mails(order))
        self.assertIn("Ningbo Trading has no e-mail address, and was not told", self._log(order))

    def test_many_orders(self):
        orders = self._order() | self._order()
        orders.action_policy_refuse(self.reason.id)
        self.assertEqual(orders.mapped("state"), ["cancel", "cancel"])
        for order in orders:
            self.assertIn(order.name, self._mails(order).subject)

    def test_set_back_to_quotation(self):
        order = self._order()
        order.action_policy_refuse(self.reason.id)
        order.action_draft()
        self.assertFalse(order.policy_refusal_reason_id or order.policy_refused_by_id)
        self._assert_submitted(order)

    def test_refusal_stays_though_the_order_went_on(self):
        order = self._order()
        order.action_policy_refuse(self.reason.id)
        order.action_draft()
        order.action_policy_cancel(self.env.ref("order_policy.reason_cancel_customer").id, "They called.")
        note = order.message_ids.filtered(lambda message: "Refused" in message.body)[:1]
        with self.assertRaisesRegex(UserError, "is kept"):
            note.with_user(self.sales_head).write({"body": "Never refused"})
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            order.with_user(self.sales_head).unlink()

    def test_reason_in_use_is_not_deleted(self):
        self._order().action_policy_refuse(self.reason.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.reason.with_user(self.policy_admin).unlink()

    def _wizard(self, order):
        wizard = Form(self.env["sale.order.refuse"].with_user(self.salesman).with_context(default_order_id=order.id))
        wizard.reason_id = self.reason
        return wizard

    def test_message_is_shown_before_it_goes(self):
        order = self._order(client_order_ref="PO 4711")
        wizard = self._wizard(order)
        self.assertIn("PO 4711", wizard.subject)
        self.assertIn(self.reason.name, str(wizard.body))
        self.assertFalse(self._mails(order))

    def test_message_follows_the_reason(self):
        wizard = self._wizard(self._order())
        other = self.env.ref("order_policy.reason_refusal_price")
        wizard.reason_id = other
        self.assertIn(other.name, str(wizard.body))
        self.assertNotIn(self.reason.name, str(wizard.body))

    def test_what_was_edited_is_sent(self):
        order = self._order()
        wizard = self._wizard(order)
        wizard.subject = "Your order"
        wizard.body = "<p>We would be glad to deliver in August.</p><script>alert(1)</script>"
        wizard.note = "Ask again in spring."
        wizard.save().action_refuse()
        self.assertEqual(order.state, "cancel")
        mail = self._mails(order)
        self.assertEqual(mail.subject, "Your order")
        self.assertIn("We would be glad to deliver in August.", mail.body)
        self.assertNotIn("script", mail.body)
        self.assertNotIn("Ask again in spring", mail.body)
        self.assertEqual(order.policy_refusal_note, "Ask again in spring.")

    def test_wizard_tells_nobody_about_orders_of_others(self):
        order = self._order()
        for user in (self.other_salesman, self.finance):
            with self.assertRaises(AccessError):
                self.env["sale.order.refuse"].with_user(user).create(
                    {"order_id": order.id, "reason_id": self.reason.id}
                )

    def test_message_that_was_emptied(self):
        order = self._order()
        wizard = self._wizard(order)
        wizard.body = ""
        wizard.save().action_refuse()
        self.assertNotIn("False", self._mails(order).body)

    def test_client_sends_no_script(self):
        order = self._order()
        message = {"subject": "Your order", "body": "<p>Sorry</p><script>alert(1)</script>"}
        order.action_policy_refuse(self.reason.id, message=message)
        self.assertIn("Sorry", self._mails(order).body)
        self.assertNotIn("script", self._mails(order).body)

    def test_customer_reads_the_reason_in_his_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.reason.with_context(lang="zh_CN").name = "无法按期交货"
        self.customer.lang = "zh_CN"
        order = self._order()
        order.action_policy_refuse(self.reason.id)
        self.assertIn("无法按期交货", self._mails(order).body)
