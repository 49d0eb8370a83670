import codecs
import io
import zipfile
import zlib

from markupsafe import Markup
from PIL import Image

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list, html2plaintext, is_html_empty
from odoo.tools.mimetypes import guess_mimetype
from odoo.tools.pdf import PdfReader

# What can be opened in ten years: PDF, pictures, text, mail and office documents; no programs, no packed files.
READABLE_TYPES = (
    "application/pdf", "image/", "text/", "message/rfc822", "application/xml", "application/json",
    "application/msword", "application/vnd.ms-", "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.", "application/CDFV2", "application/x-ole-storage",
)  # fmt: skip
UNKNOWN_TYPE = "application/octet-stream"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
CHUNK = 1024**2


class OrderPolicyDocument(models.Model):
    """A kind of paper that belongs to orders (articles 2.5, 2.15, 3.16)."""

    _name = "order.policy.document"
    _description = "Kind of Paper"
    _inherit = ["order.policy.rule.mixin", "order.policy.backlog.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        readonly=True,
        copy=False,
        help="By which the order policy finds the kinds it files by itself.",
        exportable=False,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    department_id = fields.Many2one(
        "order.policy.department",
        "Held By",
        domain="[('company_id', '=', False)]",
        ondelete="set null",
        help="The department that has papers of this kind, and is asked for them when they lack.",
    )

    _code_unique = models.UniqueIndex("(code) WHERE code IS NOT NULL", "There is already a kind with this code.")

    @api.model
    def _made_by_methods(self):
        # By their codes the order policy finds them: another one is not theirs to take over.
        return frozenset({"code"})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        kept = self.filtered("code") | self.env["ir.attachment"].sudo().search(
            [("policy_document_id", "in", self.ids), ("id", "!=", False)]
        ).policy_document_id.with_env(self.env)
        if kept:
            raise UserError(
                self.env._(
                    "%s cannot be deleted: papers are filed under it, or the order policy files some by itself. "
                    "Archive it instead.",
                    format_list(self.env, kept.mapped("name")),
                )
            )

    @api.model
    def _check_readable(self, name, content):
        """Make sure that a file can be filed: that it can be opened now, and still be in years.

        :param str name: of the file, for the message
        :param bytes content: what it holds
        :raise ValidationError: when it is empty, damaged, protected or of another type
        """
        problem = self._why_not_readable(io.BytesIO(content or b""))
        if problem:
            raise ValidationError(
                self.env._(
                    "“%(name)s” cannot be filed: %(problem)s. PDF, pictures, text, e-mails and office documents can, "
                    "whole and without a password. Scan it, or save it as a PDF, and attach that.",
                    name=name,
                    problem=problem,
                )
            )

    # ------------------------------------------------------------------
    # Order copies
    # ------------------------------------------------------------------

    @api.model
    def _order_copies(self, orders):
        """Have copies filed of orders as they are being submitted (article 2.5).

        :param orders: sale.order records in superuser mode
        """
        if not orders:
            return
        for order, snapshot in self.env["order.policy.aspect"]._snapshots(orders).items():
            order.policy_copies_due = [*(order.policy_copies_due or []), self._prepare_order_copy(order, snapshot)]
        self._job()._trigger()

    @api.model
    def _prepare_order_copy(self, order, snapshot):
        """Return what the copy of an order shows, as plain data: the order may change before the copy is printed.

        :param order: sale.order record that is being submitted
        :param snapshot: its content, see order.policy.aspect
        """
        return {
            **snapshot,
            "title": order.name,
            "company_id": order.company_id.id,
            "channel": order.channel_id.name,
            "reference": order.client_order_ref,
            "received_on": fields.Datetime.to_string(order.received_on),
            "submitted_by_id": order.policy_submitted_by_id.id,
            "submitted_on": fields.Datetime.to_string(order.policy_submitted_on),
            "currency_id": order.currency_id.id,
            "amount_untaxed": order.amount_untaxed,
            "amount_tax": order.amount_tax,
            "amount_total": order.amount_total,
        }

    @api.model
    def _cron_file_order_copies(self):
        """File the copies of the orders that were submitted (article 2.5): printing takes too long to wait for it."""
        self._work_off()

    @api.model
    def _job(self):
        return self.env["ir.cron"].browse(
            self.env["ir.model.data"]._xmlid_to_res_id("order_policy.ir_cron_order_copies")
        )

    @api.model
    def _job_domain(self):
        return [("policy_copies_due", "!=", False)]

    @api.model
    def _prepare_job(self, order):
        return self._print_order_copies(order)

    @api.model
    def _do_job(self, order, prepared):
        self._file_printed_copies(order, prepared)

    def _print_order_copies(self, order):
        """Print the copies that are due of an order, as PDF where the company can print them, else as HTML.

        :return: tuples of a copy, see ``_prepare_order_copy``, its content and the extension of its file name
        """
        printing = self.with_context(lang=order.company_id.partner_id.lang)
        return [(copy, *printing._print_order_copy(order, copy)) for copy in order.policy_copies_due or []]

    def _file_order_copies(self, order):
        """Print and file the copies that are due of an order."""
        return self._file_printed_copies(order, self._print_order_copies(order))

    def _file_printed_copies(self, order, printed):
        """File copies of an order, as far as nobody else did while they were printed."""
        attachments = self.env["ir.attachment"]
        printed = [paper for paper in printed if paper[0] in (order.policy_copies_due or [])]
        for copy, content, extension in printed:
            # As Odoo itself, which takes a web page of anybody else for mere text.
            attachments += attachments.with_user(SUPERUSER_ID).create(
                {
                    "name": f"{copy['title']} {copy['submitted_on'].replace(':', '')}.{extension}",
                    "raw": content,
                    "res_model": order._name,
                    "res_id": order.id,
                    "policy_document_id": self.env.ref("order_policy.document_copy").id,
                }
            )
            if extension == "html":
                order._message_log(
                    body=self.env._(
                        "The order copy was filed as a web page: PDFs cannot be printed here, since wkhtmltopdf is not "
                        "installed. Ask the administrator of Odoo to install it."
                    )
                )
        filed = [copy for copy, _content, _extension in printed]
        order.policy_copies_due = [copy for copy in order.policy_copies_due if copy not in filed] or False
        return attachments

    @api.model
    def _file_original(self, order, message):
        """File the first e-mail of an order as its original: its attachments, or else what it says."""
        original = self.env.ref("order_policy.document_original")
        # Superuser: the customer wrote to the alias of orders.
        if order.sudo().policy_paper_ids.filtered(lambda paper: paper.policy_document_id == original):
            return
        attachments = message.sudo().attachment_ids.filtered(
            # A picture in the text, such as a logo, is no paper.
            lambda attachment: f"/web/image/{attachment.id}?" not in message.body
        )
        problems = {attachment: self._why_file_not_readable(attachment) for attachment in attachments}
        readable = attachments.filtered(lambda attachment: not problems[attachment])
        self._tell_not_readable(order, {file: problem for file, problem in problems.items() if problem})
        if readable:
            readable.policy_document_id = original
        elif not is_html_empty(message.body):
            self.env["ir.attachment"].sudo().create(
                {
                    "name": f"{message.subject or order.name}.txt",
                    "raw": html2plaintext(message.body).encode(),
                    "res_model": order._name,
                    "res_id": order.id,
                    "policy_document_id": original.id,
                }
            )

    def _why_file_not_readable(self, attachment):
        return self._why_not_readable(io.BytesIO(attachment.raw or b""))

    def _tell_not_readable(self, order, problems):
        """Tell sales which files of a customer's e-mail nobody can open: they came, and stay with the order as is.

        :param dict problems: sentences by attachment
        """
        if not problems:
            return
        note = self.env._(
            "%(files)s. Ask the customer for a copy that opens, and file it as the order original.",
            files="; ".join(f"“{file.name}”: {problem}" for file, problem in problems.items()),
        )
        # Superuser: the customer wrote to the alias of orders.
        if order.user_id:
            order.sudo().activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("A file of the customer cannot be opened"),
                note=note,
                user_id=order.user_id.id,
            )
        else:
            order.sudo()._message_log(body=note)

    def _print_order_copy(self, order, copy):
        """Return an order copy and the extension of its file name."""
        # The note came out of an HTML field of the order, which cleaned it.
        data = {"copy": {**copy, "order": {**copy["order"], "note": Markup(copy["order"]["note"] or "")}}}
        return self._print("order_policy.action_report_order_copy", order, data)

    @api.model
    def _print(self, report, record, data=None):
        """Print a paper, as PDF where the company can print them, else as HTML.

        :param str report: external id of the report
        :return: tuple of its content and the extension of its file name
        """
        Report = self.env["ir.actions.report"].with_context(report_pdf_no_attachment=True)
        try:
            return Report._render_qweb_pdf(report, record.ids, data=data)
        except UserError:
            # Odoo says so where wkhtmltopdf is missing, or does not work.
            return Report._render_qweb_html(report, record.ids, data=data)

    # ------------------------------------------------------------------
    # The archive
    # ------------------------------------------------------------------

    def _holder_in_words(self, order):
        """Return who has papers of this kind: the head of a department, or the salesperson.

        :param order: sale.order record in superuser mode
        """
        self.ensure_one()
        department = self.department_id and self.department_id._own_of_company(order.company_id)
        person = department.head_id if department else order.user_id
        if not department:
            return person.name or self.env._("Sales")
        if not person:
            return department.name
        return self.env._("%(what)s: %(said)s", what=department.name, said=person.name)

    @api.model
    def _why_not_readable(self, file):
        """Tell why a file could not be opened in years, or return False when it can (usable, one of the four checks).

        The same test at both ends: before a paper is filed, and when its dossier is sealed and checked.

        :param file: open binary file, which is read in parts
        :return: a part of a sentence, without a full stop
        """
        head = file.read(4096)
        file.seek(0)
        if not head:
            return self.env._("the file is empty")
        if head.startswith(b"%PDF"):
            return self._why_pdf_not_readable(file)
        if head.startswith(b"PK"):
            return self._why_zip_not_readable(file)
        file_type = guess_mimetype(head)
        if file_type != UNKNOWN_TYPE and not file_type.startswith(READABLE_TYPES):
            return self.env._("it is of the type %s, which is not kept", file_type)
        if head.startswith(OLE):
            return self._why_ole_not_readable(file)
        # Text may begin like a picture.
        problem = self._why_text_not_readable(file)
        if problem and file_type.startswith("image/"):
            file.seek(0)
            return self._why_picture_not_readable(file)
        return problem

    def _why_pdf_not_readable(self, file):
        try:
            reader = PdfReader(file, strict=False)
            if reader.is_encrypted:
                return self.env._("the PDF is protected by a password")
            return not len(reader.pages) and self.env._("the PDF has no page")
        except Exception:  # pypdf raises whatever a broken file leads it to
            return self.env._("the PDF is damaged and does not open")

    def _why_zip_not_readable(self, file):
        """Office documents are packed files; other packed files hide what is in them."""
        try:
            with zipfile.ZipFile(file) as packed:
                names = packed.namelist()
                if "[Content_Types].xml" not in names and "META-INF/manifest.xml" not in names:
                    return self.env._("it is a packed file, which hides what is in it")
                encrypted = any(info.flag_bits & 1 for info in packed.infolist()) or (
                    "META-INF/manifest.xml" in names and b"encryption-data" in packed.read("META-INF/manifest.xml")
                )
        except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError):
            return self.env._("the document is damaged and does not open")
        return encrypted and self.env._("the document is protected by a password")

    def _why_ole_not_readable(self, file):
        if self._is_ole_cut_off(file):
            return self.env._("the document is damaged and does not open")
        marker = "EncryptedPackage".encode("utf-16-le")
        rest = b""
        while chunk := file.read(CHUNK):
            if marker in rest + chunk:
                return self.env._("the document is protected by a password")
            rest = chunk[-len(marker) :]
        return False

    def _is_ole_cut_off(self, file):
        """Tell whether an old office document ends before its own tables do."""
        header = file.read(512)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        if len(header) < 512:
            return True
        sector, table_count, directory = 1 << header[30], int.from_bytes(header[44:48], "little"), header[48:52]
        tables = [header[76 + 4 * number : 80 + 4 * number] for number in range(min(table_count, 109))]
        last = max(int.from_bytes(place, "little") for place in [directory, *tables])
        return (last + 1) * sector >= size

    def _why_picture_not_readable(self, file):
        try:
            Image.open(file).verify()
        except Exception:  # as many kinds of error as there are formats
            return self.env._("the picture is damaged and does not open")
        return False

    def _why_text_not_readable(self, file):
        encodings = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", "gb18030", "utf-16")}
        while chunk := file.read(CHUNK):
            for name, decoder in list(encodings.items()):
                try:
                    text = decoder.decode(chunk)
                except UnicodeError:
                    del encodings[name]
                else:
                    if "\0" in text:
                        del encodings[name]
            if not encodings:
                return self.env._("it is of a type that is not kept")
        return False
