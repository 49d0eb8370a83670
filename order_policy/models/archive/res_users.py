from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    def _policy_orders_not_done(self):
        """Orders are done when their dossier is sealed."""
        not_sealed = Domain("dossier_id", "=", False) | Domain("dossier_id.state", "=", "open")
        return super()._policy_orders_not_done() & not_sealed
