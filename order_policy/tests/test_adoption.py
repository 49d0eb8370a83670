from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_ready import AdoptionCase


@tagged("post_install", "-at_install")
class TestAdoption(AdoptionCase):
    """A policy administrator adopts a ready policy, and orders go its way from then on."""

    def _check_way(self, order, *rounds):
        """Take an order through its steps: who decides each, round by round; nobody confirms it before the last."""
        order.action_policy_submit()
        for deciders in rounds:
            self.assertEqual(set(self._pending(order).mapped("step_id.name")), set(deciders))
            with self.assertRaises(UserError):
                order.action_confirm()
            for review in self._pending(order):
                with self.assertRaises(AccessError):
                    review.with_user(self.salesman).action_approve("Mine is always right.")
                review.with_user(deciders[review.step_id.name]).action_approve("Fine.")
        self.assertFalse(self._pending(order))
        if order.policy_id.sudo().confirmation_required:
            with self.assertRaisesRegex(UserError, "has to confirm"):
                order.action_confirm()
            order.action_policy_record_confirmation("phone", "Ms. Lin", note="Yes, exactly as offered.")
        order.action_confirm()
        self.assertEqual((order.state, order.policy_stage), ("sale", "execution"))

    def _check_in_force(self, policy, preset, departments):
        self.assertEqual((policy.state, policy.company_id, policy.version), ("active", self.company, 1))
        self.assertEqual(policy.name, self.env.ref(f"order_policy.policy_{preset}").name)
        own = policy.step_ids.department_id
        self.assertEqual(own.company_id, self.company)
        self.assertEqual(set(own.origin_id), {self._ready_department(name) for name in departments})
        for department in own:
            people = self.staff[department.origin_id]
            self.assertEqual((department.head_id, department.member_ids), (people[0], people))
            self.assertTrue(all(person.has_group("order_policy.group_order_policy_user") for person in people))

    # ------------------------------------------------------------------
    # The four ready policies, from adoption to a confirmed order
    # ------------------------------------------------------------------

    def test_risk_control(self):
        self.assertFalse(self.keeper.has_group("order_policy.group_order_policy_user"))
        policy = self._adopt("risk_control")
        self._check_in_force(policy, "risk_control", ["sales", "finance", "production", "logistics"])
        departments = {
            "Stock": self.keeper,
            "Production capacity": self.planner,
            "Price, payment and credit": self.finance,
        }
        self._check_way(self._order(quantity=500), {"First review": self.colleague}, departments)
        head = {"Head of sales: sensitive order": self.sales_head}
        self._check_way(self._order(self.safe), {"First review": self.colleague}, departments, head)
        self.customer.category_id = self.env.ref("order_policy.partner_category_special_industry")
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        self._check_way(self._order(partner_id=buyer.id), {"First review": self.colleague}, departments, head)

    def test_department_audit(self):
        policy = self._adopt("department_audit", approval_threshold=50000)
        self._check_in_force(policy, "department_audit", ["sales", "finance", "production", "management"])
        self.assertEqual(policy.approval_threshold, 50000)
        departments = {
            "Amount and payment": self.finance,
            "Customer's need": self.colleague,
            "Capacity and delivery time": self.planner,
        }
        head, manager = {"Head of sales": self.sales_head}, {"General manager": self.general_manager}
        self._check_way(self._order(quantity=49), departments, head)
        self._check_way(self._order(quantity=50), departments, head, manager)
        self._check_way(self._order(special_order=True), departments, head, manager)

    def test_accuracy(self):
        policy = self._adopt("accuracy")
        self._check_in_force(policy, "accuracy", ["sales", "finance", "production", "logistics"])
        departments = {
            "Price and payment method": self.finance,
            "Production capacity": self.planner,
            "Stock": self.keeper,
        }
        self._check_way(self._order(quantity=500), {"Proofreading": self.colleague}, departments)

    def test_strictest(self):
        policy = self._adopt("strict", approval_threshold=80000)
        self._check_in_force(policy, "strict", ["sales", "finance", "production", "quality", "logistics", "management"])
        self.assertEqual(policy.approval_threshold, 80000)
        self.assertTrue(policy.one_decision_per_person)
        proofreading = {"First review and proofreading": self.colleague}
        departments = {
            "Amount, price, payment and credit": self.finance,
            "Capacity and delivery time": self.planner,
            "Specification and inspection": self.inspector,
            "Stock and delivery": self.keeper,
        }
        head, manager = {"Head of sales": self.sales_head}, {"General manager": self.general_manager}
        self._check_way(self._order(quantity=79), proofreading, departments, head)
        self._check_way(self._order(quantity=80), proofreading, departments, head, manager)
        self._check_way(self._order(self.safe), proofreading, departments, head, manager)

    def test_head_is_not_asked_to_proofread_where_a_person_decides_once(self):
        self._adopt("strict")
        order = self._order()
        order.action_policy_submit()
        self.assertEqual(self._pending(order).user_id, self.colleague)

    def test_changes_reopen_only_what_they_touch(self):
        self._adopt("department_audit")
        order = self._order()
        order.action_policy_submit()
        deciders = {
            "Amount and payment": self.finance,
            "Customer's need": self.colleague,
            "Capacity and delivery time": self.planner,
        }
        term = self.env.ref("account.account_payment_term_45days")
        changes = [
            (order, {"payment_term_id": term.id}, ["Amount and payment"]),
            (order.order_line, {"price_unit": 900}, ["Amount and payment"]),
            (order, {"commitment_date": "2030-05-01"}, ["Customer's need", "Capacity and delivery time"]),
            (order.order_line, {"product_uom_qty": 2}, list(deciders)),
        ]
        for record, values, asked_again in changes:
            for review in self._pending(order):
                review.with_user(deciders[review.step_id.name]).action_approve()
            self.assertEqual(self._pending(order).step_id.mapped("name"), ["Head of sales"])
            record.write(values)
            self.assertCountEqual(self._pending(order).step_id.mapped("name"), asked_again)

    # ------------------------------------------------------------------
    # What adoption refuses
    # ------------------------------------------------------------------

    def test_department_without_people_is_refused(self):
        wizard = self._wizard("accuracy")
        with self.assertRaisesRegex(UserError, "Finance: add at least one person"):
            wizard.action_adopt()
        self.assertFalse(self.env["order.policy"]._in_force(self.company))

    def test_department_left_out_is_refused(self):
        wizard = self._wizard("accuracy")
        for line in wizard.department_ids:
            line.member_ids = self.staff[line.preset_department_id]
        wizard.department_ids.filtered(
            lambda line: line.preset_department_id == self._ready_department("logistics")
        ).unlink()
        with self.assertRaisesRegex(UserError, "^Warehouse and Logistics: add at least one person"):
            wizard.action_adopt()

    def test_missing_head_is_refused_where_the_head_decides(self):
        wizard = self._wizard("department_audit")
        for line in wizard.department_ids:
            line.member_ids = self.staff[line.preset_department_id]
        with self.assertRaises(UserError) as refusal:
            wizard.action_adopt()
        self.assertEqual(
            str(refusal.exception),
            "Sales: choose the head, who decides in this policy.\n"
            "General Manager's Office: choose the head, who decides in this policy.",
        )

    def test_negative_threshold_is_refused(self):
        with self.assertRaisesRegex(Exception, "order_policy_step_amount_not_negative"), self.env.cr.savepoint():
            self._adopt("department_audit", approval_threshold=-1)
        self.assertFalse(self.env["order.policy"]._in_force(self.company))

    def test_only_administrators_adopt(self):
        for user in (self.salesman, self.sales_head):
            with self.assertRaises(AccessError):
                self._wizard("department_audit", user)

    def test_ready_policy_itself_never_comes_into_force(self):
        with self.assertRaisesRegex(UserError, "Adopt it"):
            self.env.ref("order_policy.policy_strict").with_user(self.admin).action_activate()

    # ------------------------------------------------------------------
    # Adopting again, elsewhere, in another language
    # ------------------------------------------------------------------

    def test_adopting_again_replaces(self):
        first = self._adopt("department_audit")
        running = self._order()
        running.action_policy_submit()
        wizard = self._wizard("strict")
        sales = wizard.department_ids.filtered(
            lambda line: line.preset_department_id == self._ready_department("sales")
        )
        self.assertEqual((sales.head_id, sales.member_ids), (self.sales_head, self.staff[sales.preset_department_id]))
        second = self._adopt("strict")
        self.assertEqual((first.state, second.state, second.version), ("retired", "active", 2))
        self.assertLess(first.step_ids.department_id, second.step_ids.department_id)
        departments = self.env["order.policy.department"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(departments), len(departments.origin_id))
        self.assertEqual((running.policy_id, self._order().policy_id), (first, second))

    def test_departments_that_no_step_asks_are_there_for_their_tasks(self):
        everybody = self.env["order.policy.department"].search([("company_id", "=", False)])
        names = ("sales", "finance", "production", "quality", "logistics", "service", "purchasing", "management")
        self.assertEqual(everybody, self.env["order.policy.department"].concat(*map(self._ready_department, names)))
        for preset in ("risk_control", "department_audit"):
            self._adopt(preset)
            own = self.env["order.policy.department"].search([("company_id", "=", self.company.id)])
            self.assertEqual(own.origin_id, everybody)
            self.assertFalse(own.filtered(lambda own: own.origin_id not in self.staff).member_ids)

    def test_companies_adopt_independently(self):
        first = self._adopt("department_audit")
        other_company = self._company("Hangzhou Lamps")
        person = self._user("other_admin", "order_policy.group_order_policy_manager", company=other_company)
        other_head = self._user("other_head", "sales_team.group_sale_manager", company=other_company)
        other = self._adopt("accuracy", person, dict.fromkeys(self.staff, person + other_head))
        self.assertEqual((first.state, other.state), ("active", "active"))
        self.assertEqual((other.company_id, other.step_ids.department_id.company_id), (other_company, other_company))
        self.assertFalse(first.step_ids.department_id & other.step_ids.department_id)
        self.assertEqual(self._order().policy_id, first)
        self.assertEqual(self._order(user=other_head).policy_id, other)

    def test_translations_of_the_ready_policy_are_kept(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        preset = self.env.ref("order_policy.policy_accuracy").with_context(lang="zh_CN")
        preset.name = "准确与变更制度"
        self._ready_department("logistics").with_context(lang="zh_CN").name = "仓储物流"
        policy = self._adopt("accuracy")
        self.assertEqual(policy.with_context(lang="zh_CN").name, "准确与变更制度")
        self.assertIn("仓储物流", policy.with_context(lang="zh_CN").step_ids.department_id.mapped("name"))
        self.assertIn("Warehouse and Logistics", policy.step_ids.department_id.mapped("name"))

    # ------------------------------------------------------------------
    # Settings
    # ------------------------------------------------------------------

    def test_threshold_in_settings_makes_a_new_version(self):
        policy = self._adopt("department_audit")
        self.admin.group_ids += self.env.ref("base.group_system")
        other_customer = self.customer.copy()
        running, fresh = self._order(quantity=60), self._order(quantity=60, partner_id=other_customer.id)
        running.action_policy_submit()
        settings = self.env["res.config.settings"].with_user(self.admin).create({})
        self.assertEqual(settings.order_policy_threshold, 100000)
        settings.order_policy_threshold = 60000
        settings.execute()
        version = self.env["order.policy"]._in_force(self.company)
        self.assertEqual((version.version, version.previous_id, version.approval_threshold), (2, policy, 60000))
        self.assertEqual((policy.state, policy.approval_threshold), ("retired", 100000))
        self.assertEqual((running.policy_id, fresh.policy_id), (policy, version))
        fresh.action_policy_submit()
        self.assertNotIn("General manager", running.sudo().review_ids.step_id.mapped("name"))
        self.assertIn("General manager", fresh.sudo().review_ids.step_id.mapped("name"))

    def test_settings_saved_without_change_leave_the_policy_alone(self):
        policy = self._adopt("department_audit")
        self.admin.group_ids += self.env.ref("base.group_system")
        self.env["res.config.settings"].with_user(self.admin).create({}).execute()
        self.assertEqual(self.env["order.policy"]._in_force(self.company), policy)

    def test_system_administrator_without_policy_rights_saves_other_settings(self):
        policy = self._adopt("department_audit")
        technician = self._user("technician", "base.group_system")
        Form(self.env["res.config.settings"].with_user(technician)).save().execute()
        self.assertEqual(self.env["order.policy"]._in_force(self.company), policy)
