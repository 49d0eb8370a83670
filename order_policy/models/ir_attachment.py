from odoo import api, fields, models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    policy_document_id = fields.Many2one(
        "order.policy.document",
        "Kind of Paper",
        index="btree_not_null",
        ondelete="restrict",
        help="What this file is among the papers of its order.",
    )

    @api.constrains("policy_document_id", "checksum")
    def _check_policy_document_readable(self):
        for attachment in self.filtered("policy_document_id"):
            self.env["order.policy.document"]._check_readable(attachment.name, attachment.raw)
