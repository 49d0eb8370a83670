"""What was released, when a request changes what is ordered."""

from odoo.exceptions import AccessError, UserError
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
