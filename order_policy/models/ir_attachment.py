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

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._check_papers_readable()
        return attachments

    def write(self, vals):
        result = super().write(vals)
        if {"policy_document_id", "raw", "datas", "db_datas", "type"} & vals.keys():
            self._check_papers_readable()
        return result

    def _check_papers_readable(self):
        """Not a constraint: those are checked before the file of an attachment is written."""
        for paper in self.filtered("policy_document_id"):
            self.env["order.policy.document"]._check_readable(paper.name, paper.raw)
