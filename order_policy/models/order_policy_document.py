import codecs
import zipfile
import zlib

from markupsafe import Markup
from PIL import Image

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import html2plaintext, is_html_empty
from odoo.tools.mimetypes import guess_mimetype
from odoo.tools.pdf import PdfReader

# What can be opened in ten years: PDF, pictures, text, mail and office documents; no programs, no packed files.
READABLE_TYPES = (
    "application/pdf", "image/", "text/", "message/rfc822", "application/xml", "application/json",
    "application/msword", "application/vnd.ms-", "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.", "application/CDFV2",
)  # fmt: skip
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
CHUNK = 1024**2


class OrderPolicyDocument(models.Model):
    """A kind of paper that belongs to orders (articles 2.5, 2.15, 3.16)."""

    _name = "order.policy.document"
    _description = "Kind of Paper"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(readonly=True, copy=False, help="By which the order policy finds the kinds it files by itself.")
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
                    ", ".join(kept.mapped("name")),
                )
            )

    @api.model
    def _check_readable(self, name, content):
        """Make sure that a file can be filed: it holds something, of a type that can still be read in years.

        :param str name: of the file, for the message
        :param bytes content: what it holds
        :raise ValidationError: when it is empty or of another type
        """
        if not content:
            raise ValidationError(
                self.env._("“%s” is empty: it has no content. Scan or save the paper again, and attach that.", name)
            )
        file_type = guess_mimetype(content)
        if not file_type.startswith(READABLE_TYPES):
            raise ValidationError(
                self.env._(
                    "“%(name)s” cannot be filed: it is of the type %(type)s. PDF, pictures, text, e-mails and office "
                    "documents can. Save it as a PDF, and attach that.",
                    name=name,
                    type=file_type,
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
        for order, snapshot in self.env["order.policy.aspect"]._take_snapshots(orders).items():
            order.policy_copies_due = [*(order.policy_copies_due or []), self._prepare_order_copy(order, snapshot)]
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id("order_policy.ir_cron_order_copies")
        self.env["ir.cron"].browse(cron_id)._trigger()

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
        orders = self.env["sale.order"].search([("policy_copies_due", "!=", False)])
        self.env["ir.cron"]._commit_progress(remaining=len(orders))
        for order in orders:
            order = order[0].try_lock_for_update().filtered("policy_copies_due")  # somebody else may have it
            if order:
                self._file_order_copies(order)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _file_order_copies(self, order):
        """File the copies that are due of an order, as PDF where the company can print them, else as HTML."""
        attachments = self.env["ir.attachment"]
        language = order.company_id.partner_id.lang
        for copy in order.policy_copies_due:
            content, extension = self.with_context(lang=language)._print_order_copy(order, copy)
            attachments += attachments.create(
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
        order.policy_copies_due = False
        return attachments

    @api.model
    def _file_original(self, order, message):
        """File the first e-mail of an order as its original: its attachments, or else what it says."""
        original = self.env.ref("order_policy.document_original")
        # Superuser: the customer wrote to the alias of orders.
        if order.sudo().policy_paper_ids.filtered(lambda paper: paper.policy_document_id == original):
            return
        attachments = message.sudo().attachment_ids.filtered(
            lambda attachment: (
                f"/web/image/{attachment.id}?" not in message.body  # a picture in the text, such as a logo
                and self._is_readable(attachment)
            )
        )
        if attachments:
            attachments.policy_document_id = original
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

    def _is_readable(self, attachment):
        try:
            self._check_readable(attachment.name, attachment.raw)
        except ValidationError:
            return False
        return True

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
        return f"{department.name}: {person.name}" if person else department.name

    @api.model
    def _why_not_readable(self, file):
        """Tell why a file could not be opened in years, or return False when it can (usable, one of the four checks).

        :param file: open binary file, which is read in parts
        """
        head = file.read(4096)
        file.seek(0)
        if not head:
            return self.env._("the file is empty")
        if head.startswith(b"%PDF"):
            return self._why_pdf_not_readable(file)
        if head.startswith(b"PK"):
            return self._why_zip_not_readable(file)
        if head.startswith(OLE):
            return self._why_ole_not_readable(file)
        if guess_mimetype(head).startswith("image/") and not head.lstrip().startswith(b"<"):
            return self._why_picture_not_readable(file)
        return self._why_text_not_readable(file)

    def _why_pdf_not_readable(self, file):
        try:
            reader = PdfReader(file, strict=False)
            if reader.is_encrypted:
                return self.env._("the PDF is encrypted. Save it without a password, and attach that")
            return not len(reader.pages) and self.env._("the PDF has no page")
        except Exception:  # pypdf raises whatever a broken file leads it to
            return self.env._("the PDF is damaged and does not open")

    def _why_zip_not_readable(self, file):
        """Office documents are packed files; other packed files hide what is in them."""
        try:
            with zipfile.ZipFile(file) as packed:
                names = packed.namelist()
                if "[Content_Types].xml" not in names and "META-INF/manifest.xml" not in names:
                    return self.env._("it is a packed file. Unpack it, and attach what is in it")
                encrypted = any(info.flag_bits & 1 for info in packed.infolist()) or (
                    "META-INF/manifest.xml" in names and b"encryption-data" in packed.read("META-INF/manifest.xml")
                )
        except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError):
            return self.env._("the document is damaged and does not open")
        return encrypted and self.env._("the document is encrypted. Save it without a password, and attach that")

    def _why_ole_not_readable(self, file):
        marker = "EncryptedPackage".encode("utf-16-le")
        rest = b""
        while chunk := file.read(CHUNK):
            if marker in rest + chunk:
                return self.env._("the document is encrypted. Save it without a password, and attach that")
            rest = chunk[-len(marker) :]
        return False

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
                return self.env._("it is of a type that is not kept. Save it as a PDF, and attach that")
        return False
