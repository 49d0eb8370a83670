from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ArchiveCommon
from .common_content import OtherContentCase


@tagged("post_install", "-at_install")
class TestMergedContacts(OtherContentCase, ArchiveCommon):
    """Contacts are merged in SQL, on whatever order they stand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.user_admin").company_ids |= cls.company
        cls.twin = cls.env["res.partner"].create({"name": "Azure Twin", "email": cls.customer.email})

    def _merge(self, former, into):
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"].with_user(self.env.ref("base.user_admin"))._merge(
            (former | into).ids, into
        )
        self.env.invalidate_all()

    def test_quotation_under_review_is_asked_anew(self):
        order = self._approved(partner_id=self.twin.id)
        other = self._approved()
        asked = order.sudo().review_ids.filtered(lambda review: review.is_current and review.decision)
        self._merge(self.twin, self.customer)
        self.assertEqual(order.partner_id, self.customer)
        pending = order.sudo().review_ids.filtered(lambda review: review.state == "pending")
        self.assertTrue(pending)
        self.assertIn("Azure Twin was merged into", pending[0].changes_html)
        self.assertIn("Azure Twin was merged into", order.policy_explanation)
        self.assertIn("outdated", asked.mapped("state"))
        with self.assertRaisesRegex(UserError, "cannot be confirmed yet"):
            order.action_confirm()
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(other.sudo().review_ids.filtered(lambda review: review.state == "pending"))

    def test_who_did_not_decide_yet_is_asked_as_before(self):
        order = self._submitted(partner_id=self.twin.id)
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        others = order.sudo().review_ids.filtered(lambda review: review.is_current and not review.decision)
        self.assertTrue(others)
        self._merge(self.twin, self.customer)
        self.assertEqual(set(others.mapped("lapsed_because")), {False})

    def test_confirmed_order_goes_on(self):
        order = self._confirmed((self.desk, 3, 1000.0), partner_id=self.twin.id)
        change = self._requested(order)
        reviews = {review: review.state for review in order.sudo().review_ids}
        self._merge(self.twin, self.customer)
        self.assertEqual({review: review.state for review in order.sudo().review_ids}, reviews)
        self.assertIn("Azure Twin was merged into", order.message_ids[0].body)
        order._create_down_payment_section_line_if_needed()
        order.order_line[:1].name = order.order_line[:1].name
        with self.assertRaisesRegex(UserError, "is confirmed under"), self.env.cr.savepoint():
            order.order_line[:1].price_unit = 1.0
        with self.assertRaisesRegex(UserError, "is confirmed under"), self.env.cr.savepoint():
            order.partner_shipping_id = self.env["res.partner"].create({"name": "Elsewhere"})
        self.assertFalse(change.needs_refresh)
        change.line_ids.product_uom_qty = 2
        change.action_submit()
        self._approve_all(change)
        self.assertEqual((change.state, order.order_line[:1].product_uom_qty), ("applied", 2.0))

    def test_merged_twice(self):
        order = self._confirmed(partner_id=self.twin.id)
        third = self.env["res.partner"].create({"name": "Azure Group", "email": self.customer.email})
        self._merge(self.twin, third)
        self._merge(third, self.customer)
        self.assertEqual(order.partner_id, self.customer)
        order.order_line.name = order.order_line.name
        self.assertEqual(order.state, "sale")
        notes = self.env["order.policy.merge"].search([])
        self.assertEqual(
            [(note.former_name, note.into_name) for note in notes.sorted("id")],
            [("Azure Twin", "Azure Group"), ("Azure Group", self.customer.display_name)],
        )
        self.assertEqual(notes.partner_id, self.customer)
        self.assertEqual(notes.create_uid, self.env.ref("base.user_admin"))

    def test_sealed_dossier_passes_and_names_the_merge(self):
        order = self._ended()
        order.sudo().partner_id = self.twin
        self._paper(order)
        dossier = self._dossier(order)
        dossier.action_seal()
        self._merge(self.twin, self.customer)
        found = self._problems(dossier)
        self.assertEqual(dossier.check_state, "pass", found)
        self.assertIn("Azure Twin was merged into", found)

    def test_sealed_dossier_survives_other_content(self):
        dossier = self._sealed()
        dossier.sudo().order_id.client_order_ref = "PO 17"

        def change(aspects):
            aspects["customer"]["sale.order"].append("client_order_ref")
            aspects["payment"]["sale.order"].remove("note")

        with self._content(change):
            order = dossier.sudo().order_id
            self.env.add_to_compute(order._fields["content_digest"], order)
            self.assertFalse(self._problems(dossier))
            self.assertNotEqual(order.content_digest, dossier.content_digest)

    def test_notes_are_for_nobody_to_choose(self):
        self._merge(self.twin, self.customer)
        note = self.env["order.policy.merge"].search([("former_id", "=", self.twin.id)])
        with self.assertRaises(UserError):
            note.with_user(self.policy_admin).write({"former_id": 1})
