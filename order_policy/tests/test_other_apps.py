"""What other apps do to orders. One file, because each app does the same things in its own way."""

from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.http import root
from odoo.tests import Form, HttpCase, tagged

from .common_orders import GateCase


class OtherAppCase(GateCase):
    """Tests of doors that another app opens; they need a database in which it is installed."""

    module = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._need_apps(cls.module)

    def _add_line(self, order, **values):
        return (
            self.env["sale.order.line"]
            .with_user(self.salesman)
            .create({"order_id": order.id, "tax_ids": False, **values})
        )

    def _transaction(self, order, provider):
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "reference": f"{order.name}-1",
                "operation": "online_direct",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )


@tagged("post_install", "-at_install")
class TestDelivery(OtherAppCase):
    """Delivery costs and cash on delivery."""

    module = "delivery"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.freight = cls._product("Freight", 80.0, type="service")
        cls.carrier = cls.env["delivery.carrier"].create(
            {
                "name": "Truck",
                "product_id": cls.freight.id,
                "delivery_type": "fixed",
                "fixed_price": 80.0,
                "company_id": cls.company.id,
            }
        )
        cls.dear_carrier = cls.carrier.copy(
            {"name": "Plane", "product_id": cls._product("Air freight", 300.0, type="service").id}
        )

    def _choose(self, order, carrier):
        wizard = Form(
            self.env["choose.delivery.carrier"]
            .with_user(self.salesman)
            .with_context(
                default_order_id=order.id,
                default_carrier_id=carrier.id,
            )
        )
        wizard.save().button_confirm()

    def test_cost_never_counts(self):
        order = self._order((self.desk, 1, 1000.0))
        self._choose(order, self.carrier)
        order.action_policy_submit()
        self.assertEqual(order.amount_company, 1000.0)
        self._approve_all(order)
        self._choose(order, self.dear_carrier)
        self.assertEqual(self._states(order), ["approved", "approved", "approved", None])
        order.action_confirm()
        self._choose(order, self.carrier)
        self.assertEqual(len(order.order_line), 2)
        order.order_line.filtered("is_delivery").unlink()
        self.assertEqual(len(order.order_line), 1)
        self._choose(order, self.dear_carrier)
        self.assertConfirmed(order)

    def test_forged_cost(self):
        order = self._confirmed()
        self._choose(order, self.carrier)
        for values in (
            {"product_id": self.freight.id, "price_unit": -500.0},
            {"product_id": self.freight.id, "price_unit": 80.0, "product_uom_qty": -3},
            {"product_id": self.chair.id, "price_unit": 1.0},
            {"product_id": self.dear_carrier.product_id.id, "price_unit": 80.0},
            {"product_id": self.freight.id, "price_unit": 80.0, "product_uom_qty": 40},
        ):
            with self.subTest(values=values), self.assertRefused("is confirmed under"):
                self._add_line(order, is_delivery=True, **values)
        line = order.order_line.filtered("is_delivery")
        for values in ({"price_unit": -500.0}, {"product_id": self.chair.id}, {"is_delivery": False}):
            with self.subTest(values=values), self.assertRefused():
                line.write(values)
        with self.assertRefused():
            (order.order_line - line).write({"is_delivery": True, "price_unit": 1.0})
        self.assertConfirmed(order)

    def test_forged_cost_does_not_hide_from_the_threshold(self):
        order = self._order()
        self._add_line(order, product_id=self.desk.id, product_uom_qty=200, price_unit=1000.0, is_delivery=True)
        order.action_policy_submit()
        self.assertEqual(order.amount_company, 201000.0)

    def test_cash_on_delivery(self):
        provider = self.env["payment.provider"].create(
            {
                "name": "Cash on delivery",
                "code": "custom",
                "custom_mode": "cash_on_delivery",
                "state": "test",
                "company_id": self.company.id,
            }
        )
        order = self._order()
        transaction = self._transaction(order, provider)
        transaction._set_pending()
        transaction._post_process()
        self.assertHeld(order)
        self.assertEqual(order.sudo().confirmation_ids.transaction_ref, transaction.reference)
        self.assertTrue(order.policy_submitted_on)
        transaction._post_process()
        self.assertHeld(order)
        self.assertEqual(len(order.sudo().confirmation_ids), 1)
        self._approve_all(order)
        self.assertConfirmed(order)

    def test_cash_on_delivery_of_an_approved_order(self):
        provider = self.env["payment.provider"].create(
            {
                "name": "Cash on delivery",
                "code": "custom",
                "custom_mode": "cash_on_delivery",
                "state": "test",
                "company_id": self.company.id,
            }
        )
        order = self._approved()
        transaction = self._transaction(order, provider)
        transaction._set_pending()
        transaction._post_process()
        self.assertConfirmed(order)


