from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_list

# By which it is known who decides.
PEOPLE = frozenset({"head_id", "member_ids", "is_management", "active", "company_id"})


class OrderPolicyDepartment(models.Model):
    """A department that reviews orders: its people, and who heads it (articles 1.6, 2.6, 2.17, 3.18)."""

    _name = "order.policy.department"
    _description = "Reviewing Department"
    _inherit = ["order.policy.lock.mixin", "order.policy.kept.mixin", "order.policy.rule.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Departments without a company are the models that the ready policies are made of.",
    )
    origin_id = fields.Many2one(
        "order.policy.department",
        "Ready-Made Department",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The department of a ready policy that this one stands for.",
    )
    head_id = fields.Many2one(
        "res.users",
        check_company=True,
        domain="[('share', '=', False)]",
        index="btree_not_null",
        groups="order_policy.group_order_policy_user",
        help="Decides the reviews that ask for the head of the department. Is always a member too.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "order_policy_department_member_rel",
        "department_id",
        "user_id",
        "Members",
        check_company=True,
        domain="[('share', '=', False)]",
        groups="order_policy.group_order_policy_user",
        help="May decide the reviews that the department is asked for. "
        "They see the orders they review, also without rights in Sales.",
    )
    is_management = fields.Boolean(
        "General Manager's Office",
        help="Decides where nobody of another department may: as it is their own order and no deputy is there.",
    )
    step_ids = fields.One2many("order.policy.step", "department_id", "Steps")

    @api.constrains("head_id", "member_ids")
    def _check_people_are_staff(self):
        for department in self:
            outsiders = department.member_ids.filtered("share")
            if outsiders:
                raise ValidationError(
                    self.env._(
                        "%(people)s cannot be in %(department)s: only internal users review orders. "
                        "Choose employees who log in to the back office.",
                        people=format_list(self.env, outsiders.mapped("name")),
                        department=department.name,
                    )
                )

    @api.constrains("head_id", "member_ids", "active")
    def _check_staffed_while_in_use(self):
        self.sudo().step_ids.filtered(lambda step: step.policy_id.state == "active")._check_staffed()

    @api.model_create_multi
    def create(self, vals_list):
        departments = super().create(vals_list)
        departments._grant_access_to_people()
        departments.filtered("is_management")._follow_office()
        return departments

    def write(self, vals):
        if not PEOPLE & vals.keys():
            return super().write(vals)
        before = self.with_context(active_test=False).member_ids
        result = super().write(vals)
        self._grant_access_to_people()
        (before | self.member_ids)._hand_over_what_waits()
        (self if "is_management" in vals else self.filtered("is_management"))._follow_office()
        return result

    def _follow_office(self):
        """Give what nobody else may decide to who is in the general manager's office now."""

    @api.model
    def _in_use_domain(self):
        return []

    def _check_can_be_deleted(self):
        result = super()._check_can_be_deleted()
        used = self.sudo().filtered(lambda department: department.company_id and department.step_ids)
        if used:
            raise UserError(
                self.env._(
                    "%(departments)s cannot be deleted: a policy asks for their review, and past reviews name them. "
                    "Archive them instead.",
                    departments=format_list(self.env, used.mapped("name")),
                )
            )
        return result

    def _grant_access_to_people(self):
        """Make the head a member, and let everybody who has to review open the app."""
        for department in self:
            members = department.with_context(active_test=False).member_ids  # who left may still head it
            if department.head_id and department.head_id not in members:
                department.member_ids = [Command.link(department.head_id.id)]
        # Only administrators of the policy may write departments (access rules): they decide who reviews.
        group = self.env.ref("order_policy.group_order_policy_user").sudo()
        missing = self.member_ids - group.all_user_ids
        if missing:
            group.user_ids = [Command.link(user.id) for user in missing]
        # Record rules and the cached departments of a person depend on the members.
        self.env.registry.clear_cache()

    def _people(self, authority):
        """Return the people of this department who hold an authority and still work in its company.

        :param authority: ``member`` or ``head``
        """
        self.ensure_one()
        return self.env["res.users"].browse(self._people_ids(authority))

    @tools.ormcache("self.id", "authority")
    def _people_ids(self, authority):
        # Only ids. Cleared when a department or a person in it changes.
        return self._find_people(authority)._ids

    def _find_people(self, authority):
        """Return the same as ``_people``, while departments and persons are just being changed."""
        self.ensure_one()
        # Superuser: whoever asks, it is the same people.
        department = self.sudo()
        people = department.head_id if authority == "head" else department.member_ids
        company_id = department.company_id.id
        return people.filtered(
            lambda person: person.active and not person.share and company_id in (False, *person._get_company_ids())
        ).sudo(self.env.su)

    @api.model
    @tools.ormcache("company_id")
    def _management_ids(self, company_id):
        # Superuser: cached for everybody, and only ids. Cleared when a department changes, or a person is archived.
        offices = self.sudo().search([("company_id", "=", company_id), ("is_management", "=", True)])
        return tuple(
            {
                person.id
                for office in offices
                for authority in ("member", "head")
                for person in office._people(authority)
            }
        )

    @api.model
    def _people_of_management(self, company):
        """Return who of the general manager's office of a company can decide where nobody else may."""
        return self.env["res.users"].browse(self._management_ids(company.id))

    def _for_company(self, company):
        """Return this department as a company has it, made from this one when the company has none."""
        self.ensure_one()
        return self._own_of_company(company).sudo(False) or self.copy({"company_id": company.id, "origin_id": self.id})

    def _own_of_company(self, company):
        """Return the department that a company has for this ready one, without making any."""
        self.ensure_one()
        return self.sudo().search([("origin_id", "=", self.id), ("company_id", "=", company.id)], limit=1)

    def action_view_pending_reviews(self):
        """Open the reviews that wait for this department."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy.sale_order_review_action")
        action["context"] = {"search_default_pending": 1, "search_default_department_id": self.id}
        return action
