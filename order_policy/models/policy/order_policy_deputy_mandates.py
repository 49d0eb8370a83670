from collections import namedtuple

from odoo import api, fields, models, tools

# For so long a former deputy is told that his time is over, and what waits for him is looked after.
REMEMBERED_DAYS = 60

# What is known of a deputy without asking the database: ids, days, departments that the person still is in, whether
# one of them is the general manager's office, an amount in the company's currency (0: any), and the day on which it was
# ended before its time, if it was.
Mandate = namedtuple("Mandate", "id user deputy company date_from date_until departments office amount_max ended")


class OrderPolicyDeputy(models.Model):
    """Who stands in for whom now: mandates, as they are asked for with every review."""

    _inherit = "order.policy.deputy"

    @api.model
    def _today(self, company):
        """Return the day that it is in a company."""
        return self._local_day(company.id)

    @api.model
    def _local_day(self, company_id, moment=None):
        """Return the day that it is in a company at a moment in UTC, or now."""
        zone = self.env["res.company"].browse(company_id)._policy_timezone()
        return fields.Date.context_today(self.with_context(tz=zone), moment)

    @api.model
    def _midnight(self, company, day):
        """Return when a day begins in a company, in UTC."""
        begin = fields.Datetime.to_datetime(day)
        zoned = fields.Datetime.context_timestamp(self.with_context(tz=company._policy_timezone()), begin)
        return begin - zoned.utcoffset()

    @api.model
    @tools.ormcache("company_id")
    def _known(self, company_id):
        """Return the mandates of a company that are not long over, of people who may decide at all.

        Cleared when one changes, and by Odoo when a person is archived or changes company or groups.
        """
        remembered = fields.Date.subtract(self._local_day(company_id), days=REMEMBERED_DAYS)
        records = self.sudo().search([("company_id", "=", company_id), ("date_until", ">=", remembered)])
        departments = {record: record._departments_in_force() for record in records}
        return tuple(
            Mandate(
                record.id,
                record.user_id.id,
                record.deputy_id.id,
                company_id,
                record.date_from,
                record.date_until,
                frozenset(departments[record].ids),
                any(department.is_management and department.active for department in departments[record]),
                record.amount_max,
                record.ended_on and self._local_day(company_id, record.ended_on),
            )
            for record in records.sorted("date_from")
            if record.user_id.active
            and record.deputy_id.active
            and not record.deputy_id.share
            and {company_id} <= {*record.user_id._get_company_ids()} & {*record.deputy_id._get_company_ids()}
        )

    @api.model
    def _in_force(self, company_id):
        """Return the mandates that count today in a company."""
        known = self._known(company_id)
        if not known:
            return []
        today = self._today(self.env["res.company"].browse(company_id))
        return [mandate for mandate in known if not mandate.ended and mandate.date_from <= today <= mandate.date_until]

    @api.model
    def _former(self, company_id):
        """Return the mandates that counted in a company and are over, the last one first."""
        known = self._known(company_id)
        if not known:
            return []
        today = self._today(self.env["res.company"].browse(company_id))
        return [
            mandate
            for mandate in reversed(known)
            if (mandate.ended or mandate.date_until < today) and mandate.date_from <= (mandate.ended or today)
        ]
