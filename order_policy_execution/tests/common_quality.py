"""Orders of which something is inspected before it leaves."""

from odoo.addons.order_policy.tests.common import OrderPolicyCommon
from odoo.fields import Command


class QualityCase(OrderPolicyCommon):
    """Desks are inspected by quality, chairs are not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inspector = cls._user("inspector")
        cls.quality_head = cls._user("quality_head")
        cls.quality_department = cls._department("Quality", cls.quality_head, cls.inspector)
        cls.inspected = cls.env["product.category"].create({"name": "Inspected"})
        cls.desk.categ_id = cls.env["product.category"].create({"name": "Desks", "parent_id": cls.inspected.id})
        cls._inspect_by(cls._plan())
        cls.env.flush_all()

    @classmethod
    def _plan(cls, **values):
        return {
            "name": "Final inspection",
            "department_id": cls.quality_department.id,
            "product_category_ids": [Command.set(cls.inspected.ids)],
            **values,
        }

    @classmethod
    def _inspect_by(cls, *plans, **values):
        """Put a version of the policy in force that has these plans, as its administrator does."""
        version = cls.env["order.policy"]._in_force(cls.company).sudo()._copy_as_next_version()
        version = version.with_user(cls.policy_admin)
        version.write({"inspection_ids": [Command.clear(), *map(Command.create, plans)], **values})
        version.action_activate()
        return version

    @classmethod
    def _to_do(cls, order, user=None):
        """Return the inspections of an order that are to be done, as who inspects sees them."""
        inspections = cls.env["sale.order.inspection"].with_user(user or cls.inspector)
        return inspections.search([("order_id", "=", order.id), ("state", "=", "todo")], order="id")

    @classmethod
    def _release(cls, order, quantity=None):
        """Release what is to be inspected of an order, or some of it."""
        for inspection in cls._to_do(order):
            if quantity:
                inspection.quantity = quantity
            inspection.line_ids.filtered(lambda line: not line.verdict).result = "good"
            inspection.action_release()
