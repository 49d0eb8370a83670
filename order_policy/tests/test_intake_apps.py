from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderPolicyCommon


@tagged("post_install", "-at_install")
class TestWebsiteOrders(OrderPolicyCommon):
    """Orders that customers place on the website are marked so by themselves (article 2.4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._need_apps("website_sale")
        cls.website = cls.env["website"].create({"name": "Nanhai", "company_id": cls.company.id})

    def test_channel_of_an_order_of_the_website(self):
        order = self._order(website_id=self.website.id)
        self.assertEqual(order.channel_id, self.env.ref("order_policy.channel_website"))

    def test_channel_of_any_other_order(self):
        self.assertFalse(self._order().channel_id)

    def test_channel_that_somebody_chose(self):
        phone = self.env.ref("order_policy.channel_phone")
        self.assertEqual(self._order(website_id=self.website.id, channel_id=phone.id).channel_id, phone)

    def _require_delivery_time(self):
        version = self.policy._copy_as_next_version()
        field = self.env["ir.model.fields"]._get("sale.order", "commitment_date")
        version.requirement_ids = [Command.create({"name": "Delivery time", "field_ids": [Command.set(field.ids)]})]
        version.action_activate()

    def _placed(self, **values):
        """Return an order that a customer placed on the website, as the shop does it."""
        order = self._order(website_id=self.website.id, require_payment=False, require_signature=False, **values)
        order.sudo()._validate_order()
        return order

    def test_order_that_is_complete_goes_through_review_by_itself(self):
        self._require_delivery_time()
        order = self._placed(commitment_date="2030-05-01")
        self.assertEqual((order.state, order.policy_stage), ("sent", "review"), "It is no cart any more")
        self.assertEqual(order.sudo().confirmation_ids.method, "online")
        self._approve_all(order)
        self.assertEqual(order.state, "sale")

    def test_order_that_lacks_something_waits_for_sales(self):
        self._require_delivery_time()
        order = self._placed()
        self.assertEqual((order.state, order.policy_stage), ("sent", "intake"))
        self.assertTrue(order.sudo().confirmation_ids.is_valid, "What the customer did is kept")
        self.assertIn("Missing: Delivery time", order.policy_explanation)
        order.commitment_date = "2030-05-01"
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_sales_analysis_by_channel(self):
        self._placed(commitment_date="2030-05-01")
        self.env.flush_all()
        report = self.env["sale.report"].with_user(self.sales_head)
        website = self.env.ref("order_policy.channel_website")
        self.assertEqual(report.search_count([("channel_id", "=", website.id)]), 1)
        self.assertIn(
            website.id,
            [
                group["channel_id"][0]
                for group in report.formatted_read_group(
                    [("channel_id", "!=", False)], ["channel_id"], ["price_total:sum"]
                )
            ],
        )
