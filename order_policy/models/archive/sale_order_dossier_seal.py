import hashlib
import json

from lxml import etree

from odoo import api, fields, models
from odoo.exceptions import UserError

CHAIN = "sale.order.dossier.seal"
NAMESPACE = "urn:order-policy:dossier:1"
# What is said of a document only where there is something to say.
OPTIONAL = (("Description", "description"), ("Agent", "made_by"), ("CreatedOn", "created_on"), ("Remark", "remark"))


class SaleOrderDossierSeal(models.Model):
    """The register of the archive: one line per dossier sealed and per disposal, each covering the one before (3.17).

    A seal is the SHA-256 of the seal before and of what is sealed, as Odoo does it with journal entries. What was
    sealed stays here, to the byte, also after the files were disposed of.
    """

    _name = "sale.order.dossier.seal"
    _description = "Seal of the Archive"
    _inherit = "order.policy.evidence.mixin"
    _order = "company_id, position desc"
    _rec_name = "number"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    position = fields.Integer(required=True, readonly=True, aggregator=None)
    kind = fields.Selection(
        [("dossier", "Dossier"), ("supplement", "Supplement"), ("disposal", "Disposal")], required=True, readonly=True
    )
    number = fields.Char(required=True, readonly=True, index=True)
    dossier_id = fields.Many2one("sale.order.dossier", readonly=True, index="btree_not_null", ondelete="restrict")
    disposal_id = fields.Many2one("sale.order.disposal", readonly=True, index="btree_not_null", ondelete="restrict")
    content = fields.Text("What Was Sealed", required=True, readonly=True, prefetch=False)
    previous_hash = fields.Char("Seal Before", readonly=True)
    hash = fields.Char("Seal Code", required=True, readonly=True)

    _position_unique = models.UniqueIndex(
        "(company_id, position)", "Somebody else sealed at the same moment. Nothing was sealed. Try again."
    )
    _number_unique = models.UniqueIndex(
        "(company_id, number)", "This archive number is taken. Ask the administrator to look at the number sequences."
    )

    # ------------------------------------------------------------------
    # Sealing
    # ------------------------------------------------------------------

    @api.model
    def _lock_chain(self, company):
        """Let nobody else seal in a company until this transaction ends.

        Of the sequence only the counter is used: how its numbers would look, and in which steps it would go, is for
        others to choose.

        :return: ir.sequence record that counts the seals of the company
        :raise LockError: when somebody else is sealing
        """
        # Superuser: who gets here may seal.
        Sequence = self.env["ir.sequence"].sudo()
        sequence = Sequence.search([("code", "=", CHAIN), ("company_id", "=", company.id)], limit=1)
        if not sequence:
            return Sequence._create_first(
                {
                    "name": self.env._("Seals of the order archive"),
                    "code": CHAIN,
                    "company_id": company.id,
                    "implementation": "no_gap",
                }
            )
        sequence._lock_or_refuse()
        return sequence

    @api.model
    def _add(self, chain, kind, content, **values):
        """Add a line to the register; the chain has to be locked.

        :param chain: see ``_lock_chain``
        :param dict content: what is sealed, as plain data with its ``number``
        """
        before = self._last(chain.company_id)
        # Ahead of the register when lines were removed from it, which then shows as a gap.
        position = max(chain.number_next, before.position + 1)
        chain.number_next = position + 1
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return self.sudo().create(
            {
                "company_id": chain.company_id.id,
                "position": position,
                "kind": kind,
                "number": content["number"],
                "content": text,
                "previous_hash": before.hash,
                "hash": self._hash(before.hash, text),
                **values,
            }
        )

    @api.model
    def _last(self, company):
        return self.sudo().search([("company_id", "=", company.id)], order="position desc", limit=1)

    @api.model
    def _hash(self, previous_hash, content):
        """Return the seal of a content: it covers the seal before.

        :return: hexadecimal SHA-256
        """
        return hashlib.sha256((previous_hash or "").encode() + content.encode()).hexdigest()

    def _sealed_values(self):
        """Return what was sealed, as plain data; empty when it cannot be read any more."""
        self.ensure_one()
        try:
            values = json.loads(self.content)
        except ValueError:
            return {}
        return values if isinstance(values, dict) else {}

    def _sealed_content(self):
        """Return the content of the order that was sealed, as a snapshot; False when it cannot be read any more."""
        return bool(self) and self._sealed_values().get("order", False)

    # ------------------------------------------------------------------
    # Protection
    # ------------------------------------------------------------------

    def write(self, vals):
        self.check_access("write")
        self._check_can_be_deleted()
        return super().write(vals)

    def _check_can_be_deleted(self):
        raise UserError(self.env._("The register of the archive is never altered: a seal stays as it was set."))

    # ------------------------------------------------------------------
    # Checking
    # ------------------------------------------------------------------

    def _problems(self):
        """Tell what is wrong with this line of the register and its neighbours.

        :return: list of sentences
        """
        self.ensure_one()
        problems = []
        if self._hash(self.previous_hash, self.content) != self.hash:
            problems.append(
                self.env._("The seal does not match what was sealed: the register was altered in the database.")
            )
        around = self.search(
            [("company_id", "=", self.company_id.id), ("position", "in", (self.position - 1, self.position + 1))]
        )
        before = around.filtered(lambda seal: seal.position < self.position)
        after = around - before
        if (before.hash or False) != (self.previous_hash or False):
            problems.append(
                self.env._("The chain is broken: seal %s is missing, or is not the one covered.", self.position - 1)
            )
        if after and after.previous_hash != self.hash:
            problems.append(self.env._("The chain is broken: seal %s covers another one.", after.position))
        if not after and self._is_followed():
            problems.append(
                self.env._("The chain is broken: seals after %s were removed from the register.", self.position)
            )
        return problems

    def _is_followed(self):
        """Tell whether another seal was set after this one."""
        chain = self.env["ir.sequence"].search([("code", "=", CHAIN), ("company_id", "=", self.company_id.id)], limit=1)
        return bool(chain) and chain.number_next > self.position + 1

    # ------------------------------------------------------------------
    # Metadata after DA/T 94
    # ------------------------------------------------------------------

    def _as_xml(self):
        """Return what was sealed in the vocabulary of archives; ``dossier.xsd`` describes it."""
        self.ensure_one()
        sealed = self._sealed_values()
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
        add(element, "Position", self.position)
        add(element, "PreviousDigest", self.previous_hash or "")
        add(element, "Digest", self.hash)
        return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)

    def _add_document(self, add, documents, item):
        document = add(documents, "Document", number=str(item["number"]))
        add(document, "Title", item["title"])
        add(document, "Category", item["kind"])
        for tag, key in OPTIONAL:
            if item.get(key):  # remarks are younger than the oldest seals
                add(document, tag, item[key])
        add(document, "ComputerFileName", item["file"])
        add(document, "FormatName", item["format"])
        add(document, "ComputerFileSize", item["size"])
        add(document, "DigitalDigest", item["sha256"], algorithm="SHA-256")
