from odoo import api, models
from odoo.exceptions import UserError

# What of a file may be new although it is sealed: nothing else.
UNSEALED = frozenset({"thumbnail", "index_content", "original_id", "access_token"})
# What a file says, as the database holds it.
TEXTS = frozenset({"index_content", "db_datas"})


class IrAttachment(models.Model):
    """Files of dossiers: what is sealed stays, and who reads it is noted (articles 2.3, 3.17)."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._list_in_dossiers()
        return attachments

    def write(self, vals):
        self.check_access("write")  # before anything is told of the file and its dossier
        self._check_are_no_fields()
        if vals.keys() - UNSEALED:
            self._check_are_not_sealed()
        if vals.get("access_token"):
            # It opens the file to everybody who has it. Papers of orders go on being sent to customers.
            self.filtered(lambda file: file.res_model == "sale.order.dossier.item")._check_are_not_sealed()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_sealed(self):
        self._check_are_not_sealed()

    def _check_are_not_sealed(self):
        """Keep the files of sealed dossiers, and those of orders that they were copied from (article 3.17).

        Files of invoices, payments and deliveries go on as accounting and logistics need it: the dossier has its copy.
        """
        # Superuser: who may write a file may not see the dossier that it belongs to.
        files = self.sudo()._of_orders()
        items = files and files.env["sale.order.dossier.item"].search(
            [
                ("dossier_id.state", "=", "sealed"),
                "|",
                ("attachment_id", "in", files.ids),
                ("source_file_id", "in", files.ids),
            ],
            limit=1,
        )
        if items:
            raise UserError(
                self.env._(
                    "“%(file)s” is in the sealed dossier %(dossier)s: it cannot be changed or deleted, by anybody. "
                    "Attach what is new as another file; it goes into a supplement.",
                    file=items.name,
                    dossier=items.dossier_id.name,
                )
            )

    def _kept(self):
        return super()._kept() - self._disposed_of()

    def _disposed_of(self):
        """Return the files of which the dossiers that hold them, or copies of them, were disposed of."""
        items = self.env["sale.order.dossier.item"].search(
            ["|", ("attachment_id", "in", self.ids), ("source_file_id", "in", self.ids)]
        )
        gone = items.filtered(lambda item: item.dossier_id.state == "disposed")
        kept = items - gone
        return (gone.attachment_id | gone.source_file_id) - kept.attachment_id - kept.source_file_id

    def _list_in_dossiers(self):
        """List files that arrive in the dossiers that are being gathered."""
        by_model = self.grouped("res_model")
        order_ids = [file.res_id for file in by_model.get("sale.order", ())]
        dossier_ids = [file.res_id for file in by_model.get("sale.order.dossier", ())]
        if not order_ids and not dossier_ids:
            return
        # Who may attach a file to an order or a dossier may not write the list; listing it decides nothing.
        dossiers = self.env["sale.order.dossier"].sudo()
        dossiers.search(
            [("state", "=", "open"), "|", ("order_id", "in", order_ids), ("id", "in", dossier_ids)]
        )._gather()

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _fetch_query(self, query, fields):
        files = super()._fetch_query(query, fields)
        if any(field.name in TEXTS for field in fields):
            files._note_reading()
        return files

    def _compute_raw(self):
        self._note_reading()
        return super()._compute_raw()

    def _to_http_stream(self):
        self._note_reading()
        return super()._to_http_stream()

    def _note_reading(self):
        """Note who reads files of sealed dossiers (article 2.3)."""
        files = self.filtered(lambda file: file.res_model == "sale.order.dossier.item" and file.res_id)
        for file in files:
            # Superuser: who gets at the file without its dossier is noted too.
            item = self.env["sale.order.dossier.item"].sudo().browse(file.res_id)
            self.env["sale.order.dossier.reading"]._note(item.dossier_id, item.name)
