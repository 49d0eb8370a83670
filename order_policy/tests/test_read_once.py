from odoo.tests import tagged

from .common_orders import QueriesCase


@tagged("post_install", "-at_install")
class TestReadOnce(QueriesCase):
    """What hardly ever changes is read once by each worker, and what changed is read again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.step = cls.policy.step_ids[0].sudo()
        cls.draft = cls._policy(name="Draft").sudo()
        # What the tests before changed was told to all workers.
        cls.env.flush_all()
        cls.env.registry.clear_cache()
        cls.env.registry.cache_invalidated.clear()

    def _cost_of(self, read):
        self._queries(read)
        return self._queries(read)

    def test_policies_in_force_parts_and_departments(self):
        for record in (self.policy.sudo(), self.step, self.finance_department.sudo()):
            with self.subTest(record=record):
                self.assertEqual(self._cost_of(lambda record=record: record.name), 0)

    def test_drafts_are_read_each_time(self):
        self.assertTrue(self._cost_of(lambda: self.draft.name))
        self.assertTrue(self._cost_of(lambda: self.draft.step_ids[0].name))

    def test_people_read_what_they_may(self):
        self.assertTrue(self._cost_of(lambda: self.step.with_user(self.salesman).name))

    def test_each_language_has_its_own_name(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.finance_department.with_context(lang="fr_FR").name = "Comptabilité"
        self.env.flush_all()
        self.env.registry.cache_invalidated.clear()
        department = self.finance_department.sudo()
        for _time in range(2):
            self.env.invalidate_all()
            self.assertEqual(department.with_context(lang="fr_FR").name, "Comptabilité")
            self.assertEqual(department.with_context(lang="en_US").name, "Finance")

    def test_what_changed_is_read_again(self):
        department = self.finance_department.sudo()
        self._cost_of(lambda: department.name)
        self.finance_department.with_user(self.policy_admin).name = "Accounting"
        self.env.flush_all()
        self.env.registry.cache_invalidated.clear()  # the next request
        self.env.invalidate_all()
        self.assertEqual(department.name, "Accounting")

    def test_nothing_is_kept_of_what_is_rolled_back(self):
        department = self.finance_department.sudo()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.finance_department.with_user(self.policy_admin).name = "Accounting"
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(department.name, "Accounting")
            raise ZeroDivisionError
        self.env.registry.cache_invalidated.clear()  # the next request
        self.env.invalidate_all()
        self.assertEqual(department.name, "Finance")

    def test_retired_policy_is_retired_for_everybody(self):
        self._cost_of(lambda: self.policy.sudo().state)
        self.policy.with_user(self.policy_admin).action_retire()
        self.env.flush_all()
        self.env.registry.cache_invalidated.clear()  # the next request
        self.env.invalidate_all()
        self.assertEqual(self.policy.sudo().state, "retired")
