from odoo import models


class SaleOrderDossier(models.Model):
    """The execution record is filed, as a kind of paper of its own (article 3.16)."""

    _inherit = "sale.order.dossier"

    def _sources(self):
        sources = super()._sources()
        if recorded_on := self.order_id._execution_recorded_on():
            sources.append(
                self.env["sale.order.dossier.item"]._from_report(
                    self.order_id,
                    "order_policy_execution.action_report_execution_record",
                    "other",
                    document_id=self.env.ref("order_policy_execution.document_execution").id,
                    made_on=recorded_on,  # what happens later makes it another paper
                )
            )
        return sources
