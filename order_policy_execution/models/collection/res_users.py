from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _policy_collects(self):
        """Tell whether a person sees what is to be collected: finance, its deputies, sales managers and supervision."""
        self.ensure_one()
        if self.has_groups("sales_team.group_sale_manager,order_policy.group_order_policy_supervisor"):
            return True
        own = {*self._policy_department_ids(), *self._policy_stood_in_department_ids()}
        Department = self.env["order.policy.department"]
        return any(own.intersection(Department._collecting_ids(company_id)) for company_id in self._get_company_ids())
