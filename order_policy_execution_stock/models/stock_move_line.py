from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

# What Inventory says of the goods that it moves. Stock is moved by the quantity in the unit of the product.
SAID_BY_INVENTORY = frozenset({"policy_moved", "quantity_product_uom"})


class StockMoveLine(models.Model):
    """Whether Inventory really moved something: by that it is known whether an order was delivered (article 3.10)."""

    _inherit = "stock.move.line"

    policy_moved = fields.Boolean(
        "Moved by Inventory",
        readonly=True,
        copy=False,
        help="Stock was moved when this was done. Of moves for orders alone.",
    )

    def _action_done(self):
        self._mark_as_moved()
        return super()._action_done()

    @api.model_create_multi
    def create(self, vals_list):
        details = super().create(vals_list)
        # What is added to a done move moves stock at once.
        details.filtered(lambda detail: detail.state == "done")._mark_as_moved()
        return details

    def _mark_as_moved(self):
        # Superuser: whoever moves it, that Inventory did is not for him to say.
        unmarked = self.sudo().filtered(lambda detail: not detail.policy_moved)
        # What goes with the goods of an order Odoo adds to it afterwards.
        for_orders = unmarked.filtered(lambda detail: detail.move_id.sale_line_id or detail.move_id.picking_id.sale_id)
        if for_orders:
            for_orders.policy_moved = True

    def write(self, vals):
        if "move_id" in vals:
            move = self.env["stock.move"].browse(vals["move_id"] or ())
            self._check_stays_with_done_move(move)
            self._check_does_not_join_done_move(move)
        return super().write(vals)

    def _check_stays_with_done_move(self, move):
        """
        :raise ValidationError: when what left for an order would count for another one, or for none
        """
        # Superuser: it holds for everybody.
        for detail in self.sudo().filtered(lambda detail: detail.move_id.id != move.id):
            if (
                detail.policy_moved
                and detail.move_id.state == "done"
                and detail.move_id.sale_line_id != move.sudo().sale_line_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(product)s was moved for %(order)s already, and stays with it. Return it with the return of "
                        "its transfer.",
                        product=detail.product_id.display_name,
                        order=detail.move_id.sale_line_id.order_id.name,
                    )
                )

    def _check_does_not_join_done_move(self, move):
        if move.sudo().state != "done":
            return
        for detail in self.sudo().filtered(lambda detail: detail.move_id and detail.move_id.id != move.id):
            if not detail.policy_moved and detail.state != "done":
                raise ValidationError(
                    self.env._(
                        "%(product)s was not moved yet, and cannot be added to a move that is done. Validate its own "
                        "transfer.",
                        product=detail.product_id.display_name,
                    )
                )

    def _policy_directions(self):
        """Return 1 for what goes to a customer or a sister company, -1 for what comes from one, and 0 for all else.

        :return: dict by detail
        """
        outside = (self.location_id | self.location_dest_id)._that_are_outside()
        return {detail: (detail.location_dest_id in outside) - (detail.location_id in outside) for detail in self}

    @api.constrains("location_dest_id", "location_id", "move_id", "product_id", "product_uom_id", "quantity")
    def _check_may_leave(self):
        """What a detail takes out of the company is judged with its move: stock goes where the detail says."""
        self.move_id._check_may_leave()
        self.move_id._check_paid_before_delivery()

    @api.constrains("lot_id")
    def _check_lot_may_leave(self):
        """
        :raise ValidationError: when another lot left by now than was released
        """
        # Superuser: it holds for everybody, and whoever moves goods may not read their order.
        done = self.sudo().filtered(lambda detail: detail.move_id.state == "done")
        directions = done._policy_directions()
        # What comes back and is entered just now lets nothing leave.
        left = done.filtered(lambda detail: directions[detail] == 1 or detail.policy_left_on)
        if refusals := left.move_id.sale_line_id._policy_refusals_of_lots():
            raise ValidationError("\n".join(refusals))

    @api.constrains("state")
    def _check_is_done_with_its_move(self):
        """
        :raise ValidationError: when a detail is said to be done before its move is, by which stock would be moved
        """
        # Superuser: it holds for everybody.
        for detail in self.sudo():
            if detail.state == "done" and detail.move_id.state != "done" and detail._is_under_policy():
                raise ValidationError(
                    self.env._(
                        "%s is moved when its transfer is validated, and cannot be called done. Validate the transfer.",
                        detail.product_id.display_name,
                    )
                )

    def _is_under_policy(self):
        """Tell whether whose goods these are goes by an order policy, whatever company the detail is said to be of."""
        self.ensure_one()
        companies = self.company_id | self.location_id.company_id
        return any(self.env["order.policy"]._in_force(company) for company in companies)

    @api.model
    def default_get(self, fields_list):
        defaults = super().default_get(fields_list)
        return {name: value for name, value in defaults.items() if name not in SAID_BY_INVENTORY}

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in SAID_BY_INVENTORY and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def _check_field_access(self, field, operation):
        if operation == "write" and field.name == "policy_moved" and not self.env.su:
            raise AccessError(self.env._("Whether something was moved follows from validating its transfer. Do that."))
        if operation == "write" and field.name == "quantity_product_uom" and not self.env.su:
            raise AccessError(
                self.env._("How much is moved follows from the quantity and its unit. Change those instead.")
            )
        return super()._check_field_access(field, operation)
