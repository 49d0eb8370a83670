from odoo import api, models, modules, tools


class ResUsers(models.Model):
    _inherit = "res.users"

    @tools.ormcache("self.id")
    def _policy_department_ids(self):
        """Return the ids of the departments that a person reviews for; cleared when a department changes."""
        return tuple(self._policy_departments("member_ids").ids)

    @tools.ormcache("self.id")
    def _policy_headed_department_ids(self):
        """Return the ids of the departments that a person heads; cleared when a department changes."""
        return tuple(self._policy_departments("head_id").ids)

    def _policy_concerned(self, order=""):
        """Return the domain of orders that concern a person's departments: asked for a review, or told of a change.

        :param str order: the path from the records that the domain is for to their order
        """
        path, departments = f"{order}." if order else "", self._policy_department_ids()
        asked = [("department_id", "in", departments), ("state", "!=", "not_required")]
        told = [("notice_ids", "any", [("department_id", "in", departments)])]
        return ["|", (f"{path}review_ids", "any", asked), (f"{path}change_ids", "any", told)]

    def _policy_departments(self, role):
        # Archived departments too: their people finish what is under review, and go on seeing what they decided.
        Department = self.env["order.policy.department"].sudo().with_context(active_test=False)
        return Department.search([(role, "in", self.ids)])

    @api.constrains("active", "group_ids", "company_ids")
    def _check_departments_stay_staffed(self):
        self._policy_departments("member_ids")._check_staffed_while_in_use()

    def _reads_anyway(self, model_name):
        """Tell whether other apps let a person read all records of a model, as Invoicing does with orders.

        Nobody shall see less of them for being a reviewer too, as the rule for reviewers would have it.
        """
        self.ensure_one()
        groups = self.all_group_ids - self.env.ref("order_policy.privilege_order_policy").sudo().group_ids
        reading = [("model_id.model", "=", model_name), ("perm_read", "=", True)]
        return bool(
            self.env["ir.model.access"].sudo().search_count([*reading, ("group_id", "in", groups.ids)], limit=1)
            and not self.env["ir.rule"].sudo().search_count([*reading, ("groups", "in", groups.ids)], limit=1)
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
        rejected = self.env["sale.order"]._count_rejected_of_user()
        if rejected:
            groups.append(
                self._prepare_policy_activity_group(
                    "sale.order",
                    "order_policy.sale_order_action_sent_back",
                    self.env._("Orders Sent Back to You"),
                    0,
                    rejected,
                    0,
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
