from odoo import fields, models


class SaleReport(models.Model):
    _inherit = "sale.report"

    channel_id = fields.Many2one("order.policy.channel", readonly=True)

    def _select_additional_fields(self):
        return {**super()._select_additional_fields(), "channel_id": "s.channel_id"}
