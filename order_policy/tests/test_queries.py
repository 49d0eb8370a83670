from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_orders import FEW, MANY, QueriesCase

ROWS_PER_STATEMENT = 100  # the ORM inserts and updates in batches of this size


@tagged("post_install", "-at_install")
class TestQueries(QueriesCase):
    """Work is done per batch: more orders cost the rows that are written, in batches, and nothing else."""

    def _orders(self, count):
        lines = [(self.desk, 1, 1000.0), (self.chair, 2, 100.0)]
        return self.env["sale.order"].concat(*(self._order(*lines) for _number in range(count)))

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
        # One of them for who is on leave, three for a line in the log, two for the job that files the copy.
        self.assertLessEqual(submit, 14)
        self.assertLessEqual(approve, 18)  # seven of them for two lines in the log, and who is told

    def test_confirming_adds_little_to_plain_odoo(self):
        self._costs(1)
        under_policy = self._costs(1)[-1]
        self.policy.with_user(self.policy_admin).action_retire()
        self._queries(self._orders(1).with_user(self.salesman).action_confirm)  # fills the caches of the registry
        plain = self._orders(1).with_user(self.salesman)
        self.assertFalse(plain.policy_id)
        # Two for the reviews, one for the content, five for a line in the log: the customer has no e-mail address.
        # Two more for what the addon for execution begins.
        self.assertLessEqual(under_policy, self._queries(plain.action_confirm) + 10)

    def test_order_list_costs_one_query_more(self):
        columns = {"name": {}, "partner_id": {"fields": {"display_name": {}}}, "amount_total": {}, "state": {}}
        ours = {"policy_stage": {}, "policy_waiting_for": {}, "policy_overdue": {}, "special_order": {}}
        for count in (FEW, MANY):
            orders = self._orders(count).with_user(self.salesman).with_context(lang="en_US")  # as browsers do
            orders.action_policy_submit()
            self._queries(lambda orders=orders: orders.web_read(columns | ours))
            plain = self._queries(lambda orders=orders: orders.web_read(columns))
            with_policy = self._queries(lambda orders=orders: orders.web_read(columns | ours))
            self.assertLessEqual(with_policy, plain + 1)

    def _cost_of_form(self, lines):
        """Return what the tab of the policy costs, on the form of an order of which one step was decided."""
        order = self._order(*[(self.desk, 1, 1000.0)] * lines)
        order.action_policy_submit()
        self._decide(order, self.finance_department, self.finance)()
        fields_of = {
            "review_ids": {"step_id": {}, "department_id": {}, "state": {}, "decided_by_id": {}, "decider_in_words": {},
                           "checks_html": {}, "changes_html": {}},
            "exemption_ids": {"reason": {}},
            "intake_check_ids": {"name": {}, "observed": {}},
            "confirmation_ids": {"method": {}},
        }  # fmt: skip
        names = [
            "policy_stage", "policy_explanation", "policy_tone", "policy_waiting_for", "my_review_ids",
            "policy_can_submit", "policy_can_confirm", "policy_can_request", "policy_open_question_ids", "change_count",
            "proofread_on",
        ]  # fmt: skip
        specification = {name: {} for name in names} | {name: {"fields": read} for name, read in fields_of.items()}
        order = order.with_user(self.salesman).with_context(lang="en_US")
        order.web_read(specification)
        return self._queries(lambda: order.web_read(specification))

    def test_form_of_a_long_order_costs_no_more_than_that_of_a_short_one(self):
        self._cost_of_form(1)  # fills the caches of the registry
        short, long = self._cost_of_form(1), self._cost_of_form(30)
        self.assertLessEqual(long, short)
        self.assertLessEqual(short, 22)

    def test_what_departments_say_is_for_colleagues_as_soon_as_they_are(self):
        order = self._orders(1)
        person = new_test_user(self.env, "buyer.or.colleague", groups="base.group_portal")
        field = order._fields["policy_stage"]
        self.assertFalse(order.with_user(person)._has_field_access(field, "read"))
        person.group_ids = self.env.ref("base.group_user")
        self.assertTrue(order.with_user(person)._has_field_access(field, "read"))
        self.assertEqual(self._queries(lambda: order.with_user(person)._has_field_access(field, "read")), 0)
        person.group_ids = self.env.ref("base.group_portal")
        self.assertFalse(order.with_user(person)._has_field_access(field, "read"))

    def test_counter_of_the_activity_menu(self):
        users = self.env["res.users"]
        orders = self._orders(FEW)
        orders.action_policy_submit()
        pending = orders.sudo().review_ids.filtered(lambda review: review.department_id == self.finance_department)
        pending.with_user(self.finance).action_ask("Who pays?")
        for user in (self.finance, self.salesman, self.general_manager):
            users.with_user(user)._get_policy_activity_groups()
            # Two of them for exceptions and follow-ups of the addon for execution.
            self.assertLessEqual(self._queries(users.with_user(user)._get_policy_activity_groups), 5)
        for user in (self.finance, self.salesman):
            self.assertEqual(users.with_user(user)._get_policy_activity_groups()[0]["total_count"], FEW)