@tagged("post_install", "-at_install")
class TestCollectInStore(OtherAppCase):
    """Payment at the pick-up point."""

    module = "website_sale_collect"

    def test_payment_on_site(self):
        provider = self.env["payment.provider"].create(
            {
                "name": "On site",
                "code": "custom",
                "custom_mode": "on_site",
                "state": "test",
                "company_id": self.company.id,
            }
        )
        order = self._order()
        transaction = self._transaction(order, provider)
        transaction._set_pending()
        transaction._post_process()
        self.assertHeld(order)
        self.assertEqual(len(order.sudo().confirmation_ids), 1)
        self._approve_all(order)
        self.assertConfirmed(order)


@tagged("post_install", "-at_install")
class TestLoyalty(OtherAppCase):
    """Rewards of loyalty programmes."""

    module = "sale_loyalty"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.promotion = cls._program(
            "Ten percent", discount=10, discount_mode="percent", discount_applicability="order"
        )

    @classmethod
    def _program(cls, name, **reward):
        return cls.env["loyalty.program"].create(
            {
                "name": name,
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "company_id": cls.company.id,
                "rule_ids": [Command.create({"reward_point_mode": "order", "minimum_qty": 1, "minimum_amount": 0})],
                "reward_ids": [Command.create({"reward_type": "discount", "required_points": 1, **reward})],
            }
        )

    def _apply(self, order, program):
        order._update_programs_and_rewards()
        coupon = order.coupon_point_ids.coupon_id.filtered(lambda coupon: coupon.program_id == program)
        self.assertFalse(order._apply_program_reward(program.reward_ids, coupon))
        return order.order_line.filtered("reward_id")

    def _forge(self, order, program, **values):
        """Add a line that looks like a reward of a programme."""
        order.sudo()._update_programs_and_rewards()
        coupon = order.sudo().coupon_point_ids.coupon_id.filtered(lambda coupon: coupon.program_id == program)
        return self._add_line(
            order,
            **{
                "name": "Reward",
                "product_id": program.reward_ids.discount_line_product_id.id,
                "product_uom_qty": 1,
                "points_cost": 1,
                "reward_id": program.reward_ids.id,
                "coupon_id": coupon[:1].id,
                **values,
            },
        )

    def test_discount_never_counts(self):
        order = self._approved((self.desk, 2, 1000.0))
        line = self._apply(order, self.promotion)
        self.assertEqual(line.price_unit, -200.0)
        self.assertEqual(self._states(order), ["approved", "approved", "approved", None])
        self.assertEqual(order.amount_company, 2000.0)
        order.action_confirm()
        self.assertConfirmed(order)
        self.assertEqual(order.amount_total, 1800.0)

    def test_other_kinds_of_rewards(self):
        for reward, expected in (
            ({"discount": 150, "discount_mode": "per_order", "discount_applicability": "order"}, -150.0),
            ({"discount": 10, "discount_mode": "percent", "discount_applicability": "cheapest"}, -20.0),
            (
                {
                    "discount": 10,
                    "discount_mode": "percent",
                    "discount_applicability": "specific",
                    "discount_product_ids": [Command.set(self.desk.ids)],
                },
                -200.0,
            ),
            (
                {
                    "discount": 50,
                    "discount_mode": "percent",
                    "discount_applicability": "order",
                    "discount_max_amount": 70,
                },
                -70.0,
            ),
            ({"reward_type": "product", "reward_product_id": self.chair.id, "reward_product_qty": 1}, 0.0),
        ):
            with self.subTest(reward=reward):
                self.promotion.active = False
                program = self._program("Programme", **reward)
                order = self._approved((self.desk, 2, 1000.0), (self.chair, 1, 200.0))
                line = self._apply(order, program)
                self.assertAlmostEqual(sum(line.mapped("price_total")), expected)
                self.assertEqual(self._states(order), ["approved", "approved", "approved", None])
                order.action_confirm()
                self.assertConfirmed(order)
                program.active = False

    def test_discount_before_submission(self):
        order = self._order((self.desk, 2, 1000.0))
        self._apply(order, self.promotion)
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_forged_rewards(self):
        gift = self._program("Gift", reward_type="product", reward_product_id=self.chair.id, reward_product_qty=1)
        voucher = self._program("Voucher", discount=150, discount_mode="per_order", discount_applicability="order")
        for program, values in (
            (self.promotion, {"price_unit": -900.0}),
            (self.promotion, {"price_unit": -200.0, "product_uom_qty": 5}),
            (self.promotion, {"price_unit": -100.0, "coupon_id": False}),
            (self.promotion, {"price_unit": -100.0, "product_id": self.chair.id}),
            (self.promotion, {"price_unit": 500.0}),
            (voucher, {"price_unit": -151.0}),
            (voucher, {"price_unit": -100.0, "product_uom_qty": 2}),
            (gift, {"product_id": self.chair.id, "price_unit": 200.0, "discount": 100, "product_uom_qty": 30}),
            (gift, {"product_id": self.chair.id, "price_unit": -500.0, "discount": 0}),
            (gift, {"product_id": self.chair.id, "price_unit": 1.0, "discount": 0}),
            (gift, {"product_id": self.desk.id, "price_unit": 1000.0, "discount": 100}),
        ):
            order = self._approved((self.desk, 2, 1000.0))
            with self.subTest(program=program.name, values=values):
                self._forge(order, program, **values)
                self.assertNotEqual(self._states(order), ["approved", "approved", "approved", None])
                with self.assertRefused():
                    order.write({"state": "sale"})
                self.assertHeld(order)

    def test_the_same_voucher_many_times(self):
        voucher = self._program("Voucher", discount=150, discount_mode="per_order", discount_applicability="order")
        order = self._approved((self.desk, 2, 1000.0))
        for _time in range(3):
            self._forge(order, voucher, price_unit=-150.0)
        with self.assertRefused("cannot be confirmed yet"):
            order.write({"state": "sale"})

    def test_forged_on_a_confirmed_order(self):
        order = self._approved((self.desk, 2, 1000.0))
        line = self._apply(order, self.promotion)
        order.action_confirm()
        for values in ({"price_unit": -1500.0}, {"product_uom_qty": 4}, {"reward_id": False}, {"coupon_id": False}):
            with self.subTest(values=values), self.assertRefused("is confirmed under"):
                line.write(values)
        with self.assertRefused("is confirmed under"):
            (order.order_line - line).write(
                {"reward_id": self.promotion.reward_ids.id, "coupon_id": line.coupon_id.id, "price_unit": -1.0}
            )

    def _order_with_points(self):
        """Return an order on which the customer spends points, and the card that holds them."""
        program = self.env["loyalty.program"].create(
            {
                "name": "Points",
                "program_type": "loyalty",
                "trigger": "auto",
                "applies_on": "both",
                "company_id": self.company.id,
                "rule_ids": [Command.create({"reward_point_mode": "order", "reward_point_amount": 5})],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 1,
                            "discount_mode": "per_point",
                            "discount_applicability": "order",
                            "required_points": 1,
                        }
                    )
                ],
            }
        )
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.customer.id, "points": 100}
        )
        order = self._order(require_signature=True, require_payment=False)
        order._update_programs_and_rewards()
        self.assertFalse(order._apply_program_reward(program.reward_ids, card))
        return order, card

    def assertSpentOnce(self, order, card):
        self.assertHeld(order)
        self.assertEqual(card.points, 100, "Nothing is spent before the order is confirmed")
        self._approve_all(order)
        self.assertConfirmed(order)
        self.assertEqual(card.points, 100 + 5 - sum(order.order_line.mapped("points_cost")))

    def test_points_of_a_customer_who_pays_on_delivery(self):
        if self.env["ir.module.module"]._get("delivery").state != "installed":
            self.skipTest("delivery is not installed in this database")
        order, card = self._order_with_points()
        provider = self.env["payment.provider"].create(
            {
                "name": "Cash on delivery",
                "code": "custom",
                "custom_mode": "cash_on_delivery",
                "state": "test",
                "company_id": self.company.id,
            }
        )
        transaction = self._transaction(order, provider)
        transaction._set_pending()
        transaction._post_process()
        self.assertEqual(order.sudo().confirmation_ids.method, "payment")
        self.assertSpentOnce(order, card)

    def test_points_of_a_customer_who_signs(self):
        order, card = self._order_with_points()
        order.sudo().write(
            {
                "signed_by": "Wang",
                "signed_on": fields.Datetime.now(),
                "signature": self._signature(),
            }
        )
        order.sudo()._validate_order()
        self.assertSpentOnce(order, card)


