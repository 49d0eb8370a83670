from odoo import api, fields, models
from odoo.exceptions import UserError


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
        if {"policy_document_id", "raw", "datas", "db_datas", "type", "url", "res_model", "res_id"} & vals.keys():
            self._check_are_no_applications()
        result = super().write(vals)
        if {"policy_document_id", "raw", "datas", "db_datas", "type"} & vals.keys():
            self._check_papers_readable()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_applications(self):
        self._check_are_no_applications()

    def _check_are_no_applications(self):
        """Keep the written applications of requests that were submitted: they are decided by them (article 2.8)."""
        # Superuser: who may write a file may not see the request that it belongs to.
        files = self.sudo().filtered(lambda file: file.res_model == "sale.order.change")
        changes = files and files.env["sale.order.change"].search(
            [("application_ids", "in", files.ids), ("state", "!=", "draft")], limit=1
        )
        if changes:
            raise UserError(
                self.env._(
                    "%(file)s belongs to %(request)s, which was submitted: it is kept as it is.",
                    file=files[0].name,
                    request=changes.display_name,
                )
            )

    def _check_papers_readable(self):
        """Not a constraint: those are checked before the file of an attachment is written."""
        for paper in self.filtered("policy_document_id"):
            self.env["order.policy.document"]._check_readable(paper.name, paper.raw)
