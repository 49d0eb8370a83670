from odoo.tests import tagged

from .common import OrderPolicyCommon

FEW, MANY = 10, 80
ROWS_PER_STATEMENT = 100  # the ORM inserts and updates in batches of this size


@tagged("post_install", "-at_install")
class TestQueries(OrderPolicyCommon):
    """Work is done per batch: more orders cost the rows that are written, in batches, and nothing else."""

    def _orders(self, count):
        lines = [(self.desk, 1, 1000.0), (self.chair, 2, 100.0)]
        return self.env["sale.order"].concat(*(self._order(*lines) for _number in range(count)))

    def _queries(self, operation):
        """Count the queries of an operation in a fresh transaction: nothing in the cache, everything flushed."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        operation()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _decide(self, orders, department, user):
        return self._review(orders, department).with_user(user).action_approve

    def _costs(self, count):
        """Return the cost of submitting, of each decision and of confirming."""
        orders = self._orders(count).with_user(self.salesman)
        costs = [self._queries(orders.action_policy_submit)]
        for department, user in (
            (self.finance_department, self.finance),
            (self.production_department, self.production),
            (self.sales_department, self.sales_head),
        ):
            costs.append(self._queries(self._decide(orders, department, user)))
        costs.append(self._queries(orders.action_confirm))
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        return costs

    def test_many_orders_cost_no_more_than_few(self):
        self._costs(1)  # fills the caches of the registry
        few, many = self._costs(FEW), self._costs(MANY)
        steps_asked, pending_at_once, lines = 3, 2, 2
        rows_written = [
            MANY * (steps_asked + 1 + pending_at_once),  # reviews inserted; orders, opened reviews updated
            MANY * 2,  # decided reviews, their orders
            MANY * 3,  # and the reviews that come next
            MANY * 2,
            MANY * (1 + 2 * lines),  # orders, and their lines twice, by Odoo
        ]
        for cost_of_few, cost_of_many, rows in zip(few, many, rows_written, strict=True):
            self.assertLessEqual(cost_of_many, cost_of_few + rows // ROWS_PER_STATEMENT)

    def _cost_of_rejecting(self, count):
        orders = self._orders(count)
        orders.action_policy_submit()
        reviews = self._review(orders, self.finance_department).with_user(self.finance)
        cost = self._queries(lambda: reviews.action_reject("The price is below cost."))
        self.assertEqual(set(orders.mapped("policy_stage")), {"rejected"})
        return cost

    def test_rejecting_many_orders_costs_no_more_than_few(self):
        self._cost_of_rejecting(1)
        few, many = self._cost_of_rejecting(FEW), self._cost_of_rejecting(MANY)
        rows_written = MANY * 5  # decided reviews, those that wait again, orders, notes and their recipients
        self.assertLessEqual(many, few + rows_written // ROWS_PER_STATEMENT)

    def test_one_order(self):
        self._costs(1)
        submit, _finance, _production, approve, _confirm = self._costs(1)
        self.assertLessEqual(submit, 20)
        self.assertLessEqual(approve, 14)

    def test_confirming_adds_little_to_plain_odoo(self):
        self._costs(1)
        under_policy = self._costs(1)[-1]
        self.policy.with_user(self.policy_admin).action_retire()
        plain = self._orders(1).with_user(self.salesman)
        self.assertFalse(plain.policy_id)
        self.assertLessEqual(under_policy, self._queries(plain.action_confirm) + 5)

    def test_order_list_costs_two_queries_more(self):
        columns = {"name": {}, "partner_id": {"fields": {"display_name": {}}}, "amount_total": {}, "state": {}}
        ours = {"policy_stage": {}, "policy_waiting_for": {}, "policy_overdue": {}, "special_order": {}}
        for count in (FEW, MANY):
            orders = self._orders(count).with_user(self.salesman)
            orders.action_policy_submit()
            orders.web_read(columns | ours)
            plain = self._queries(lambda orders=orders: orders.web_read(columns))
            with_policy = self._queries(lambda orders=orders: orders.web_read(columns | ours))
            self.assertLessEqual(with_policy, plain + 2)

    def test_counter_of_the_activity_menu(self):
        users = self.env["res.users"]
        self._orders(FEW).action_policy_submit()
        for user in (self.finance, self.salesman, self.general_manager):
            users.with_user(user)._get_policy_activity_groups()
            self.assertLessEqual(self._queries(users.with_user(user)._get_policy_activity_groups), 3)
        self.assertEqual(users.with_user(self.finance)._get_policy_activity_groups()[0]["total_count"], FEW)
