from odoo import api, fields, models


class SaleOrderInspectionDecide(models.TransientModel):
    """Decide on inspections with a reason: rework, scrap, concession, release before inspection (article 1.9)."""

    _name = "sale.order.inspection.decide"
    _description = "Decide on Inspections"
    _inherit = ["order.policy.entry.mixin"]

    inspection_ids = fields.Many2many(
        "sale.order.inspection",
        string="Inspections",
        required=True,
        default=lambda self: self._chosen_ids(),
    )
    decision = fields.Selection(
        [
            ("rework", "Rework it, then inspect it again"),
            ("scrap", "Scrap it, then inspect what replaces it"),
            ("concession", "Let it leave as it is: the customer agrees"),
            ("later", "Let it leave now, and inspect it later"),
        ],
        required=True,
        default="rework",
    )
    reason = fields.Text(required=True)
    agreement = fields.Text("Customer's Agreement", help="Who at the customer agreed to what, and how.")
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Customer's Papers", help="Copies of these files are kept with the inspection."
    )

    @api.constrains("inspection_ids")
    def _check_may_read(self):
        self.inspection_ids.sudo(False).check_access("read")  # Odoo checks constraints as superuser

    def action_decide(self):
        """Decide as chosen; see the methods of the inspection for who may."""
        self.ensure_one()
        inspections = self.inspection_ids
        if self.decision == "rework":
            inspections.action_rework(self.reason)
        elif self.decision == "scrap":
            inspections.action_scrap(self.reason)
        elif self.decision == "concession":
            inspections.action_concede(self.reason, self.agreement, self.attachment_ids.ids)
        else:
            inspections.action_release_later(self.reason)
        return {"type": "ir.actions.act_window_close"}
