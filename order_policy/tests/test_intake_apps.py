from odoo.tests import tagged

from .common import OrderPolicyCommon


@tagged("post_install", "-at_install")
class TestWebsiteOrders(OrderPolicyCommon):
    """Orders that customers place on the website are marked so by themselves (article 2.4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].create({"name": "Nanhai", "company_id": cls.company.id})

    def test_channel_of_an_order_of_the_website(self):
        order = self._order(website_id=self.website.id)
        self.assertEqual(order.channel_id, self.env.ref("order_policy.channel_website"))

    def test_channel_of_any_other_order(self):
        self.assertFalse(self._order().channel_id)

    def test_channel_that_somebody_chose(self):
        phone = self.env.ref("order_policy.channel_phone")
        self.assertEqual(self._order(website_id=self.website.id, channel_id=phone.id).channel_id, phone)
