from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list


class SaleOrderDossier(models.Model):
    """Nothing is sealed while something of its order is not settled (articles 2.14, 3.16)."""

    _inherit = "sale.order.dossier"

    def _unfinished(self):
        """Tell of exceptions that are not settled, before anything else that goes on still."""
        if not self.main_id and (left := self.order_id._unsettled_issues()):
            return self._unsettled_in_words(left)
        return super()._unfinished()

    def _check_can_be_sealed(self):
        """
        :raise UserError: when an exception of the order is not settled, whatever reason is given
        """
        unsettled = self.filtered(lambda dossier: not dossier.main_id).order_id._unsettled_issues()
        if unsettled:
            raise UserError(
                self.env._(
                    "%s. An order is archived once nothing of it is left to settle: settle them first.",
                    self._unsettled_in_words(unsettled),
                )
            )
        return super()._check_can_be_sealed()

    def _unsettled_in_words(self, issues):
        return self.env._(
            "%(orders)s: not settled yet: %(issues)s",
            orders=format_list(self.env, issues.order_id.mapped("name")),
            issues=format_list(self.env, issues.mapped("display_name")),
        )
