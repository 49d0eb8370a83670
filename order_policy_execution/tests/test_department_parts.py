from odoo.addons.order_policy.tests import test_department_parts
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestDepartmentParts(test_department_parts.TestDepartmentParts):
    """Milestones, inspection plans and follow-ups are offered the departments of their policy, as steps are."""

    PARTS = ("step_ids", "milestone_ids", "inspection_ids", "followup_ids")

    def test_follow_ups_begin_with_the_sales_department_of_the_company(self):
        followup = self.env["order.policy.followup"].with_user(self.policy_admin)
        self.assertFalse(followup.default_get(["department_id"]).get("department_id"))
        self.sales_department.origin_id = self.env.ref("order_policy.department_sales")
        self.assertEqual(followup.default_get(["department_id"])["department_id"], self.sales_department.id)
