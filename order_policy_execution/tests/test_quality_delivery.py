from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_quality import QualityCase


@tagged("post_install", "-at_install")
class TestDeliveryByHand(QualityCase):
    """Without Inventory, people report deliveries: these are held by inspections (articles 1.8, 1.9, 3.10)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls._user("keeper")
        cls.keeper_head = cls._user("keeper_head")
        cls.logistics_department = cls._department("Logistics", cls.keeper_head, cls.keeper)
        rule = {"name": "Delivery", "kind": "delivery", "department_id": cls.logistics_department.id}
        loading = {**rule, "name": "Loading", "kind": "other"}
        cls._inspect_by(cls._plan(), milestone_ids=[Command.create(rule), Command.create(loading)])

    def _delivery(self, order, name="Delivery"):
        milestones = order.sudo().milestone_ids.filtered(lambda milestone: milestone.name == name)
        return milestones.with_user(self.keeper)

    def test_what_is_not_released_is_not_delivered(self):
        order = self._confirmed((self.desk, 5, 300.0))
        delivery = self._delivery(order)
        for report in (delivery.action_done, lambda: delivery.action_report(100)):
            with self.assertRaisesRegex(UserError, "Desk: 0 of 5 is released.*Quality inspects it"):
                report()
        self.assertEqual(delivery.state, "planned")

    def test_how_much_was_delivered_is_reported(self):
        order = self._confirmed((self.desk, 5, 300.0))
        self._delivery(order).action_report(60)
        self.assertEqual(self._delivery(order).progress, 60)

    def test_what_is_released_in_part_is_not_all_delivered(self):
        order = self._confirmed((self.desk, 5, 300.0))
        self._release(order, 2)
        with self.assertRaisesRegex(UserError, "2 of 5"):
            self._delivery(order).action_done()

    def test_what_is_released_is_delivered(self):
        order = self._confirmed((self.desk, 5, 300.0))
        self._release(order)
        self._delivery(order).action_done()
        self.assertEqual(self._delivery(order).state, "done")

    def test_what_is_not_inspected_is_delivered(self):
        order = self._confirmed((self.chair, 5, 300.0))
        self._delivery(order).action_done()
        self.assertEqual(self._delivery(order).state, "done")

    def test_other_milestones_are_not_held(self):
        order = self._confirmed((self.desk, 5, 300.0))
        self._delivery(order, "Loading").action_done()
        self.assertEqual(self._delivery(order, "Loading").state, "done")
