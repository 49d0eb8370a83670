from odoo import models


class IrAttachment(models.Model):
    """What reviewers had before them when they decided is kept (article 2.6)."""

    _inherit = "ir.attachment"

    def _first_evidence(self):
        file, proves = super()._first_evidence()
        return (file, proves) if file else self._first_seen_by_reviewers()

    def _first_seen_by_reviewers(self):
        """Return the first file that a reviewer had before him when he decided, and the name of his review.

        Those of an order and of a request, and of messages on them; whether somebody said what they are or not.
        """
        subject_fields = self.env["sale.order.review"]._subject_fields()
        messages = self.env["mail.message"].search(
            [("attachment_ids", "in", self.ids), ("model", "in", list(subject_fields))]
        )
        for model, name in subject_fields.items():
            subjects = {file: {file.res_id} if file.res_model == model else set() for file in self}
            for message in messages.filtered(lambda message, model=model: message.model == model):
                for file in message.attachment_ids & self:
                    subjects[file].add(message.res_id)
            decided = self.env["sale.order.review"].search(
                [(name, "in", list(set().union(*subjects.values()))), ("decision", "!=", False)]
            )
            for file, ids in subjects.items():
                for review in decided:
                    if review[name].id in ids and review.decided_on >= file.create_date:
                        return file, self.env._(
                            "the review of %(order)s by %(department)s",
                            order=review[name].display_name,
                            department=review.department_id.name,
                        )
        return self.browse(), False
