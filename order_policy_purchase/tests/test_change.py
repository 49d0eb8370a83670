from odoo.addons.order_policy.tests.common_change import ChangeCase
from odoo.fields import Command
from odoo.tests import tagged


class VendorCase(ChangeCase):
    """Desks are bought; there is a purchasing department."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.buyer, cls.keeper = cls._user("buyer"), cls._user("keeper")
        cls.purchasing = cls._department("Purchasing", cls.buyer)
        cls.purchasing.origin_id = cls.env.ref("order_policy.department_purchasing")
        cls.logistics = cls._department("Logistics", cls.keeper)
        cls.logistics.origin_id = cls.env.ref("order_policy.department_logistics")
        cls.vendor = cls.env["res.partner"].create({"name": "Foshan Wood"})
        cls.desk.write(
            {"is_storable": True, "seller_ids": [Command.create({"partner_id": cls.vendor.id, "price": 500.0})]}
        )
        cls._buy_desks()
        cls.order = cls._confirmed((cls.desk, 5, 1000.0), (cls.chair, 4, 200.0))
        cls.desk_line, cls.chair_line = cls.order.order_line

    @classmethod
    def _buy_desks(cls):
        """Choose the way in which desks are bought."""

    @property
    def purchase(self):
        return self.order.sudo()._get_purchase_orders()

    def _tasks(self, change, department=None):
        department = self.purchasing if department is None else department
        return change.sudo().notice_ids.filtered(lambda notice: notice.department_id == department).tasks or ""

    def _receive(self, quantity):
        self.purchase.button_confirm()
        picking = self.purchase.picking_ids
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestDropshipped(VendorCase):
    """The vendor sends desks to the customer."""

    @classmethod
    def _buy_desks(cls):
        cls.desk.route_ids = [Command.set(cls.env.ref("stock_dropshipping.route_drop_shipping").ids)]

    def test_bought(self):
        self.assertEqual((self.purchase.partner_id, self.purchase.state), (self.vendor, "draft"))

    def test_cancelled_before_it_was_ordered(self):
        name = self.purchase.name
        change = self._carried_out(self._cancellation(self.order))
        self.assertEqual(self.order.state, "cancel")
        self.assertRegex(
            self._tasks(change), rf"{name} \(Foshan Wood, RFQ\): 5 Units Desk were to be bought for {self.order.name}"
        )
        notice = change.sudo().notice_ids.filtered(lambda notice: notice.department_id == self.purchasing)
        self.assertEqual((notice.user_id, notice.activity_id.user_id), (self.buyer, self.buyer))
        notice.with_user(self.buyer).action_acknowledge()
        self.assertEqual(notice.acknowledged_by_id, self.buyer)

    def test_cancelled_once_ordered(self):
        self.purchase.button_confirm()
        change = self._carried_out(self._cancellation(self.order))
        self.assertRegex(
            self._tasks(change),
            r"\(Foshan Wood, Purchase Order\): 5 Units Desk were bought .*Cancel them with the vendor",
        )

    def test_cancelled_once_a_part_was_delivered(self):
        self._receive(2)
        change = self._carried_out(self._cancellation(self.order))
        self.assertRegex(self._tasks(change), r"Foshan Wood, 2 of 5 received\): 5 Units Desk were bought")

    def test_cancelled_by_the_vendor_already(self):
        self.purchase.button_cancel()
        self.assertEqual(self._tasks(self._carried_out(self._cancellation(self.order))), "")

    def test_less_before_it_was_ordered(self):
        change = self._carried_out(self._desks(2))
        self.assertEqual(self.purchase.order_line.product_qty, 2, "Odoo lowers it")
        self.assertEqual(self._tasks(change), "")

    def test_less_once_ordered(self):
        self.purchase.button_confirm()
        change = self._carried_out(self._desks(2))
        self.assertRegex(self._tasks(change), r"Purchase Order\): 5 Units Desk are bought, and 2 are ordered now")

    def test_another_product_once_ordered(self):
        self.purchase.button_confirm()
        change = self._requested(self.order)
        self._line(change, self.desk).product_id = self.chair
        self._carried_out(change)
        self.assertRegex(self._tasks(change), r"5 Units Desk are bought, and 0 are ordered now")

    def test_removed_once_ordered(self):
        self.purchase.button_confirm()
        change = self._requested(self.order)
        self._line(change, self.desk).is_removed = True
        self._carried_out(change)
        self.assertRegex(self._tasks(change), r"5 Units Desk are bought, and 0 are ordered now")

    def test_more(self):
        self.purchase.button_confirm()
        change = self._carried_out(self._desks(8))
        self.assertEqual(sum(self.purchase.order_line.mapped("product_qty")), 8)
        self.assertEqual(self._tasks(change), "")

    def test_another_address(self):
        depot = self.env["res.partner"].create({"name": "Depot", "parent_id": self.customer.id, "type": "delivery"})
        change = self._requested(self.order, partner_shipping_id=depot.id)
        self._carried_out(change)
        self.assertEqual(self.purchase.dest_address_id, depot)
        self.assertEqual(self._tasks(change), "", "Nobody told the vendor the former one")
        self.purchase.button_confirm()
        yard = self.env["res.partner"].create({"name": "Yard", "parent_id": self.customer.id, "type": "delivery"})
        change = self._requested(self.order, partner_shipping_id=yard.id)
        self._carried_out(change)
        self.assertEqual(self.purchase.dest_address_id, yard)
        picking = self.purchase.picking_ids
        self.assertEqual((picking.partner_id, picking.move_ids.partner_id), (self.vendor, yard))
        self.assertRegex(self._tasks(change), rf"{self.purchase.name} \(Foshan Wood\): tell the vendor .*Yard")

    def test_without_purchasing_department_logistics_does_it(self):
        self.purchasing.active = False
        change = self._carried_out(self._cancellation(self.order))
        self.assertIn("5 Units Desk were to be bought", self._tasks(change, self.logistics))

    def test_without_both_departments_the_salesperson_does_it(self):
        (self.purchasing | self.logistics).active = False
        change = self._carried_out(self._cancellation(self.order))
        notice = change.sudo().notice_ids.filtered(lambda notice: not notice.department_id)
        self.assertEqual((notice.user_id, notice.activity_id.user_id), (self.salesman, self.salesman))

    def test_without_people_in_the_department_others_do_it(self):
        self.purchasing.write({"head_id": False, "member_ids": [Command.clear()]})
        change = self._carried_out(self._cancellation(self.order))
        self.assertIn("5 Units Desk were to be bought", self._tasks(change, self.logistics))

    def test_without_salesperson_it_is_somebodys_too(self):
        (self.purchasing | self.logistics).active = False
        change = self._cancellation(self.order, user=self.production, reason="delivery")
        self.order.sudo().user_id = False
        change.action_submit()
        self.env["sale.order.change.notice"]._tell(change.sudo(), {self.logistics.browse(): ["Do it."]})
        notice = change.sudo().notice_ids
        self.assertEqual(notice.user_id, self.production)


@tagged("post_install", "-at_install")
class TestBoughtToOrder(VendorCase):
    """Desks are bought when they are ordered, come into the warehouse, and go out from there."""

    @classmethod
    def _buy_desks(cls):
        to_order = cls.warehouse.mto_pull_id.route_id
        to_order.active = True
        cls.desk.route_ids = [Command.set((to_order | cls.warehouse.buy_pull_id.route_id).ids)]

    def test_bought(self):
        self.assertEqual((self.purchase.partner_id, self.purchase.state), (self.vendor, "draft"))
        self.assertFalse(self.purchase.order_line.sale_line_id)

    def test_cancelled(self):
        change = self._carried_out(self._cancellation(self.order))
        self.assertRegex(self._tasks(change), r"Foshan Wood, RFQ\): 5 Units Desk were to be bought")

    def test_cancelled_once_ordered_and_received(self):
        self._receive(2)
        change = self._carried_out(self._cancellation(self.order))
        self.assertRegex(self._tasks(change), r"2 of 5 received\): 5 Units Desk .*send back what was received")

    def test_bought_for_another_order_too(self):
        self.vendor.group_rfq = "all"
        other = self._confirmed((self.desk, 3, 1000.0))
        self.assertEqual(other.sudo()._get_purchase_orders(), self.purchase)
        self.assertEqual(sum(self.purchase.order_line.mapped("product_qty")), 8)
        self.purchase.button_confirm()
        lowered = self._carried_out(self._desks(4))
        self.assertRegex(self._tasks(lowered), r"8 Units Desk are bought, and 7 are ordered now")
        change = self._carried_out(self._cancellation(self.order))
        self.assertRegex(self._tasks(change), rf"8 Units Desk are bought for {self.order.name} and {other.name}")

    def test_less_once_ordered(self):
        self.purchase.button_confirm()
        change = self._carried_out(self._desks(2))
        self.assertRegex(self._tasks(change), r"5 Units Desk are bought, and 2 are ordered now")


@tagged("post_install", "-at_install")
class TestBoughtService(VendorCase):
    """Assembly is bought from a vendor with each order."""

    @classmethod
    def _buy_desks(cls):
        cls.desk.write({"is_storable": False, "type": "service", "service_to_purchase": True})

    def test_cancelled(self):
        self.assertEqual(self.purchase.order_line.sale_line_id, self.desk_line)
        change = self._carried_out(self._cancellation(self.order))
        self.assertRegex(self._tasks(change), r"Foshan Wood, RFQ\): 5 Units Desk were to be bought")

    def test_less(self):
        change = self._carried_out(self._desks(2))
        self.assertRegex(self._tasks(change), r"5 Units Desk are bought, and 2 are ordered now")
