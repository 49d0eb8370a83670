from odoo import models


class SaleOrderDossier(models.Model):
    """Inspections are filed: their certificates, photographs, and what the customer agreed to (article 3.16)."""

    _inherit = "sale.order.dossier"

    def _sources(self):
        Item = self.env["sale.order.dossier.item"]
        decided = self.order_id.inspection_ids.filtered(lambda inspection: inspection._is_decided()).sorted("id")
        certificates = [
            Item._from_report(inspection, "order_policy_execution.action_report_inspection", "inspection")
            for inspection in decided
        ]
        files = (decided.photo_ids | decided.agreement_ids).sorted("id")
        return super()._sources() + certificates + [Item._from_file(file, "inspection") for file in files]
