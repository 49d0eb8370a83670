from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.tests import tagged

from .common import MilestoneCase

FEW, MANY = 3, 12


@tagged("post_install", "-at_install")
class TestQueries(MilestoneCase, QueriesCase):
    """What milestones cost does not grow with lines, nor with orders."""

    def _large(self, lines):
        return self._confirmed(*([(self.desk, 1, 10.0)] * lines))

    def test_following_does_not_grow_with_lines(self):
        small, large = self._large(1), self._large(300)
        few, many = (self._queries(order.sudo()._follow_milestones) for order in (small, large))
        self.assertLessEqual(many, few + 2)

    def test_following_does_not_grow_with_orders(self):
        orders = self.env["sale.order"].concat(*(self._large(2) for _n in range(MANY)))
        few, many = (self._queries(some.sudo()._follow_milestones) for some in (orders[:FEW], orders))
        self.assertLessEqual(many, few + 2)

    def test_planning_does_not_grow_with_orders(self):
        orders = self.env["sale.order"].concat(*(self._large(1) for _n in range(MANY)))

        def plan(some):
            milestones = some.sudo().milestone_ids
            self.env.add_to_compute(milestones._fields["planned_on"], milestones)
            milestones.mapped("planned_on")

        few, many = (self._queries(lambda some=some: plan(some)) for some in (orders[:FEW], orders))
        self.assertLessEqual(many, few + 2)

    def test_the_list_does_not_grow_with_rows(self):
        self.env["sale.order"].concat(*(self._large(1) for _n in range(MANY)))
        milestones = self.env["sale.order.milestone"].with_user(self.finance).search([])
        shown = ("name", "state", "planned_on", "forecast_on", "danger", "progress", "is_late", "can_report", "by_hand")
        spec = {name: {} for name in (*shown, "can_skip", "can_reopen")} | {
            name: {"fields": {"display_name": {}}} for name in ("order_id", "partner_id", "department_id")
        }
        few, many = (self._queries(lambda some=some: some.web_read(spec)) for some in (milestones[:FEW], milestones))
        self.assertLessEqual(many, few + 1)

    def test_the_activity_menu_asks_one_query(self):
        self._large(1)
        counting = self.env["sale.order.milestone"].with_user(self.keeper)
        counting._count_of_my_departments()
        self.assertLessEqual(self._queries(counting._count_of_my_departments, cold=False), 1)
