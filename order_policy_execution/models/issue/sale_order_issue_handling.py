from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_list


class SaleOrderIssue(models.Model):
    """How exceptions are settled, step by step, and by whom (articles 1.11, 2.14)."""

    _inherit = "sale.order.issue"

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def action_start(self):
        """Begin to settle exceptions; those of nobody become one's own.

        :raise AccessError: for people of other departments
        :raise UserError: when one is settled already
        """
        self._check_may_handle()
        # The person settles them; who began, and when, is not for him to choose.
        for issue in self.sudo().filtered(lambda issue: issue.state == "open"):
            issue.write(
                {
                    "state": "in_progress",
                    "started_by_id": self.env.uid,
                    "started_on": fields.Datetime.now(),
                    "owner_id": issue.owner_id.id or self.env.uid,
                }
            )
        return True

    def action_hand_over(self, owner=False, department=False):
        """Give exceptions to another person, or to another department.

        :param owner: res.users record, or its id; the head of the department when left out
        :param department: order.policy.department record, or its id; that which has it when left out
        :raise AccessError: for people of other departments
        :raise UserError: when one is settled, or the person is not of the department
        """
        owner = self._entered_record("res.users", owner)
        department = self._entered_record("order.policy.department", department)
        self._check_may_handle()
        for issue in self.sudo():  # the person settles them, and so says who else does
            issue._hand_over(owner.sudo(), department.sudo() or issue.department_id)
        return True

    def _hand_over(self, owner, department):
        self.ensure_one()
        if not department.exists() or department.company_id != self.company_id or not department.active:
            raise UserError(self.env._("%s: choose a department of its company that is in use.", self.display_name))
        people = department._people("member") | self.order_id.user_id
        owner = owner or self._owner_for(department, self.order_id)
        if owner not in people:
            raise UserError(
                self.env._(
                    "%(person)s is not in %(department)s. Choose one of: %(people)s.",
                    person=owner.name or self.env._("Nobody"),
                    department=department.name,
                    people=format_list(self.env, people.mapped("name")) or self.env._("nobody yet"),
                )
            )
        self.write({"owner_id": owner.id, "department_id": department.id})
        if owner != self.env.user:
            self._write_letters({owner: self})

    def action_rate(self, severity=False):
        """Judge anew how severe exceptions are: until when they are to be settled follows from it.

        :param str severity: low, medium, high or critical
        :raise AccessError: for people of other departments
        :raise UserError: when it is none of these, or one is settled
        """
        severity = self._entered_choice("severity", severity)
        self._check_may_handle()
        for issue in self.sudo():  # the person settles them
            issue._rate(severity)
        return True

    def action_plan_measure(self, name=False, user=False, date_due=False):
        """Plan what is done about an exception: what, by whom, until when.

        :param str name: what is done
        :param user: res.users record, or its id; oneself when left out
        :param date_due: the last day
        :return: the measure
        :raise AccessError: for people of other departments
        :raise UserError: when something lacks, or the exception is settled
        """
        self.ensure_one()
        name, date_due = self._entered_text(name), self._entered_day(date_due)
        user = self._entered_record("res.users", user) or self.env.user
        self._check_may_handle()
        if not name or not date_due:
            raise UserError(self.env._("Say what is done, and until when: whoever leads reads it."))
        works_with_it = user.exists() and user.sudo().has_group("order_policy.group_order_policy_user")
        if not works_with_it or self.company_id.id not in user._get_company_ids():
            raise UserError(
                self.env._("Choose a colleague of this company who works with the order policy: who does it reads it.")
            )
        # The person settles the exception; what is planned for it is kept.
        issue = self.sudo()
        measure = issue.measure_ids.create(
            {
                "issue_id": issue.id,
                "name": name,
                "user_id": user.id,
                "date_due": date_due,
                "planned_by_id": self.env.uid,
            }
        )
        issue.action_start()
        issue.message_subscribe(partner_ids=user.partner_id.ids)
        return measure.sudo(False)

    def action_settle(self, result=False, root_cause=False):
        """Settle exceptions: how, and why they came about.

        :param str result: how it was settled
        :param str root_cause: why it came about
        :raise AccessError: for people of other departments
        :raise UserError: when one of both lacks, a measure is not done, or one is settled already
        """
        result, root_cause = self._entered_text(result), self._entered_text(root_cause)
        self._check_may_handle()
        if not result or not root_cause:
            raise UserError(
                self.env._("Say how it was settled, and why it came about: so that it does not happen again.")
            )
        issues = self.sudo()  # the person settles them; who did, and when, is not for him to choose
        issues._lock_or_refuse()
        issues._check_measures_are_done()
        issues.write(
            {
                "state": "settled",
                "result": result,
                "root_cause": root_cause,
                "settled_by_id": self.env.uid,
                "settled_on": fields.Datetime.now(),
            }
        )
        for issue in issues:
            issue.order_id._message_log(
                body=self.env._("Exception %(issue)s is settled: %(result)s", issue=issue.name, result=result)
            )
        return True

    def _check_measures_are_done(self):
        for issue in self:
            if left := issue.measure_ids.filtered(lambda measure: measure.state == "planned"):
                raise UserError(
                    self.env._(
                        "%(issue)s: not done yet: %(measures)s. Mark them as done, or drop them and say why.",
                        issue=issue.display_name,
                        measures=format_list(self.env, left.mapped("name")),
                    )
                )

    def _check_may_handle(self):
        """
        :raise AccessError: for whoever does not settle one of these
        :raise UserError: when one is settled already
        """
        self.check_access("read")
        for issue in self:
            if not issue._is_handled_by(self.env.user):
                told = issue.sudo()  # who reads the exception is told who settles it
                raise AccessError(
                    self.env._(
                        "%(issue)s is settled by %(department)s: %(people)s. Write a note instead, or ask one of them.",
                        issue=told.display_name,
                        department=told.department_id.name or self.env._("the salesperson"),
                        people=told._people_in_words(),
                    )
                )
        self._check_is_unsettled()

    def _people_in_words(self):
        people = self.owner_id | (self.department_id._people("member") if self.department_id else self.owner_id)
        return format_list(self.env, people.sudo().mapped("name")[:3]) or self.env._("nobody yet")

    # ------------------------------------------------------------------
    # The customer
    # ------------------------------------------------------------------

    def action_tell_customer(self, message=False):
        """Write to the customer about an exception, with its order: what was written is kept, and noted as told.

        :param dict message: ``subject`` and ``body`` of the letter; from the template when left out
        :raise AccessError: for people who neither settle it nor sell the order
        :raise UserError: when the customer has no e-mail address
        """
        self.ensure_one()
        message = self._entered_letter(message)
        self._check_may_tell_customer()
        # The person may write to the customer; that it was told is not for him to enter.
        issue = self.sudo()
        letter = message or issue._prepare_customer_letter()
        issue.write(
            {
                "customer_message_id": issue.order_id._write_to_customer(letter).id,
                "customer_told_by_id": self.env.uid,
                "customer_told_on": fields.Datetime.now(),
            }
        )
        issue._message_log(body=Markup("%s<br/>%s") % (self.env._("The customer was told:"), Markup(letter["body"])))
        return True

    def _check_may_tell_customer(self):
        self.check_access("read")
        if not self.exists():
            raise UserError(self.env._("Open the exception first: it is about nothing yet."))
        for issue in self:
            if not issue._is_handled_by(self.env.user) and not issue.order_id.has_access("write"):
                raise AccessError(
                    self.env._(
                        "%s: whoever settles it, or sells the order, tells the customer. Ask one of them.",
                        issue.sudo().display_name,
                    )
                )

    @api.model
    def _entered_letter(self, message):
        """Return subject and body of a letter as they were entered; None for those of the template."""
        return self.env["sale.order"]._entered_message(message)

    def _prepare_customer_letter(self):
        """Return subject and body of the letter that tells the customer of an exception, in his language."""
        self.ensure_one()
        template = self.env.ref("order_policy_execution.mail_template_issue").sudo()
        return self.env["sale.order"]._rendered_message(template, self)

    def _cause_for_customer(self):
        """Return what went wrong, as the customer is told of it. In superuser mode."""
        self.ensure_one()
        return self.cause

    # ------------------------------------------------------------------
    # People who leave
    # ------------------------------------------------------------------

    @api.model
    def _follow_people(self, people):
        """Give what people own who left, or do not work there any more, to who settles it for the department."""
        for issue in self.search(Domain("owner_id", "in", people.ids) & self._domain_unsettled()):
            owner = issue.owner_id
            if not owner.active or issue.company_id.id not in owner._get_company_ids():
                successor = self._owner_for(issue.department_id, issue.order_id) - owner
                issue.owner_id = successor
                if successor:
                    issue._write_letters({successor: issue})
