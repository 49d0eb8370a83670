from odoo import models


class IrAttachment(models.Model):
    """What customers confirmed with is kept."""

    _inherit = "ir.attachment"

    def _first_evidence(self):
        confirmation = self.env["sale.order.confirmation"].search(
            ["|", ("attachment_ids", "in", self.ids), ("message_id.attachment_ids", "in", self.ids)], limit=1
        )
        if not confirmation:
            return super()._first_evidence()
        evidence = confirmation.attachment_ids | confirmation.message_id.attachment_ids
        return (evidence & self)[:1], self.env._("the customer's confirmation of %s", confirmation.order_id.name)
