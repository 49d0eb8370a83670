from lxml import etree

from odoo.addons.order_policy.tests.common import OrderPolicyCommon
from odoo.tests import tagged

APPS = ("sale", "sale_stock", "sale_mrp")


@tagged("post_install", "-at_install")
class TestScreens(OrderPolicyCommon):
    """Reviewers without rights in Inventory open the orders that they review, and see no transfers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk.is_storable = True
        cls.keeper = cls._user("keeper", "stock.group_stock_user")
        cls.production_department.member_ids += cls.keeper
        cls.order = cls._approved((cls.desk, 100, 1000.0))
        cls.order.action_confirm()
        cls.supervisor = cls._user("supervisor", "order_policy.group_order_policy_supervisor")

    def _of_the_apps(self, records, arch):
        """Return the fields that the apps put on a form, as far as its user may see them."""
        names = {node.get("name") for node in arch.iter("field")} & set(records._fields)
        return [name for name in names if records._fields[name]._module in APPS and self._may_read(records, name)]

    def _may_read(self, records, name):
        return records._has_field_access(records._fields[name], "read")

    def test_who_reviews_opens_the_order(self):
        for user in self.finance | self.production | self.general_manager | self.supervisor | self.policy_admin:
            with self.subTest(user=user.login):
                order = self.order.with_user(user)
                arch = etree.fromstring(order.get_view(view_type="form")["arch"])
                shown = self._of_the_apps(order, arch)
                self.assertIn("json_popover", shown)
                self.env.invalidate_all()
                order.web_read({name: {} for name in shown})
                order.order_line.web_read({name: {} for name in self._of_the_apps(order.order_line, arch)})

    def test_only_who_may_see_transfers_sees_them(self):
        self.assertEqual(len(self.order.sudo().picking_ids), 1)
        for user, count in ((self.finance, 0), (self.supervisor, 0), (self.salesman, 1), (self.keeper, 1)):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                [shown] = self.order.with_user(user).web_read({"picking_ids": {}})
                self.assertEqual(len(shown["picking_ids"]), count)
