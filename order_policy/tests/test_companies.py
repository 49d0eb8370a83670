from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TwoCompaniesCommon


@tagged("post_install", "-at_install")
class TestCompanies(TwoCompaniesCommon):
    """Two companies, each with its own departments and its own policy."""

    def _found(self, records, user):
        found = records.with_user(user).search([("id", "in", records.ids)])
        return found.sudo().with_user(self.env.user)

    def test_each_company_goes_by_its_own_policy(self):
        self.assertEqual(self.policy.state, "active")
        self.assertEqual(self._order().policy_id, self.policy)
        order = self._branch_order()
        self.assertEqual(order.sudo().policy_id, self.branch_policy)
        self.assertEqual(order.sudo().review_ids.mapped("department_id"), self.branch_department)

    def test_company_without_policy_is_plain_odoo(self):
        self.branch_policy.with_user(self.branch_admin).action_retire()
        self.assertEqual(self.policy.state, "active")
        order = self._order(user=self.branch_salesman, company_id=self.branch.id)
        order.action_confirm()
        self.assertEqual((order.state, order.policy_stage), ("sale", False))

    def test_amounts_are_imported_where_no_policy_is(self):
        """An export of orders has their amounts too; Odoo takes them, and computes them from the lines."""
        values = {"company_id": self.branch.id, "amount_untaxed": 5.0, "amount_tax": 1.0, "amount_total": 6.0}
        with self.assertRaisesRegex(AccessError, "The amounts of an order follow from its lines"):
            self._order(user=self.branch_salesman, **values)
        self.branch_policy.with_user(self.branch_admin).action_retire()
        order = self._order(user=self.branch_salesman, **values)
        order.write({"amount_total": 7.0})
        self.assertEqual(order.state, "draft")

    def test_staff_sign_where_no_policy_is(self):
        self.branch_policy.with_user(self.branch_admin).action_retire()
        order = self._order(user=self.branch_salesman, company_id=self.branch.id)
        order.write({"signed_by": "Wang", "client_order_ref": "PO 1"})
        self.assertEqual(order.signed_by, "Wang")
        order.commitment_date = "2199-01-01 08:00:00"
        self.assertFalse(order.policy_id)

    def test_activation_leaves_the_other_company_alone(self):
        entered = self._order()
        version = self.branch_policy.copy()
        version.with_user(self.branch_admin).action_activate()
        self.assertEqual((self.branch_policy.state, self.policy.state), ("retired", "active"))
        self.assertEqual(entered.policy_id, self.policy)

    def test_administrator_of_one_company(self):
        admin = self.branch_admin
        for operation in (
            lambda: self.policy.with_user(admin).action_retire(),
            lambda: self.policy.with_user(admin).action_new_version(),
            lambda: self.policy.with_user(admin).read(["name"]),
            lambda: self.finance_department.with_user(admin).write({"member_ids": [Command.link(admin.id)]}),
            lambda: self.policy.step_ids[0].with_user(admin).read(["name"]),
            lambda: self._order().with_user(admin).action_policy_exempt("Import"),
        ):
            with self.assertRaises(AccessError):
                operation()

    def test_departments_of_the_other_company(self):
        draft = self.branch_policy.copy()
        with self.assertRaisesRegex(
            ValidationError, "Finance belongs to Nanhai Furniture. Choose a department of Beihai Furniture"
        ):
            draft.step_ids.department_id = self.finance_department
        with self.assertRaisesRegex(ValidationError, "belongs to Beihai Furniture"):
            draft.company_id = self.company
            self.env.flush_all()

    def test_people_of_the_other_company(self):
        with self.assertRaises(UserError):
            self.branch_department.member_ids += self.production
        with self.assertRaises(UserError):
            self.branch_department.head_id = self.production

    def test_department_does_not_move_while_in_use(self):
        with self.assertRaises(UserError):
            self.branch_department.company_id = self.company

    def test_person_who_leaves_the_company(self):
        review = self._branch_order().sudo().review_ids
        self.both.company_ids = self.company
        with self.assertRaises(AccessError):
            review.with_user(self.both).action_approve()
        self.assertNotIn(self.both, self.branch_policy.step_ids.people_ids)
        # Even where an administrator of Odoo lets everybody read everything.
        self.env["ir.rule"].search([("model_id.model", "=", "sale.order.review")]).active = False
        with self.assertRaisesRegex(AccessError, "belongs to Beihai Furniture, where you do not work"):
            review.with_user(self.both).action_approve()

    def test_reviews_are_invisible_across_companies(self):
        order, branch_order = self._submitted(), self._branch_order()
        reviews = order.sudo().review_ids | branch_order.sudo().review_ids
        self.branch_finance.group_ids += self.env.ref("sales_team.group_sale_manager")
        for user in (self.branch_finance, self.branch_salesman, self.branch_supervisor, self.branch_admin):
            self.assertEqual(self._found(reviews, user), branch_order.sudo().review_ids, user.name)
            self.assertFalse(self._found(order.sudo(), user), user.name)
            self.assertFalse(self._found(self.policy, user), user.name)
            self.assertFalse(self._found(self.finance_department, user), user.name)
        self.assertEqual(self._found(reviews, self.finance), order.sudo().review_ids)
        with self.assertRaises(AccessError):
            order.sudo().review_ids[0].with_user(self.branch_finance).action_approve()

    def test_person_in_both_companies_decides_in_both(self):
        review = self._review(self._submitted(), self.finance_department)
        branch_review = self._branch_order().sudo().review_ids
        both = (review | branch_review).with_user(self.both)
        both.action_approve()
        self.assertEqual(both.mapped("state"), ["approved", "approved"])

    def test_list_and_menu_show_the_chosen_companies(self):
        review = self._review(self._submitted(), self.finance_department)
        branch_review = self._branch_order().sudo().review_ids
        for companies, expected in (
            (self.company, review),
            (self.branch, branch_review),
            (self.company | self.branch, review | branch_review),
        ):
            user = self.both.with_user(self.both).with_context(allowed_company_ids=companies.ids)
            found = user.env["sale.order.review"].search([("can_decide", "=", True)])
            self.assertEqual(found.sudo().with_user(self.env.user), expected)
            [menu] = [group for group in user._get_activity_groups() if group["model"] == "sale.order.review"]
            self.assertEqual(menu["total_count"], len(expected), companies.mapped("name"))

    def test_order_that_moves_comes_under_the_other_policy(self):
        self.salesman.company_ids += self.branch
        entered, approved = self._order(), self._approved()
        orders = entered | approved
        orders.write({"company_id": self.branch.id})
        self.assertEqual(orders.sudo().policy_id, self.branch_policy)
        self.assertEqual(entered.sudo().policy_stage, "intake")
        pending = approved.sudo().review_ids.filtered(lambda review: review.state == "pending")
        self.assertEqual(pending.department_id, self.branch_department)
        for order in orders:
            with self.assertRaises(UserError):
                order.action_confirm()
        pending.with_user(self.branch_finance).action_approve()
        orders[1].action_confirm()
        self.assertEqual(approved.sudo().state, "sale")

    def test_confirmed_order_does_not_move(self):
        self.salesman.company_ids += self.branch
        order = self._approved()
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "cannot be moved to another company"):
            order.company_id = self.branch

    def test_order_that_moves_to_a_company_without_policy(self):
        self.branch_policy.with_user(self.branch_admin).action_retire()
        self.salesman.company_ids += self.branch
        order = self._submitted()
        order.company_id = self.branch
        self.assertFalse(order.sudo().policy_id)
        self.assertEqual(set(order.sudo().review_ids.mapped("state")), {"not_required"})
