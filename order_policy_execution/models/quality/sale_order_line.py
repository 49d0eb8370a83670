from odoo import api, fields, models
from odoo.exceptions import AccessError

# What follows from the policy and from inspections.
RELEASED = frozenset({"policy_to_inspect", "policy_released_qty", "inspection_ids"})


class SaleOrderLine(models.Model):
    """Which lines are inspected before they leave, and how much of them was released (articles 1.8, 1.9, 3.10)."""

    _inherit = "sale.order.line"

    policy_to_inspect = fields.Boolean(
        "Inspected Before Delivery",
        compute="_compute_policy_to_inspect",
        store=True,
        copy=False,
        help="What was not released by quality may not leave.",
    )
    policy_released_qty = fields.Float(
        "Released",
        compute="_compute_policy_released_qty",
        store=True,
        copy=False,
        digits="Product Unit",
        help="How much quality released for delivery, in the unit of the line.",
    )
    inspection_ids = fields.One2many("sale.order.inspection", "order_line_id", "Inspections", copy=False)

    @api.depends(
        "display_type",
        "order_id.partner_id",
        "order_id.policy_exempt_reason",
        "order_id.policy_id",
        "order_id.state",
        "product_id",
    )
    def _compute_policy_to_inspect(self):
        self.policy_to_inspect = False
        goods = self.filtered(lambda line: line.product_id and not line.display_type)
        for policy, lines in goods.grouped(lambda line: line.order_id.policy_id).items():
            if policy._inspection_plans():
                held = lines.filtered(lambda line: line.order_id._goes_by_policy())
                for line in policy._plans_of_lines(held):
                    line.policy_to_inspect = True

    @api.depends("inspection_ids.released_qty", "product_id", "product_uom_id")
    def _compute_policy_released_qty(self):
        for line in self:
            line.policy_released_qty = line._inspected_qty(line._policy_inspections(), "released_qty")

    def _policy_inspections(self):
        """Return the inspections of what these lines are for now: a request may have changed it since."""
        return self.inspection_ids.filtered(
            lambda inspection: inspection.product_id == inspection.order_line_id.product_id
        )

    def _inspected_qty(self, inspections, name):
        """Return what some of its inspections amount to in the unit that the line has now.

        :param str name: which quantity of the inspections
        """
        self.ensure_one()
        return sum(
            inspection.product_uom_id._compute_quantity(inspection[name], self.product_uom_id, round=False)
            if inspection.product_uom_id != self.product_uom_id
            else inspection[name]
            for inspection in inspections
        )

    def _policy_goods(self):
        """Return what leaves for lines, for one unit of each. Other addons add what kits consist of.

        :return: dict by line of dicts by product: quantities in the unit of the product
        """
        return {
            line: {line.product_id: line.product_uom_id._compute_quantity(1.0, line.product_id.uom_id, round=False)}
            for line in self
        }

    @api.constrains("order_id", "product_id", "product_uom_id", "product_uom_qty")
    def _ask_for_inspections(self):
        self.order_id._ask_for_inspections()

    # ------------------------------------------------------------------
    # What clients cannot write
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """Take no default that somebody chose for what follows from inspections."""
        defaults = super().default_get(fields_list)
        return {name: value for name, value in defaults.items() if name not in RELEASED}

    @api.model
    def _tells_of_release(self, operation):
        return operation == "read" and self.env.user._policy_may_be_told()

    def _has_field_access(self, field, operation):
        # Customers read the lines of their orders, but not what departments say about them.
        if field.name in RELEASED and not self.env.su and not self._tells_of_release(operation):
            return False
        return super()._has_field_access(field, operation)

    def _check_field_access(self, field, operation):
        if operation == "write" and field.name in RELEASED and not self.env.su:
            raise AccessError(
                self.env._(
                    "What has to be inspected follows from the order policy, and what is released from inspections. "
                    "Ask quality to inspect it."
                )
            )
        return super()._check_field_access(field, operation)
