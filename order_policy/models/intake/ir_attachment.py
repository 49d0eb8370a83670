import os

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# What may be said of a file that is kept as evidence: it changes nothing of the file, nor who can open it.
REMARKS = frozenset({"description", "thumbnail", "index_content", "original_id"})
# What browsers show without running anything of it. Everything else is downloaded.
SHOWN = ("application/pdf", "audio/", "image/", "text/plain", "video/")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    policy_document_id = fields.Many2one(
        "order.policy.document",
        "Kind of Paper",
        index="btree_not_null",
        ondelete="restrict",
        help="What this file is among the papers of its order.",
    )

    policy_version = fields.Selection(
        [("valid", "Valid"), ("superseded", "Superseded")],
        "Version",
        compute="_compute_policy_version",
        compute_sudo=True,
        help="Which of several copies of an order is the latest: each submission files one.",
    )

    @api.depends("policy_document_id", "res_model", "res_id")
    def _compute_policy_version(self):
        # What people file under the same name, such as scans of several pages, is no version of anything.
        printed = Domain("create_uid", "=", SUPERUSER_ID) & Domain("res_model", "=", "sale.order")
        printed &= Domain("policy_document_id", "=", self.env.ref("order_policy.document_copy").id)
        self.policy_version = False
        copies = self.filtered_domain(printed)
        if not copies:
            return
        of_orders = printed & Domain("res_id", "in", copies.mapped("res_id"))
        latest = {
            order_id: latest_id
            for order_id, latest_id, count in self._read_group(of_orders, ["res_id"], ["id:max", "__count"])
            if count > 1
        }
        for copy in copies.filtered(lambda copy: copy.res_id in latest):
            copy.policy_version = "valid" if copy.id == latest[copy.res_id] else "superseded"

    @api.model
    def default_get(self, fields):
        """Say of no file what it is but by choice: a default would make a paper of every file that comes along."""
        defaults = super().default_get(fields)
        defaults.pop("policy_document_id", None)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._check_are_no_fields()
        attachments._check_papers_readable()
        return attachments

    def write(self, vals):
        self.check_access("write")
        self._check_are_no_fields()
        self._check_rests_nothing_on(vals)
        result = super().write(vals)
        self._check_are_no_fields()
        if {"policy_document_id", "raw", "datas", "db_datas", "type"} & vals.keys():
            self._check_papers_readable()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_kept(self):
        self._check_are_no_fields()
        self._check_are_no_evidence()

    @api.model
    def _get_path(self, bin_data, sha):
        """Have a file written anew of which a full disk, or a stop in the middle, left the beginning only.

        Odoo would take it for another file, and so refuse these very bytes for ever: a paper that is printed the same
        way again could never be filed.
        """
        path = self._full_path(f"{sha[:2]}/{sha}")
        if os.path.isfile(path) and os.path.getsize(path) < len(bin_data):
            os.unlink(path)
        return super()._get_path(bin_data, sha)

    def _check_papers_readable(self):
        """Not a constraint: those are checked before the file of an attachment is written."""
        for paper in self.filtered("policy_document_id"):
            self.env["order.policy.document"]._check_readable(paper.name, paper.raw)

    # ------------------------------------------------------------------
    # Protection: whoever writes or deletes, superuser or not
    # ------------------------------------------------------------------

    def _check_are_no_fields(self):
        """Refuse what would fill or empty a field of an order, or of a record of the policy, past its own rules.

        Odoo itself stores pictures as files of their fields; where people may write a field, they write the record.
        """
        if self.env.su:
            return
        for file in self.sudo().filtered("res_field"):  # a refusal shows nothing but the name of the field
            if file.res_model == "sale.order" or file._is_of_policy():
                raise AccessError(
                    self.env._(
                        "“%(field)s” of %(model)s is not filled with a file. Customers sign on the page of the order; "
                        "what was signed on paper is recorded with Record Confirmation.",
                        field=file.res_field,
                        model=self.env["ir.model"]._get(file.res_model).name,
                    )
                )

    def _is_of_policy(self):
        model = self.env.get(self.res_model)
        return model is not None and (model._original_module or "").startswith("order_policy")

    def _check_rests_nothing_on(self, vals):
        """Let only those changes pass that evidence goes with: remarks, the first word on what a paper is, links to it.

        A link that opens the file is made by Odoo when it sends the file. People give no file a link of their choice.
        """
        harmless = REMARKS | ({"access_token"} if self.env.su else set())
        if vals.keys() - harmless - {"policy_document_id"}:
            self._check_are_no_evidence()
        elif "policy_document_id" in vals:
            self.filtered("policy_document_id")._check_are_no_evidence()

    def _check_are_no_evidence(self):
        """Keep what was decided by: papers of requests and confirmations, and what reviewers saw (articles 2.6, 2.8).

        :raise UserError: naming the file and what it proves
        """
        # Superuser: who may write a file may not see the record that it belongs to.
        files = self.sudo().filtered(lambda file: not file.res_field and file.res_model != "ir.ui.view")
        file, proves = files._kept()._first_evidence() if files else (files, False)
        if file:
            raise UserError(
                self.env._(
                    "“%(file)s” belongs to %(record)s: it is kept as it is. Attach what is right as another file.",
                    file=file.name,
                    record=proves,
                )
            )

    def _kept(self):
        """Return the files that are kept, should something rest on them."""
        return self

    def _first_evidence(self):
        """Return the first of some files on which something rests, and the name of that. Each matter adds its own."""
        return self.browse(), False

    def _of_orders(self):
        """Return the files of orders, and of what belongs to orders."""
        return self.filtered_domain([("res_model", "=like", "sale.order%")])

    def _to_http_stream(self):
        """Hand files of orders to browsers as what they show without running it, or else as a download.

        What somebody uploaded never acts as a page of the company's own address.
        """
        stream = super()._to_http_stream()
        if self._of_orders() and (not (stream.mimetype or "").startswith(SHOWN) or "svg" in stream.mimetype):
            stream.mimetype = "application/octet-stream"
        return stream
