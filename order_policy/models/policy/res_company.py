from odoo import models, tools


class ResCompany(models.Model):
    _inherit = "res.company"

    @tools.ormcache("self.id")
    def _policy_timezone(self):
        """Return the time zone of the company, by which its working hours count."""
        # Superuser: cached for everybody.
        company = self.sudo()
        return company.resource_calendar_id.tz or company.partner_id.tz or "UTC"

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            self.env.registry.clear_cache()  # on which day it is in a company depends who stands in
        return result
