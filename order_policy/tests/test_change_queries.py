from odoo.fields import Command
from odoo.tests import tagged

from . import test_queries


@tagged("post_install", "-at_install")
class TestChangeQueries(test_queries.QueriesCase):
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
