"""Requests to change and to cancel orders."""

from contextlib import contextmanager

from odoo.fields import Command

from .common_orders import GateCase, QueriesCase


class ChangeCase(GateCase):
    """A confirmed order of two desks and four chairs, 2,800 in all, and who asks for changes of it."""

    DISCOUNT = {"name": "Discount", "kind": "price", "price_basis": "discount", "percent": 20.0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._confirmed((cls.desk, 2, 1000.0), (cls.chair, 4, 200.0))
        cls.desk_line, cls.chair_line = cls.order.order_line
        cls.special = cls.env.ref("order_policy.reason_change_special")
        cls.own_decision = cls.env.ref("order_policy.reason_cancel_customer")

    def _line(self, change, product):
        return change.line_ids.filtered(lambda line: line.product_id == product)

    def _desks(self, quantity, order=None, **values):
        """Return a request for another quantity of desks, not submitted yet."""
        change = self._requested(order or self.order, **values)
        self._line(change, self.desk).product_uom_qty = quantity
        return change

    def _carried_out(self, change):
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)
        return change

    def _lowered(self):
        """Return a confirmed order that the general manager had to approve first, and not any more once it was less."""
        order = self._submitted((self.desk, 1, 150000.0))
        order.order_line.price_unit = 1000.0
        self._approve_all(order)
        order.action_confirm()
        management = order.sudo().review_ids.filtered(lambda review: review.department_id == self.management)
        self.assertEqual(management.mapped("state"), ["not_required"])
        return order

    def _asked(self, change):
        """Return the names of the steps that are asked, in their order."""
        reviews = change.sudo().review_ids.filtered(lambda review: review.state in ("waiting", "pending"))
        return reviews.sorted("sequence").step_id.mapped("name")

    def _content(self, order=None):
        self.env.flush_all()
        order = (order or self.order).sudo()
        return [(line.product_id, line.product_uom_qty, line.price_unit, line.discount) for line in order.order_line]

    def _messages(self, record):
        return self.env["mail.message"].search([("model", "=", record._name), ("res_id", "=", record.id)])

    @contextmanager
    def assertUntouched(self):
        """Expect that whatever happens the order and its requests stay as they are."""

        def stored():
            self.env.flush_all()
            self.env.invalidate_all()
            order = self.order.sudo()
            return (
                order.state,
                self._content(),
                [(change.id, change.state) for change in order.change_ids],
                [(review.id, review.state, review.is_current) for review in order.review_ids],
            )

        before = stored()
        yield
        self.assertEqual(stored(), before)


class ChangeQueriesCase(QueriesCase):
    """A request over many lines costs no more for each line than the same edits by hand."""

    FEW, MANY = 20, 200

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.desk | cls.chair).list_price = 1.0

    def _lines(self, count):
        return [(self.desk if number % 2 else self.chair, number + 1, 1.0) for number in range(count)]

    def _by_hand(self, count):
        """Edit every line of a confirmed order where no policy is in force."""
        self.policy.action_retire()
        order = self._order(*self._lines(count))
        order.action_confirm()
        edits = [Command.update(line.id, {"product_uom_qty": line.product_uom_qty + 1}) for line in order.order_line]
        self.env.flush_all()
        return self._queries(lambda: order.write({"order_line": edits}))

    def _by_request(self, count):
        """Return the costs of entering, submitting and carrying out the same edits as a request."""
        order = self._confirmed(*self._lines(count))
        opened = []
        costs = [self._queries(lambda: opened.append(self._requested(order)))]
        change = opened[0]
        edits = [Command.update(line.id, {"product_uom_qty": line.product_uom_qty + 1}) for line in change.line_ids]
        costs.append(self._queries(lambda: change.write({"line_ids": edits})))
        costs.append(self._queries(change.action_submit))
        production, head = change.sudo().review_ids.sorted("sequence")
        costs.append(self._queries(production.with_user(self.production).action_approve))
        costs.append(self._queries(head.with_user(self.sales_head).action_approve))
        self.assertEqual(change.state, "applied", change.trouble)
        self.assertEqual(order.order_line[-1].product_uom_qty, count + 1)
        return costs

    def test_lines(self):
        self._by_request(2)  # fills the caches of the registry
        few, many = self._by_request(self.FEW), self._by_request(self.MANY)
        with self.subTest("by hand"):
            by_hand = (self._by_hand(self.MANY) - self._by_hand(self.FEW)) / (self.MANY - self.FEW)
        per_line = [(cost - less) / (self.MANY - self.FEW) for less, cost in zip(few, many, strict=True)]
        self.assertLessEqual(per_line[-1], by_hand)
        opening, entering, *reviewing, _carrying_out = per_line
        self.assertLess(entering, by_hand, "Odoo looks into the price list for every line")
        for cost in (opening, *reviewing):
            self.assertLess(cost, 0.2, "Only rows in batches")
