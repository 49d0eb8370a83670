from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Show what is to be collected to those who collect it, and to sales managers."""
        hidden = super()._load_menus_blacklist()
        if self.env.user._policy_collects():
            return hidden
        menu = self.env.ref("order_policy_execution.menu_collection", raise_if_not_found=False)
        return [*hidden, *(menu.ids if menu else ())]
