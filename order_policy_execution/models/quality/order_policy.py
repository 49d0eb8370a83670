from odoo import api, fields, models


class OrderPolicy(models.Model):
    """What has to be inspected before it leaves (articles 1.8, 1.9, 3.10)."""

    _inherit = "order.policy"

    inspection_ids = fields.One2many("order.policy.inspection", "policy_id", "Inspection Plans", copy=True)

    @api.constrains("state")
    def _check_can_be_in_force(self):
        result = super()._check_can_be_in_force()
        self.filtered(lambda policy: policy.state == "active").inspection_ids._check_can_be_followed()
        return result

    def _inspection_plans(self):
        """Return the plans by which is inspected, the first that counts first."""
        return self._browse_parts("order.policy.inspection", lambda plan: True)

    def _plans_of_lines(self, lines):
        """Return by which plan order lines are inspected, of those that are.

        :param lines: sale.order.line records under this policy, in superuser mode
        :return: dict of plans by line
        """
        found, goods = {}, lines._policy_goods()
        for plan in self._inspection_plans():
            orders = plan._concerned_orders(lines.order_id)
            for line in lines:
                concerned = line not in found and line.order_id in orders
                if concerned and any(map(plan._concerns_product, goods[line])):
                    found[line] = plan
        return found

    def _plan_without_order(self, product, customer):
        """Return the plan by which a product is inspected that goes to a customer without an order; none is empty.

        Conditions on orders cannot be looked at: plans that have one are for orders alone.
        """
        self.ensure_one()
        return self._inspection_plans().filtered(
            lambda plan: (
                plan._concerns_product(product)
                and plan._concerns_customer(customer)
                and not plan._condition(plan.domain)
            )
        )[:1]