@tagged("post_install", "-at_install")
class TestStock(OtherAppCase):
    """Deliveries of approved orders."""

    module = "sale_stock"

    def test_unapproved_order_is_not_delivered(self):
        order = self._submitted()
        for attempt in (
            lambda: order.with_context(skip_procurement=True).action_confirm(),
            lambda: order.with_context(skip_procurement=True).write({"state": "sale"}),
            lambda: self._order(state="sale"),
        ):
            with self.assertRefused("cannot be confirmed yet"):
                attempt()
        self.assertFalse(order.sudo().picking_ids)
        self.assertHeld(order)

    def test_delivered_and_extra_goods(self):
        order = self._confirmed((self.desk, 2, 1000.0))
        picking = order.sudo().picking_ids
        self.assertEqual(len(picking), 1)
        picking.move_ids.write({"quantity": 2, "picked": True})
        self.env["stock.move"].create(
            {
                "product_id": self.chair.id,
                "product_uom": self.chair.uom_id.id,
                "product_uom_qty": 0,
                "quantity": 3,
                "picked": True,
                "picking_id": picking.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.assertConfirmed(order)
        extra = order.order_line.filtered(lambda line: line.product_id == self.chair)
        self.assertEqual((extra.product_uom_qty, extra.qty_delivered), (0, 3))
        self.assertEqual(order.order_line[0].qty_delivered, 2)
        for values in ({"price_unit": -500.0}, {"product_uom_qty": 3}):
            with self.subTest(values=values), self.assertRefused("is confirmed under"):
                extra.write(values)

    def test_returned_goods(self):
        order = self._confirmed((self.desk, 2, 1000.0))
        picking = order.sudo().picking_ids
        picking.move_ids.write({"quantity": 2, "picked": True})
        picking.button_validate()
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_ids=picking.ids, active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 1
        returned = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        returned.move_ids.write({"quantity": 1, "picked": True})
        returned.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 1)
        self.assertConfirmed(order)

    def test_stock_user(self):
        worker = self._user("worker", "stock.group_stock_user")
        order = self._submitted().with_user(worker)
        for attempt in (order.action_confirm, lambda: order.write({"state": "sale"})):
            with self.assertRefused():
                attempt()
        self.assertHeld(order)
        confirmed = self._confirmed()
        with self.assertRefused("is confirmed under"):
            confirmed.order_line.with_user(worker).write({"product_uom_qty": 20})


@tagged("post_install", "-at_install")
class TestProject(OtherAppCase):
    """Tasks and projects that are linked to orders."""

    module = "sale_project"

    def test_task_does_not_confirm(self):
        service = self._product("Planning", 100.0, type="service")
        order = self._submitted((service, 10, 100.0))
        planner = self._user("planner", "project.group_project_manager", "sales_team.group_sale_salesman_all_leads")
        project = self.env["project.project"].create(
            {
                "name": "Shop",
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "allow_billable": True,
            }
        )
        with self.assertRefused("cannot be confirmed yet"):
            self.env["project.task"].with_user(planner).create(
                {
                    "name": "Plan",
                    "project_id": project.id,
                    "partner_id": self.customer.id,
                    "sale_line_id": order.order_line.id,
                }
            )
        task = (
            self.env["project.task"]
            .with_user(planner)
            .create({"name": "Plan", "project_id": project.id, "partner_id": self.customer.id})
        )
        with self.assertRefused("cannot be confirmed yet"):
            task.sale_line_id = order.order_line
        with self.assertRefused("cannot be confirmed yet"):
            project.with_user(planner).sale_line_id = order.order_line
        self.assertHeld(order)

    def test_task_of_an_approved_order(self):
        service = self._product("Planning", 100.0, type="service")
        order = self._approved((service, 10, 100.0))
        project = self.env["project.project"].create(
            {
                "name": "Shop",
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "allow_billable": True,
            }
        )
        self.env["project.task"].create(
            {
                "name": "Plan",
                "project_id": project.id,
                "partner_id": self.customer.id,
                "sale_line_id": order.order_line.id,
            }
        )
        self.assertConfirmed(order)

    def test_service_that_creates_a_project(self):
        service = self._product("Fitting", 100.0, type="service", service_tracking="task_in_project")
        order = self._confirmed((service, 10, 100.0))
        self.assertTrue(order.sudo().tasks_ids)
        self.assertConfirmed(order)


@tagged("post_install", "-at_install")
class TestExpense(OtherAppCase):
    """Expenses of employees that the customer pays."""

    module = "sale_expense"

    def test_reinvoiced_expense(self):
        self._load_chart()
        order = self._confirmed()
        analytic = self.env["account.analytic.account"].create(order.sudo()._prepare_analytic_account_data())
        taxi = self._product(
            "Taxi", 50.0, type="service", expense_policy="cost", can_be_expensed=True, standard_price=50.0
        )
        employee = self.env["hr.employee"].create(
            {
                "name": "Li Na",
                "company_id": self.company.id,
                "user_id": self.salesman.id,
                "work_contact_id": self.salesman.partner_id.id,
            }
        )
        expense = (
            self.env["hr.expense"]
            .with_company(self.company)
            .create(
                {
                    "name": "Taxi",
                    "employee_id": employee.id,
                    "product_id": taxi.id,
                    "quantity": 3,
                    "company_id": self.company.id,
                    "sale_order_id": order.id,
                    "analytic_distribution": {str(analytic.id): 100},
                    "payment_mode": "own_account",
                    "tax_ids": False,
                }
            )
        )
        expense.action_submit()
        expense.action_approve()
        action = expense.action_post()
        if isinstance(action, dict) and action.get("res_model") == "hr.expense.post.wizard":
            self.env["hr.expense.post.wizard"].with_context(**{**action["context"], "active_ids": expense.ids}).create(
                {}
            ).action_post_entry()
        line = order.order_line.filtered("is_expense")
        self.assertEqual(len(line), 1)
        self.assertEqual(line.qty_delivered, 3)
        self.assertConfirmed(order)


@tagged("post_install", "-at_install")
class TestWebsite(OtherAppCase, HttpCase):
    """Carts of the web shop."""

    module = "website_sale"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], limit=1)
        cls.website.company_id = cls.company
        cls.sample = cls._product("Sample", 0.0, type="service", website_published=True)

    def _cart(self):
        partner = self.env["res.partner"].create(
            {
                "name": "Visitor",
                "email": "visitor@example.com",
                "phone": "1",
                "street": "1 Road",
                "city": "Ningbo",
                "zip": "315000",
                "country_id": self.env.ref("base.be").id,
            }
        )
        return self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "website_id": self.website.id,
                "order_line": [Command.create({"product_id": self.sample.id, "price_unit": 0.0, "tax_ids": False})],
            }
        )

    def test_cart_without_amount(self):
        cart = self._cart()
        session = self.authenticate(None, None)
        session["sale_order_id"] = session["sale_last_order_id"] = cart.id
        root.session_store.save(session)
        self.env.flush_all()
        response = self.url_open("/shop/payment/validate", timeout=120)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.url.endswith("/shop/confirmation"), response.url)
        self.assertHeld(cart)
        self.assertEqual(cart.confirmation_ids.method, "online")
        self.assertTrue(cart.policy_submitted_on)
        self.url_open(f"/shop/payment/validate?sale_order_id={cart.id}", timeout=120)
        self.assertEqual(len(cart.confirmation_ids), 1)
        self._approve_all(cart)
        self.assertConfirmed(cart)

    def test_cart_validated_twice(self):
        cart = self._cart()
        for _time in range(2):
            cart._validate_order()
        self.assertHeld(cart)
        self.assertEqual(len(cart.confirmation_ids), 1)


