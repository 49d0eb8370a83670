from odoo import api, fields, models


class SaleOrderFollowupRecord(models.TransientModel):
    """Record what the customer was told, and what he said."""

    _name = "sale.order.followup.record"
    _description = "Record a Follow-Up"
    _inherit = ["order.policy.entry.mixin"]

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    way = fields.Selection(
        [("phone", "Phone"), ("email", "E-mail"), ("visit", "Visit")], "How", required=True, default="phone"
    )
    told = fields.Text("What We Said", required=True)
    answer = fields.Text("What the Customer Said")

    @api.constrains("order_id")
    def _check_may_read_order(self):
        self.order_id.sudo(False).check_access("read")  # Odoo checks constraints as superuser

    def action_record(self):
        """Record it with the order."""
        self.ensure_one()
        self.order_id.action_policy_record_followup(self.way, self.told, self.answer)
        return {"type": "ir.actions.act_window_close"}
