from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class OrderPolicyAdopt(models.TransientModel):
    """Adopt a ready policy: choose it, put people into its departments, set the threshold, activate."""

    _name = "order.policy.adopt"
    _description = "Adopt an Order Policy"
    _inherit = ["order.policy.entry.mixin"]

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    preset_id = fields.Many2one(
        "order.policy",
        "Policy",
        required=True,
        domain="[('company_id', '=', False)]",
        default=lambda self: self.env["order.policy"].search([("company_id", "=", False)], order="id", limit=1),
    )
    summary = fields.Text(related="preset_id.summary")
    step_ids = fields.One2many(related="preset_id.step_ids", string="Steps")
    has_threshold = fields.Boolean(compute="_compute_has_threshold")
    approval_threshold = fields.Monetary(
        "General Manager From",
        compute="_compute_approval_threshold",
        store=True,
        readonly=False,
        help="Orders from this amount, taxes included, go on to the general manager.",
    )
    department_ids = fields.One2many(
        "order.policy.adopt.department",
        "wizard_id",
        "Departments",
        compute="_compute_department_ids",
        store=True,
        readonly=False,
    )

    @api.depends("preset_id")
    def _compute_has_threshold(self):
        for wizard in self:
            wizard.has_threshold = bool(wizard.preset_id._threshold_steps())

    @api.depends("preset_id")
    def _compute_approval_threshold(self):
        for wizard in self:
            wizard.approval_threshold = wizard.preset_id.approval_threshold

    @api.depends("preset_id", "company_id")
    def _compute_department_ids(self):
        for wizard in self:
            lines = [Command.clear()]
            for department in wizard._departments_asked():
                own = self.env["order.policy.department"].search(
                    [("origin_id", "=", department.id), ("company_id", "=", wizard.company_id.id)], limit=1
                )
                lines.append(
                    Command.create(
                        {
                            "preset_department_id": department.id,
                            "head_id": own.head_id.id,
                            "member_ids": [Command.set(own.member_ids.ids)],
                        }
                    )
                )
            wizard.department_ids = lines

    def action_adopt(self):
        """Make the chosen policy the company's own and put it in force.

        :return: action that opens the policy
        :raise UserError: when a department got nobody, or no head who would have to decide
        """
        self.ensure_one()
        self._check_everyone_named()
        for line in self.department_ids:
            line._staff()
        # Those that no step asks are there for their tasks, and wait for their people.
        for department in self.env["order.policy.department"].search([("company_id", "=", False)]):
            department._for_company(self.company_id)
        newest = self.env["order.policy"].search(
            [("company_id", "=", self.company_id.id)], order="version desc", limit=1
        )
        policy = self.preset_id.copy({"company_id": self.company_id.id})
        self._ask_own_departments(policy)
        if self.has_threshold:
            policy.approval_threshold = self.approval_threshold
        # The person may make policies (access rules of copy); the number is not for clients to choose.
        policy.sudo().version = newest.version + 1
        policy.action_activate()
        return {
            "type": "ir.actions.act_window",
            "res_model": "order.policy",
            "res_id": policy.id,
            "views": [(False, "form")],
            "target": "main",
        }

    def _departments_asked(self):
        """Return the departments of the ready policy that people are put into here. Other addons add theirs."""
        return self.preset_id.step_ids.department_id

    def _ask_own_departments(self, policy):
        """Let an adopted policy ask the departments of the company. Other addons see to the parts that they add."""
        for step in policy.step_ids:
            step.department_id = step.department_id._for_company(self.company_id)

    def _check_everyone_named(self):
        steps = self.preset_id.step_ids
        staffed = self.department_ids.filtered(lambda line: line.head_id or line.member_ids)
        empty = steps.department_id - staffed.preset_department_id
        headed = self.department_ids.filtered("head_id").preset_department_id
        headless = steps.filtered(lambda step: step.authority == "head").department_id - headed - empty
        missing = [
            self.env._("%s: add at least one person, or nobody could review.", department.name) for department in empty
        ] + [self.env._("%s: choose the head, who decides in this policy.", department.name) for department in headless]
        if missing:
            raise UserError("\n".join(missing))


class OrderPolicyAdoptDepartment(models.TransientModel):
    """The people of one department of the policy being adopted."""

    _name = "order.policy.adopt.department"
    _description = "Department of an Order Policy to Adopt"
    _inherit = ["order.policy.entry.mixin"]

    wizard_id = fields.Many2one("order.policy.adopt", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="wizard_id.company_id")
    preset_department_id = fields.Many2one("order.policy.department", "Department", required=True, readonly=True)
    head_id = fields.Many2one("res.users", domain="[('share', '=', False), ('company_ids', 'in', company_id)]")
    member_ids = fields.Many2many(
        "res.users", string="Members", domain="[('share', '=', False), ('company_ids', 'in', company_id)]"
    )

    def _staff(self):
        """Put the people into the company's own department and return it."""
        self.ensure_one()
        department = self.preset_department_id._for_company(self.company_id)
        people = self.member_ids | self.head_id
        department.write({"head_id": self.head_id.id, "member_ids": [Command.set(people.ids)]})
        return department
