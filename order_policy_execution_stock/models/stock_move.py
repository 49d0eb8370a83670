from odoo import api, models
from odoo.exceptions import ValidationError


class StockMove(models.Model):
    """What was not released does not leave, whoever moves it and however (articles 1.9, 3.10).

    It is judged where moves are stored: what left to the customer, less what came back, against what quality released,
    by order line. Moves within the company, scrap and corrections of the stock are free.
    """

    _inherit = "stock.move"

    def _policy_directions(self):
        """Return 1 for what leaves to a customer or a sister company, -1 for what comes back from one.

        :return: dict by move, without those that do neither
        """
        outside = (self.location_dest_id | self.location_id).filtered(lambda location: location._is_outgoing())
        directions = {move: (move.location_dest_id in outside) - (move.location_id in outside) for move in self}
        return {move: direction for move, direction in directions.items() if direction}

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
        moved = done.browse(move.id for move in done._policy_directions())
        if moved and (refusals := moved._policy_refusals()):
            raise ValidationError("\n".join(dict.fromkeys(refusals)))

    def _policy_refusals(self):
        """Tell why goods may not have left by these moves. Each matter adds its own reasons.

        :return: list of sentences
        """
        of_lines = self.filtered(lambda move: move.sale_line_id)
        sentences = of_lines.sale_line_id._policy_refusals_to_ship()
        others = (self - of_lines) | of_lines._of_other_products()
        return sentences + others._that_leave()._refusals_without_order()

    def _of_other_products(self):
        """Return those of these moves whose product is not what their order line is for."""
        odd = self.filtered(lambda move: move.product_id != move.sale_line_id.product_id)
        if not odd:
            return odd
        goods = odd.sale_line_id._policy_goods()
        return odd.filtered(lambda move: move.product_id not in goods[move.sale_line_id])

    def _refusals_without_order(self):
        """Tell what has to be inspected by the policy in force, and would leave without being ordered."""
        sentences = []
        for company, moves in self.grouped("company_id").items():
            policy = self.env["order.policy"]._in_force(company)
            if not policy._inspection_plans():
                continue
            for move in moves:
                customer = move.partner_id or move.picking_id.partner_id
                if plan := policy._plan_without_order(move.product_id, customer):
                    sentences.append(
                        self.env._(
                            "%(product)s has to be inspected before it leaves (%(plan)s), and here it would leave "
                            "without an order that it was released for. Enter an order for it: %(department)s then "
                            "inspects it.",
                            product=move.product_id.display_name,
                            plan=plan.name,
                            department=plan.department_id.name,
                        )
                    )
        return sentences

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
