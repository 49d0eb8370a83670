import hashlib
import io
import os
import unicodedata

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError

CHUNK = 1024**2
LONGEST_NAME = 120  # bytes: file systems take 255, and a folder stands before
# What tells one paper that Odoo prints from another.
PRINTED = ("report", "record_id", "made_on")


class SaleOrderDossierItem(models.Model):
    """One paper of a dossier (articles 2.15, 3.16): a file that is somewhere, or a paper that Odoo prints.

    When the dossier is sealed the item gets a file of its own, which never changes, whatever happens to the other.
    """

    _name = "sale.order.dossier.item"
    _description = "Paper of a Dossier"
    _inherit = "order.policy.evidence.mixin"
    _order = "dossier_id, number, id"

    dossier_id = fields.Many2one("sale.order.dossier", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="dossier_id.company_id", store=True, precompute=True, index=True)
    state = fields.Selection(related="dossier_id.state")
    number = fields.Integer(readonly=True, aggregator=None)
    document_id = fields.Many2one(
        "order.policy.document", "Kind of Paper", required=True, index=True, ondelete="restrict"
    )
    name = fields.Char("Title", required=True)
    shown_name = fields.Char(
        "Title for the Reader",
        compute="_compute_shown_name",
        compute_sudo=True,
        help="What is to be printed is called in the language of the reader; filed, in that of the archive.",
    )
    description = fields.Char()
    report = fields.Char(readonly=True, help="By what it is printed when the dossier is sealed.", exportable=False)
    record_model = fields.Char("Kind of Record", readonly=True, exportable=False)
    record_id = fields.Many2oneReference("Printed Of", model_field="record_model", readonly=True, exportable=False)
    source_file_id = fields.Many2one(
        "ir.attachment",
        "Present File",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        exportable=False,
    )
    version = fields.Selection(related="source_file_id.policy_version")
    made_by = fields.Char(readonly=True)
    made_on = fields.Datetime(readonly=True)
    attachment_id = fields.Many2one(
        "ir.attachment", "Sealed File", readonly=True, index="btree_not_null", ondelete="set null"
    )
    file_id = fields.Many2one("ir.attachment", compute="_compute_file_id")
    file_name = fields.Char(readonly=True)
    format = fields.Char(readonly=True)
    size = fields.Integer(readonly=True, help="In bytes.")
    sha256 = fields.Char("Digest (SHA-256)", readonly=True, exportable=False)
    remark = fields.Char(readonly=True, help="Why the file cannot be opened: it was sealed as it is all the same.")

    # Sealed dossiers stay as they are, also those in which an earlier version listed a paper twice.
    _file_unique = models.UniqueIndex(
        "(dossier_id, source_file_id) WHERE source_file_id IS NOT NULL AND sha256 IS NULL",
        "Somebody else listed this paper at the same moment. Reload the page.",
    )
    _printed_unique = models.UniqueIndex(
        "(dossier_id, report, record_id, COALESCE(made_on, '-infinity')) WHERE report IS NOT NULL AND sha256 IS NULL",
        "Somebody else listed this paper at the same moment. Reload the page.",
    )

    @api.depends("attachment_id", "source_file_id")
    def _compute_file_id(self):
        for item in self:
            item.file_id = item.attachment_id or item.source_file_id

    @api.depends("name", "report", "record_model", "record_id", "sha256")
    @api.depends_context("lang")
    def _compute_shown_name(self):
        printed = self.filtered(lambda item: item.report and not item.sha256)
        for item in self - printed:
            item.shown_name = item.name
        for model, items in printed.grouped("record_model").items():
            # What is printed, or by what, may have left with its addon.
            records = self.env[model].browse(items.mapped("record_id")).exists() if model in self.env else []
            there = {record.id: record for record in records}
            for item in items:
                known = item.record_id in there and self.env.ref(item.report, raise_if_not_found=False)
                item.shown_name = self._name_of_print(item.report, there[item.record_id]) if known else item.name

    # ------------------------------------------------------------------
    # Where papers come from
    # ------------------------------------------------------------------

    @api.model
    def _from_files(self, records, code):
        """Return values of items for the files attached to records.

        :param code: of the kind that files have which nobody classified
        """
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
                ("res_field", "in", (False, "signature")),
                ("type", "=", "binary"),
            ],
            order="id",
        )
        return [self._from_file(file, code) for file in files]

    @api.model
    def _from_file(self, file, code):
        kind = file.policy_document_id or self.env.ref(f"order_policy.document_{code}")
        return {
            "source_file_id": file.id,
            "document_id": kind.id,
            "name": file.name,
            "description": file.description,
            "made_by": file.create_uid.name,
            "made_on": file.create_date,
        }

    @api.model
    def _from_report(self, record, report, code, **values):
        """Return values of an item that is printed when the dossier is sealed.

        :param str report: external id of the report
        """
        return {
            "report": report,
            "record_model": record._name,
            "record_id": record.id,
            "document_id": self.env.ref(f"order_policy.document_{code}").id,
            "name": self._name_of_print(report, record),
            "made_by": record.company_id.name,
            **values,
        }

    @api.model
    def _name_of_print(self, report, record):
        return f"{self.env.ref(report).name} {record.display_name}"

    @api.model
    def _source_of(self, values):
        """Return what tells an item from another: the file, or what is printed of which record."""
        return values.get("source_file_id") or tuple(values.get(name) or False for name in PRINTED)

    def _listed_source(self):
        self.ensure_one()
        return self.source_file_id.id or tuple(self[name] for name in PRINTED)

    # ------------------------------------------------------------------
    # Taking the files
    # ------------------------------------------------------------------

    def _take_files(self):
        """Give each item the file that is sealed: a copy of what is there, or what Odoo prints now.

        What cannot be opened is sealed with a remark: it may be evidence, which nobody can take away or exchange.

        :raise UserError: naming every paper that cannot be printed
        """
        problems = []
        for item in self:
            try:
                item.with_context(lang=item.dossier_id._language())._take_file()
            except (UserError, ValidationError, OSError) as error:
                problems.append("• " + self.env._("%(what)s: %(said)s", what=item.name, said=error))
        if problems:
            raise UserError(self.env._("Nothing was sealed:\n%s", "\n".join(problems)))

    def _missing(self):
        """Return the papers whose files the file store has lost, whole or in part."""
        return self.filtered(lambda item: item._is_missing())

    def _is_missing(self):
        file = self.source_file_id
        if not file.store_fname or not file.file_size:
            return False
        path = file._full_path(file.store_fname)
        if os.path.isfile(path):
            return os.path.getsize(path) < file.file_size  # what a full disk left of it
        return not file.raw  # another store may hold it

    def _take_file(self):
        self.ensure_one()
        name, mimetype, remark = self.name, self.source_file_id.mimetype, False
        if self.report:
            record = self.env[self.record_model].browse(self.record_id)
            content, extension = self.env["order.policy.document"]._print(self.report, record)
            name = self.name = f"{name}.{extension}"
        elif self._is_missing():
            name, mimetype, remark = f"{name}.txt", "text/plain", self._statement_of_loss()
            content = remark.encode()
        else:
            content = self.source_file_id.raw
        # As Odoo itself, which takes a web page of an archivist for mere text: the file keeps the type that it has.
        self.attachment_id = (
            self.attachment_id.with_user(SUPERUSER_ID)
            .with_context(image_no_postprocess=True)
            .create(
                {
                    "name": self._safe_name(name),
                    "raw": content,
                    "mimetype": mimetype,
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        self.write(
            {
                "remark": remark or self._why_not_readable(),
                "file_name": self.attachment_id.name,
                "format": self.attachment_id.mimetype,
                "size": self.attachment_id.file_size,
                "sha256": self._hash(),
            }
        )

    def _statement_of_loss(self):
        """Return the words that stand in the dossier for a file that the file store has lost.

        They tell by what the file is known again, should it be found.
        """
        file = self.source_file_id
        return self.env._(
            "the file was missing from the file store when the dossier was sealed; this statement stands for it. "
            "The file had %(size)s bytes and the SHA-1 digest %(digest)s. Sealed without it by %(person)s: %(reason)s",
            size=file.file_size,
            digest=file.checksum,
            person=self.env.user.name,
            reason=self.dossier_id.missing_reason,
        )

    def _why_not_readable(self):
        """Tell why the sealed file cannot be opened in years, or return False when it can.

        :raise OSError: when it is not there
        """
        with self._open_file() as file:
            return self.env["order.policy.document"]._why_not_readable(file)

    def _take_numbers(self):
        """Number the papers of a dossier as they are filed: by kind, then as they came."""
        for number, item in enumerate(self.sorted(lambda item: (item.document_id.sequence, item.id)), start=1):
            item.write({"number": number, "file_name": f"{number:03d} {item.file_name}"})

    @api.model
    def _safe_name(self, name):
        """Return the name of a file without folders, unprintable characters and what is too long for a disk."""
        name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
        name = "".join(char for char in name if char.isprintable() and char not in '<>:"|?*').strip(". ") or "file"
        stem, extension = os.path.splitext(name)
        extension = extension if len(extension.encode()) <= 16 else ""
        stem = stem.encode()[: LONGEST_NAME - len(extension.encode())].decode(errors="ignore").strip()
        return f"{stem}{extension}"

    @api.model
    def _printable(self, text):
        """Return a title without what no XML can hold."""
        return "".join(char for char in text if char.isprintable())

    def _open_file(self):
        """Open the sealed file for reading, without loading it.

        :raise OSError: when it is not there
        """
        self.ensure_one()
        attachment = self.attachment_id
        if attachment.store_fname:
            return open(attachment._full_path(attachment.store_fname), "rb")
        if not attachment or (attachment.file_size and not attachment.db_datas):
            raise FileNotFoundError(self.file_name)
        return io.BytesIO(attachment.db_datas or b"")

    def _hash(self):
        """Return the SHA-256 of the sealed file, as 64 hexadecimal digits."""
        digest = hashlib.sha256()
        with self._open_file() as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def _manifest(self):
        self.ensure_one()
        return {
            "number": self.number,
            "kind": self.document_id.name,
            "kind_id": self.document_id.id,
            "title": self._printable(self.name),
            "description": self._printable(self.description or ""),
            "file": self.file_name,
            "format": self.format,
            "size": self.size,
            "sha256": self.sha256,
            "created_on": fields.Datetime.to_string(self.made_on) or "",
            "made_by": self.made_by or "",
            "remark": self.remark or "",
        }

    def action_open_file(self):
        """Open the file of the paper.

        :raise UserError: when it is only printed when the dossier is sealed
        """
        self.ensure_one()
        self.check_access("read")
        if not self.file_id:
            raise UserError(self.env._("%s is printed when the dossier is sealed.", self.name))
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.file_id.id}", "target": "new"}

    # ------------------------------------------------------------------
    # Protection, and who reads
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return frozenset({"document_id", "description"})

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.dossier_id._check_are_open()
        return items

    def write(self, vals):
        self.dossier_id._check_are_open()
        return super().write(vals)

    def _check_can_be_deleted(self):
        result = self.env.su or super()._check_can_be_deleted()
        self.dossier_id._check_are_open()
        return result

    def _fetch_query(self, query, fields):
        items = super()._fetch_query(query, fields)
        items._note_reading()
        return items

    def _read_group(self, domain, *args, **kwargs):
        self.search(domain)._note_reading()
        return super()._read_group(domain, *args, **kwargs)

    def _read_grouping_sets(self, domain, *args, **kwargs):
        self.search(domain)._note_reading()
        return super()._read_grouping_sets(domain, *args, **kwargs)

    def _note_reading(self):
        if not self.env.su and self:
            # Superuser: whose reading is noted may not read what is noted.
            self.env["sale.order.dossier.reading"]._note(self.sudo().dossier_id)
