from odoo import models


class OrderPolicyLetterMixin(models.AbstractModel):
    """Records whose e-mails go out by the mail queue, so that nobody who decides waits for a mail server."""

    _name = "order.policy.letter.mixin"
    _description = "Letters of the Order Policy"

    def _goes_by_mail_queue(self):
        """Tell whether e-mails of the record go out by the queue: those that concern a policy do."""
        return True

    def _notify_thread_by_email(self, message, recipients_data, **kwargs):
        if not self._goes_by_mail_queue():
            return super()._notify_thread_by_email(message, recipients_data, **kwargs)
        queued = self.with_context(mail_notify_force_send=False)
        result = super(OrderPolicyLetterMixin, queued)._notify_thread_by_email(message, recipients_data, **kwargs)
        if any(recipient["notif"] == "email" for recipient in recipients_data):
            # As soon as this is stored, by whoever works off the queue.
            cron_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.ir_cron_mail_scheduler_action")
            self.env["ir.cron"].browse(cron_id)._trigger()
        return result
