from odoo import api, models


class OrderPolicy(models.Model):
    _inherit = "order.policy"

    @api.model
    def _start_page(self):
        """Return the action that the app opens with: where there is something to do for the person."""
        user = self.env.user
        is_administrator = user.has_group("order_policy.group_order_policy_manager")
        if is_administrator and not self._in_force(self.env.company):
            page = "order_policy_action"
        elif user._policy_decides():
            page = "sale_order_review_action"
        elif is_administrator:
            page = "order_policy_action"
        elif user.has_group("order_policy.group_order_policy_archivist"):
            page = "sale_order_dossier_action_open"
        else:
            page = "sale_order_action"
        return self.env["ir.actions.actions"]._for_xml_id(f"order_policy.{page}")
