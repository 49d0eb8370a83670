from odoo import api, fields, models


class SaleOrderRefuse(models.TransientModel):
    """Refuse an order that breaks the company's rules, and show what its customer is told (article 1.5)."""

    _name = "sale.order.refuse"
    _description = "Refuse an Order"
    _inherit = ["order.policy.entry.mixin"]

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id")
    partner_email = fields.Char("E-mail", compute="_compute_partner_id")
    reason_id = fields.Many2one("order.policy.reason", required=True, domain="[('kind', '=', 'refusal')]")
    note = fields.Text("Internal Note", help="Stays on the order. The customer does not see it.")
    subject = fields.Char(compute="_compute_message", store=True, readonly=False)
    body = fields.Html("Message", compute="_compute_message", store=True, readonly=False, sanitize="email_outgoing")

    # Nobody learns of an order from here that is not his to refuse.

    @api.constrains("order_id")
    def _check_may_write_order(self):
        self.order_id.sudo(False).check_access("write")  # Odoo checks constraints as superuser

    @api.depends("order_id")
    def _compute_partner_id(self):
        self.order_id.check_access("write")
        for wizard in self:
            wizard.partner_id = wizard.order_id.partner_id
            wizard.partner_email = wizard.order_id.partner_id.email

    @api.depends("order_id", "reason_id")
    def _compute_message(self):
        self.order_id.sudo(False).check_access("write")
        for wizard in self.filtered("order_id"):
            message = wizard.order_id._prepare_refusal_message(wizard.reason_id)
            wizard.subject = message["subject"]
            wizard.body = message["body"]

    def action_refuse(self):
        """Refuse the order, and send the message as it is shown."""
        self.ensure_one()
        self.order_id.action_policy_refuse(self.reason_id, self.note, {"subject": self.subject, "body": self.body})
        return {"type": "ir.actions.act_window_close"}
