from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DeliveryCase


@tagged("post_install", "-at_install")
class TestDeliveryNotes(DeliveryCase):
    def test_delivery_notes_are_filed(self):
        archivist = self._user("archivist", "order_policy.group_order_policy_archivist")
        self.order.with_user(archivist).action_view_dossier()
        dossier = self.order.sudo().dossier_id.with_user(archivist)
        self.assertNotIn("delivery", dossier.item_ids.document_id.mapped("code"))
        self._ship()
        dossier.missing_reason = "Invoiced elsewhere"
        dossier.action_seal()
        note = dossier.item_ids.filtered(lambda item: item.document_id.code == "delivery")
        self.assertEqual((note.record_model, note.record_id), ("stock.picking", self.order.sudo().picking_ids.id))
        self.assertTrue(note.sha256)
        with self.assertRaises(UserError):
            note.sudo().attachment_id.unlink()
