from odoo import models

# How Odoo lays out what it sends to customers: quotations, confirmations and the letters of the order policy.
LETTER_LAYOUT = "mail.mail_notification_layout_with_responsible_signature"


class OrderPolicyLetterMixin(models.AbstractModel):
    """Records whose letters go to the customer's people alone, by the mail queue.

    Nobody who decides waits for a mail server, and no colleague is addressed as *Dear customer*.
    """

    _name = "order.policy.letter.mixin"
    _description = "Letters of the Order Policy"

    def _goes_by_mail_queue(self):
        """Tell whether e-mails of the record go out by the queue: those that concern a policy do."""
        return True

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Leave colleagues out of letters to customers, unless they are addressed: they read them in the chatter."""
        recipients_data = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        values = msg_vals or {}
        letter = message.sudo()  # who posts a message may know what it looks like, and to whom it goes
        layout = values.get("email_layout_xmlid", letter.email_layout_xmlid)
        if layout != LETTER_LAYOUT or not self._goes_by_mail_queue():
            return recipients_data
        addressed = values.get("partner_ids", letter.partner_ids.ids)
        return [data for data in recipients_data if data["type"] != "user" or data["id"] in addressed]

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
