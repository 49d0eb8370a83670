from odoo import fields, models


class OrderPolicyExempt(models.TransientModel):
    """Ask an administrator why orders are exempt from the policy."""

    _name = "order.policy.exempt"
    _description = "Exempt Orders from the Policy"
    _inherit = ["order.policy.entry.mixin"]

    order_ids = fields.Many2many("sale.order", string="Orders", required=True, default=lambda self: self._chosen_ids())
    reason = fields.Char(required=True, help="Stays on the order, with your name.")

    def action_exempt(self):
        """Exempt the orders for this reason."""
        self.ensure_one()
        self.order_ids.action_policy_exempt(self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_end_exemption(self):
        """Take the exemptions of the orders back for this reason."""
        self.ensure_one()
        self.order_ids.action_policy_end_exemption(self.reason)
        return {"type": "ir.actions.act_window_close"}
