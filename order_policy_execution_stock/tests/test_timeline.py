from odoo.tests import tagged

from .test_payment import PaidDeliveryCase


@tagged("post_install", "-at_install")
class TestShipments(PaidDeliveryCase):
    """Customers see what was shipped and follow it (articles 1.10, 1.11)."""

    PAYMENT = {}

    def _steps(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return {step["key"]: step for step in self.order._customer_timeline()}

    def _track(self, picking, reference, url):
        if "carrier_tracking_ref" not in picking._fields:
            self.skipTest("No app that ships with carriers")
        carrier = self.env["delivery.carrier"].create(
            {"name": "Parcels", "product_id": self.chair.id, "tracking_url": url, "company_id": self.company.id}
        )
        picking.sudo().write({"carrier_id": carrier.id, "carrier_tracking_ref": reference})

    def test_partly_then_all_of_it(self):
        self.assertEqual(self._steps()["shipped"]["state"], "now")
        self._pack(quantity=1).with_context(skip_backorder=True).button_validate()
        step = self._steps()["shipped"]
        self.assertEqual((step["state"], step["words"]), ("now", "1 of 2 shipments"))
        self.assertEqual(self._steps()["delivered"]["state"], "planned")
        rest = self.picking.backorder_ids
        self._pack(rest.with_user(self.keeper)).button_validate()
        steps = self._steps()
        self.assertEqual((steps["shipped"]["state"], steps["delivered"]["state"]), ("done", "done"))
        self.assertEqual(steps["delivered"]["done"], rest.date_done)

    def test_link_by_which_it_is_followed(self):
        self._track(self.picking, "SF 123", "https://parcels.example/<shipmenttrackingnumber>")
        self.assertFalse(self._steps()["shipped"]["links"])
        self._pack().button_validate()
        self.assertEqual(self._steps()["shipped"]["links"], [("SF 123", "https://parcels.example/SF 123")])

    def test_link_that_a_browser_would_run(self):
        self._track(self.picking, "SF 123", "javascript:alert(1)")
        self._pack().button_validate()
        self.assertEqual(self._steps()["shipped"]["links"], [("SF 123", "")])

    def test_page_names_no_transfer(self):
        self._pack().button_validate()
        self.assertNotIn(self.picking.name, str(self._steps()))