@tagged("post_install", "-at_install")
class TestQueriesOfChecks(QueriesCase):
    """Checks look at all orders and all lines at once, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_use_credit_limit = True
        cls.payment_term = cls.env.ref("account.account_payment_term_30days")
        cls.tag = cls.env["product.tag"].create({"name": "Dual Use"})
        cls.policy = cls._policy(requirement_ids=cls._requirements(), intake_check_ids=cls._all_checks())
        cls.policy.step_ids[0].check_ids = cls._all_checks()
        cls.policy.with_user(cls.policy_admin).action_activate()

    @classmethod
    def _requirements(cls):
        wanted = {
            "order": ("channel_id", "commitment_date"),
            "customer": ("email",),
            "line": ("name", "product_uom_qty", "price_unit"),
        }
        field = cls.env["ir.model.fields"]
        models = cls.env["order.policy.requirement"].MODELS
        return [
            Command.create({"name": name, "kind": kind, "field_ids": [Command.set(field._get(models[kind], name).ids)]})
            for kind, names in wanted.items()
            for name in names
        ] + [
            Command.create(
                {
                    "name": "Original",
                    "kind": "document",
                    "document_id": cls.env.ref("order_policy.document_original").id,
                    "channel_ids": [Command.set(cls.env.ref("order_policy.channel_fax").ids)],
                }
            )
        ]

    @classmethod
    def _all_checks(cls):
        parameters = (
            {"kind": "complete"},
            {"kind": "catalogue", "product_category_ids": [Command.set(cls.desk.categ_id.ids)]},
            {"kind": "price", "price_basis": "pricelist"},
            {"kind": "price", "price_basis": "discount"},
            {"kind": "price", "price_basis": "margin", "percent": 10.0},
            {"kind": "delivery_date", "days": 2},
            {"kind": "payment_term", "payment_term_ids": [Command.set(cls.payment_term.ids)]},
            {"kind": "credit"},
            {
                "kind": "sensitive",
                "product_tag_ids": [Command.set(cls.tag.ids)],
                "product_category_ids": [Command.set(cls.desk.categ_id.create({"name": "Chemicals"}).ids)],
                "country_ids": [Command.set(cls.env.ref("base.cu").ids)],
            },
            {"kind": "duplicate", "days": 7},
            {"kind": "split", "days": 7},
            {"kind": "rule", "domain": "[('partner_id.name', '!=', 'Nobody')]", "message": "Choose a customer."},
        )
        return [Command.create({"name": values["kind"], **values}) for values in parameters]

    @classmethod
    def _customers(cls, count):
        return cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "email": "buyer@example.com", "credit_limit": 1000000.0}
                for number in range(count)
            ]
        )

    def _complete_order(self, customer, *lines):
        return self._order(
            *lines,
            partner_id=customer.id,
            date_order="2026-01-05 08:00:00",  # of the same second: Odoo looks up rates for each one anew
            channel_id=self.env.ref("order_policy.channel_phone").id,
            commitment_date=fields.Datetime.add(fields.Datetime.now(), days=60),
            payment_term_id=self.payment_term.id,
        )

    def _orders(self, count):
        """Return orders of different customers, each with two lines."""
        lines = [(self.desk, 1, 10000.0), (self.chair, 2, 1000.0)]
        return self.env["sale.order"].concat(
            *(self._complete_order(customer, *lines) for customer in self._customers(count))
        )

    def _cost_of_submitting(self, orders):
        cost = self._queries(orders.with_user(self.salesman).action_policy_submit)
        kinds = {check.kind for check in self.policy.intake_check_ids}
        self.assertEqual(set(orders.sudo().check_ids.check_id.mapped("kind")), kinds)
        return cost

    def test_checks_of_many_orders_cost_no_more_than_those_of_few(self):
        self._cost_of_submitting(self._orders(1))
        few, many = (self._cost_of_submitting(self._orders(count)) for count in (FEW, MANY))
        reviews, opened, orders, results = 3, 2, 2, 2 * len(self.policy.intake_check_ids)
        rows_written = MANY * (reviews + opened + orders + results)
        self.assertLessEqual(many, few + rows_written // ROWS_PER_STATEMENT)

    def _of_lines(self, count):
        products = self.env["product.product"].create(
            [{"name": f"Lamp {number}", "list_price": 100.0, "taxes_id": False} for number in range(count)]
        )
        return self._complete_order(self._customers(1), *((product, 1, 1000.0) for product in products))

    def test_checks_of_a_long_order_cost_no_more_than_those_of_a_short_one(self):
        self._cost_of_submitting(self._of_lines(1))
        short, long = self._cost_of_submitting(self._of_lines(3)), self._cost_of_submitting(self._of_lines(300))
        self.assertLessEqual(long, short)

    def test_changing_a_line_of_a_long_order_costs_no_more_than_of_a_short_one(self):
        costs = []
        for count in (1, 3, 300):
            order = self._of_lines(count)
            order.action_policy_submit()
            costs.append(self._queries(lambda line=order.order_line[0]: line.write({"discount": 5.0})))
        _warm, short, long = costs
        self.assertLessEqual(long, short)

    def _adopt_the_strictest_policy(self):
        wizard = self.env["order.policy.adopt"].create({"preset_id": self.env.ref("order_policy.policy_strict").id})
        people = {
            "finance": self.finance,
            "production": self.production,
            "quality": self.finance_head,
            "logistics": self.policy_admin,
            "management": self.general_manager,
        }
        staff = {self.env.ref(f"order_policy.department_{name}"): user for name, user in people.items()}
        for line in wizard.department_ids:
            user = staff.get(line.preset_department_id, self.sales_head)
            line.write({"head_id": user.id, "member_ids": [Command.set(user.ids)]})
        wizard.department_ids[0].member_ids += self.policy_admin  # who proofreads does not approve as the head
        wizard.action_adopt()

    def test_one_order_under_the_strictest_policy(self):
        self._adopt_the_strictest_policy()
        lines = [(product, 1, 1000.0) for product in self._of_lines(5).order_line.product_id]
        first, second = (self._complete_order(customer, *lines) for customer in self._customers(2))
        first, in_browser = first.with_context(lang="en_US"), second.with_context(lang="en_US")
        self._queries(first.action_policy_submit)  # fills the caches of the registry
        self.assertLessEqual(self._queries(in_browser.action_policy_submit), 43)
        self.assertEqual(len(second.sudo().check_ids), 7)
        third = self._complete_order(self._customers(1), *lines)
        self.assertLessEqual(self._queries(third.action_policy_submit, cold=False), 20)
