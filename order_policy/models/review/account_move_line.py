from odoo import models


class AccountMoveLine(models.Model):
    """Vendor bills and expenses that are charged on to the customers of orders under a policy."""

    _inherit = "account.move.line"

    def _create_analytic_lines(self):
        """Judge orders when what proves their new lines is booked too: Odoo makes the line of the order first."""
        found = self._sale_determine_order()
        orders = self.env["sale.order"].union(*(order for order in found.values() if order))
        with orders.sudo()._policy_gate_at_the_end():
            return super()._create_analytic_lines()
