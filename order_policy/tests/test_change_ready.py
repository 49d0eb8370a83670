from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_ready import ReadyPolicyCase


@tagged("post_install", "-at_install")
class TestRequestsUnderReadyPolicies(ReadyPolicyCase):
    """Whatever customers ask for is entered, reviewed, agreed to and carried out under each of the ready policies."""

    def _each(self):
        """Adopt one ready policy after the other."""
        for preset in self.PRESETS:
            with self.subTest(preset):
                self._adopt(preset)
                yield preset

    def _carry_out(self, change):
        """Let everybody concerned decide, and the customer agree where the policy asks him."""
        change.action_submit()
        self.assertEqual(change.state, "submitted")
        self._approve_all(change)
        if change.can_record:
            self.assertEqual(change.state, "approved")
            change.order_id.action_policy_record_confirmation(
                "phone", "Ms. Lin", note="Yes, as discussed.", digest=change.proposed_digest
            )
        self.assertEqual(change.state, "applied", change.trouble)
        self.assertEqual(change.order_id._policy_gates()[change.order_id], [])
        return change

    def _cancellation(self, order):
        change = self.env["sale.order.change"].with_user(self.salesman)
        change = change.browse(order.action_request_cancel()["res_id"])
        change.reason_id = self.env.ref("order_policy.reason_cancel_customer")
        change.application_ids = change.application_ids.create(
            {"name": "letter.txt", "raw": b"Please cancel.", "res_model": change._name, "res_id": change.id}
        )
        return change

    def test_another_quantity(self):
        for _preset in self._each():
            order = self._confirmed((self.desk, 2), (self.chair, 4))
            change = self._request(order)
            change.line_ids[0].product_uom_qty = 3
            self._carry_out(change)
            self.assertEqual(order.order_line.mapped("product_uom_qty"), [3, 4])

    def test_a_removed_line(self):
        for _preset in self._each():
            order = self._confirmed((self.desk, 2), (self.chair, 4))
            change = self._request(order)
            change.line_ids[1].is_removed = True
            self._carry_out(change)
            self.assertEqual(order.order_line.mapped("product_uom_qty"), [2, 0])
            again = self._request(order)
            again.line_ids[1].product_uom_qty = 1
            self._carry_out(again)
            self.assertEqual(order.order_line.mapped("product_uom_qty"), [2, 1])

    def test_an_exchanged_product(self):
        for _preset in self._each():
            order = self._confirmed((self.desk, 2), (self.chair, 4))
            change = self._request(order)
            change.line_ids[1].product_id = self.lamp
            self._carry_out(change)
            self.assertEqual(
                [(line.product_id, line.product_uom_qty, line.price_unit) for line in order.order_line],
                [(self.desk, 2, 1000.0), (self.chair, 0, 200.0), (self.lamp, 4, 50.0)],
            )

    def test_everything_at_once(self):
        depot = self.env["res.partner"].create({"name": "Depot", "parent_id": self.customer.id, "type": "delivery"})
        day = fields.Datetime.add(fields.Datetime.now(), days=90).replace(microsecond=0)
        for _preset in self._each():
            order = self._confirmed((self.desk, 2), (self.chair, 4), (self.lamp, 1))
            change = self._request(order)
            change.write({"partner_shipping_id": depot.id, "commitment_date": day})
            change.line_ids[0].product_uom_qty = 3
            change.line_ids[1].is_removed = True
            change.line_ids[2].product_id = self.chair
            change.line_ids = [Command.create({"product_id": self.lamp.id, "product_uom_qty": 5})]
            self._carry_out(change)
            self.assertEqual(
                [(line.product_id, line.product_uom_qty) for line in order.order_line if line.product_uom_qty],
                [(self.desk, 3), (self.chair, 1), (self.lamp, 5)],
            )
            self.assertEqual((order.partner_shipping_id, order.commitment_date), (depot, day))
            self.assertEqual(order.amount_total, 3450)

    def test_cancelled(self):
        for _preset in self._each():
            order = self._confirmed((self.desk, 2), (self.chair, 4))
            change = self._cancellation(order)
            change.action_submit()
            self._approve_all(change)
            self.assertEqual((change.state, order.state), ("applied", "cancel"), change.trouble)
            self.assertTrue(all(notice.user_id for notice in change.sudo().notice_ids))

    def test_refused(self):
        for _preset in self._each():
            order = self._confirmed((self.desk, 2))
            change = self._request(order)
            change.line_ids.is_removed = True
            change.line_ids = [Command.create({"product_id": self.chair.id, "product_uom_qty": 9})]
            change.action_submit()
            review = self._pending(change)[0]
            department = review.department_id
            person = department.head_id if review.authority == "head" else self.deciders[department.origin_id]
            review.with_user(person).action_reject("We make no chairs.")
            self.assertEqual((change.state, order.order_line.product_uom_qty), ("rejected", 2))
