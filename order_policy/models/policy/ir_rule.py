from odoo import models


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _compute_domain_context_values(self):
        """Rules on orders and reviews depend on whom a person stands in for, which changes from one day to the next."""
        yield from super()._compute_domain_context_values()
        yield self.env.user._policy_stood_in_department_ids()
