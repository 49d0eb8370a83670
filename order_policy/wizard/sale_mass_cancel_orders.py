from odoo import api, fields, models


class SaleMassCancelOrders(models.TransientModel):
    """Odoo's own dialog to cancel orders, which under a policy asks why (article 3.14)."""

    _name = "sale.mass.cancel.orders"
    _inherit = ["order.policy.entry.mixin", "sale.mass.cancel.orders"]

    policy_reason_id = fields.Many2one("order.policy.reason", "Reason", domain="[('kind', '=', 'cancel')]")
    policy_note = fields.Text("Internal Note", help="Stays on the orders. Customers do not see it.")
    policy_applies = fields.Boolean(compute="_compute_policy_applies")

    @api.depends("sale_order_ids")
    def _compute_policy_applies(self):
        for wizard in self:
            wizard.policy_applies = any(order._goes_by_policy() for order in wizard.sale_order_ids)

    def action_mass_cancel(self):
        """Cancel the orders: those under a policy for the reason that was chosen."""
        self._check_are_ids()
        governed = self.sale_order_ids.filtered(lambda order: order._goes_by_policy())
        if governed:
            governed.action_policy_cancel(self.policy_reason_id.id or 0, self.policy_note)
        (self.sale_order_ids - governed)._action_cancel()
