from odoo import models


class IrSequence(models.Model):
    """The numbers of the archive: one counter for each chain of seals, and for each class of dossiers in a company."""

    _name = "ir.sequence"
    _inherit = ["ir.sequence", "order.policy.lock.mixin"]

    _of_archive_unique = models.UniqueIndex(
        "(code, company_id) WHERE code = 'sale.order.dossier.seal' OR code LIKE 'order.policy.dossier.class.%'",
        "Somebody else began these archive numbers at the same moment. Try again.",
    )
