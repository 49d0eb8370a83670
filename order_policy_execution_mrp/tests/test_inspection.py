from odoo.addons.order_policy_execution.tests.common_quality import QualityCase
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestProducers(QualityCase):
    """Nobody releases what he produced himself (article 1.9)."""

    def test_who_produced_it_does_not_release_it(self):
        wood = self._product("Wood", 10.0, is_storable=True)
        self.desk.is_storable = True
        bom = self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.desk.product_tmpl_id.id,
                "company_id": self.company.id,
                "bom_line_ids": [Command.create({"product_id": wood.id, "product_qty": 1})],
            }
        )
        order = self._confirmed((self.desk, 1, 1000.0))
        self.env["mrp.production"].create(
            {
                "product_id": self.desk.id,
                "bom_id": bom.id,
                "product_qty": 1,
                "company_id": self.company.id,
                "user_id": self.inspector.id,
                "sale_line_id": order.order_line.id,
            }
        )
        with self.assertRaisesRegex(AccessError, "nobody releases what is his own"):
            self._to_do(order).action_release()
        self._to_do(order, self.quality_head).action_release()
        self.assertEqual(order.order_line.policy_released_qty, 1)

    def test_what_manufacturing_orders_take_is_not_listed_as_moved_without_release(self):
        wood = self._product("Wood", 10.0, is_storable=True, categ_id=self.inspected.id)
        making = self.env["mrp.production"].create(
            {
                "product_id": self.chair.id,
                "product_qty": 1,
                "move_raw_ids": [Command.create({"product_id": wood.id, "product_uom_qty": 2})],
            }
        )
        making.action_confirm()
        making.qty_producing = 1
        making.move_raw_ids.write({"quantity": 2, "picked": True})
        making.button_mark_done()
        self.env.flush_all()
        self.assertEqual((making.state, making.move_raw_ids.state), ("done", "done"))
        listed = self.env["stock.move.without.release"]
        self.assertFalse(listed.search([("product_id", "=", wood.id)]))
        taken = making.move_raw_ids.copy({"raw_material_production_id": False, "state": "draft"})
        taken._action_confirm()
        taken.write({"quantity": 1, "picked": True})
        taken._action_done()
        self.env.flush_all()
        self.assertEqual(listed.search([("product_id", "=", wood.id)]).kind, "production")
