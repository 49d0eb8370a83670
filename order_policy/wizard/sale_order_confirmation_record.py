from odoo import api, fields, models

from ..models.customer.sale_order_confirmation import METHODS


class SaleOrderConfirmationRecord(models.TransientModel):
    """Record that the customer confirmed, with its evidence (articles 3.8, 3.9)."""

    _name = "sale.order.confirmation.record"
    _description = "Record a Customer's Confirmation"
    _inherit = ["order.policy.entry.mixin"]

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_order")
    amount_total = fields.Monetary("Order Amount", compute="_compute_order")
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_order")
    phone = fields.Char(compute="_compute_order")
    commitment_date = fields.Datetime("Promised Date", compute="_compute_order")
    accepted_methods = fields.Char("Accepted", compute="_compute_order")
    seen_digest = fields.Char(help="The content that was displayed when the recording was opened.")
    method = fields.Selection(
        [value for value in METHODS if value[0] in ("phone", "email", "sms", "signature")],
        "Confirmed By",
        required=True,
        default="phone",
    )
    contact = fields.Char(
        "Contact Person",
        required=True,
        compute="_compute_contact",
        store=True,
        readonly=False,
        help="Who at the customer confirmed.",
    )
    confirmed_on = fields.Datetime(required=True, default=fields.Datetime.now)
    note = fields.Text("What Was Said", help="A note of the call, or the words of the message.")
    message_id = fields.Many2one(
        "mail.message",
        "Customer's Message",
        domain="[('id', 'in', customer_message_ids)]",
        help="An e-mail of the customer that is on the order already.",
    )
    customer_message_ids = fields.Many2many("mail.message", compute="_compute_customer_message_ids")
    file = fields.Binary("Scan or File", attachment=False)
    file_name = fields.Char()

    # Nobody learns of an order from here that is not his to write.

    @api.constrains("order_id")
    def _check_may_write_order(self):
        self.order_id.sudo(False).check_access("write")  # Odoo checks constraints as superuser

    @api.depends("order_id")
    def _compute_order(self):
        self.order_id.check_access("write")
        for wizard in self:
            order = wizard.order_id
            policy = order.policy_id.sudo()  # who may write the order may know what its policy accepts
            subject = order.sudo()._subject_to_confirm()
            wizard.currency_id = order.currency_id
            wizard.amount_total, _in_company_currency, wizard.commitment_date = subject._subject_proposal()
            wizard.partner_id = order.partner_id
            wizard.phone = order.partner_id.phone
            wizard.accepted_methods = policy._ways_to_agree_in_words(order) if policy else False

    @api.depends("order_id")
    def _compute_customer_message_ids(self):
        self.order_id.check_access("write")
        for wizard in self:
            wizard.customer_message_ids = self.env["sale.order.confirmation"]._messages_to_choose(wizard.order_id)

    @api.depends("order_id")
    def _compute_contact(self):
        self.order_id.sudo(False).check_access("write")
        for wizard in self:
            customer = wizard.order_id.partner_id
            wizard.contact = not customer.is_company and customer.name

    def action_record(self):
        """Record the confirmation."""
        self.ensure_one()
        self.order_id.action_policy_record_confirmation(
            self.method,
            self.contact,
            note=self.note,
            confirmed_on=self.confirmed_on,
            message_id=self.message_id.id,
            files=[(self.file_name or self.env._("Scan"), self.file)] if self.file or self.file_name else [],
            digest=self.seen_digest,
        )
        return {"type": "ir.actions.act_window_close"}
