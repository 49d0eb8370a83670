"""People who report, settle and follow up, beside those who decide."""

from odoo.addons.order_policy.tests.common import ArchiveCommon
from odoo.fields import Command, Datetime


class IssueCommon(ArchiveCommon):
    """A confirmed order of a salesman, and a warehouse that reviews nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls._user("keeper")
        cls.keeper_head = cls._user("keeper_head")
        cls.warehouse = cls._department("Warehouse", cls.keeper_head, cls.keeper)
        for user in cls.company.user_ids - cls.env.user:
            user.email = f"{user.login}@nanhai.example"
        cls.order = cls._confirmed()
        cls.env["mail.mail"].search([]).unlink()

    @classmethod
    def _reported(cls, order=None, user=None, department=None, **values):
        """Return an exception that somebody reports, as he sees it; the warehouse settles it."""
        entered = {
            "kind": "damage",
            "severity": "high",
            "cause": "Scratched table tops",
            "description": "Four table tops have scratches.",
            "department": (cls.warehouse if department is None else department).id,
            **values,
        }
        order = (order or cls.order).with_user(user or cls.salesman)
        return order.action_policy_report_issue(**entered)

    def _letters_to(self, person):
        """Return the e-mails to a person that wait in the queue."""
        mails = self.env["mail.mail"].sudo().search([], order="id")
        return mails.filtered(
            lambda mail: person.email in (mail.email_to or "") or person.partner_id in mail.recipient_ids
        )

    def _run_execution_job(self, name):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"order_policy_execution.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _let_time_pass(self, issues, hours):
        """Move what is to be settled into the past, by hours."""
        self.env.flush_all()
        for issue in issues.sudo():
            self.env.cr.execute(
                "UPDATE sale_order_issue SET date_due = %s, escalated_on = escalated_on - %s * interval '1 hour' "
                "WHERE id = %s",
                [Datetime.subtract(Datetime.now(), hours=hours), hours, issue.id],
            )
        self.env.invalidate_all()

    @classmethod
    def _always_open(cls):
        """Let the company work at every hour, so that hours of a test count."""
        cls.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {
                "name": "Always",
                "company_id": cls.company.id,
                "tz": "UTC",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": str(day),
                            "dayofweek": str(day),
                            "hour_from": 0,
                            "hour_to": 24,
                            "day_period": "morning",
                        }
                    )
                    for day in range(7)
                ],
            }
        )
