import io
import json
import zipfile

from lxml import etree

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry
from odoo.tools import file_open

from .sale_order_dossier_item import CHUNK

NAMESPACE = "urn:order-policy:dossier:1"
TOP = ("dossier.xsd", "verify.py")


class Outbox(io.RawIOBase):
    """What was packed and is not sent yet: the archive is never in memory as a whole."""

    def __init__(self):
        super().__init__()
        self._parts = []

    def writable(self):
        return True

    def write(self, data):  # pylint: disable=method-required-super
        self._parts.append(bytes(data))
        return len(data)

    def take(self):
        """Return what was packed since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


class SaleOrderDossier(models.Model):
    """How sealed dossiers are handed over: as a ZIP that can be checked without Odoo (article 3.17)."""

    _inherit = "sale.order.dossier"

    def action_export(self):
        """Download sealed dossiers as a ZIP, with what it takes to check them without Odoo.

        :raise AccessError: for people outside archive and supervision
        :raise UserError: when one of the dossiers is not sealed
        """
        self._check_can_be_exported()
        ids = "-".join(str(dossier.id) for dossier in self)
        return {"type": "ir.actions.act_url", "url": f"/order_policy/dossiers/{ids}", "target": "download"}

    def _check_can_be_exported(self):
        self.check_access("read")
        if not self.env.user.has_groups(
            "order_policy.group_order_policy_archivist,order_policy.group_order_policy_supervisor"
        ):
            raise AccessError(self.env._("Only archivists and supervisors export dossiers. Ask one of them."))
        for dossier in self.filtered(lambda dossier: dossier.state != "sealed"):
            raise UserError(
                self.env._("%s is not sealed, or was disposed of: there is nothing to export.", dossier.display_name)
            )
        if len(self.company_id) > 1:
            raise UserError(self.env._("Export the dossiers of one company at a time: each has its own register."))

    # ------------------------------------------------------------------
    # Streaming
    # ------------------------------------------------------------------

    def _stream_zip(self):
        """Pack sealed dossiers, piece by piece; who may have them was checked before.

        It reads on a cursor of its own: the pieces are sent after the request, whose cursor is closed by then.

        :return: iterator of bytes
        """
        outbox = Outbox()
        with (
            Registry(self.env.cr.dbname).cursor(readonly=True) as cr,
            zipfile.ZipFile(outbox, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            # Superuser: the papers of a dossier belong to it, whatever else this person may read.
            dossiers = self.with_env(self.env(cr=cr, su=True)).sorted(lambda dossier: dossier.seal_id.position)
            archive.writestr("register.json", json.dumps(dossiers._prepare_register(), ensure_ascii=False, indent=1))
            for name in TOP:
                with file_open(f"order_policy/static/archive/{name}", "rb") as file:
                    archive.writestr(name, file.read())
            for dossier in dossiers:
                yield from dossier._pack(archive, outbox)
                dossier.env.invalidate_all()  # or the memory would grow with the archive
        yield outbox.take()

    def _pack(self, archive, outbox):
        self.ensure_one()
        seal = self.seal_id
        archive.writestr(f"{self.name}/manifest.json", seal.content)
        archive.writestr(f"{self.name}/manifest.xml", self._manifest_as_xml(seal))
        for item in self.item_ids.sorted("number"):
            info = zipfile.ZipInfo(f"{self.name}/files/{item.file_name}", item.create_date.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with item._open_file() as file, archive.open(info, "w", force_zip64=True) as packed:
                while chunk := file.read(CHUNK):
                    packed.write(chunk)
                    yield outbox.take()
        yield outbox.take()

    def _prepare_register(self):
        """Return the lines of the register that belong to the exported dossiers, as plain data."""
        return {
            "format": "order_policy archive 1",
            "exported_on": fields.Datetime.now().isoformat() + "Z",
            "company": self.company_id.name,
            "seals": [
                {
                    "position": dossier.seal_id.position,
                    "kind": dossier.seal_id.kind,
                    "number": dossier.name,
                    "folder": dossier.name,
                    "previous_hash": dossier.seal_id.previous_hash or "",
                    "hash": dossier.seal,
                }
                for dossier in self
            ],
        }

    # ------------------------------------------------------------------
    # Metadata after DA/T 94
    # ------------------------------------------------------------------

    @api.model
    def _manifest_as_xml(self, seal):
        """Return what was sealed in the vocabulary of archives; ``dossier.xsd`` describes it."""
        sealed = seal._sealed_values()
        root = etree.Element(f"{{{NAMESPACE}}}Dossier", nsmap={None: NAMESPACE}, kind=sealed["kind"])

        def add(parent, tag, text=None, **attributes):
            element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", **attributes)
            element.text = None if text is None else str(text)
            return element

        add(root, "ArchivalCode", sealed["number"])
        add(root, "Title", sealed["title"])
        add(root, "FondsName", sealed["fonds"])
        add(root, "Category", sealed["class"]["name"], code=sealed["class"]["code"])
        add(root, "Year", sealed["year"])
        add(root, "RetentionPeriod", sealed["retention"])
        if sealed["retain_until"]:
            add(root, "RetainUntil", sealed["retain_until"])
        if sealed["supplement_of"]:
            add(root, "SupplementOf", sealed["supplement_of"])
        agents, times = add(root, "Agents"), add(root, "Times")
        for agent in sealed["agents"]:
            add(agents, "Agent", agent["name"], role=agent["role"])
        for time in sealed["times"]:
            add(times, "Time", time["time"], event=time["event"])
        if sealed["missing"]:
            missing = add(root, "Missing", reason=sealed["missing_reason"])
            for kind in sealed["missing"]:
                add(missing, "Kind", kind)
        documents = add(root, "Documents")
        for item in sealed["items"]:
            self._add_document(add, documents, item)
        element = add(root, "Seal", algorithm="SHA-256")
        add(element, "Position", seal.position)
        add(element, "PreviousDigest", seal.previous_hash or "")
        add(element, "Digest", seal.hash)
        return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)

    def _add_document(self, add, documents, item):
        document = add(documents, "Document", number=str(item["number"]))
        add(document, "Title", item["title"])
        add(document, "Category", item["kind"])
        for tag, key in (("Description", "description"), ("Agent", "made_by"), ("CreatedOn", "created_on")):
            if item[key]:
                add(document, tag, item[key])
        add(document, "ComputerFileName", item["file"])
        add(document, "FormatName", item["format"])
        add(document, "ComputerFileSize", item["size"])
        add(document, "DigitalDigest", item["sha256"], algorithm="SHA-256")
