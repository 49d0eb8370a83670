from odoo import models


class IrAttachment(models.Model):
    """Applications are kept with the requests that were made by them (article 2.8)."""

    _inherit = "ir.attachment"

    def _first_evidence(self):
        change = self.env["sale.order.change"].search(
            [("application_ids", "in", self.ids), ("state", "!=", "draft")], limit=1
        )
        if not change:
            return super()._first_evidence()
        return (change.application_ids & self)[:1], change.display_name
