import io
import json
import zipfile
from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import file_open

from ..models.archive.sale_order_dossier_item import CHUNK

TOP = ("dossier.xsd", "verify.py")


class Outbox(io.RawIOBase):
    """What was packed and is not sent yet: the archive is never in memory as a whole."""

    def __init__(self):
        super().__init__()
        self._parts = []

    def write(self, data):  # pylint: disable=method-required-super
        self._parts.append(bytes(data))
        return len(data)

    def take(self):
        """Return what was packed since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


class SaleOrderDossierExport(models.TransientModel):
    """Sealed dossiers that are handed over: as a ZIP that can be checked without Odoo (article 3.17)."""

    _name = "sale.order.dossier.export"
    _description = "Export of Dossiers"
    _inherit = ["order.policy.entry.mixin"]

    dossier_ids = fields.Many2many("sale.order.dossier", string="Dossiers", readonly=True)

    @api.model
    def _stream_zip(self, dossiers):
        """Pack sealed dossiers, piece by piece; who may have them was checked before.

        It reads on a cursor of its own: the pieces are sent after the request, whose cursor is closed by then.

        :param dossiers: sale.order.dossier records
        :return: iterator of bytes
        """
        outbox = Outbox()
        with (
            Registry(self.env.cr.dbname).cursor(readonly=True) as cr,
            zipfile.ZipFile(outbox, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            # Superuser: the papers of a dossier belong to it, whatever else this person may read.
            dossiers = dossiers.with_env(self.env(cr=cr, su=True)).sorted(lambda dossier: dossier.seal_id.position)
            register = json.dumps(self._prepare_register(dossiers), ensure_ascii=False, indent=1)
            archive.writestr("register.json", register)
            for name in TOP:
                with file_open(f"order_policy/static/archive/{name}", "rb") as file:
                    archive.writestr(name, file.read())
            for dossier in dossiers:
                yield from self._pack(dossier, archive, outbox)
                dossier.env.invalidate_all()  # or the memory would grow with the archive
        yield outbox.take()

    def _pack(self, dossier, archive, outbox):
        """Pack a dossier as it is by now: what was lost or altered is left to the verifier, which names it."""
        seal, folder = dossier.seal_id, dossier.name
        archive.writestr(f"{folder}/manifest.json", seal.content or "")
        with suppress(AttributeError, KeyError, TypeError, ValueError, UserError):  # what was sealed was altered
            archive.writestr(f"{folder}/manifest.xml", seal._as_xml())
        for item in dossier.item_ids.sorted("number"):
            with suppress(OSError):  # the file is not there any more
                yield from self._pack_file(item, folder, archive, outbox)
        yield outbox.take()

    def _pack_file(self, item, folder, archive, outbox):
        with item._open_file() as file:
            info = zipfile.ZipInfo(f"{folder}/files/{item.file_name}", item.create_date.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as packed:
                while chunk := file.read(CHUNK):
                    packed.write(chunk)
                    yield outbox.take()

    def _prepare_register(self, dossiers):
        """Return the lines of the register that belong to the exported dossiers, as plain data."""
        return {
            "format": "order_policy archive 1",
            "exported_on": fields.Datetime.now().isoformat() + "Z",
            "company": dossiers.company_id.name,
            "seals": [
                {
                    "position": dossier.seal_id.position,
                    "kind": dossier.seal_id.kind,
                    "number": dossier.name,
                    "folder": dossier.name,
                    "previous_hash": dossier.seal_id.previous_hash or "",
                    "hash": dossier.seal,
                }
                for dossier in dossiers
            ],
        }
