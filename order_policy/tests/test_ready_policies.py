"""The ready policies. One file, because the same day is lived under each of them."""

import base64

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .common import mail_in, pdf
from .common_ready import AdoptionCase, ReadyPolicyCase


@tagged("post_install", "-at_install")
class TestReadyPolicies(AdoptionCase):
    """An order under each ready policy, article by article, from the customer's call to its confirmation."""

    def _approve(self, order, **people):
        """Let people approve the steps that are pending: exactly those that are named by their department."""
        pending = {self._name_of(review.department_id): review for review in self._pending(order)}
        self.assertEqual(set(pending), set(people))
        for name, person in people.items():
            pending[name].with_user(person).action_approve("Looked at.")

    def _name_of(self, department):
        names = ("sales", "finance", "production", "quality", "logistics", "management")
        return next(name for name in names if department.origin_id == self._ready_department(name))

    def _papers(self, order, kind):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("order_policy.ir_cron_order_copies").method_direct_trigger()
        self.env.invalidate_all()
        return order.policy_paper_ids.filtered(lambda paper: paper.policy_document_id.code == kind)

    def _results(self, order):
        return {result.check_id.kind: result.state for result in order.sudo().check_ids if result.is_current}

    def test_risk_control(self):
        self._adopt("risk_control")
        # 1.4: by fax, with the customer's paper; 1.5: verified, first for what is missing
        order = self._order(
            self.safe,
            channel_id=self.env.ref("order_policy.channel_fax").id,
            commitment_date=False,
            payment_term_id=False,
        )
        with self.assertRaisesRegex(UserError, "(?s)Delivery time.*Order Original, which orders by Fax need"):
            order.action_policy_submit()
        order.commitment_date = fields.Datetime.add(fields.Datetime.now(), days=60)
        order.policy_paper_ids = [
            Command.create(
                {
                    "name": "fax.pdf",
                    "datas": base64.b64encode(pdf("Two safes, please")),
                    "res_model": "sale.order",
                    "policy_document_id": self.env.ref("order_policy.document_original").id,
                }
            )
        ]
        # 1.5: what the company does not sell is refused, and the customer is told why
        self.safe.sale_ok = False
        with self.assertRaisesRegex(UserError, "Catalogue: .*Gun Safe"):
            order.action_policy_submit()
        refused = self._order(self.safe)
        self.customer.email = "buyer@xiamen.example"
        refused.action_policy_refuse(self.env.ref("order_policy.reason_refusal_product"), "Discontinued in May")
        self.assertEqual((refused.state, refused.policy_stage), ("cancel", "cancelled"))
        mail = refused.sudo().message_ids.filtered(lambda message: self.customer in message.partner_ids)
        self.assertIn("We do not sell this product", mail.body)
        self.assertNotIn("Discontinued", mail.body)
        self.safe.sale_ok = True
        # 1.6: sales passes it to the departments; 1.7: sensitive products need the head of sales
        order.action_policy_submit()
        self.assertEqual(self._results(order)["sensitive"], "warn")
        self._approve(order, sales=self.colleague)
        self.assertEqual(self._results(order)["credit"], "warn", "Nothing is known of the customer's credit")
        self.assertEqual(self._results(order)["payment_term"], "warn", "and no terms were agreed")
        # 1.6: failed; sales agrees on a way out with the customer
        review = self._pending(order).filtered(lambda review: self._name_of(review.department_id) == "finance")
        review.with_user(self.finance).action_reject("No terms agreed: 30 days at most.")
        self.assertEqual(order.policy_stage, "rejected")
        order.payment_term_id = self.env.ref("account.account_payment_term_30days")
        order.action_policy_submit()
        self.assertEqual(self._results(order)["payment_term"], "pass")
        self._approve(order, finance=self.finance, production=self.planner, logistics=self.keeper)
        self._approve(order, sales=self.sales_head)
        # 1.6: passed; sales tells the customer that the order is accepted
        order.action_confirm()
        self.assertEqual((order.state, order.policy_stage), ("sale", "execution"))
        self._run_job("ir_cron_ask_customers")
        self.assertIn("has been confirmed", "".join(order.sudo().message_ids.mapped("body")))

    def test_department_audit(self):
        self._adopt("department_audit", approval_threshold=50000)
        # 2.5: everything there, in writing
        incomplete = self._order(quantity=0, channel_id=False, commitment_date=False, payment_term_id=False)
        self.customer.phone = False
        with self.assertRaises(UserError) as refusal:
            incomplete.action_policy_submit()
        for missing in (
            "Channel", "Phone or e-mail of Xiamen Stores", "Quantity of Desk", "Delivery time", "Payment terms",
        ):  # fmt: skip
            self.assertIn(missing, str(refusal.exception))
        self.customer.phone = "+86 592 555 0101"
        # 2.5: a copy is filed at entry
        order = self._order(quantity=30)
        order.action_policy_submit()
        copy = self._papers(order, "copy")
        self.assertEqual(len(copy), 1)
        self.assertIn(order.name, copy.name)
        # 2.6: finance, sales and production side by side, each for its part
        self._approve(order, finance=self.finance, sales=self.colleague, production=self.planner)
        # 2.7: the head of sales, the general manager for large amounts, also in several orders
        second = self._order(quantity=30)
        second.action_policy_submit()
        self.assertEqual(self._results(second)["split"], "warn")
        self._approve(order, sales=self.sales_head)
        self._approve(order, management=self.general_manager)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_accuracy(self):
        self._adopt("accuracy")
        # 3.5, 3.6: entered in time, complete, and proofread by somebody else
        order = self._order(received_on=fields.Datetime.subtract(fields.Datetime.now(), hours=3))
        self.env.flush_all()
        self.assertAlmostEqual(order.entry_hours, 3.0, places=1)
        order.action_policy_submit()
        self.assertEqual(order.policy_stage, "intake")
        with self.assertRaises(AccessError):
            self._pending(order).with_user(self.salesman).action_approve()
        self._approve(order, sales=self.colleague)
        self.assertEqual(order.proofread_by_id, self.colleague)
        # 3.7: price reasonable, payment compliant, quantity covered; price and terms by the machine
        self.assertEqual((self._results(order)["price"], self._results(order)["catalogue"]), ("pass", "pass"))
        # not yet approved: what is printed says so
        report = self.env["ir.actions.report"].with_user(self.salesman)
        self.assertIn(b"Not yet approved", report._render_qweb_html("sale.action_report_saleorder", order.ids)[0])
        self._approve(order, finance=self.finance, production=self.planner, logistics=self.keeper)
        # 3.8: only then the customer confirms; 3.9: by phone, e-mail, SMS or signature
        with self.assertRaisesRegex(
            UserError, "has to confirm the order. Accepted: Phone, E-mail, SMS, or Signature. "
        ):
            order.action_confirm()
        order.action_policy_record_confirmation("sms", "Ms. Lin", note="Yes.")
        # what changes has to be confirmed again
        order.order_line.product_uom_qty = 2
        self._approve(order, sales=self.colleague)
        self._approve(order, finance=self.finance, production=self.planner, logistics=self.keeper)
        with self.assertRaisesRegex(UserError, "Ms. Lin confirmed other content"):
            order.action_confirm()
        order.action_policy_record_confirmation("phone", "Ms. Lin", note="Two desks, yes.")
        order.action_confirm()
        self.assertEqual((order.state, order.policy_stage), ("sale", "execution"))

    def test_strictest(self):
        self._adopt("strict")
        order = self._order()
        order.order_line.discount = 60.0
        # what nobody may grant is refused
        with self.assertRaisesRegex(UserError, "Discount: .*60.* discount"):
            order.action_policy_submit()
        order.order_line.discount = 10.0
        order.action_policy_submit()
        # nothing leaves the house before approval
        for operation in (order.action_quotation_send, order.action_quotation_sent):
            with self.assertRaisesRegex(UserError, "cannot be sent or printed yet"):
                operation()
        self._approve(order, sales=self.colleague)
        self.assertEqual(self._results(order)["price"], "warn", "Below the price list")
        self._approve(
            order, finance=self.finance, production=self.planner, quality=self.inspector, logistics=self.keeper
        )
        self._approve(order, sales=self.sales_head)
        order.action_quotation_send()
        order.action_policy_record_confirmation("email", "Ms. Lin", note="Confirmed.")
        order.action_confirm()
        self.assertEqual(order.state, "sale")


