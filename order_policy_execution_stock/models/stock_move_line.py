from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


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
        for_orders = self.sudo().filtered(lambda detail: detail.move_id.sale_line_id and not detail.policy_moved)
        if for_orders:
            for_orders.policy_moved = True

    def write(self, vals):
        if "move_id" in vals:
            self._check_does_not_join_done_move(self.env["stock.move"].browse(vals["move_id"] or ()))
        return super().write(vals)

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

    @api.constrains("lot_id")
    def _check_lot_may_leave(self):
        self.move_id._check_may_leave()

    @api.model
    def default_get(self, fields_list):
        defaults = super().default_get(fields_list)
        defaults.pop("policy_moved", None)
        return defaults

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "policy_moved" and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def _check_field_access(self, field, operation):
        if operation == "write" and field.name == "policy_moved" and not self.env.su:
            raise AccessError(self.env._("Whether something was moved follows from validating its transfer. Do that."))
        return super()._check_field_access(field, operation)
