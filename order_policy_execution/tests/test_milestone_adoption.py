from odoo.addons.order_policy.tests.common_ready import ReadyPolicyCase
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestMilestonesOfReadyPolicies(ReadyPolicyCase):
    """Companies that adopt a ready policy have its milestones, in their own departments."""

    KINDS = {
        "risk_control": ["production", "inspection", "delivery"],
        "department_audit": ["production", "delivery", "payment"],
        "accuracy": ["production", "inspection", "delivery"],
        "strict": ["production", "inspection", "delivery", "invoice", "payment"],
    }

    def test_ready_policies_bring_milestones(self):
        for preset, kinds in self.KINDS.items():
            with self.subTest(preset):
                policy = self._adopt(preset)
                self.assertEqual(policy.milestone_ids.mapped("kind"), kinds)
                departments = policy.milestone_ids.department_id
                self.assertEqual(departments.company_id, self.company)
                ready = self.env.ref(f"order_policy.policy_{preset}").milestone_ids.department_id
                self.assertEqual(departments.origin_id, ready)
                self.assertNotRegex(policy.dead_ends or "", "nobody is in")

    def test_people_of_milestones_are_asked_for(self):
        wizard = self._wizard("risk_control")
        quality = self._ready_department("quality")
        self.assertIn(quality, wizard.department_ids.preset_department_id)

    def test_departments_of_milestones_may_get_their_people_later(self):
        policy = self._adopt("department_audit")
        logistics = policy.milestone_ids.department_id.filtered(
            lambda department: department.origin_id == self._ready_department("logistics")
        )
        logistics.write({"head_id": False, "member_ids": [Command.clear()]})
        self.assertRegex(policy.dead_ends, "Delivery: nobody is in Warehouse and Logistics")

    def test_departments_do_their_part_of_an_order(self):
        self._adopt("department_audit")
        order = self._confirmed((self.chair, 2))
        production = order.sudo().milestone_ids.filtered(lambda milestone: milestone.kind == "production")
        if production.by_hand:
            production.with_user(self.planner).action_done("All in stock")
            self.assertEqual(production.state, "done")
        payment = order.sudo().milestone_ids.filtered(lambda milestone: milestone.kind == "payment")
        self.assertFalse(payment.by_hand)
        self.assertEqual(order.policy_stage, "execution")
