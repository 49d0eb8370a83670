from odoo import models


class OrderPolicyDeputy(models.Model):
    _inherit = "order.policy.deputy"

    def _after_change(self, before=()):
        """Look again at who decides on the days on which that changes."""
        result = super()._after_change(before)
        self.env["sale.order.review"]._come_back_at(self._moments_of_change())
        return result
