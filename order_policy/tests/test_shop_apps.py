from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, mute_logger, new_test_user, tagged
from odoo.tests.common import JsonRpcException

from .common_ready import ReadyPolicyCase


@tagged("post_install", "-at_install")
class TestShop(ReadyPolicyCase, HttpCase):
    """Customers fill a cart, enter their address and pay in the web shop, under every ready policy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.env["ir.module.module"]._get("website_sale_collect").state != "installed":
            cls.skipTest(cls, "The web shop is not installed in this database")
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        cls.website = cls.env["website"].search([], limit=1)
        cls.website.write({"company_id": cls.company.id, "salesperson_id": cls.salesman.id})
        cls.website.user_id.write({"company_ids": [Command.link(cls.company.id)], "company_id": cls.company.id})
        cls.course = cls.env["product.product"].create(
            {"name": "Course", "type": "service", "list_price": 1000.0, "taxes_id": False, "website_published": True}
        )
        cls.wire = cls.env["payment.provider"].search(
            [("code", "=", "custom"), ("custom_mode", "=", "wire_transfer"), ("company_id", "=", cls.company.id)],
            limit=1,
        ) or cls.env["payment.provider"].search(
            [("code", "=", "custom"), ("custom_mode", "=", "wire_transfer")], limit=1
        ).copy({"company_id": cls.company.id})
        cls.wire.write({"state": "enabled", "is_published": True})
        cls.wire.payment_method_ids.active = True
        bank = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1)
        bank.inbound_payment_method_line_ids[:1].payment_provider_id = cls.wire
        cls.address = {
            "email": "buyer@example.com", "phone": "+32 2 555 01 01", "street": "1 Road", "city": "Gent",
            "zip": "9000", "country_id": cls.env.ref("base.be").id,
        }  # fmt: skip
        partner = cls.env["res.partner"].create({"name": "Buyer", **cls.address})
        cls.buyer = new_test_user(
            cls.env, "buyer", "base.group_portal", partner_id=partner.id, company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )  # fmt: skip

    def _call(self, path, **values):
        answer = self.make_jsonrpc_request(path, values, timeout=120)
        self.env.invalidate_all()
        return answer

    def _fill_cart(self):
        """Put a course into the cart, and return the cart."""
        self._call(
            "/shop/cart/add",
            product_template_id=self.course.product_tmpl_id.id,
            product_id=self.course.id,
            quantity=1,
        )
        lines = self.env["sale.order.line"].search(
            [("product_id", "=", self.course.id)], order="write_date desc, id desc"
        )
        return lines[0].order_id

    def _enter_address(self):
        address = {**self.address, "name": "Visitor", "partner_id": -1, "address_type": "billing"}
        self.url_open(
            "/shop/address/submit",
            data={"csrf_token": Request.csrf_token(self), "use_delivery_as_billing": "true", **address},
            timeout=120,
        )

    def _pay(self, order):
        """Set out to pay by wire transfer, as the page of the cart does."""
        provider = self.wire
        self._call(
            f"/shop/payment/transaction/{order.id}",
            access_token=order.sudo()._portal_ensure_token(),
            provider_id=provider.id,
            payment_method_id=provider.payment_method_ids[:1].id,
            token_id=None,
            amount=order.amount_total,
            flow="redirect",
            tokenization_requested=False,
            landing_route="/shop/payment/validate",
        )
        return order.sudo().transaction_ids[:1]

    def _checked_out(self, login):
        """Return a cart that a customer filled and is about to pay by wire transfer, and what is paid."""
        self.env.flush_all()
        self.authenticate(login, login)
        cart = self._fill_cart()
        if not login:
            self._enter_address()
        self.url_open("/shop/checkout?try_skip_step=true", timeout=120)
        self.env.invalidate_all()
        transaction = self._pay(cart)
        self.url_open("/payment/custom/process", data={"reference": transaction.reference}, timeout=120)
        self._call("/payment/status/poll")
        return cart, transaction

    def _assert_for_customers(self, page, order):
        self.assertIn(order.name, page.text)
        policy = order.sudo().policy_id
        for internal in (policy.name, *policy.step_ids.mapped("name"), self.finance.name, self.general_manager.name):
            self.assertNotIn(internal, page.text)

    def test_wire_transfer(self):
        """Announced, it is no money yet, and the customer reads so; the money confirms nothing without approval."""
        for preset, login in zip(self.PRESETS, (None, "buyer", None, "buyer"), strict=True):
            with self.subTest(preset=preset, login=login):
                self._adopt(preset)
                order, transaction = self._checked_out(login)
                self.assertTrue(transaction.is_post_processed)
                self.assertEqual(order.state, "sent")
                page = self.url_open("/shop/payment/validate", timeout=120)
                self.assertTrue(page.url.endswith("/shop/confirmation"), page.url)
                self._assert_for_customers(page, order)
                self.assertFalse(order._held_back(), "It may be printed: the customer knows what is in the cart")
                transaction._set_done()
                transaction._post_process()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual(order.state, "sent")
                self.assertEqual(order.sudo().confirmation_ids.method, "payment")

    def test_what_sales_makes_of_a_cart_is_held_back(self):
        self._adopt("strict")
        order, _transaction = self._checked_out("buyer")
        self.assertFalse(order._held_back())
        order.with_user(self.sales_head).order_line.price_unit = 900.0
        self.assertTrue(order._held_back())

    def test_paid_order_is_no_cart(self):
        self._adopt("risk_control")
        order, transaction = self._checked_out("buyer")
        transaction._set_done()
        transaction._post_process()
        self.env.flush_all()
        self.authenticate("buyer", "buyer")
        self.assertNotEqual(self._fill_cart(), order)
        self.assertEqual(order.order_line.product_uom_qty, 1)

    def test_nobody_pays_for_a_customer(self):
        self._adopt("risk_control")
        order = self._order(self.course, channel_id=self.env.ref("order_policy.channel_website").id)
        self.env.flush_all()
        for user in (self.salesman, self.sales_head):
            self.authenticate(user.login, user.login)
            with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                self._pay(order)
            self.env.invalidate_all()
            self.assertFalse(order.sudo().transaction_ids)
        self.authenticate(None, None)
        self.assertTrue(self._pay(order))
