from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _with_lasting_messages(self):
        """Return the records whose messages stay as they were written. Models of decisions and facts tell theirs."""
        return self.browse()

    def unlink(self):
        """Refuse to delete what is kept in the words of the record itself: Odoo would begin with its messages."""
        self.check_access("unlink")
        lasting = self._with_lasting_messages()
        if lasting:
            lasting._check_can_be_deleted()
        return super().unlink()
