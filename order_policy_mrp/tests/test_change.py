from odoo.addons.order_policy.tests.common_change import ChangeCase
from odoo.fields import Command
from odoo.tests import Form, tagged


@tagged("post_install", "-at_install")
class TestProduction(ChangeCase):
    """Desks are made to order, of wood; chairs are bought."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        warehouse.mto_pull_id.route_id.active = True
        cls.wood = cls._product("Wood", 10.0, is_storable=True)
        routes = warehouse.mto_pull_id.route_id | warehouse.manufacture_pull_id.route_id
        cls.desk.write({"is_storable": True, "route_ids": [Command.set(routes.ids)]})
        cls.env["stock.quant"]._update_available_quantity(cls.wood, warehouse.lot_stock_id, 100)
        cls.bom = cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": cls.desk.product_tmpl_id.id,
                "company_id": cls.company.id,
                "bom_line_ids": [Command.create({"product_id": cls.wood.id, "product_qty": 2})],
            }
        )
        cls.production_department.origin_id = cls.env.ref("order_policy.department_production")
        cls.order = cls._confirmed((cls.desk, 10, 1000.0), (cls.chair, 4, 200.0))
        cls.desk_line, cls.chair_line = cls.order.order_line
        cls.making = cls.env["mrp.production"].search([("sale_line_id", "=", cls.desk_line.id)])

    def _produce(self, quantity):
        with Form(self.making) as form:
            form.qty_producing = quantity
        action = self.making.button_mark_done()
        if quantity < 10:
            Form.from_action(self.env, action).save().action_backorder()
        self.env.flush_all()

    def _tasks(self, change):
        notices = change.sudo().notice_ids
        return notices.filtered(lambda notice: notice.department_id == self.production_department).tasks or ""

    def test_made_to_order(self):
        self.assertEqual((self.making.state, self.making.product_qty), ("confirmed", 10))

    def test_cancellation_cancels_what_was_not_started(self):
        change = self._carried_out(self._cancellation(self.order))
        self.assertEqual((self.order.state, self.making.state), ("cancel", "cancel"))
        self.assertEqual(set(self.order.sudo().picking_ids.mapped("state")), {"cancel"})
        self.assertFalse(self._tasks(change))

    def test_cancellation_tells_what_was_started(self):
        self._produce(3)
        change = self._carried_out(self._cancellation(self.order))
        self.assertEqual(self.order.state, "cancel")
        self.assertEqual(self.making.state, "done")
        self.assertRegex(self._tasks(change), rf"{self.making.name}: 3 of 3 Desk are produced")

    def test_cancellation_leaves_what_is_being_made(self):
        with Form(self.making) as form:
            form.qty_producing = 3
        self.assertEqual(self.making.state, "progress")
        change = self._carried_out(self._cancellation(self.order))
        self.assertEqual((self.order.state, self.making.state), ("cancel", "progress"))
        self.assertRegex(self._tasks(change), rf"{self.making.name}: 0 of 10 Desk are produced. Stop it or finish it")

    def test_cancellation_of_what_is_produced(self):
        self._produce(10)
        change = self._carried_out(self._cancellation(self.order))
        self.assertEqual((self.order.state, self.making.state), ("cancel", "done"))
        self.assertIn("10 of 10 Desk are produced", self._tasks(change))

    def test_production_for_others_too_goes_on(self):
        other = self._confirmed((self.desk, 1, 1000.0))
        self.making.reference_ids = [Command.link(other.sudo().stock_reference_ids.id)]
        self._carried_out(self._cancellation(self.order))
        self.assertEqual(self.making.state, "confirmed")

    def test_refused_before_anything_is_cancelled(self):
        with self.assertRefused("Use Request Cancellation"):
            self.order._action_cancel()
        self.assertEqual(self.making.state, "confirmed")

    def test_what_is_produced_is_shown(self):
        self._produce(3)
        change = self._desks(12)
        line = self._line(change, self.desk)
        self.assertEqual(line.qty_produced, 3)
        change.action_submit()
        review = change.sudo().review_ids.filtered(lambda review: review.department_id == self.production_department)
        self.assertIn("3 produced", review.with_user(self.production).content_html)

    def test_more_is_made_by_odoo(self):
        change = self._carried_out(self._desks(12))
        made = self.env["mrp.production"].search([("sale_line_id", "=", self.desk_line.id)])
        self.assertEqual(sum(made.mapped("product_qty")), 12)
        self.assertFalse(self._tasks(change))

    def test_less_is_for_production_to_solve(self):
        change = self._carried_out(self._desks(6))
        self.assertEqual(self.making.product_qty, 10, "Odoo does not lower it")
        self.assertRegex(self._tasks(change), rf"{self.making.name}: 10 Desk are being made, and 6 are ordered now")
        moves = self.desk_line.sudo().move_ids.filtered(lambda move: move.location_dest_id.usage == "customer")
        self.assertEqual(sum(moves.filtered(lambda move: move.state != "cancel").mapped("product_uom_qty")), 6)

    def test_removed_line(self):
        change = self._requested(self.order)
        self._line(change, self.desk).is_removed = True
        self._carried_out(change)
        self.assertIn("0 are ordered now", self._tasks(change))

    def test_what_is_made_for_lines_that_stay_is_no_surplus(self):
        """Production makes some more than was ordered, for stock: a change of something else has no say in that."""
        self.env["change.production.qty"].create({"mo_id": self.making.id, "product_qty": 12}).change_prod_qty()
        self.assertEqual(self.making.product_qty, 12)
        change = self._requested(self.order)
        self._line(change, self.chair).product_uom_qty = 5
        self._carried_out(change)
        self.assertFalse(self._tasks(change))
        self.assertRegex(self._tasks(self._carried_out(self._desks(11))), "are being made, and 11 are ordered")
