from odoo import api, fields, models


class SaleOrderConfirmationRecord(models.TransientModel):
    """Customers confirm changes of their orders, too (article 2.8)."""

    _inherit = "sale.order.confirmation.record"

    change_id = fields.Many2one("sale.order.change", "Request", compute="_compute_order")
    differences_html = fields.Html("What Changes", compute="_compute_order", sanitize=False)

    @api.depends("order_id")
    def _compute_order(self):
        result = super()._compute_order()
        for wizard in self:
            # Who may write the order, which was checked, may know what a change would make of it.
            wizard.change_id = wizard.order_id.sudo()._change_to_confirm()
            wizard.differences_html = wizard.change_id.differences_html
        return result
