from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Command


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _with_lasting_messages(self):
        """Return the records whose messages stay as they were written. Models of decisions and facts tell theirs."""
        return self.browse()

    def _message_log_batch(self, bodies, **message):
        """Log nothing where there is nothing to log on: Odoo would look for an author and an address all the same."""
        return super()._message_log_batch(bodies, **message) if self else self.env["mail.message"]

    def unlink(self):
        """Refuse to delete what is kept in the words of the record itself: Odoo would begin with its messages."""
        self.check_access("unlink")
        lasting = self._with_lasting_messages()
        if lasting:
            lasting._check_can_be_deleted()
        return super().unlink()

    # ------------------------------------------------------------------
    # E-mails that come in: Odoo believes who hands one in, and works as superuser
    # ------------------------------------------------------------------

    def _message_route_process(self, message, message_dict, routes):
        """Let e-mails come to orders from mailboxes alone, and bring nothing that follows from decisions."""
        allowed = []
        for model, thread_id, values, user_id, alias in routes or ():
            if self._is_evidence(model):
                self._check_comes_from_mailbox()
            if values and not thread_id and not alias:
                self._check_are_values_of_program()
            if alias and not thread_id and isinstance(values, dict):
                values = {**self.env[model]._values_of_owner(alias), **values}
            allowed.append((model, thread_id, self._without_decisions(model, values), user_id, alias))
        return super()._message_route_process(message, message_dict, allowed)

    @api.model
    def _values_of_owner(self, alias):
        """Return values of the record that is made of an e-mail to an alias, by whom or what the alias belongs to."""
        return {}

    @api.model
    def _check_are_values_of_program(self):
        """
        :raise AccessError: when a person hands in values of the record that is made of an e-mail
        """
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "An e-mail is taken in as it is: nobody hands in values of a record with it. "
                    "Enter the record instead, or set up an e-mail alias with default values."
                )
            )

    @api.model
    def _is_evidence(self, model_name):
        return isinstance(self.env.get(model_name), self.pool["order.policy.evidence.mixin"])

    @api.model
    def _check_comes_from_mailbox(self):
        """Make sure that nobody hands in what he wrote himself as the e-mail of a customer.

        Mailboxes are read by Odoo, or handed in by a program that logs in as who administers Odoo.

        :raise AccessError: for everybody else
        """
        if not self.env.su and not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._(
                    "E-mails come to orders through the mailboxes of the company alone, which an administrator of Odoo "
                    "sets up. What a customer wrote to you is forwarded to the address of the orders, or recorded with "
                    "Record Confirmation."
                )
            )

    @api.model
    def _without_decisions(self, model_name, values):
        """Return default values of an e-mail alias without those that only methods of the order policy write."""
        Model = self.env.get(model_name)
        if not isinstance(values, dict) or Model is None:
            return values
        return {
            name: value
            for name, value in values.items()
            if name not in Model._fields or self._may_be_brought(Model, Model._fields[name], value)
        }

    @api.model
    def _may_be_brought(self, model, field, value):
        if self._is_evidence(model._name) and not model._takes_defaults(field):
            return False
        if field.type not in ("one2many", "many2many") or not isinstance(value, (list, tuple)):
            return True
        if self._is_evidence(field.comodel_name):
            return False
        comodel = self.env[field.comodel_name]
        return all(
            self._without_decisions(comodel._name, command[2]) == command[2]
            for command in value
            if isinstance(command, (list, tuple)) and command[0] in (Command.CREATE, Command.UPDATE)
        )
