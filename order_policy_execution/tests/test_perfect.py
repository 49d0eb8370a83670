from odoo.addons.order_policy.tests.common import ArchiveCommon
from odoo.tests import tagged

from .common import MilestoneCase


@tagged("post_install", "-at_install")
class TestPerfectOrders(ArchiveCommon, MilestoneCase):
    """How good archived orders were is counted: on time, in full, without fault, with the right papers."""

    def _archived(self, delivered=1.0, fault=None):
        order = self._confirmed()
        for line in order.sudo().order_line:
            line.qty_delivered = delivered * line.product_uom_qty
        if fault:
            issue = order.action_policy_report_issue(
                kind=fault,
                severity="low",
                cause="Leg",
                description="One leg is broken.",
                department=self.sales_department.id,
            )
            issue.action_settle("A new one was sent.", "It fell.")
        for name, person in (("Production", self.worker), ("Delivery", self.keeper)):
            self._milestone(order, name, person).action_done()
        for name in ("Invoice", "Payment"):
            self._milestone(order, name, self.finance_head).action_skip("It is a gift.")
        self._paper(order)
        self._dossier(order).action_seal()
        self.assertEqual(order.policy_stage, "archived")
        return order

    def _rates(self, order):
        return (
            order.policy_on_time_rate,
            order.policy_in_full_rate,
            order.policy_faultless_rate,
            order.policy_perfect_rate,
        )

    def test_nothing_is_said_before_the_order_is_archived(self):
        self.assertEqual(self._rates(self._confirmed()), (0.0, 0.0, 0.0, 0.0))

    def test_an_order_is_perfect_when_all_is_well(self):
        order = self._archived()
        self.assertEqual(order.policy_papers_rate, 1.0)
        self.assertEqual(self._rates(order), (1.0, 1.0, 1.0, 1.0))

    def test_one_fault_is_enough(self):
        self.assertEqual(self._rates(self._archived(fault="damage")), (1.0, 1.0, 0.0, 0.0))

    def test_what_was_not_delivered_counts(self):
        self.assertEqual(self._rates(self._archived(delivered=0.5)), (1.0, 0.0, 1.0, 0.0))
