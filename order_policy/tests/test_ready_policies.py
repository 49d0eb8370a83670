import base64

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from . import test_adoption


@tagged("post_install", "-at_install")
class TestReadyPolicies(test_adoption.AdoptionCase):
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
                    "datas": base64.b64encode(b"%PDF-1.4 two safes, please"),
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
        order.with_context(send_email=True).action_confirm()
        self.assertEqual((order.state, order.policy_stage), ("sale", "execution"))
        self.assertIn("has been confirmed", "".join(order.sudo().message_ids.mapped("body")))

    def test_department_audit(self):
        self._adopt("department_audit", approval_threshold=50000)
        # 2.5: everything there, in writing
        incomplete = self._order(quantity=0, channel_id=False, commitment_date=False, payment_term_id=False)
        self.customer.phone = False
        incomplete.order_line.price_unit = 0.0
        with self.assertRaises(UserError) as refusal:
            incomplete.action_policy_submit()
        for missing in (
            "Channel", "Phone or e-mail of Xiamen Stores", "Quantity of Desk", "Price of Desk", "Delivery time",
            "Payment terms",
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
        with self.assertRaisesRegex(UserError, "has to confirm the order. Accepted: Phone, E-mail, SMS, Signature. "):
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
