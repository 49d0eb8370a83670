from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list

CONFIRMATION_METHODS = ("phone", "email", "sms", "signature", "payment")
# What orders go by: never changes once the policy is in force.
RULES = frozenset({
    "company_id", "special_domain", "allow_self_approval", "one_decision_per_person", "confirmation_required",
    "before_approval", "application_required", "departments_read",
    *(f"confirm_by_{method}" for method in CONFIRMATION_METHODS),
})  # fmt: skip


class OrderPolicy(models.Model):
    """The rules by which a company handles its orders; one version is in force (articles 1.3, 2.3, 3.3)."""

    _name = "order.policy"
    _description = "Order Policy"
    _inherit = ["order.policy.kept.mixin", "order.policy.rule.mixin", "mail.thread"]
    _order = "company_id, state, version desc, id"

    name = fields.Char(required=True, translate=True)
    summary = fields.Text(translate=True, help="What this policy is for, shown to those who choose a ready policy.")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="A policy without a company is a ready policy that companies adopt.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "In Force"), ("retired", "Retired")],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one("order.policy", "Previous Version", readonly=True, copy=False, index="btree_not_null")
    activated_on = fields.Datetime("In Force Since", readonly=True, copy=False)
    step_ids = fields.One2many("order.policy.step", "policy_id", "Steps", copy=True)
    confirmation_required = fields.Boolean(
        "Customer Has to Confirm",
        help="An order is confirmed only once the customer agreed to what was approved. After the last approval the "
        "quotation is sent to the customer.",
    )
    confirm_by_signature = fields.Boolean("Signature", default=True, help="In the portal, or on paper and scanned.")
    confirm_by_payment = fields.Boolean("Online Order or Payment", default=True)
    confirm_by_phone = fields.Boolean("Phone", default=True, help="With a note of the call.")
    confirm_by_email = fields.Boolean("E-mail", default=True, help="With the customer's message.")
    confirm_by_sms = fields.Boolean("SMS", default=True, help="With the customer's message.")
    before_approval = fields.Selection(
        [
            ("free", "Sent and printed freely"),
            ("banner", "Printed with a banner"),
            ("block", "Neither sent nor printed"),
        ],
        "Quotations Before Approval",
        required=True,
        default="free",
        help="The banner says that the quotation is not yet approved.",
    )
    acceptance_letter = fields.Boolean(
        "Tell the Customer on Confirmation",
        default=True,
        tracking=True,
        help="When an order is confirmed, its customer gets the confirmation by e-mail. Customers who sign or pay "
        "online get it in any case. Untick this when customers are told in another way.",
    )
    application_required = fields.Boolean(
        "Written Application",
        help="Changes and cancellations of confirmed orders need the application in writing: a file, or a request that "
        "the customer sends in the portal.",
    )
    special_domain = fields.Char(
        "Special Orders",
        help="Orders that match are special orders, as are those that somebody marks as special by hand.",
    )
    allow_self_approval = fields.Boolean(
        "Allow Self-Approval",
        help="Lets people decide on orders that they entered, changed, submitted or are the salesperson of.",
    )
    one_decision_per_person = fields.Boolean(
        "One Decision per Person", help="Nobody decides two steps of the same order."
    )
    departments_read = fields.Selection(
        [
            ("asked", "While they are asked"),
            ("done", "Until the order is done and archived"),
            ("always", "Always"),
        ],
        "Departments Read Orders",
        required=True,
        default="always",
        help="How long the people of a department read an order that it was asked to review, with its reviews, "
        "requests and papers. While they are asked: until the order, or the request for its change, is decided. "
        "Archived: until its dossier is sealed. Whatever is chosen, they read it until they acknowledged a change that "
        "they were told of. Sales, archive and supervision read orders by their own rights.",
    )
    escalation_head_hours = fields.Float(
        "Tell the Head After (Hours)",
        default=8.0,
        tracking=True,
        help="How many working hours after a review was due the head of the department learns that it is overdue. "
        "0 for never.",
    )
    escalation_management_hours = fields.Float(
        "Tell the General Manager's Office After (Hours)",
        default=16.0,
        tracking=True,
        help="How many working hours after the head the general manager's office learns of it; after it was due where "
        "the head is not told. 0 for never.",
    )
    approval_threshold = fields.Monetary(
        "General Manager From",
        compute="_compute_approval_threshold",
        inverse="_inverse_approval_threshold",
        help="Orders from this amount, in the company's currency and taxes included, go on to the general manager.",
    )
    order_count = fields.Integer("Orders", compute="_compute_order_count")
    dead_ends = fields.Text("Steps That Nobody May Decide", compute="_compute_dead_ends")

    _escalation_not_negative = models.Constraint(
        "CHECK(escalation_head_hours >= 0 AND escalation_management_hours >= 0)",
        "The hours after which overdue reviews are told of cannot be below zero. Enter 0 for never.",
    )
    _one_active = models.UniqueIndex(
        "(company_id) WHERE state = 'active'",
        "Another policy is already in force in this company. Activate this one to replace it.",
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for policy in self:
            policy.currency_id = (policy.company_id or self.env.company).currency_id

    @api.depends("step_ids.amount_min", "step_ids.applies")
    def _compute_approval_threshold(self):
        for policy in self:
            policy.approval_threshold = max(policy._threshold_steps().mapped("amount_min"), default=0.0)

    def _inverse_approval_threshold(self):
        for policy in self:
            highest = max(policy._threshold_steps().mapped("amount_min"), default=0.0)
            policy._threshold_steps().filtered(
                lambda step, highest=highest: step.amount_min == highest
            ).amount_min = policy.approval_threshold

    def _threshold_steps(self):
        """Return the approvals that large orders need: their highest amount is the threshold of the policy."""
        return self._steps_in_order().filtered(lambda step: step.kind == "approval" and "amount" in step.applies)

    def _compute_order_count(self):
        counts = dict(self.env["sale.order"]._read_group([("policy_id", "in", self.ids)], ["policy_id"], ["__count"]))
        for policy in self:
            policy.order_count = counts.get(policy, 0)

    @api.depends("step_ids.department_id", "step_ids.authority", "allow_self_approval", "state")
    @api.depends_context("lang")
    def _compute_dead_ends(self):
        for policy in self:
            steps = policy.step_ids if policy.company_id and policy.state != "retired" else policy.step_ids.browse()
            policy.dead_ends = "\n".join(filter(None, (step._dead_end_in_words() for step in steps))) or False

    @api.depends("name", "version", "company_id")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = (
                self.env._("%(policy)s (version %(version)s)", policy=policy.name, version=policy.version)
                if policy.company_id and policy.version > 1
                else policy.name
            )

    # ------------------------------------------------------------------
    # Rules that a policy has to follow
    # ------------------------------------------------------------------

    @api.constrains("special_domain")
    def _check_special_domain(self):
        for policy in self:
            self._check_condition(policy.special_domain, self.env._("Special orders"))

    @api.constrains("state", "company_id")
    def _check_can_be_in_force(self):
        for policy in self.filtered(lambda policy: policy.state == "active"):
            if not policy.company_id:
                raise ValidationError(
                    self.env._(
                        "%s is a ready policy. Adopt it for a company, then activate what that gives.", policy.name
                    )
                )
            if not policy.step_ids.filtered(lambda step: step.used_for == "order"):
                raise ValidationError(
                    self.env._(
                        "%s has no step, so no order would be reviewed. Add a step before you activate it.", policy.name
                    )
                )
            policy.step_ids._check_staffed()

    def _check_are_drafts(self):
        """
        :raise UserError: when one of the policies is in force or was, and so may not change any more
        """
        for policy in self.filtered(lambda policy: policy.state != "draft"):
            raise UserError(
                self.env._(
                    "%(policy)s is in force or was: orders under review keep the rules that they were submitted under. "
                    "Make a new version, change that, and activate it.",
                    policy=policy.display_name,
                )
            )

    @api.model
    def _made_by_methods(self):
        # Being in force is the outcome of activation, which checks the policy and takes orders in: not a value to set.
        return frozenset({"state", "version", "activated_on", "previous_id"})

    @api.model
    def _in_use_domain(self):
        return [("state", "!=", "draft")]

    def write(self, vals):
        if RULES & vals.keys():
            self._check_are_drafts()
        return super().write(vals)

    def _check_can_be_deleted(self):
        result = super()._check_can_be_deleted()
        self._check_are_drafts()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ready(self):
        ready = self.filtered(lambda policy: not policy.company_id)
        if ready:
            raise UserError(
                self.env._(
                    "%s: ready policies cannot be deleted. Companies adopt them; they do nothing by themselves.",
                    format_list(self.env, ready.mapped("name")),
                )
            )

    # ------------------------------------------------------------------
    # Coming into force
    # ------------------------------------------------------------------

    def action_activate(self):
        """Put the policy in force for its company, in place of the one in force so far.

        Orders that are not confirmed and not yet submitted come under it. Those under review keep the version that
        they were submitted under; confirmed ones are left alone.

        :return: a warning of orders that nobody could decide; else True
        :raise ValidationError: when it has no step, or a step that nobody can decide
        """
        self._check_administers()
        for policy in self:
            policy._check_are_drafts()
            policy.step_ids.sorted("sequence")._check_somebody_decides()
            previous = policy._in_force(policy.company_id)
            previous.sudo().state = "retired"
            previous.flush_recordset(["state"])  # before the next one, or the unique index refuses
            policy.sudo().write({"state": "active", "activated_on": fields.Datetime.now()})
            policy._after_change_of_force()
        return self._warn_of_dead_ends()

    def _warn_of_dead_ends(self):
        """Note on policies, and show, of which orders nobody could decide."""
        blocked = self.filtered("dead_ends")
        for policy in blocked:
            policy.sudo()._message_log(body=policy.dead_ends)  # whoever activates it is told what was found
        return not blocked or {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("In force. Some orders could wait for ever:"),
                "message": "\n".join(blocked.mapped("dead_ends")),
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_retire(self):
        """Take the policy out of force. Orders not yet submitted go on as in plain Odoo."""
        self._check_administers()
        for policy in self.filtered(lambda policy: policy.state == "active"):
            policy.sudo().state = "retired"
            policy._after_change_of_force()
        return True

    def action_new_version(self):
        """Copy the policy as a draft that can be changed and activated in its place.

        :return: action that opens the new version
        """
        self.ensure_one()
        self._check_administers()
        version = self._copy_as_next_version()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": version.id,
            "views": [(False, "form")],
        }

    def _copy_as_next_version(self):
        newest = self.search([("company_id", "=", self.company_id.id)], order="version desc", limit=1)
        version = self.copy()
        # The person's right to make policies was checked by copy(); version and origin are not for clients to choose.
        version.sudo().write({"version": newest.version + 1, "previous_id": self.id})
        return version

    def action_view_orders(self):
        """Open the orders under this policy."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy.sale_order_action")
        action["domain"] = [("policy_id", "=", self.id)]
        return action

    def _check_administers(self):
        self.check_access("write")
        if any(not policy.company_id for policy in self):
            raise UserError(self.env._("This is a ready policy. Adopt it for your company to use it."))
        if not self._is_policy_administrator():
            raise AccessError(self.env._("Only an administrator of the order policy may do this. Ask one of them."))

    def _after_change_of_force(self):
        """Bring the orders that no version holds yet under what is in force now."""
        self.ensure_one()
        self.env.registry.clear_cache()
        self.env["sale.order"]._follow_policy_in_force(self.company_id)

    @api.model
    @tools.ormcache("company_id")
    def _in_force_id(self, company_id):
        return self._find_in_force(company_id).id

    @api.model
    def _find_in_force(self, company_id):
        """Return the same as ``_in_force``, as the database has it, in superuser mode."""
        # Superuser: which policy is in force is no secret to whom it concerns.
        return self.sudo().search([("company_id", "=", company_id), ("state", "=", "active")], limit=1)

    @api.model
    def _in_force(self, company):
        """Return the policy in force in a company, if any."""
        return self.browse(self._in_force_id(company.id) or ())

    # ------------------------------------------------------------------
    # What the policy decides
    # ------------------------------------------------------------------

    def _working_hours_ago(self, hours):
        """Return the moment since when a number of working hours of the company have passed."""
        self.ensure_one()
        now = fields.Datetime.now()
        calendar = self.company_id.resource_calendar_id
        planned = calendar.attendance_ids and calendar.plan_hours(-hours, now, compute_leaves=True)
        return planned or fields.Datetime.subtract(now, hours=hours)

    def _steps_in_order(self):
        """Return the steps as they are decided. They never change once orders are under the policy."""
        steps = self.env["order.policy.step"]
        return steps.browse(self.step_ids.ids if self.state == "draft" else steps._known_of(self))

    @api.model
    @tools.ormcache()
    def _ids_with_exceptions(self):
        """Return the ids of the policies that allow self-approval, and of those with one decision per person."""
        # Superuser: cached for everybody, and only ids.
        in_use = self.sudo().search([("state", "!=", "draft")])
        return tuple(in_use.filtered("allow_self_approval").ids), tuple(in_use.filtered("one_decision_per_person").ids)
