from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Take the activities of notices for their acknowledgement, which is for the department told to give."""
        # Superuser: who marks an activity as done may not see the notice behind it; the authority is checked below.
        notices = self.env["sale.order.change.notice"].sudo().search([("activity_id", "in", self.ids)])
        notices.sudo(False)._check_may_acknowledge()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        notices._record()
        return result