@tagged("post_install", "-at_install")
class TestEveryReadyPolicy(ReadyPolicyCase):
    """What people do under any policy works under each of the ready ones."""

    def test_new_order(self):
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                with Form(self.env["sale.order"].with_user(self.salesman)) as form:
                    form.partner_id = self.customer
                    for product in (self.desk, self.chair, self.lamp):
                        with form.order_line.new() as line:
                            line.product_id = product
                self.assertEqual((form.record.policy_stage, len(form.record.order_line)), ("intake", 3))

    def test_request_that_removes_a_line(self):
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                order = self._confirmed((self.desk, 2), (self.chair, 4))
                change = self._request(order)
                change.line_ids[1].is_removed = True
                change.action_submit()
                self.assertTrue(self._pending(change))
                self._approve_all(change)
                self.assertIn(change.state, ("approved", "applied"))
                # and afterwards the order, with its line at zero, can be changed again
                if change.state == "applied":
                    self.assertEqual(order.order_line.mapped("product_uom_qty"), [2, 0])
                    again = self._request(order)
                    again.line_ids[0].product_uom_qty = 3
                    again.action_submit()
                    self.assertTrue(self._pending(again))

    def test_request_that_exchanges_a_product(self):
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                self.chair.sale_ok = True
                change = self._request(self._confirmed((self.desk, 2), (self.chair, 4)))
                self.chair.sale_ok = False  # why it is exchanged
                change.line_ids[1].product_id = self.lamp
                change.action_submit()
                self.assertTrue(self._pending(change))

    def test_samples_and_optional_lines(self):
        sample = self.env["product.product"].create({"name": "Sample", "list_price": 0.0, "taxes_id": False})
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                order = self._order(
                    order_line=[
                        Command.create({"product_id": self.desk.id}),
                        Command.create({"product_id": sample.id}),
                        Command.create({"product_id": self.chair.id, "price_unit": 0.0}),
                        Command.create({"display_type": "line_section", "name": "If you like", "is_optional": True}),
                        Command.create({"product_id": self.lamp.id, "product_uom_qty": 0}),
                    ]
                )
                order.action_policy_submit()
                self.assertTrue(self._pending(order))

    def test_combo(self):
        combos = self.env["product.combo"].create(
            [
                {"name": product.name, "combo_item_ids": [Command.create({"product_id": product.id})]}
                for product in (self.desk, self.chair)
            ]
        )
        office = self.env["product.product"].create(
            {
                "name": "Office",
                "type": "combo",
                "list_price": 1100.0,
                "taxes_id": False,
                "combo_ids": [Command.set(combos.ids)],
            }
        )
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                order = self._order(office)
                order.order_line = [
                    Command.create(
                        {
                            "product_id": item.product_id.id,
                            "combo_item_id": item.id,
                            "linked_line_id": order.order_line.id,
                            "product_uom_qty": 1,
                        }
                    )
                    for item in combos.combo_item_ids
                ]
                self.assertEqual(order.amount_untaxed, 1100.0)
                order.action_policy_submit()
                self.assertTrue(self._pending(order))

    def test_specification(self):
        """1.5, 2.5: a product of the catalogue is specified by it; what it leaves open has to be said."""
        color = self.env["product.attribute"].create(
            {
                "name": "Engraving",
                "create_variant": "no_variant",
                "value_ids": [Command.create({"name": "None"}), Command.create({"name": "Text", "is_custom": True})],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Plate",
                "list_price": 10.0,
                "taxes_id": False,
                "attribute_line_ids": [
                    Command.create({"attribute_id": color.id, "value_ids": [Command.set(color.value_ids.ids)]})
                ],
            }
        )
        text = template.attribute_line_ids.product_template_value_ids.filtered("is_custom")
        made_to_order = self.env["product.product"].create(
            {
                "name": "Cupboard",
                "list_price": 10.0,
                "taxes_id": False,
                "product_tag_ids": [Command.link(self.env.ref("order_policy.product_tag_made_to_order").id)],
            }
        )
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                self._order(template.product_variant_id).action_policy_submit()
                engraved = self._order(template.product_variant_id)
                engraved.order_line.product_no_variant_attribute_value_ids = text
                with self.assertRaisesRegex(UserError, "Specification of Plate"):
                    engraved.action_policy_submit()
                engraved.order_line.product_custom_attribute_value_ids = [
                    Command.create({"custom_product_template_attribute_value_id": text.id, "custom_value": "To Ann"})
                ]
                engraved.action_policy_submit()
                cupboard = self._order(made_to_order)
                cupboard.order_line.name = "Cupboard, 2 m wide, in oak"
                with self.assertRaisesRegex(UserError, "Specification of Cupboard"):
                    cupboard.action_policy_submit()
                cupboard.policy_paper_ids = [
                    Command.create(
                        {
                            "name": "drawing.txt",
                            "raw": b"2 m",
                            "res_model": "sale.order",
                            "policy_document_id": self.env.ref("order_policy.document_drawing").id,
                        }
                    )
                ]
                cupboard.action_policy_submit()
                self.assertTrue(self._pending(cupboard))

    def test_special_orders(self):
        """2.7: special are sensitive products, those made to order and customers of special industries."""
        self.desk.product_tag_ids = self.env.ref("order_policy.product_tag_made_to_order")
        drawing = self.env.ref("order_policy.document_drawing")
        for preset in ("department_audit", "strict"):
            with self.subTest(preset):
                self._adopt(preset)
                for product, special in ((self.safe, True), (self.desk, True), (self.chair, False)):
                    order = self._order(product)
                    order.policy_paper_ids = [
                        Command.create(
                            {
                                "name": "drawing.txt",
                                "raw": b"2 m",
                                "res_model": "sale.order",
                                "policy_document_id": drawing.id,
                            }
                        )
                    ]
                    order.action_policy_submit()
                    asked = order.sudo().review_ids.step_id.mapped("name")
                    self.assertEqual("General manager" in asked, special, product.name)

    def test_free_goods_are_shown_to_who_reviews_prices(self):
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                order = self._order()
                order.order_line = [Command.create({"product_id": self.chair.id, "price_unit": 0.0})]
                order.action_policy_submit()
                while not (review := self._of(order, "finance")).check_ids:
                    for pending in self._pending(order):
                        pending.with_user(self.deciders[pending.department_id.origin_id]).action_approve("Fine.")
                self.assertRegex(review.with_user(self.finance).checks_html, r"Chair: .*0\.00, price list .*200\.00")

    def _of(self, order, name):
        department = self._ready_department(name)
        return order.sudo().review_ids.filtered(lambda review: review.department_id.origin_id == department)

    def test_order_that_was_sent_back_waits_for_its_salesperson(self):
        for preset in ("department_audit", "strict"):
            with self.subTest(preset):
                self._adopt(preset, approval_threshold=50000)
                sent_back = self._order(quantity=30)
                sent_back.action_policy_submit()
                self._pending(sent_back)[0].with_user(
                    self.deciders[self._pending(sent_back)[0].department_id.origin_id]
                ).action_reject("Ask whether black will do.")
                other = self._order(quantity=31, user=self.colleague)
                other.action_policy_submit()
                self.assertEqual(sent_back.policy_stage, "rejected")
                other.action_policy_withdraw()
                self.assertEqual(sent_back.policy_stage, "rejected")
                self.assertFalse(self._pending(sent_back).filtered(lambda review: review.previous_id))
                sent_back.action_policy_submit("Black will do.")
                self.assertNotEqual(sent_back.policy_stage, "rejected")


