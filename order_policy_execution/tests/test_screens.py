from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import MilestoneCase


@tagged("post_install", "-at_install")
class TestScreens(MilestoneCase, HttpCase):
    """What people see of the execution of an order in a browser."""

    def _order_on_its_way(self):
        """Production was done two days late, the delivery is planned for the day that is promised."""
        order = self._confirmed(commitment_date=self._promised(20))
        production = self._milestone(order, "Production")
        production.planned_on = fields.Date.subtract(self._local_today(), days=2)
        self._milestone(order, "Production", self.worker).action_done("Varnished twice")
        return order

    def _local_today(self):
        return fields.Date.context_today(self.policy.with_context(tz=self.salesman.tz))

    def test_milestones_are_drawn_against_plan_and_promise(self):
        order = self._order_on_its_way()
        self.start_tour(f"/odoo/policy-orders/{order.id}", "order_policy_milestone_plan", login=self.salesman.login)

    def test_an_order_without_milestones_says_why(self):
        self._put_milestones_in_force()
        order = self._confirmed()
        self.assertFalse(order.sudo().milestone_ids)
        self.start_tour(f"/odoo/policy-orders/{order.id}", "order_policy_no_milestones", login=self.salesman.login)

    def test_the_calendar_says_what_is_late(self):
        order = self._confirmed(commitment_date=self._promised(20))
        self._milestone(order, "Production").planned_on = fields.Date.subtract(self._local_today(), days=2)
        self.start_tour("/odoo/my-departments-work", "order_policy_milestone_calendar", login=self.worker.login)


@tagged("post_install", "-at_install")
class TestScreensOnPhone(TestScreens):
    """The same on a phone, where milestones stand one below the other."""

    browser_size = "375x667"
    touch_enabled = True

    def test_the_calendar_says_what_is_late(self):
        """Odoo shows the calendar on a phone by the day: it is looked at on the desk."""


@tagged("post_install", "-at_install")
class TestMenus(MilestoneCase):
    """Menus stand in the order of work."""

    def test_no_two_menus_share_a_place(self):
        menus = self.env.ref("order_policy_execution.menu_order_policy_execution").child_id
        places = menus.mapped("sequence")
        self.assertEqual(len(set(places)), len(places), menus.mapped(lambda menu: (menu.name, menu.sequence)))
