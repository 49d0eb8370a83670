from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .sale_order_issue_kinds import DEPARTMENT_OF_KIND, KINDS, SEVERITIES, STATES


class SaleOrderIssue(models.Model):
    """An exception: something about a confirmed order does not go as it was approved (articles 1.11, 2.9 to 2.14).

    People of any department report it, and so do facts. It is for one department to settle, by a time that follows from
    its severity; whoever leads learns of what is left lying. How it was settled, and why it came about, stays.
    """

    _name = "sale.order.issue"
    _description = "Exception of an Order"
    _inherit = [
        "order.policy.believable.mixin",
        "order.policy.task.mixin",
        "order.policy.lock.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "severity_rank desc, date_due, id"
    _mail_post_access = "read"

    name = fields.Char("Number", required=True, readonly=True, copy=False)
    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    policy_id = fields.Many2one(related="order_id.policy_id", store=True, precompute=True)
    partner_id = fields.Many2one(
        related="order_id.partner_id", string="Customer", store=True, precompute=True, index=True
    )
    salesperson_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True, tracking=True)
    severity_rank = fields.Integer(
        "Weight", compute="_compute_severity_rank", store=True, precompute=True, aggregator=None, exportable=False
    )
    cause = fields.Char(
        "In Short", required=True, readonly=True, help="What it is reported for: as long as it is not settled, once."
    )
    description = fields.Text("What Happened", required=True, readonly=True)
    state = fields.Selection(
        STATES,
        "Status",
        required=True,
        default="open",
        readonly=True,
        tracking=True,
        index=True,
        group_expand=True,
    )
    reported_by_id = fields.Many2one(
        "res.users", readonly=True, ondelete="restrict", help="Empty where facts reported it by themselves."
    )
    reported_department_id = fields.Many2one(
        "order.policy.department", "Reported By Department", readonly=True, ondelete="restrict"
    )
    reported_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    department_id = fields.Many2one(
        "order.policy.department",
        "Settled By Department",
        readonly=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    owner_id = fields.Many2one("res.users", readonly=True, index=True, ondelete="restrict", tracking=True)
    date_due = fields.Datetime("To Be Settled By", readonly=True, help="In working hours, by how severe it is.")
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    started_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    started_on = fields.Datetime(readonly=True)
    measure_ids = fields.One2many("sale.order.issue.measure", "issue_id", "Measures", readonly=True)
    result = fields.Text(readonly=True, help="How it was settled.")
    root_cause = fields.Text("Cause", readonly=True, help="Why it came about.")
    settled_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    settled_on = fields.Datetime(readonly=True)
    customer_told_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    customer_told_on = fields.Datetime(readonly=True)
    customer_message_id = fields.Many2one("mail.message", readonly=True, index="btree_not_null", ondelete="restrict")
    can_handle = fields.Boolean("I Can Settle It", compute="_compute_can_handle", exportable=False)
    can_tell_customer = fields.Boolean(compute="_compute_can_handle", exportable=False)
    is_mine = fields.Boolean("Mine", compute="_compute_is_mine", search="_search_is_mine", exportable=False)

    _one_open = models.UniqueIndex(
        "(order_id, cause) WHERE state != 'settled'",
        "This is reported already, and not settled yet. Open the exception, and write there what is new.",
    )
    _unsettled = models.Index("(company_id, date_due) WHERE state != 'settled'")

    @api.constrains("cause", "description", "result", "root_cause")
    def _check_can_be_read(self):
        self._check_is_believable(["cause", "description", "result", "root_cause"])

    @api.depends("severity")
    def _compute_severity_rank(self):
        ranks = {severity: rank for rank, (severity, _label) in enumerate(SEVERITIES)}
        for issue in self:
            issue.severity_rank = ranks.get(issue.severity, 0)

    @api.depends("name", "cause")
    def _compute_display_name(self):
        for issue in self:
            issue.display_name = f"{issue.name} {issue.cause}" if issue.name else issue.cause

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for issue in self:
            issue.is_overdue = bool(issue.state != "settled" and issue.date_due and issue.date_due < now)

    def _search_is_overdue(self, operator, value):
        return self._domain_overdue() if operator == "in" else NotImplemented

    @api.model
    def _domain_unsettled(self):
        return Domain("state", "!=", "settled")

    @api.model
    def _domain_overdue(self):
        return self._domain_unsettled() & Domain("date_due", "<", fields.Datetime.now())

    @api.depends("owner_id", "department_id", "state")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        mine = self.filtered_domain(self._domain_mine())
        for issue in self:
            issue.is_mine = issue in mine

    def _search_is_mine(self, operator, value):
        return self._domain_mine() if operator == "in" else NotImplemented

    @api.model
    def _domain_mine(self):
        """Return what the current user has to settle: his own, those of his departments without owner, those
        escalated to him."""
        user = self.env.user
        departments = [*user._policy_department_ids(), *user._policy_stood_in_department_ids()]
        nobodys = Domain("owner_id", "=", False) & Domain("department_id", "in", departments)
        return self._domain_unsettled() & (Domain("owner_id", "=", user.id) | nobodys | self._escalated_to(user))

    @api.depends("owner_id", "department_id", "state")
    @api.depends_context("uid")
    def _compute_can_handle(self):
        writable = self.sudo().order_id.sudo(False)._filtered_access("write")
        for issue in self:
            may = issue._is_handled_by(self.env.user)
            issue.can_handle = issue.state != "settled" and may
            issue.can_tell_customer = may or issue.order_id in writable

    # ------------------------------------------------------------------
    # What stays
    # ------------------------------------------------------------------

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self

    # ------------------------------------------------------------------
    # Reporting
    # ------------------------------------------------------------------

    @api.model
    def _report(self, order, kind, severity, cause, description, department=None, person=None):
        """Report an exception; what is reported already, and not settled, takes up what is new.

        :param order: sale.order record; nothing is made of one that goes by no policy, or is not confirmed or archived
        :param str kind: see ``KINDS``
        :param str severity: see ``SEVERITIES``
        :param str cause: what it is reported for, short and in words: there is one that is not settled of an order
        :param str description: what happened
        :param department: order.policy.department record that settles it; by the kind when left out
        :param person: res.users record who reports it; nobody where facts do
        :return: sale.order.issue record in superuser mode
        """
        # Superuser: that something went wrong is a fact, whoever came upon it.
        order = order.sudo()
        if not order._can_have_issues():
            return self.sudo().browse()
        reported = Domain("order_id", "=", order.id) & Domain("cause", "=", cause)
        known = self.sudo().search(reported & self._domain_unsettled())
        if known:
            known._take_up(severity, description)
            return known
        department = department or self._department_for(kind, order)
        issue = self.sudo()._create_first(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code("sale.order.issue"),
                "order_id": order.id,
                "kind": kind,
                "severity": severity,
                "cause": cause,
                "description": description,
                "department_id": department.id,
                "owner_id": self._owner_for(department, order).id,
                "reported_by_id": person and person.id,
                "reported_department_id": person and self._department_of(person, order.company_id).id,
                "date_due": order.policy_id._issue_due(severity),
            }
        )
        issue._make_known()
        return issue

    def _take_up(self, severity, description):
        """Note what else is known of an exception; it only becomes more severe."""
        self.ensure_one()
        severities = self.policy_id._severities()
        if severities.index(severity) > severities.index(self.severity):
            self._rate(severity)
        if description.strip() != self.description.strip():
            self._message_log(body=description)

    def _rate(self, severity):
        self.ensure_one()
        self.write({"severity": severity, "date_due": self.policy_id._issue_due(severity, self.reported_on)})

    def _make_known(self):
        """Note an exception on its order, and tell whoever has to settle it."""
        self.ensure_one()
        self.order_id._message_log(
            body=self.env._("Exception %(issue)s: %(description)s", issue=self.name, description=self.description)
        )
        if self.owner_id and self.owner_id != self.env.user:
            self._write_letters({self.owner_id: self})

    @api.model
    def _department_for(self, kind, order):
        """Return the department of a company that settles a kind of exceptions: that of the salesperson, or the general
        manager's office, where it has none for it."""
        own = self._ready_department_for(kind)._own_of_company(order.company_id)
        if own and own.active and own._people("member"):
            return own
        return self._department_of(order.user_id, order.company_id) or own.search(
            [("company_id", "=", order.company_id.id), ("is_management", "=", True)], limit=1
        )

    @api.model
    def _ready_department_for(self, kind):
        return self.env.ref(f"order_policy.department_{DEPARTMENT_OF_KIND[kind]}")

    @api.model
    def _ready_departments(self):
        """Return the ready departments that settle exceptions."""
        return self._ready_department_for("other").union(*map(self._ready_department_for, DEPARTMENT_OF_KIND))

    @api.model
    def _department_of(self, person, company):
        """Return a department of a company that a person is in; none where there is none."""
        ids = person._policy_department_ids() if person else ()
        departments = self.env["order.policy.department"].sudo().browse(ids)
        return departments.filtered(lambda found: found.company_id == company and found.active)[:1]

    @api.model
    def _owner_for(self, department, order):
        """Return who settles an exception of a department, to begin with: its head, or the salesperson of his own."""
        people = department._people("member") if department else department.member_ids
        if order.user_id in people or not people:
            return order.user_id.filtered("active")
        return (department._people("head") or people)[:1]

    # ------------------------------------------------------------------
    # Whose it is
    # ------------------------------------------------------------------

    def _is_handled_by(self, user):
        """Tell whether a person settles this: its owner or deputy, the department, the general manager's office."""
        self.ensure_one()
        issue = self.sudo()  # who reads the exception is told whether it is his to settle
        company = issue.company_id
        return bool(
            company.id in user._get_company_ids()
            and (
                user == issue.owner_id
                or self._stands_in_for(user, issue.owner_id, company)
                or self._works_for(user, issue.department_id)
                or company.id in user._policy_office_company_ids()
            )
        )

    def _check_is_unsettled(self):
        for issue in self:
            if issue.state == "settled":
                raise UserError(
                    self.env._(
                        "%(issue)s was settled by %(person)s on %(date)s, and stays as it was. "
                        "Report what happened since as another exception.",
                        issue=issue.display_name,
                        person=issue.settled_by_id.name,
                        date=self.env["order.policy.words"]._day_in_words(issue.settled_on),
                    )
                )
