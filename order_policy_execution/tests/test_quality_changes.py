"""What was released, when a request changes what is ordered."""

from unittest.mock import patch

from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_quality import QualityCase


@tagged("post_install", "-at_install")
class TestQualityChanges(QualityCase):
    """What was released was so much of this, and not as much of something else (articles 1.9, 3.12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.desk.uom_ids = [Command.link(cls.dozen.id)]
        cls.table = cls._product("Table", 900.0, categ_id=cls.desk.categ_id.id)
        cls.order = cls._confirmed((cls.desk, 12, 1000.0))

    def _carry_out(self, **values):
        change = self._requested(self.order)
        change.line_ids.write(values)
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)
        return self.order.order_line.sudo()

    def test_units(self):
        self._release(self.order)
        line = self._carry_out(product_uom_id=self.dozen.id, product_uom_qty=2)
        self.assertEqual(line.policy_released_qty, 1)
        self.assertEqual(self._to_do(self.order).mapped("quantity"), [1])
        self.assertEqual(self._to_do(self.order).product_uom_id, self.dozen)

    def test_units_of_what_is_not_inspected_yet(self):
        line = self._carry_out(product_uom_id=self.dozen.id, product_uom_qty=2)
        self.assertEqual(self._to_do(self.order).mapped("quantity"), [2])
        self._release(self.order)
        self.assertEqual(line.policy_released_qty, 2)

    def test_other_goods(self):
        self._release(self.order)
        lines = self._carry_out(product_id=self.table.id, product_uom_qty=12)
        table = lines.filtered(lambda line: line.product_id == self.table)
        self.assertEqual(table.policy_released_qty, 0)
        self.assertEqual(self._to_do(self.order).product_id, self.table)

    def test_other_goods_before_they_are_inspected(self):
        self._carry_out(product_id=self.table.id, product_uom_qty=5)
        self.assertEqual(
            self._to_do(self.order).mapped(lambda found: (found.product_id, found.quantity)), [(self.table, 5)]
        )

    def _regroup(self, product):
        """Have a product in a category of which nothing is inspected."""
        product.categ_id = self.env["product.category"].create({"name": "Other"})

    def test_goods_that_are_of_another_category_since(self):
        """What is to be inspected of an order was said when it was confirmed: the plan that it had goes on."""
        plan = self._to_do(self.order).plan_id
        self._regroup(self.desk)
        self._to_do(self.order).action_rework("Scratches")
        inspection = self._to_do(self.order)
        inspection.rejected_qty = 2
        inspection.action_release()
        self._carry_out(product_uom_qty=15)
        asked = self._to_do(self.order)
        self.assertEqual((asked.mapped("quantity"), asked.plan_id), ([2, 3], plan))
        asked.action_release()
        self.assertEqual(self.order.order_line.policy_released_qty, 15)

    def test_goods_that_no_plan_ever_concerned(self):
        self._inspect_by(self._plan(product_category_ids=[Command.clear()], product_ids=[Command.set(self.table.ids)]))
        self.order = self._confirmed((self.chair, 2, 100.0))
        # Superuser: as if a plan had concerned them, and nobody had asked for the inspection.
        self.order.sudo().order_line.policy_to_inspect = True
        line = self._carry_out(product_uom_qty=3)
        self.assertFalse(line.policy_to_inspect, "Nobody could ever release them")
        self.assertFalse(line.inspection_ids)

    def test_one_person_at_a_time_says_what_is_presented(self):
        """Whoever waits has to find what the other one presented, released or rejected."""
        inspection, orders = self._to_do(self.order), self.env.registry["sale.order"]
        with self._somebody_works_on("sale.order"), self.assertRaisesRegex(LockError, "Somebody else is working"):
            inspection.quantity = 5
        self.env.invalidate_all()
        with patch.object(orders, "_lock_for_one", autospec=True, side_effect=orders._lock_for_one) as lock:
            inspection.quantity = 5
            self.assertEqual(lock.call_count, 1)
            inspection.action_release()
            self.assertEqual(lock.call_count, 2)
            inspection.sudo().order_id._ask_for_inspections()
            self.assertEqual(lock.call_count, 2)

    def test_no_more_is_presented_than_is_ordered(self):
        """What is released may leave: more than ordered would."""
        inspection = self._to_do(self.order)
        with self.assertRaisesRegex(UserError, "at most 12"):
            inspection.quantity = 13
        inspection.quantity = 5
        inspection.action_release()
        rest = self._to_do(self.order)
        self.assertEqual(rest.quantity, 7)
        with self.assertRaisesRegex(UserError, "at most 7"):
            rest.quantity = 12
        self._to_do(self.order, self.quality_head).action_release_later("The ship leaves")
        due = self._to_do(self.order)
        with self.assertRaisesRegex(UserError, "at most 7"):
            due.quantity = 8
        due.quantity = 6

    def test_customers_read_nothing_of_inspections(self):
        buyer = new_test_user(self.env, "buyer", "base.group_portal", partner_id=self.customer.id)
        line = self.order.order_line.with_user(buyer)
        line.invalidate_recordset()
        self.assertEqual(line.product_uom_qty, 12)
        for name in ("policy_released_qty", "policy_to_inspect", "inspection_ids"):
            with self.assertRaises(AccessError):
                line.read([name])
            with self.assertRaises(AccessError):
                line.search([(name, "!=", False)])
