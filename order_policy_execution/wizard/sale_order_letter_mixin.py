from odoo import api, fields, models


class SaleOrderLetterMixin(models.AbstractModel):
    """A letter to the customer of an order, shown and edited before it is sent."""

    _name = "sale.order.letter.mixin"
    _description = "Letter to a Customer"
    _inherit = ["order.policy.entry.mixin"]

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id")
    partner_email = fields.Char("E-mail", compute="_compute_partner_id")
    subject = fields.Char(compute="_compute_letter", store=True, readonly=False)
    body = fields.Html("Message", compute="_compute_letter", store=True, readonly=False, sanitize="email_outgoing")

    # Nobody learns of an order from here that is not his to read.

    @api.constrains("order_id")
    def _check_may_read_order(self):
        self.order_id.sudo(False).check_access("read")  # Odoo checks constraints as superuser

    @api.depends("order_id")
    def _compute_partner_id(self):
        self.order_id.check_access("read")
        for letter in self:
            letter.partner_id = letter.order_id.partner_id
            letter.partner_email = letter.order_id.partner_id.sudo().email  # of the customer whom one writes to

    def _compute_letter(self):
        for letter in self:
            prepared = letter._prepare_letter()
            letter.subject = prepared.get("subject")
            letter.body = prepared.get("body")

    def _prepare_letter(self):
        """Return subject and body of the letter; an empty dict where there is nothing to write about yet."""
        raise NotImplementedError

    def _letter(self):
        """Return subject and body as they were entered."""
        return {"subject": self.subject or "", "body": str(self.body or "")}
