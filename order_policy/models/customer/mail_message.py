from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _rested_upon(self):
        """Messages by which customers confirmed stay as well."""
        confirmations = self.env["sale.order.confirmation"].search([("message_id", "in", self.ids)])
        return super()._rested_upon() | (self & confirmations.message_id)
