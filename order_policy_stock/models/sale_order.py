from odoo import api, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model
    def _policy_aspect_fields(self):
        """Where the goods come from is content: stock that was looked at in one warehouse is not in another."""
        covered = super()._policy_aspect_fields()
        delivery = covered["delivery"]
        delivery = {**delivery, "sale.order": [*delivery["sale.order"], "warehouse_id"]}
        return {**covered, "delivery": delivery}
