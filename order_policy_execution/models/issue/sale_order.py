from markupsafe import Markup

from odoo import api, fields, models
from odoo.addons.order_policy.models.policy.order_policy_letter_mixin import LETTER_LAYOUT
from odoo.exceptions import UserError
from odoo.fields import Domain


class SaleOrder(models.Model):
    """What goes wrong with orders, and who reads them for it (articles 1.11, 2.14)."""

    _inherit = "sale.order"

    issue_ids = fields.One2many(
        "sale.order.issue",
        "order_id",
        "Exceptions",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    issue_count = fields.Integer("Number of Exceptions", compute="_compute_issue_count", compute_sudo=True)
    issue_open_count = fields.Integer("Exceptions Not Settled", compute="_compute_issue_count", compute_sudo=True)
    policy_issue_readers = fields.Json(
        "Read By for an Exception",
        compute="_compute_policy_issue_readers",
        store=True,
        copy=False,
        help="The departments and offices that an exception concerns, and whether it is not settled yet.",
        exportable=False,
    )

    policy_can_report_issue = fields.Boolean(
        compute="_compute_policy_can_report_issue", compute_sudo=True, exportable=False
    )

    @api.depends("policy_stage", "policy_exempt_reason", "state")
    def _compute_policy_can_report_issue(self):
        for order in self:
            order.policy_can_report_issue = order._can_have_issues()

    @api.depends("issue_ids.state")
    def _compute_issue_count(self):
        counts = {order: (total, settled) for order, total, settled in self._count_issues()}
        for order in self:
            total, settled = counts.get(order._origin, (0, 0))
            order.issue_count = total
            order.issue_open_count = total - settled

    def _count_issues(self):
        """Return tuples of an order, how many exceptions it has, and how many of these are settled."""
        of_these = Domain("order_id", "in", self._origin.ids)
        found = self.env["sale.order.issue"]._read_group(of_these, ["order_id", "state"], ["__count"])
        totals = {}
        for order, state, count in found:
            total, settled = totals.get(order, (0, 0))
            totals[order] = (total + count, settled + (count if state == "settled" else 0))
        return [(order, *numbers) for order, numbers in totals.items()]

    def _unsettled_issues(self):
        """Return the exceptions of these orders that are not settled."""
        # Superuser: it holds for everybody that one is left.
        return self.sudo().issue_ids.filtered(lambda issue: issue.state != "settled")

    def _can_have_issues(self):
        """Tell whether something can be reported of the order: it is confirmed under a policy, and not archived."""
        self.ensure_one()
        return bool(self.state == "sale" and self._goes_by_policy() and not self._policy_is_closed())

    # ------------------------------------------------------------------
    # Reporting
    # ------------------------------------------------------------------

    def action_policy_report_issue(self, kind=False, severity=False, cause=False, description=False, department=False):
        """Report that something about a confirmed order does not go as it was approved (articles 1.11, 2.14).

        :param str kind: delay, quality, quantity, damage, payment, customer or other
        :param str severity: low, medium, high or critical
        :param str cause: in short, what happened
        :param str description: what happened
        :param department: order.policy.department record that settles it, or its id; by the kind when left out
        :return: sale.order.issue record
        :raise AccessError: for whoever does not read the order
        :raise UserError: when something lacks, or the order is not confirmed under a policy, or archived
        """
        self.ensure_one()
        self.check_access("read")
        self.env["sale.order.issue"].check_access("read")
        Issue = self.env["sale.order.issue"]
        kind, severity = Issue._entered_choice("kind", kind), Issue._entered_choice("severity", severity)
        cause, description = Issue._entered_text(cause), Issue._entered_text(description)
        # Superuser: which departments there are is known to all who work with the policy.
        department = Issue._entered_record("order.policy.department", department).sudo().exists()
        self._check_can_be_reported(cause, description, department)
        # Whoever reads the order may report what he sees; who reported it is not for him to choose.
        issue = Issue._report(self, kind, severity, cause, description, department, self.env.user)
        return issue.sudo(False)

    def _check_can_be_reported(self, cause, description, department):
        if not cause or not description:
            raise UserError(self.env._("Say what happened, in short and in detail: whoever settles it reads that."))
        order = self.sudo()  # who reads the order is told why nothing can be reported
        if not order._can_have_issues():
            raise UserError(
                self.env._(
                    "%s: exceptions are reported of orders that are confirmed under a policy, as long as they are not "
                    "archived. Write a note instead.",
                    self.name,
                )
            )
        if department and department.company_id != order.company_id:
            raise UserError(self.env._("Choose a department of %s.", order.company_id.name))

    def action_view_issues(self):
        """Open the exceptions of the order."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy_execution.sale_order_issue_action")
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------
    # Letters to the customer
    # ------------------------------------------------------------------

    def _write_to_customer(self, letter, author=None):
        """Post a letter to the customer below the order, where customer and company read it. In superuser mode.

        Who may write it was checked: no comment, as departments that review the order write these for colleagues alone.

        :param dict letter: ``subject`` and ``body``
        :param author: res.partner record in whose name it is written; that of the current user when left out
        :return: mail.message record
        :raise UserError: when the customer has no e-mail address
        """
        self.ensure_one()
        if not self.partner_id.email:
            raise UserError(
                self.env._(
                    "%s has no e-mail address. Enter one on the contact, or call the customer and record that.",
                    self.partner_id.display_name,
                )
            )
        return self.message_post(
            subject=letter["subject"],
            body=Markup(letter["body"]),
            author_id=(author or self.env.user.partner_id).id,
            partner_ids=self.partner_id.ids,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid=LETTER_LAYOUT,
        )

    # ------------------------------------------------------------------
    # Who reads the order
    # ------------------------------------------------------------------

    @api.depends(
        "issue_ids.department_id",
        "issue_ids.reported_department_id",
        "issue_ids.state",
    )
    def _compute_policy_issue_readers(self):
        for order in self:
            order.policy_issue_readers = order._issue_readers()

    def _issue_readers(self):
        """Return, by who reads the order for an exception, whether one is not settled that concerns them.

        Leaders have one list of all exceptions, and so read their orders.
        """
        self.ensure_one()
        left = {}
        for issue in self.issue_ids:
            readers = {self._reader_of_office(self.company_id.id)}
            readers |= {
                self._reader_of_department(department.id)
                for department in issue.department_id | issue.reported_department_id
            }
            for reader in readers:
                left[reader] = left.get(reader, False) or issue.state != "settled"
        return left

    @api.model
    def _reader_dependencies(self):
        return [*super()._reader_dependencies(), "policy_issue_readers"]

    def _readers(self):
        still_read = self._is_still_read()
        for_issues = (self.policy_issue_readers or {}).items()
        return super()._readers() | {reader for reader, is_left in for_issues if is_left or still_read}
