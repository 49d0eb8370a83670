from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderPolicyCommon

PRICES, QUANTITIES = (900.0, 1000.0), (1, 2)
EVENTS = st.one_of(
    st.tuples(st.just("price"), st.sampled_from(PRICES)),
    st.tuples(st.just("quantity"), st.sampled_from(QUANTITIES)),
    st.tuples(st.just("special"), st.booleans()),
    st.tuples(st.sampled_from(["approve", "approve", "approve", "reject"]), st.integers(0, 3)),
    st.tuples(st.sampled_from(["everybody approves", "everybody approves", "submit", "withdraw"]), st.none()),
    st.tuples(st.just("finance changes"), st.sampled_from(PRICES)),
    st.tuples(st.just("door"), st.integers(0, 6)),
)
CUSTOMER = st.tuples(st.just("customer confirms"), st.none())
REQUESTS = st.one_of(
    st.tuples(st.just("request"), st.tuples(st.sampled_from(PRICES), st.sampled_from(QUANTITIES))),
    st.tuples(st.sampled_from(["approve", "approve", "approve", "reject"]), st.integers(0, 2)),
    st.tuples(st.sampled_from(["price", "quantity"]), st.sampled_from((1, 2, 900.0, 1000.0))),
    st.tuples(st.sampled_from(["withdraw", "apply", "cancel directly"]), st.none()),
)
ANY_COURSE = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Expectation:
    """What each department decided on last, told apart from how the addon keeps it."""

    LOOKS_AT = (("price",), ("quantity",), ("price", "quantity"), ("price", "quantity"))

    def __init__(self):
        self.content = {"price": 1000.0, "quantity": 1, "special": False}
        self.decided = {}
        self.confirmed = []

    def _seen_by(self, department):
        return tuple(self.content[name] for name in (*self.LOOKS_AT[department], "special"))

    def decide(self, department, decision):
        self.decided[department] = (decision, self._seen_by(department))

    def confirm(self):
        self.confirmed.append(dict(self.content))

    def lets_through(self, customer_asked):
        if customer_asked and self.content not in self.confirmed:
            return False
        required = (0, 1, 2, 3) if self.content["special"] else (0, 1, 2)
        return all(self.decided.get(department) == ("approve", self._seen_by(department)) for department in required)


@tagged("post_install", "-at_install")
class TestInvariant(OrderPolicyCommon):
    """Whatever happens to an order, it can be confirmed exactly when every step approved exactly what it holds now.

    Finance may write orders, too; and an administrator of Odoo lets everybody write reviews.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finance.group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")
        model = cls.env["ir.model"]._get("sale.order.review")
        rights = dict.fromkeys(("perm_read", "perm_write", "perm_create", "perm_unlink"), True)
        cls.env["ir.model.access"].create({"name": "Everybody", "model_id": model.id, **rights})
        cls.env["ir.rule"].search([("model_id", "=", model.id)]).active = False
        cls.env.flush_all()

    @ANY_COURSE
    @given(st.lists(EVENTS, min_size=8, max_size=25))
    def test_any_course_of_events(self, events):
        self._try(events, customer_asked=False)

    @ANY_COURSE
    @given(st.lists(st.one_of(EVENTS, CUSTOMER), min_size=8, max_size=25))
    def test_where_the_customer_has_to_confirm(self, events):
        self._try(events, customer_asked=True)

    def _try(self, events, customer_asked):
        self.env.flush_all()
        savepoint = self.env.cr.savepoint()
        try:
            if customer_asked:
                policy = self.policy._copy_as_next_version()
                policy.confirmation_required = True
                policy.action_activate()
            self._live_through(events, customer_asked)
        finally:
            savepoint.close(rollback=True)
            self.env.transaction.clear()
            self.env.registry.clear_cache()

    def _live_through(self, events, customer_asked):
        order, expected = self._submitted(), Expectation()
        for event, value in events:
            if event in expected.content:
                self._change(order, event, value)
                expected.content[event] = value
            elif event == "finance changes":
                self._let_finance_change(order, value)
                expected.content["price"] = value
            elif event == "door":
                self._try_door(order, value)
            elif event in ("approve", "reject"):
                if self._decide(order, value, event):
                    expected.decide(value, event)
            elif event == "everybody approves":
                for department in range(4):
                    if self._decide(order, department, "approve"):
                        expected.decide(department, "approve")
            elif event == "customer confirms":
                # Nobody says yes to the same twice.
                if expected.content not in expected.confirmed and self._say_yes(order):
                    expected.confirm()
            elif event == "submit" or order.policy_submitted_on:
                getattr(order, f"action_policy_{event}")(*["It was agreed"] * (event == "submit"))
            can_be_confirmed, may_be = self._can_be_confirmed(order), expected.lets_through(customer_asked)
            # What was withdrawn may have to be submitted again first.
            self.assertIn(can_be_confirmed, {may_be} if order.policy_submitted_on else {may_be, False}, events)

    def _change(self, order, name, value):
        if name == "special":
            order.special_order = value
        else:
            order.order_line[{"price": "price_unit", "quantity": "product_uom_qty"}[name]] = value

    def _let_finance_change(self, order, price):
        """Let a reviewer change the price: what he changed himself he does not decide."""
        changes = order.order_line.price_unit != price
        order.with_user(self.finance).order_line.price_unit = price
        review = self._review(order, self.finance_department).with_user(self.finance)
        if changes and not review.sudo().decision:
            self.assertFalse(review.can_decide)

    def _try_door(self, order, number):
        """Try a way around the departments; whether it is refused or does nothing shows in what the order needs."""
        salesman = self.env(user=self.salesman)
        review = order.sudo().review_ids.with_env(salesman)
        decided = {"state": "approved", "decision": "approved", "content_digest": order.content_digest}
        doors = (
            lambda: review.write(decided),
            lambda: order.sudo(False).write({"review_ids": [Command.update(one.id, decided) for one in review]}),
            lambda: [salesman["ir.default"].set(review._name, name, decided[name], user_id=True) for name in decided],
            lambda: order.write({"policy_cleared_digest": order.content_digest, "state": "sale"}),
            lambda: order.write({"policy_changed_by": False}),
            lambda: review.unlink(),
            lambda: salesman["ir.attachment"].create(
                {
                    "name": "signature",
                    "raw": b"X",
                    "res_model": order._name,
                    "res_id": order.id,
                    "res_field": "signature",
                }
            ),
        )
        try:
            with self.env.cr.savepoint():
                doors[number]()
                self.env.flush_all()
        except UserError:
            return

    def _decide(self, order, number, decision):
        """Let a department decide; tell whether it was its turn."""
        departments = (self.finance_department, self.production_department, self.sales_department, self.management)
        users = (self.finance, self.production, self.sales_head, self.general_manager)
        review = self._review(order, departments[number]).with_user(users[number])
        its_turn = review.sudo().state == "pending"
        if self.finance in review.sudo().changed_by_ids and number == 0:
            self.assertFalse(review.can_decide)
            review = review.with_user(self.finance_head)
        try:
            with self.env.cr.savepoint():
                getattr(review, f"action_{decision}")("After looking at it")
        except UserError:
            self.assertFalse(its_turn)
            return False
        return its_turn

    def _say_yes(self, order):
        """Record the customer's yes; tell whether the order was submitted, so that it can be."""
        try:
            with self.env.cr.savepoint():
                order.action_policy_record_confirmation("phone", "Ms. Wang", note="Yes.")
        except UserError:
            self.assertFalse(order.policy_submitted_on)
            return False
        self.assertTrue(order.policy_submitted_on)
        return True

    def _can_be_confirmed(self, order):
        savepoint = self.env.cr.savepoint()
        try:
            order.action_confirm()
            self.env.flush_all()
        except UserError:
            return False
        finally:
            savepoint.close(rollback=True)
            self.env.transaction.clear()
        return True


