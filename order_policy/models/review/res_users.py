from odoo import api, models, modules
from odoo.fields import Domain

from .sale_order_review import OPEN_STATES

# While departments decide, and may be asked again.
STAGES_OF_DECISION = ("intake", "rejected", "review", "approval", "confirmation")


class ResUsers(models.Model):
    """What waits for people, and which orders concern them."""

    _inherit = "res.users"

    def _hand_over_what_waits(self):
        result = super()._hand_over_what_waits()
        # Superuser: whoever may say who is there, what waited for somebody goes to whom it is for now.
        self.env["sale.order.review"].sudo()._follow_people(self)
        return result

    def _policy_concerned(self, order=""):
        """Return the domain of orders that concern a person's departments, for as long as their policies let them read.

        An order concerns a department that is asked for a review, was told of a change, or asks for one. Deputies read
        what is read by those for whom they stand in, and the general manager's office what it decides for others.

        :param str order: the path from the records that the domain is for to their order
        :return: list, one term in prefix notation
        """
        departments = {*self._policy_department_ids(), *self._policy_stood_in_department_ids()}
        still_read = (
            Domain("policy_stage", "in", STAGES_OF_DECISION)
            | Domain("policy_id.departments_read", "=", "always")
            | (Domain("policy_id.departments_read", "=", "done") & self._policy_orders_not_done())
        )
        concerned = self._policy_concerned_now(departments) | (self._policy_ever_concerned(departments) & still_read)
        return list(Domain(order, "any", concerned) if order else concerned)

    def _policy_concerned_now(self, departments):
        """Return the domain of orders of which something is to be done by one of some departments, by their ids."""
        return Domain("review_ids", "any", self._policy_asked(departments) & self._policy_not_decided())

    def _policy_ever_concerned(self, departments):
        return Domain("review_ids", "any", self._policy_asked(departments))

    def _policy_asked(self, departments):
        asked = Domain("department_id", "in", departments)
        if companies := self._policy_office_company_ids():
            of_office = Domain("way_out", "=", "management") | Domain("escalated_to_ids", "in", self.ids)
            asked |= of_office & Domain("company_id", "in", companies)
        return asked & Domain("state", "!=", "not_required")

    def _policy_not_decided(self):
        return Domain("state", "in", OPEN_STATES)

    def _policy_orders_not_done(self):
        return Domain.TRUE

    @api.model
    def _get_activity_groups(self):
        """Add what waits under the order policy, read from the reviews and orders themselves."""
        groups = super()._get_activity_groups()
        return self._get_policy_activity_groups() + groups

    def _get_policy_activity_groups(self):
        groups = []
        late, today, future = self.env["sale.order.review"]._count_to_decide()
        if late + today + future:
            groups.append(
                self._prepare_policy_activity_group(
                    "sale.order.review",
                    "order_policy.sale_order_review_action",
                    self.env._("Reviews to Decide"),
                    late,
                    today,
                    future,
                )
            )
        rejected, ready, asked = self.env["sale.order"]._count_with_salesperson()
        for count, model, action, name in (
            (asked, "sale.order.question", "sale_order_question_action", self.env._("Questions to Answer")),
            (rejected, "sale.order", "sale_order_action_sent_back", self.env._("Orders Sent Back to You")),
            (ready, "sale.order", "sale_order_action_ready", self.env._("Ready to Confirm")),
        ):
            if count:
                groups.append(self._prepare_policy_activity_group(model, f"order_policy.{action}", name, 0, count, 0))
        return groups

    def _prepare_policy_activity_group(self, model, action, name, late, today, future):
        return {
            "id": self.env["ir.model"]._get_id(model),
            "name": name,
            "model": model,
            "type": "activity",
            "icon": modules.module.get_module_icon("order_policy"),
            "policy_action": action,
            "domain": [],
            "total_count": late + today + future,
            "overdue_count": late,
            "today_count": today,
            "planned_count": future,
            "view_type": "list",
        }
