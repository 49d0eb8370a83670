from odoo.addons.order_policy.tests.common import ArchiveCommon, OpeningCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_quality import QualityCase


@tagged("post_install", "-at_install")
class TestInspectionRights(QualityCase, ArchiveCommon, OpeningCase):
    """Who reads inspections and what was measured: whoever reads the order; who inspects, nobody else, enters it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._user("stranger", "order_policy.group_order_policy_user")
        cls._department("Packing", cls.stranger)
        cls.bystander = cls._user("bystander")
        cls.buyer = new_test_user(
            cls.env,
            "buyer",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls._inspect_by(cls._plan(characteristic_ids=[Command.create({"name": "Surface", "kind": "look"})]))
        cls.inspection = cls._to_do(cls._confirmed((cls.desk, 2, 1000.0)))
        cls.line = cls.inspection.line_ids[0]
        cls.plan = cls.inspection.sudo().plan_id
        cls.env.flush_all()

    def _finds(self, records, user):
        found = records.with_user(user)
        self.env.invalidate_all()
        return bool(found.has_access("read") and found.search([("id", "in", found.ids)]))

    def _found_by(self, people):
        kinds = (("I", self.inspection), ("L", self.line), ("P", self.plan))
        return {
            user.login: "".join(letter for letter, records in kinds if self._finds(records, user)) for user in people
        }

    def test_each_person_finds_what_he_is_to_find(self):
        expected = {
            self.inspector: "ILP",
            self.quality_head: "ILP",
            self.salesman: "ILP",
            self.sales_head: "ILP",
            self.finance: "ILP",
            self.production: "ILP",
            self.archivist: "ILP",
            self.supervisor: "ILP",
            self.policy_admin: "ILP",
            self.other_salesman: "P",
            self.stranger: "P",
            self.bystander: "",
            self.buyer: "",
        }
        self.assertEqual(self._found_by(expected), {user.login: found for user, found in expected.items()})

    def test_other_companies_find_nothing(self):
        branch = self.env["res.company"].create({"name": "Beihai Furniture"})
        boss = self._user("boss", "sales_team.group_sale_manager", "order_policy.group_order_policy_manager")
        boss.write({"company_id": branch.id, "company_ids": [Command.set(branch.ids)]})
        theirs = self.env["order.policy.department"].create(
            {"name": "Quality", "company_id": branch.id, "head_id": boss.id}
        )
        self.assertIn(boss, theirs.member_ids)
        for records in (self.inspection, self.line, self.plan, self.plan.characteristic_ids):
            records = records.with_context(allowed_company_ids=branch.ids)
            self.assertFalse(self._finds(records, boss), records._name)
            with self.assertRaises(AccessError):
                records.with_user(boss).read(["display_name"])

    def test_who_works_in_both_companies_finds_those_that_are_chosen(self):
        branch = self.env["res.company"].create({"name": "Beihai Furniture"})
        self.inspector.company_ids += branch
        for chosen, finds in ((branch, False), (self.company, True), (branch + self.company, True)):
            records = self.inspection.with_context(allowed_company_ids=chosen.ids)
            self.assertEqual(self._finds(records, self.inspector), finds, chosen.mapped("name"))

    def test_only_who_inspects_enters_what_is_found(self):
        others = (
            self.salesman, self.sales_head, self.finance, self.production, self.archivist, self.supervisor,
            self.policy_admin, self.other_salesman, self.stranger, self.bystander, self.buyer,
        )  # fmt: skip
        for user in others:
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.inspection.with_user(user).note = "All good"
                with self.assertRaises(AccessError):
                    self.line.with_user(user).result = "good"
                with self.assertRaises(AccessError):
                    self.line.with_user(user).unlink()
                with self.assertRaises(AccessError):
                    self.line.with_user(user).create(
                        {
                            "inspection_id": self.inspection.id,
                            "characteristic_id": self.line.characteristic_id.id,
                            "result": "good",
                        }
                    )
                with self.assertRaises(AccessError):
                    self.inspection.with_user(user).action_release()
                self.env.invalidate_all()
        for user in (self.inspector, self.quality_head):
            self.inspection.with_user(user).note = "All good"
            self.line.with_user(user).result = "good"
        self.assertEqual((self.inspection.note, self.line.measured_by_id), ("All good", self.quality_head))

    def test_deputies_inspect_for_whom_they_stand_in(self):
        with self.assertRaises(AccessError):
            self.line.with_user(self.stranger).result = "good"
        self.env["order.policy.deputy"].create(
            {
                "user_id": self.inspector.id,
                "deputy_id": self.stranger.id,
                "company_id": self.company.id,
                "date_from": "2020-01-01",
                "date_until": "2099-12-31",
            }
        )
        self.env.flush_all()
        self.assertEqual(self._found_by([self.stranger]), {"stranger": "ILP"})
        self.line.with_user(self.stranger).result = "good"
        self.assertEqual(self.line.measured_by_id, self.stranger)

    def test_nobody_inspects_in_another_department(self):
        """A department that inspects reads its own inspections, not those of another one that inspects."""
        self.env["order.policy"]._in_force(self.company)
        own = self._plan(name="Packing", department_id=self.stranger._policy_departments("member_ids").id)
        self._inspect_by(own)
        packed = self._to_do(self._confirmed(), self.stranger)
        self.assertTrue(self._finds(packed, self.stranger))
        self.assertFalse(self._finds(packed, self.inspector))
        self.assertFalse(self._finds(self.inspection, self.stranger))
        with self.assertRaises(AccessError):
            packed.with_user(self.inspector).action_release()

    def test_nobody_deletes_or_makes_one(self):
        for user in (self.inspector, self.quality_head, self.policy_admin, self.supervisor):
            with self.assertRaises(UserError):
                self.inspection.with_user(user).unlink()
            with self.assertRaises(UserError):
                self.inspection.with_user(user).copy()
        with self.assertRaises(UserError):
            self.inspection.sudo().unlink()

    def test_screens_open_for_everybody_concerned(self):
        for user in (self.inspector, self.quality_head, self.salesman, self.supervisor, self.archivist):
            with self.subTest(user=user.login):
                self._open(self.inspection.with_user(user), ((False, "list"), (False, "kanban"), (False, "form")))