@tagged("post_install", "-at_install")
class TestInvariantOfRequests(OrderPolicyCommon):
    """Whatever happens to a confirmed order, it changes exactly when everybody concerned approved exactly that."""

    @ANY_COURSE
    @given(st.lists(REQUESTS, min_size=8, max_size=25))
    def test_any_course_of_requests(self, events):
        self.env.flush_all()
        savepoint = self.env.cr.savepoint()
        try:
            self._live_through(events)
        finally:
            savepoint.close(rollback=True)
            self.env.transaction.clear()
            self.env.registry.clear_cache()

    def _live_through(self, events):
        order, content = self._confirmed(), (1000.0, 1)
        change, asked = self.env["sale.order.change"], set()
        for event, value in events:
            if event == "request":
                if not asked and value != content:
                    change = self._requested(order)
                    change.line_ids.write({"price_unit": value[0], "product_uom_qty": value[1]})
                    change.action_submit()
                    # Finance looks at the price, production at the quantity, the head of sales at both, and last.
                    asked = {number for number in (0, 1) if value[number] != content[number]} | {2}
                    proposed = value
            elif event in ("approve", "reject"):
                its_turn = value in asked and (value != 2 or asked == {2})
                self.assertEqual(self._decide(change, value, event), its_turn, events)
                if its_turn:
                    asked = asked - {value} if event == "approve" else set()
                    content = proposed if event == "approve" and not asked else content
            elif event == "withdraw":
                self.assertEqual(self._attempt(change.action_withdraw), bool(asked) or not change, events)
                asked = set()
            elif event == "apply":
                self.assertFalse(change and self._attempt(change.action_apply), events)
            else:
                self._try_directly(order, event, value)
            line = order.order_line
            line.invalidate_recordset()
            self.assertEqual((order.state, (line.price_unit, line.product_uom_qty)), ("sale", content), events)
            self.assertFalse(order._policy_gates()[order], events)

    def _try_directly(self, order, event, value):
        if event == "cancel directly":
            self.assertFalse(self._attempt(order.action_cancel))
            return
        name = {"price": "price_unit", "quantity": "product_uom_qty"}[event]
        same = order.order_line[name] == value
        self.assertEqual(self._attempt(lambda: order.order_line.write({name: value})), same)

    def _decide(self, change, number, decision):
        departments = (self.finance_department, self.production_department, self.sales_department)
        users = (self.finance, self.production, self.sales_head)
        review = change.sudo().review_ids.filtered(lambda review: review.department_id == departments[number])
        decide = getattr(review.with_user(users[number]), f"action_{decision}")
        return bool(review) and self._attempt(lambda: decide("After looking at it"))

    def _attempt(self, operation):
        """Try an operation; tell whether it went through."""
        try:
            with self.env.cr.savepoint():
                operation()
                self.env.flush_all()
        except UserError:
            return False
        return True
