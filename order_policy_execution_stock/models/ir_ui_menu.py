from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Show what is moved without release to those who see some of it."""
        hidden = super()._load_menus_blacklist()
        if self.env.user._policy_watches_releases():
            return hidden
        menu = self.env.ref("order_policy_execution_stock.menu_moves_without_release", raise_if_not_found=False)
        return [*hidden, *(menu.ids if menu else ())]
