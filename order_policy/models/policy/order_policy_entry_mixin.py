import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from types import NoneType

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import OrderedSet

# What some people may read and others may not, because of the order that it belongs to.
BELONGS_TO_ORDERS = ("sale.order", "mail.message", "ir.attachment")
HIGHEST_INTEGER = 2**31 - 1  # that the database holds
# What the web client asks of a field before it offers to group, filter or sort by it.
OFFERS = ("groupable", "searchable", "sortable")
# What no database holds as text: the end of a text in C, and halves of characters.
NO_TEXT = re.compile("[\0\ud800-\udfff]")
# What Python says of a value of another kind.
NO_VALUE = (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError)


class OrderPolicyEntryMixin(models.AbstractModel):
    """Lets people enter only what can be stored, and what refers to records that they may read.

    Forms compute with what is entered before anything is stored, often as superuser, and show the outcome: whoever
    could refer to somebody else's order there would read it. What programs enter by mistake is refused in words.
    """

    _name = "order.policy.entry.mixin"
    _description = "Entering What Belongs to Orders"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Describe the fields: people are not offered to group, filter or sort by what is not for them to export.

        Fingerprints, snapshots and what only decides which buttons show are fields for programs.
        """
        for names in (allfields, attributes):
            if not isinstance(names, (Iterable, NoneType)):
                raise UserError(self.env._("“%s” is no list of names. Hand over names of fields.", names))
        described = super().fields_get(allfields, attributes)
        for name, description in described.items():
            field = self._fields[name]
            if not field.exportable and (field._module or "").startswith("order_policy"):
                description.update({offer: False for offer in OFFERS if offer in description})
        return described

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
        except NO_VALUE as error:
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

    # ------------------------------------------------------------------
    # What the database cannot hold
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_can_be_stored(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_can_be_stored(vals)
        return super().write(vals)

    @api.model
    def _check_can_be_stored(self, vals):
        for name, value in vals.items():
            field = self._fields.get(name)
            if field and (field._module or "").startswith("order_policy") and not self._can_be_stored(field, value):
                raise UserError(
                    self.env._(
                        "“%(field)s” cannot be “%(value)s”: that is no value of this kind, or one that the database "
                        "cannot hold. Nothing was stored. Enter another one.",
                        field=field.get_description(self.env, ["string"])["string"],
                        value=repr(value)[:50],
                    )
                )

    @api.model
    def _can_be_stored(self, field, value):
        try:
            if field.type in ("one2many", "many2many"):
                self._collect_references(self, {field.name: value}, defaultdict(OrderedSet))
                return not value or isinstance(value, list | tuple | models.BaseModel)
            cached = field.convert_to_cache(value, self.browse())
            if field.type == "json":
                return not NO_TEXT.search(json.dumps(value, ensure_ascii=False)) and "\\u0000" not in json.dumps(value)
        except NO_VALUE:
            return False
        if field.type == "many2one":
            return not value or self._is_id(cached)  # of what is no record nothing is left
        if field.type in ("integer", "many2one_reference"):
            return not cached or abs(cached) <= HIGHEST_INTEGER
        if field.type in ("float", "monetary"):
            return math.isfinite(cached or 0.0)
        return not isinstance(value, str) or not NO_TEXT.search(value)

    # ------------------------------------------------------------------
    # What methods are called with
    # ------------------------------------------------------------------

    def ensure_one(self):
        self._check_are_ids()
        try:
            return super().ensure_one()
        except ValueError as error:
            raise UserError(
                self.env._(
                    "%(kind)s: this is done for one at a time, and %(count)s are chosen. Open one, and do it there.",
                    kind=self.env["ir.model"]._get(self._name).name,
                    count=len(self),
                )
            ) from error

    def _check_access(self, operation):
        self._check_are_ids()
        return super()._check_access(operation)

    def _check_are_ids(self):
        for record_id in self._ids:
            if record_id and not self._is_id(record_id):
                raise UserError(
                    self.env._(
                        "%(kind)s: “%(id)s” is no record. Reload the page, and open the record again.",
                        kind=self.env["ir.model"]._get(self._name).name,
                        id=repr(record_id)[:50],
                    )
                )

    @api.model
    def _is_id(self, entered):
        return type(entered) is int and abs(entered) <= HIGHEST_INTEGER

    @api.model
    def _chosen_ids(self):
        """Return the ids of the records that a dialog was opened for, as the web client tells them."""
        chosen = self.env.context.get("active_ids")
        return [id_ for id_ in chosen if self._is_id(id_)] if isinstance(chosen, list | tuple) else []

    @api.model
    def _entered_record(self, model_name, entered):
        """Return the record that is named by its id or given itself; an empty one when none is.

        :raise UserError: when it is neither
        """
        if isinstance(entered, models.BaseModel) and entered._name == model_name:
            return entered
        if entered and not self._is_id(entered):
            raise UserError(
                self.env._(
                    "“%(entered)s” is no record of %(kind)s. Choose one from the list.",
                    entered=repr(entered)[:50],
                    kind=self.env["ir.model"]._get(model_name).name,
                )
            )
        return self.env[model_name].browse(entered or ())

    @api.model
    def _entered_text(self, entered):
        """Return a text without what surrounds it; an empty one when none was entered.

        :raise UserError: when it is no text
        """
        if entered and (not isinstance(entered, str) or NO_TEXT.search(entered)):
            raise UserError(self.env._("“%s” is no text. Enter it in words.", repr(entered)[:50]))
        return (entered or "").strip()
