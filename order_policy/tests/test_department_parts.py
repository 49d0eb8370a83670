from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import OrderPolicyCommon


@tagged("post_install", "-at_install")
class TestDepartmentParts(OrderPolicyCommon):
    """What departments carry out is offered the departments of its policy: its company's, or ready-made ones."""

    PARTS = ("step_ids",)

    def _offered(self, parts, policy):
        """Return the departments that the web client offers in a new part of a policy, and the domain that says so.

        :param policy: values of the policy as the web client hands them over, or its id
        """
        model = self.env[self.policy._fields[parts].comodel_name].with_user(self.policy_admin)
        spec = {"company_id": {}, "policy_id": {}, "department_id": {}}
        values = model.onchange({"policy_id": policy}, [], spec)["value"]
        domain = model.fields_get(["department_id"], ["domain"])["department_id"]["domain"]
        company = values.get("company_id") or False
        found = Domain(safe_eval(domain, {"company_id": company}))
        return self.env["order.policy.department"].with_user(self.policy_admin).search(found)

    def _ready_policy(self):
        return self.env.ref("order_policy.policy_department_audit")

    def _own(self):
        return self.env["order.policy.department"].search([("company_id", "=", self.company.id)])

    def test_the_parts_are_all_that_departments_carry_out(self):
        mixin = self.env.registry["order.policy.department.part.mixin"]
        found = {
            name
            for name, field in self.policy._fields.items()
            if field.type == "one2many" and isinstance(self.env[field.comodel_name], mixin)
        }
        self.assertLessEqual(set(self.PARTS), found)

    def test_company_policies_are_offered_departments_of_their_own(self):
        draft = self.policy.copy()
        for parts in self.PARTS:
            for policy in (self.policy, draft):
                self.assertEqual(self._offered(parts, policy.id), self._own(), parts)

    def test_policies_that_are_not_stored_yet_are_offered_departments_of_their_company(self):
        for parts in self.PARTS:
            self.assertEqual(self._offered(parts, {"company_id": self.company.id}), self._own(), parts)

    def test_ready_policies_are_offered_ready_made_departments(self):
        ready = self.env["order.policy.department"].search([("company_id", "=", False)])
        for parts in self.PARTS:
            copied = self._ready_policy().copy({"company_id": False})
            self.assertTrue(ready)
            self.assertEqual(self._offered(parts, copied.id), ready, parts)

    def test_what_is_offered_can_be_chosen(self):
        ready = self.env["order.policy.department"].search([("company_id", "=", False)])
        copied = self._ready_policy().copy({"company_id": False})
        draft = self.policy.copy()
        for parts in self.PARTS:
            for policy, departments in ((copied, ready), (draft, self._own())):
                for department in departments:
                    policy[parts] = [Command.create({"name": "Another", "department_id": department.id})]
                self.assertEqual(policy[parts].department_id & departments, departments, parts)

    def test_departments_of_other_companies_are_refused(self):
        branch = self.env["res.company"].create({"name": "Beihai Furniture"})
        theirs = self.env["order.policy.department"].create({"name": "Finance", "company_id": branch.id})
        draft = self.policy.copy()
        for parts in self.PARTS:
            self.assertNotIn(theirs, self._offered(parts, draft.id), parts)
            with self.assertRaisesRegex(ValidationError, "Another: Finance belongs to Beihai Furniture"):
                draft[parts] = [Command.create({"name": "Another", "department_id": theirs.id})]

    def test_the_form_knows_the_company(self):
        """Each view in which the department is chosen has the company that the choice goes by."""
        for parts in self.PARTS:
            model = self.env[self.policy._fields[parts].comodel_name].with_user(self.policy_admin)
            arch = model.get_view(False, "form")["arch"]
            self.assertIn('name="company_id"', arch, parts)
