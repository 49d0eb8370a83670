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
