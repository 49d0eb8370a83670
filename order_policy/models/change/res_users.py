from odoo import models
from odoo.fields import Domain

from .sale_order import UNDER_WAY


class ResUsers(models.Model):
    """Orders concern people also by requests to change or cancel them."""

    _inherit = "res.users"

    def _policy_not_decided(self):
        return super()._policy_not_decided() | Domain("change_id.state", "in", UNDER_WAY)

    def _policy_concerned_now(self, departments):
        of_department = Domain("department_id", "in", departments)
        asks = of_department & Domain("state", "in", ("draft", *UNDER_WAY))
        told = of_department & Domain("acknowledged_by_id", "=", False)
        return super()._policy_concerned_now(departments) | Domain(
            "change_ids", "any", asks | Domain("notice_ids", "any", told)
        )

    def _policy_ever_concerned(self, departments):
        told = Domain("change_ids.notice_ids", "any", Domain("department_id", "in", departments))
        return super()._policy_ever_concerned(departments) | told
