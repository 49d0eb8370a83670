from odoo import api, models, modules
from odoo.fields import Domain


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
        concerned = self.env["sale.order"]._domain_read_by(self._policy_reads_as())
        return list(Domain(order, "any", concerned) if order else concerned)

    def _policy_reads_as(self):
        """Return as whom a person reads orders: the departments and offices that are stored with these."""
        self.ensure_one()
        Order = self.env["sale.order"]
        departments = {*self._policy_department_ids(), *self._policy_stood_in_department_ids()}
        offices = self._policy_office_company_ids()
        return frozenset(
            {
                *(Order._reader_of_department(department) for department in departments),
                *(Order._reader_of_office(company) for company in offices),
                *(Order._reader_of_office(company, self.id) for company in offices),
            }
        )

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
