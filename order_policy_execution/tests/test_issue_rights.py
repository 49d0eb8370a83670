from odoo.addons.order_policy.tests.common import OpeningCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_issue import IssueCommon


@tagged("post_install", "-at_install")
class TestIssueRights(IssueCommon, OpeningCase):
    """Who reads exceptions and follow-ups: whoever reads the order, whoever leads, and whoever settles it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.management.is_management = True
        cls.bystander = cls._user("bystander")
        cls.issue = cls._reported()
        cls.measure = cls.issue.with_user(cls.keeper).action_plan_measure("Paint", cls.keeper.id, "2030-01-01")
        cls.order.action_policy_record_followup("phone", "All goes well.")
        cls.followup = cls.order.sudo().followup_ids
        cls.env.flush_all()

    def _finds(self, records, user):
        found = records.with_user(user)
        self.env.invalidate_all()
        return bool(found.has_access("read") and found.search([("id", "in", found.ids)]))

    def test_each_person_finds_what_he_is_to_find(self):
        expected = {
            self.salesman: "IMF",
            self.sales_head: "IMF",
            self.finance: "IMF",
            self.production: "IMF",
            self.keeper: "IMF",
            self.general_manager: "IMF",
            self.archivist: "IMF",
            self.supervisor: "IMF",
            self.policy_admin: "IMF",
            self.other_salesman: "",
            self.bystander: "",
        }
        found = {
            user: "".join(
                letter
                for letter, records in (("I", self.issue), ("M", self.measure), ("F", self.followup))
                if self._finds(records, user)
            )
            for user in expected
        }
        self.assertEqual(
            {user.login: letters for user, letters in found.items()},
            {user.login: letters for user, letters in expected.items()},
        )

    def test_other_companies_find_nothing(self):
        branch = self.env["res.company"].create({"name": "Beihai Furniture"})
        boss = self._user("boss", "sales_team.group_sale_manager", "order_policy.group_order_policy_manager")
        boss.write({"company_id": branch.id, "company_ids": [Command.set(branch.ids)]})
        boss = boss.with_context(allowed_company_ids=branch.ids)
        for records in (self.issue, self.measure, self.followup):
            records = records.with_context(allowed_company_ids=branch.ids)
            self.assertFalse(self._finds(records, boss), records._name)

    def test_who_settles_it_reads_it_wherever_he_works(self):
        with self.assertRaisesRegex(UserError, "who works with the order policy"):
            self.issue.with_user(self.keeper).action_plan_measure("Varnish", self.bystander.id, "2030-01-01")
        self.bystander.group_ids += self.env.ref("order_policy.group_order_policy_user")
        self.assertFalse(self._finds(self.issue, self.bystander))
        self.issue.with_user(self.keeper).action_plan_measure("Varnish", self.bystander.id, "2030-01-01")
        self.assertTrue(self._finds(self.issue, self.bystander))

    def test_nobody_reads_what_somebody_else_is_entering(self):
        for name, model in self.env.registry.items():
            if model._original_module != "order_policy_execution" or not model._transient or model._abstract:
                continue
            own = [("model_id.model", "=", name), ("domain_force", "=", "[('create_uid', '=', user.id)]")]
            self.assertTrue(self.env["ir.rule"].search([*own, ("groups", "=", False)]), name)

    def test_screens_open_for_everybody_concerned(self):
        self.env.flush_all()
        for user in (self.salesman, self.keeper, self.general_manager, self.supervisor):
            with self.subTest(user=user.login):
                self._open(self.issue.with_user(user), ((False, "kanban"), (False, "list"), (False, "form")))
                self._open(self.followup.with_user(user), ((False, "list"), (False, "form"), (False, "calendar")))
                self._open(self.order.with_user(user))
                self.issue.with_user(user).get_views([(False, "search")])
        self._open(self.policy.with_user(self.policy_admin))
