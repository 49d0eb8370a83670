from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import OrderedSet

# What some people may read and others may not, because of the order that it belongs to.
BELONGS_TO_ORDERS = ("sale.order", "mail.message", "ir.attachment")


class OrderPolicyEntryMixin(models.AbstractModel):
    """Lets people enter only what refers to records that they may read.

    Forms compute with what is entered before anything is stored, often as superuser, and show the outcome: whoever
    could refer to somebody else's order there would read it.
    """

    _name = "order.policy.entry.mixin"
    _description = "Entering What Belongs to Orders"

    @api.model
    def default_get(self, fields_list):
        defaults = super().default_get(fields_list)
        self._check_may_refer(defaults)
        return defaults

    def onchange(self, values, field_names, fields_spec):
        self._check_may_refer(values)
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _check_may_refer(self, values):
        """Make sure that the person may read what entered values refer to.

        :param dict values: as the web client enters them, with commands and the values of parents
        :raise UserError: when they are none
        """
        if self.env.su:
            return
        referred = defaultdict(OrderedSet)
        try:
            self._collect_references(self, values, referred)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise UserError(
                self.env._("What was entered cannot be read. Load the page again, and enter it once more.")
            ) from error
        for model_name, ids in referred.items():
            self.env[model_name].browse(ids).check_access("read")

    @api.model
    def _collect_references(self, model, values, referred):
        for name, value in values.items():
            field = model._fields.get(name)
            if field is None or not field.relational or not value:
                continue
            comodel = self.env[field.comodel_name]
            if field.type == "many2one":
                self._collect_record(comodel, value, referred)
            else:
                for command in value:
                    self._collect_command(comodel, command, referred)

    @api.model
    def _collect_command(self, comodel, command, referred):
        if not isinstance(command, (list, tuple)):
            self._collect_record(comodel, command, referred)
        elif command[0] == Command.SET:
            for id_ in command[2]:
                self._collect_record(comodel, id_, referred)
        elif command[0] != Command.CLEAR:
            if command[0] != Command.CREATE:
                self._collect_record(comodel, command[1], referred)
            if command[0] in (Command.CREATE, Command.UPDATE):
                self._collect_references(comodel, command[2], referred)

    @api.model
    def _collect_record(self, comodel, entered, referred):
        """Note the record that is referred to: by its id, by itself, or with values, as parents are."""
        if isinstance(entered, models.BaseModel):
            ids = entered._origin.ids
        elif isinstance(entered, dict):
            self._collect_references(comodel, entered, referred)
            ids = [entered.get("id")]
        else:
            ids = [entered[0] if isinstance(entered, (list, tuple)) else entered]
        if comodel._name.startswith(BELONGS_TO_ORDERS):
            # Until a record is stored the web client calls it by a word.
            referred[comodel._name].update(int(id_) for id_ in ids if id_ and not str(id_).startswith("virtual"))