@tagged("post_install", "-at_install")
class TestPointOfSale(OtherAppCase):
    """Orders that are settled at the till."""

    module = "pos_sale"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cash = cls.env["account.journal"].search([("type", "=", "cash"), ("company_id", "=", cls.company.id)], limit=1)
        cls.down_payment = cls._product("Down payment", 0.0, type="service", available_in_pos=True)
        (cls.desk | cls.chair).available_in_pos = True
        cls.till = (
            cls.env["pos.config"]
            .with_company(cls.company)
            .create(
                {
                    "name": "Till",
                    "company_id": cls.company.id,
                    "down_payment_product_id": cls.down_payment.id,
                    "payment_method_ids": [
                        Command.create({"name": "Cash", "journal_id": cash.id, "company_id": cls.company.id})
                    ],
                }
            )
        )
        cls.cashier = cls._user(
            "cashier", "point_of_sale.group_pos_manager", "sales_team.group_sale_salesman_all_leads"
        )
        cls.till.with_user(cls.cashier).open_ui()

    def _settle(self, order, product, price, **line):
        return (
            self.env["pos.order"]
            .with_user(self.cashier)
            .sync_from_ui(
                [
                    {
                        "amount_paid": price,
                        "amount_return": 0,
                        "amount_tax": 0,
                        "amount_total": price,
                        "date_order": fields.Datetime.to_string(fields.Datetime.now()),
                        "fiscal_position_id": False,
                        "partner_id": order.partner_id.id,
                        "session_id": self.till.current_session_id.id,
                        "user_id": self.cashier.id,
                        "pricelist_id": False,
                        "uuid": f"till-{order.id}",
                        "name": f"Till {order.id}",
                        "state": "paid",
                        "lines": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "qty": 1,
                                    "price_unit": price,
                                    "price_subtotal": price,
                                    "price_subtotal_incl": price,
                                    "discount": 0,
                                    "tax_ids": [],
                                    "pack_lot_ids": [],
                                    "sale_order_origin_id": order.id,
                                    **line,
                                }
                            )
                        ],
                        "payment_ids": [
                            Command.create(
                                {
                                    "amount": price,
                                    "name": fields.Datetime.now(),
                                    "payment_method_id": self.till.payment_method_ids[:1].id,
                                }
                            )
                        ],
                    }
                ]
            )
        )

    def test_unapproved_order_is_not_settled(self):
        order = self._submitted()
        with self.assertRefused("cannot be confirmed yet"):
            self._settle(order, self.desk, 1000.0, sale_order_line_id=order.order_line.id)
        with self.assertRefused("cannot be confirmed yet"):
            self._settle(order, self.down_payment, 300.0)
        self.assertHeld(order)
        self.assertFalse(self.env["pos.order"].search([("lines.sale_order_origin_id", "=", order.id)]))

    def test_approved_order_is_settled(self):
        order = self._approved()
        self._settle(order, self.desk, 1000.0, sale_order_line_id=order.order_line.id)
        self.assertConfirmed(order)
        self.assertEqual(order.order_line.qty_invoiced, 1)

    def test_down_payment_on_an_approved_order(self):
        order = self._approved()
        self._settle(order, self.down_payment, 300.0)
        self.assertConfirmed(order)
        self.assertTrue(order.order_line.filtered("is_downpayment"))
        self.assertEqual(order.amount_company, 1000.0)

    def test_down_payment_on_a_confirmed_order(self):
        order = self._confirmed()
        self._settle(order, self.down_payment, 300.0)
        self.assertConfirmed(order)
        self.assertTrue(order.order_line.filtered("is_downpayment"))


@tagged("post_install", "-at_install")
class TestMargin(OtherAppCase):
    """What a request would earn is for those who may see margins."""

    module = "sale_margin"

    def test_margin_of_a_request(self):
        self.desk.standard_price = 600.0
        change = self._requested(self._confirmed((self.desk, 2, 1000.0)))
        change.line_ids.price_unit = 900.0
        with patch.object(self.env["sale.order"]._fields["margin"], "groups", "sales_team.group_sale_manager"):
            self.env.invalidate_all()
            self.assertFalse(change.margin_html)
            self.assertRegex(change.with_user(self.sales_head).margin_html, r"800\.00.* → .*600\.00")
            change.action_submit()
            self.assertFalse(change.with_user(self.finance).margin_html)
