from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

from .sale_order_line import PRECISION


class StockMove(models.Model):
    """What was not released does not leave, whoever moves it and however (articles 1.9, 3.10).

    It is judged where moves and their details are stored: what left to the customer, less what came back, against what
    quality released, by order line. Moves within the company, scrap and corrections of the stock are free.
    """

    _inherit = "stock.move"

    def _policy_directions(self):
        """Return 1 for what leaves to a customer or a sister company, -1 for what comes back from one.

        A move leaves where one of its details does: stock goes where these say, whatever the move says.

        :return: dict by move, without those that do neither
        """
        directions = self.move_line_ids._policy_directions()
        own = self._policy_own_directions()
        found = {move: max([own[move], *(directions[detail] for detail in move.move_line_ids)]) for move in self}
        return {move: direction for move, direction in found.items() if direction}

    def _policy_own_directions(self):
        """Return for each move what its own places say: 1, -1 or 0."""
        outside = (self.location_dest_id | self.location_id)._that_are_outside()
        return {move: (move.location_dest_id in outside) - (move.location_id in outside) for move in self}

    def _that_leave(self):
        """Return those of these moves that take goods to a customer or a sister company."""
        directions = self._policy_directions()
        return self.filtered(lambda move: directions.get(move) == 1)

    @api.constrains("location_dest_id", "location_id", "product_id", "product_uom", "quantity", "sale_line_id", "state")
    def _check_may_leave(self):
        """
        :raise ValidationError: when more left than may; with every reason
        """
        # Superuser: it holds for everybody, and whoever moves goods may not read their order.
        done = self.sudo().filtered(lambda move: move.state == "done")
        directions = done._policy_directions()
        # Of an order line it counts also what does not come back any more.
        moved = done.filtered(
            lambda move: move in directions or (move.sale_line_id.policy_to_inspect and move._left_before())
        )
        if moved and (refusals := moved._policy_refusals()):
            raise ValidationError("\n".join(dict.fromkeys(refusals)))

    def _policy_refusals(self):
        """Tell why goods may not have left by these moves. Each matter adds its own reasons.

        :return: list of sentences
        """
        of_lines = self._for_own_orders()
        held = of_lines.filtered("sale_line_id.policy_to_inspect")
        odd = of_lines._of_other_products()
        letting = (held | odd)._that_let_more_leave()
        shipped = letting.sale_line_id
        sentences = shipped._policy_refusals_to_ship()
        sentences += (held.sale_line_id - shipped)._policy_refusals_to_take_back()
        others = (self - of_lines) | (odd & letting) | (of_lines - held)._beyond_what_is_ordered()
        return sentences + others._that_leave()._refusals_without_order()

    def _for_own_orders(self):
        """Return those of these moves that are for an order of their company, or for one of which quality releases.

        Whoever enters moves may name any order line: that of a sister company says nothing of what may leave here.
        """
        return self.filtered(
            lambda move: (
                move.sale_line_id
                and (
                    move.sale_line_id.policy_to_inspect
                    or move._policy_companies() <= move.sale_line_id.company_id.parent_ids
                )
            )
        )

    def _policy_companies(self):
        """Return whose goods go by these moves: by the places where they are too, whatever a move is said to be of."""
        return self.company_id | (self.location_id | self.move_line_ids.location_id).company_id

    def _beyond_what_is_ordered(self):
        """Return those of these moves by which more leaves than is ordered, of orders that go by no policy.

        Such an order lets leave what it is for, and is none for whatever somebody sends along.
        """
        free = self.filtered(
            lambda move: move._policies_that_inspect() and not move.sale_line_id.order_id._goes_by_policy()
        )
        free = free.filtered(lambda move: move._plans())._that_leave()._that_let_more_leave()
        lines = free.sale_line_id
        shipped = lines._policy_shipped() if lines else {}
        return free.filtered(
            lambda move: (
                float_compare(shipped[move.sale_line_id], move.sale_line_id.product_uom_qty, precision_digits=PRECISION)
                > 0
            )
        )

    def _of_other_products(self):
        """Return those of these moves by which something goes that their order line is not for."""
        odd = self.filtered(lambda move: move._policy_products() != move.sale_line_id.product_id)
        if not odd:
            return odd
        goods = odd.sale_line_id._policy_goods()
        return odd.filtered(
            lambda move: any(product not in goods[move.sale_line_id] for product in move._policy_products())
        )

    def _policy_products(self):
        """Return what goes by these moves: their details may be of other products."""
        return self.product_id | self.move_line_ids.product_id

    def _refusals_without_order(self):
        """Tell what has to be inspected by the policy in force, and would leave without being ordered."""
        return [self._refusal_without_order(product, plan) for move in self for product, plan in move._plans().items()]

    def _plans(self):
        """Return by which plan in force each product of this move is inspected that leaves without an order."""
        customer, plans = self.partner_id or self.picking_id.partner_id, {}
        for policy in self._policies_that_inspect():
            for product in self._policy_products():
                if plan := policy._plan_without_order(product, customer):
                    plans.setdefault(product, plan)
        return plans

    def _policies_that_inspect(self):
        """Return the policies in force, of those whose goods go by this move, by which anything is inspected."""
        self.ensure_one()
        policies = self.env["order.policy"]
        for company in self._policy_companies():
            policies |= policies._in_force(company)
        return policies.filtered(lambda policy: policy._inspection_plans())

    def _refusal_without_order(self, product, plan):
        return self.env._(
            "%(product)s has to be inspected before it leaves (%(plan)s), and here it would leave without an order "
            "that it was released for. Enter an order for it: %(department)s then inspects it.",
            product=product.display_name,
            plan=plan.name,
            department=plan.department_id.name,
        )

    # ------------------------------------------------------------------
    # What is done was really moved
    # ------------------------------------------------------------------

    @api.constrains("state")
    def _check_was_really_moved(self):
        """
        :raise ValidationError: when a move for an order is said to be done, and Inventory moved nothing
        """
        for move in self._done_for_orders():
            if not all(move.move_line_ids.mapped("policy_moved")):
                raise ValidationError(
                    self.env._(
                        "%(order)s, %(product)s: a transfer is done when it is validated, and cannot be called done. "
                        "Validate it, so that stock and order say the same.",
                        order=move.sale_line_id.order_id.name,
                        product=move.product_id.display_name,
                    )
                )

    def _done_for_orders(self):
        """Return those of these moves that are said to be done for an order under a policy, in superuser mode."""
        # Superuser: it holds for everybody.
        done = self.sudo().filtered(lambda move: move.state == "done" and move.sale_line_id and move.quantity)
        return done.filtered(lambda move: move.sale_line_id.order_id._goes_by_policy())
