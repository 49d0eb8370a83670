from odoo import models


class IrAttachment(models.Model):
    """What was inspected is kept: photographs, and what the customer agreed to (article 1.9)."""

    _inherit = "ir.attachment"

    def _first_evidence(self):
        inspection = self.env["sale.order.inspection"].search(
            [
                ("state", "!=", "todo"),
                "|",
                "|",
                ("photo_ids", "in", self.ids),
                ("agreement_ids", "in", self.ids),
                ("id", "in", self.filtered(lambda file: file.res_model == "sale.order.inspection").mapped("res_id")),
            ],
            limit=1,
        )
        if not inspection:
            return super()._first_evidence()
        own = self.filtered(
            lambda file: (
                file in inspection.photo_ids | inspection.agreement_ids
                or (file.res_model == inspection._name and file.res_id == inspection.id)
            )
        )
        return own[:1], inspection.display_name
