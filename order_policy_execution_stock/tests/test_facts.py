"""What the gate, and facts of deliveries, rest on."""

from odoo.addons.order_policy_execution.tests.common_facts import FactsCase
from odoo.tests import tagged

from .common import GateCase


@tagged("post_install", "-at_install")
class TestFacts(FactsCase, GateCase):
    """What left, and may leave, rests on nothing that somebody types, unless it is said why he is believed."""

    documents = ("sale.order", "stock.")

    believed = {
        # Stock moves at once where and how much the details of a done move say, and it is judged anew by the gate and
        # by the payment: it is a delivery, or a return, like those that are validated.
        "stock.move.line": {"location_dest_id", "location_id", "product_uom_id"},
        # It leaves where either the move or its details say so, and came back only where both do. Whose goods
        # they are is told by the places where they were as well.
        "stock.move": {"company_id", "location_dest_id"},
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._release(cls.order)
        cls.transfer.move_ids.picked = True
        cls.transfer.with_context(skip_backorder=True).button_validate()
        cls.env.flush_all()

    def _who_types(self, model):
        return self.salesman if model.startswith("sale.") else self.keeper

    def test_facts(self):
        lines, milestones = self.order.sudo().order_line, self.order.sudo().milestone_ids
        self._assert_facts_are_believed_for_a_reason(
            lines._policy_shipped,
            lines._policy_refusals_to_ship,
            lambda: [line._policy_left_qty() for line in lines],
            self.transfer.sudo().move_ids._policy_refusals,
            self.transfer.sudo().move_line_ids._note_left,
            milestones._facts_delivery,
        )
