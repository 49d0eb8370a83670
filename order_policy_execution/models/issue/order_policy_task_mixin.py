from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

LISTED = 20  # in one letter: whoever has more opens the list


class OrderPolicyTaskMixin(models.AbstractModel):
    """What somebody of a department has to do for an order by a time: who may, who stands in, and who is told."""

    _name = "order.policy.task.mixin"
    _description = "Task of a Department"
    _inherit = ["order.policy.evidence.mixin"]

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    @api.model
    def _works_for(self, user, department):
        """Tell whether a person is in a department, or stands in today for somebody who is."""
        return department.id in {*user._policy_department_ids(), *user._policy_stood_in_department_ids()}

    @api.model
    def _stands_in_for(self, user, person, company):
        """Tell whether a person is the deputy in force of another one in a company."""
        return any(mandate.user == person.id and mandate.company == company.id for mandate in user._policy_mandates())

    @api.model
    def _with_deputies_of(self, people, department, company):
        """Return people in charge of a department, or of the office where there is none, and who stands in for them."""
        mandates = self.env["order.policy.deputy"]._in_force(company.id)
        return people | people.browse(
            mandate.deputy
            for mandate in mandates
            if mandate.user in people.ids and (mandate.office or department.id in mandate.departments)
        )

    @api.model
    def _in_charge(self, department, company, but=None):
        """Return who is told of what a department leaves lying: its head, or else the general manager's office.

        :param but: res.users record who left it lying, and so is not told of it
        :return: tuple (``head`` or ``management``, res.users records)
        """
        nobody = self.env["res.users"]
        head = self._with_deputies_of(department._people("head"), department, company) if department else nobody
        head -= but or nobody
        if head:
            return "head", head
        office = self.env["order.policy.department"]._people_of_management(company)
        return "management", self._with_deputies_of(office, department, company) - (but or nobody)

    @api.model
    def _escalated_to(self, user):
        """Return the domain of what was escalated to a person."""
        return Domain("escalated_to_ids", "in", user.ids)

    # ------------------------------------------------------------------
    # What is entered
    # ------------------------------------------------------------------

    @api.model
    def _entered_choice(self, name, entered):
        """Return what was chosen of a selection.

        :param str name: the field
        :raise UserError: when it is no choice of the field
        """
        choices = dict(self._fields[name]._description_selection(self.env))
        if not isinstance(entered, str) or entered not in choices:
            raise UserError(
                self.env._(
                    "“%(entered)s” is no %(field)s. Choose one of: %(choices)s.",
                    entered=repr(entered)[:50],
                    field=self.env["order.policy.words"]._label_of(self._name, name),
                    choices=", ".join(choices.values()),
                )
            )
        return entered

    @api.model
    def _entered_day(self, entered):
        """Return a day; False when none was entered.

        :raise UserError: when it is no day
        """
        if not entered:
            return False
        try:
            return fields.Date.to_date(entered)
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(self.env._("“%s” is no date. Choose a day in the calendar.", repr(entered)[:50])) from error

    # ------------------------------------------------------------------
    # Letters
    # ------------------------------------------------------------------

    @api.model
    def _write_letters(self, told):
        """Put a letter to each of some people into the mail queue; who wants none reads it in Odoo.

        :param dict told: by person the records that he learns of
        """
        # Superuser: what is told is theirs to do or to know, and how they want to learn of it is no secret.
        letters = [
            records.sudo()._prepare_task_letter(person)
            for person, records in ((person.sudo(), records) for person, records in told.items())
            if records and person.email_normalized and person.review_letters != "odoo"
        ]
        if letters:
            self.env["mail.mail"].sudo().create(letters)
            cron_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.ir_cron_mail_scheduler_action")
            self.env["ir.cron"].browse(cron_id)._trigger()

    def _prepare_task_letter(self, person):
        company = person.company_id
        local = self.with_context(lang=person.lang, tz=person.tz or company._policy_timezone())
        body = local.env["ir.qweb"]._render(
            "order_policy_execution.letter_of_tasks",
            {
                "company": company,
                "introduction": local._letter_introduction(),
                "rows": [record._prepare_task_row() for record in local[:LISTED]],
                "more": len(self) - LISTED,
                "url": f"{person.get_base_url()}/odoo/{self._letter_page()}",
            },
            lang=person.lang,
        )
        robot = person.partner_id.browse(self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root"))
        sender = company.email_formatted or robot.email_formatted
        return {
            "subject": local._letter_subject(),
            "body_html": body,
            "email_from": sender,
            "reply_to": sender,
            "email_to": person.email_formatted,
            "author_id": robot.id,
            "auto_delete": True,
            "state": "outgoing",
        }

    def _letter_subject(self):
        """Return what a letter about these records is about."""
        raise NotImplementedError

    def _letter_introduction(self):
        """Return the sentence above the list of these records."""
        raise NotImplementedError

    @api.model
    def _letter_page(self):
        """Return the path of the list that the letter leads to."""
        raise NotImplementedError

    def _prepare_task_row(self):
        """Return what a letter says of this record: ``name``, ``customer``, ``what``, ``who``, ``due``, ``url``."""
        self.ensure_one()
        return {
            "customer": self.partner_id.display_name,
            "overdue": self.is_overdue,
            "url": f"{self.get_base_url()}/mail/view?model={self._name}&res_id={self.id}",
        }
