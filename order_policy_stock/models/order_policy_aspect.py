from odoo import api, models


class OrderPolicyAspect(models.Model):
    _inherit = "order.policy.aspect"

    @api.model
    def _usual_values(self):
        """Orders are shipped as soon as possible, also those entered before Inventory was there."""
        return {**super()._usual_values(), "picking_policy": "direct"}
