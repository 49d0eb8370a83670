"""Orders whose policy has milestones, and people of the departments that reach them."""

from odoo import fields
from odoo.addons.order_policy.tests.common import OrderPolicyCommon
from odoo.fields import Command


class MilestoneCase(OrderPolicyCommon):
    """Production three working days after the confirmation, delivery on the promised day, then invoice and payment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls._user("keeper")
        cls.keeper_head = cls._user("keeper_head")
        cls.logistics_department = cls._department("Logistics", cls.keeper_head, cls.keeper)
        cls.worker = cls._user("worker")
        cls.production_department.member_ids = [Command.link(cls.worker.id)]
        cls.policy_with_milestones = cls._put_milestones_in_force(*cls._milestone_rules())

    @classmethod
    def _milestone_rules(cls):
        return (
            cls._rule("Production", cls.production_department, kind="production", planned_from="confirmation",
                      planned_days=3),
            cls._rule("Delivery", cls.logistics_department, kind="delivery"),
            cls._rule("Invoice", cls.finance_department, kind="invoice", planned_days=1, source="invoice"),
            cls._rule("Payment", cls.finance_department, kind="payment", planned_from="due", source="payment"),
        )  # fmt: skip

    @classmethod
    def _rule(cls, name, department, **values):
        return {"name": name, "department_id": department.id, "planned_from": "promised", **values}

    @classmethod
    def _put_milestones_in_force(cls, *rules):
        """Put a policy with milestones in force, in the order given."""
        policy = cls._policy(
            name="With milestones",
            milestone_ids=[Command.create({"sequence": 10 * n, **rule}) for n, rule in enumerate(rules, 1)],
        )
        policy.with_user(cls.policy_admin).action_activate()
        return policy

    @classmethod
    def _promised(cls, days=30):
        return fields.Datetime.add(fields.Datetime.now(), days=days)

    def _follow_documents(self):
        """Store what was done, and let the job bring orders in line with it, as the superuser that runs jobs."""
        self.env.cr.flush()
        with self.enter_registry_test_mode():
            self.env.ref("order_policy_execution.ir_cron_follow_documents").method_direct_trigger()
        self.env.invalidate_all()

    @classmethod
    def _milestone(cls, order, name, user=None):
        """Return a milestone of an order by its name, as somebody sees it; in superuser mode when nobody is named."""
        found = order.sudo().milestone_ids.filtered(lambda milestone: milestone.name == name)
        return found.with_user(user) if user else found

    @classmethod
    def _fact(cls, order, name):
        milestone = cls._milestone(order, name)
        return milestone.state, milestone.progress, milestone.by_hand
