from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import float_compare, format_list

# What Inventory says of the goods that it delivers.
DELIVERED = frozenset({"qty_delivered", "qty_delivered_method"})
PRECISION = 5  # digits, of quantities that are compared: finer than any unit


class SaleOrderLine(models.Model):
    """What of a line left really, and may leave (articles 1.8, 1.9, 2.10, 3.10)."""

    _inherit = "sale.order.line"

    # ------------------------------------------------------------------
    # What is delivered follows from Inventory
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """Nothing is delivered of a new line, whatever somebody chose as default."""
        defaults = super().default_get(fields_list)
        defaults.pop("qty_delivered_method", None)
        return defaults | ({"qty_delivered": 0.0} if "qty_delivered" in defaults else {})

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in DELIVERED and not self.env.su and self._are_delivered_by_inventory():
            return False
        return super()._has_field_access(field, operation)

    def _check_field_access(self, field, operation):
        if operation == "write" and field.name in DELIVERED and not self._has_field_access(field, operation):
            raise AccessError(
                self.env._(
                    "What is delivered of goods follows from Inventory under the order policy. Deliver them with the "
                    "transfer of the order, or return them with its return."
                )
            )
        return super()._check_field_access(field, operation)

    def _are_delivered_by_inventory(self):
        """Tell whether one of these lines is for goods of an order that goes by a policy."""
        # Superuser: whoever writes the line, by which policy its order goes is no secret.
        return any(line.product_id.type == "consu" and line.order_id._goes_by_policy() for line in self.sudo())

    # ------------------------------------------------------------------
    # Kits
    # ------------------------------------------------------------------

    def _policy_goods(self):
        goods = super()._policy_goods()
        if "bom_line_id" not in self.env["stock.move"]._fields or not hasattr(self, "_get_bom_component_qty"):
            return goods
        for company, lines in self.grouped("company_id").items():
            # Superuser: who sells a kit may not read what it consists of.
            boms = self.env["mrp.bom"].sudo()._bom_find(lines.product_id, company_id=company.id, bom_type="phantom")
            for line in lines.filtered(lambda line, boms=boms: boms.get(line.product_id)).sudo():
                of_one = line.product_uom_id._compute_quantity(1.0, line.product_id.uom_id, round=False)
                for product_id, component in line._get_bom_component_qty(boms[line.product_id]).items():
                    product = line.env["product.product"].browse(product_id)
                    goods[line][product] = goods[line].get(product, 0.0) + component["qty"] * of_one
        return goods

    # ------------------------------------------------------------------
    # What left, and what may leave
    # ------------------------------------------------------------------

    def _policy_details(self):
        """Return the details by which goods of these lines really left or came back.

        :return: dict by line of dicts by detail of 1 or -1
        """
        moves = self.env["stock.move"].search([("sale_line_id", "in", self.ids), ("state", "=", "done")])
        own, found = moves._policy_own_directions(), moves.move_line_ids._policy_directions()
        details = {line: {} for line in self}
        for detail in moves.move_line_ids:
            # It came back only where both say so.
            if direction := max(own[detail.move_id], found[detail]):
                details[detail.move_id.sale_line_id][detail] = direction
        return details

    def _policy_left(self, details=None):
        """Return what of lines left less what came back.

        :param dict details: by which it did, where they are known; see ``_policy_details``
        :return: dict by line of dicts by product, in the unit of the product
        """
        details = self._policy_details() if details is None else details
        left = {line: defaultdict(float) for line in self}
        for line in self:
            for detail, direction in details[line].items():
                product, unit = detail.product_id, detail.product_uom_id
                quantity = unit._compute_quantity(detail.quantity, product.uom_id, round=False)
                left[line][product] += direction * quantity
        return left

    def _policy_shipped(self, left=None):
        """Return how much of lines is at the customer, in the unit of the line: what left, less what came back.

        Of a kit it is as many as need the most of one of its components.

        :param dict left: what left, where it is known; see ``_policy_left``
        :return: dict of quantities by line
        """
        left = self._policy_left() if left is None else left
        goods, shipped = self._policy_goods(), {}
        for line in self:
            units = {
                product: quantity / goods[line][product]
                for product, quantity in left[line].items()
                if goods[line].get(product)
            }
            whole = units.pop(line.product_id, 0.0)
            shipped[line] = whole + max(units.values(), default=0.0)
        return shipped

    def _policy_refusals_to_ship(self):
        """Tell of which of these lines more left than quality released, in sentences.

        :return: list of sentences
        """
        held = self.filtered("policy_to_inspect")
        if not held:
            return []
        details = held._policy_details()
        left = held._policy_left(details)
        shipped = held._policy_shipped(left)
        return [
            sentence
            for line in held
            if (
                sentence := line._refusal_to_ship(shipped[line])
                or line._refusal_to_take_back(left[line])
                or line._refusal_to_ship_lots(details[line])
            )
        ]

    def _policy_refusals_to_take_back(self):
        """Tell of which of these lines more came back than left, in sentences.

        :return: list of sentences
        """
        held = self.filtered("policy_to_inspect")
        left = held._policy_left() if held else {}
        return [sentence for line in held if (sentence := line._refusal_to_take_back(left[line]))]

    def _policy_refusals_of_lots(self):
        """Tell of which of these lines other lots left than quality released, in sentences.

        :return: list of sentences
        """
        held = self.filtered("policy_to_inspect")
        details = held._policy_details() if held else {}
        return [sentence for line in held if (sentence := line._refusal_to_ship_lots(details[line]))]

    def _refusal_to_take_back(self, left):
        """What never left does not come back: it would let as much leave that is not released."""
        self.ensure_one()
        if self.product_uom_qty < 0 or all(quantity > -(10**-PRECISION) for quantity in left.values()):
            return False
        return self.env._(
            "%(order)s, %(product)s: more would have come back than left. Take in what left for this order, and the "
            "rest without it.",
            order=self.order_id.name,
            product=self.product_id.display_name,
        )

    def _refusal_to_ship(self, shipped):
        self.ensure_one()
        if float_compare(shipped, self.policy_released_qty, precision_digits=PRECISION) <= 0:
            return False
        number = self.env["order.policy.words"]._number_in_words
        return self.env._(
            "%(order)s, %(product)s: %(shipped)s would have left, and quality released %(released)s. %(who)s",
            order=self.order_id.name,
            product=self.product_id.display_name,
            shipped=number(shipped),
            released=number(self.policy_released_qty),
            who=self._who_releases(),
        )

    def _refusal_to_ship_lots(self, details):
        """Where lots were released by their numbers, others leave as far as something was released without one.

        :param dict details: by which goods of the line left or came back, with 1 or -1
        """
        self.ensure_one()
        by_lot = defaultdict(float)
        for inspection in self._policy_inspections().filtered("released_qty"):
            by_lot[(inspection.lot_name or "").strip()] += self._inspected_qty(inspection, "released_qty")
        free = by_lot.pop("", 0.0)
        if not by_lot or self.product_id.tracking == "none":
            return False
        left = defaultdict(float)
        for detail, direction in details.items():
            if detail.product_id == self.product_id:
                quantity = detail.product_uom_id._compute_quantity(detail.quantity, self.product_uom_id, round=False)
                left[detail.lot_id.name or ""] += direction * quantity
        over = {lot: quantity - by_lot.get(lot, 0.0) for lot, quantity in left.items()}
        over = {lot: quantity for lot, quantity in over.items() if quantity > 10**-PRECISION}
        if float_compare(sum(over.values()), free, precision_digits=PRECISION) <= 0:
            return False
        return self.env._(
            "%(order)s, %(product)s: quality released other lots (%(released)s) than would have left (%(left)s). "
            "%(who)s",
            order=self.order_id.name,
            product=self.product_id.display_name,
            released=format_list(self.env, sorted(by_lot)),
            left=format_list(self.env, sorted(over)),
            who=self._who_releases(),
        )

    def _who_releases(self):
        """Tell who can let more of the line leave, and how."""
        departments = self.inspection_ids.department_id
        names = departments._people("member").mapped("name") if len(departments) == 1 else []
        return self.env._(
            "%(department)s inspects it first (%(people)s): deliver what is released, leave the rest to a backorder, "
            "and ask for the inspection.",
            department=format_list(self.env, departments.mapped("name")) or self.env._("Quality"),
            people=format_list(self.env, names[:5]) or self.env._("ask who is there"),
        )