@tagged("post_install", "-at_install")
class TestCustomersUnderReadyPolicies(ReadyPolicyCase, HttpCase):
    """What customers do and say, under the ready policies that ask them (articles 3.8, 3.9)."""

    PRESETS = ("accuracy", "strict")
    SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)  # customers come with the link of the order
        self.customer.email = "lin@xiamen.example"

    def _portal_page(self, order):
        self.env.flush_all()
        page = self.url_open(order.get_portal_url(), timeout=60).text
        self.env.invalidate_all()
        return page

    def _sign(self, order):
        token = order.sudo()._portal_ensure_token()
        self.env.flush_all()
        answer = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept?content={order.content_digest}",
            {"access_token": token, "name": "Ms. Lin", "signature": self.SIGNATURE},
            timeout=60,
        )
        self.env.invalidate_all()
        self.assertIn("sign_ok", answer.get("redirect_url", answer))

    def test_customer_signs_anew(self):
        for preset in ("accuracy",):  # the strictest shows nothing that is not approved
            with self.subTest(preset):
                self._adopt(preset)
                order = self._order(require_signature=True, require_payment=False)
                order.action_policy_submit()
                self._sign(order)
                order.order_line.product_uom_qty = 2
                self._approve_all(order)
                self.assertEqual(order.state, "sent")
                page = self._portal_page(order)
                self.assertNotIn('name="signature"', page)
                self.assertIn("Accept & Sign", page)
                self._sign(order)
                self.assertEqual(order.state, "sale")
                self.assertIn('name="signature"', self._portal_page(order))
                self.assertEqual(order.sudo().confirmation_ids.sorted("id").mapped("is_valid"), [False, True])

    def test_signed_quotation_waits_for_the_money(self):
        for preset in ("accuracy",):  # the strictest shows nothing that is not approved
            with self.subTest(preset):
                self._adopt(preset)
                order = self._order(
                    require_signature=True,
                    require_payment=True,
                    prepayment_percent=0.5,
                    validity_date=fields.Date.today(),
                )
                order.action_policy_submit()
                self._sign(order)
                with freeze_time(fields.Datetime.add(fields.Datetime.now(), days=2)):
                    self.env.invalidate_all()
                    self._approve_all(order)
                    self.assertEqual(order.state, "sent")
                    self.assertRegex(order.policy_explanation, "500.00.*of the payment .*50 %. is still due")
                    page = self._portal_page(order)
                self.assertRegex(page, "Waiting for your payment of .*500.00")
                self.assertIn("Pay Now", page)
                self.assertNotIn("This offer expired", page)

    def test_customer_says_yes(self):
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                order = self._order()
                order.sudo()._portal_ensure_token()

                def record(order=order, **values):
                    order.action_policy_record_confirmation("email", "Ms. Lin", **values)

                with self.assertRaisesRegex(UserError, "was not submitted for review"):
                    record(note="Yes.")
                order.action_policy_submit()
                self._approve_all(order)
                note = order.message_post(body="She agreed.", message_type="comment", subtype_xmlid="mail.mt_comment")
                with self.assertRaisesRegex(UserError, "wrote this message, which is not Xiamen Stores"):
                    record(message_id=note.id)
                with self.assertRaisesRegex(UserError, "cannot have confirmed on"):
                    record(note="Yes.", confirmed_on="1999-01-01 00:00:00")
                answer = mail_in(order, "We agree.", author_id=self.customer.id, subtype_xmlid="mail.mt_comment")
                record(message_id=answer.id)
                order.action_confirm()
                self.assertEqual(order.state, "sale")
