from odoo import api, models
from odoo.exceptions import AccessError


class IrModelData(models.Model):
    """Names by which the policy finds its groups, channels and kinds of paper: who renames them changes who is who."""

    _inherit = "ir.model.data"

    def write(self, vals):
        if vals.keys() - {"noupdate"}:
            self._check_are_not_of_policy()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_policy(self):
        self._check_are_not_of_policy()

    def _check_are_not_of_policy(self):
        if self.env.su:
            return
        for name in self:
            if name.module.startswith("order_policy"):
                raise AccessError(
                    self.env._(
                        "“%s” is a name by which the order policy finds what belongs to it: groups, kinds of paper, "
                        "channels. It can neither be given to another record nor be deleted.",
                        name.complete_name,
                    )
                )
