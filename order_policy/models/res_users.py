from odoo import api, fields, models, modules, tools


class ResUsers(models.Model):
    _inherit = "res.users"

    policy_department_ids = fields.Many2many(
        "order.policy.department", "order_policy_department_member_rel", "user_id", "department_id",
        "Reviewing Departments", help="The departments for which this person reviews orders.",
    )

    @tools.ormcache("self.id")
    def _policy_department_ids(self):
        """Return the ids of the departments that a person reviews for; cleared when a department changes."""
        departments = self.env["order.policy.department"].sudo().search([("member_ids", "in", self.ids)])
        return tuple(departments.ids)

    @tools.ormcache("self.id")
    def _policy_headed_department_ids(self):
        """Return the ids of the departments that a person heads; cleared when a department changes."""
        return tuple(self.env["order.policy.department"].sudo().search([("head_id", "=", self.id)]).ids)

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
                    "sale.order.review", "order_policy.sale_order_review_action",
                    self.env._("Reviews to Decide"), late, today, future,
                )
            )
        rejected = self.env["sale.order"]._count_rejected_of_user()
        if rejected:
            groups.append(
                self._prepare_policy_activity_group(
                    "sale.order", "order_policy.sale_order_action_sent_back",
                    self.env._("Orders Sent Back to You"), 0, rejected, 0,
                )
            )
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
