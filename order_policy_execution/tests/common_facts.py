"""What facts are read from, and who could type it."""

from collections import defaultdict
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo.fields import Command, Field
from odoo.tools import mute_logger

from .common_collection import CollectionCase

TYPED = (
    "boolean", "char", "date", "datetime", "float", "html", "integer", "many2one", "monetary", "selection", "text",
    "many2many", "one2many",
)  # fmt: skip


class FactsCase(CollectionCase):
    """Facts of executed orders, and people who type what these are read from.

    Which fields of Odoo's own models they are read from is found by reading the facts. Each of these fields is refused
    to who has the rights of its app, or it is in ``believed``: with the reason why what he types there is believed.
    """

    believed = {}

    @contextmanager
    def _reading(self):
        """Note of which records which fields are read meanwhile."""
        read = defaultdict(set)
        classes = {cls for cls in self._field_classes(Field) if "__get__" in vars(cls)}
        with ExitStack() as stack:
            for cls in classes:
                stack.enter_context(patch.object(cls, "__get__", self._noting(vars(cls)["__get__"], read)))
            yield read

    def _field_classes(self, cls):
        return {cls}.union(*(self._field_classes(below) for below in cls.__subclasses__()))

    def _noting(self, get, read):
        def noting(field, record, owner=None):
            if record is not None and record._ids and all(isinstance(id_, int) for id_ in record._ids):
                read[record._name, field.name].update(record._ids)
            return get(field, record, owner)

        return noting

    def _read_from(self, *facts):
        """Return by model and field of Odoo's own which records facts are read from, besides those they depend on.

        :param facts: functions that read facts
        """
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        with self._reading() as read:
            for fact in facts:
                fact()
        return {(model, name): ids for (model, name), ids in read.items() if self._is_typed(model, name)}

    def _is_typed(self, model, name):
        """Tell whether a field of Odoo's own is stored as somebody types it, in a model of documents."""
        field = self.env[model]._fields[name]
        if not field._modules or field._modules[0].startswith("order_policy") or name in ("id", "display_name"):
            return False
        return bool(model.startswith(self.documents) and field.type in TYPED and (field.store or field.inverse))

    documents = ("sale.order", "account.move", "account.partial", "account.payment", "payment.transaction")

    def _who_types(self, model):
        """Return an ordinary user of the app that a model belongs to."""
        return self.salesman if model.startswith("sale.") else self.clerk

    def _open(self, read):
        """Return which of these fields somebody could type, and it stayed."""
        found = set()
        for (model, name), ids in sorted(read.items()):
            records = self.env[model].browse(sorted(ids)).exists()[:1].with_user(self._who_types(model))
            if records and self._is_taken(records, name):
                found.add((model, name))
        return found

    def _is_taken(self, record, name):
        before = self._kept(record, name)
        savepoint = self.env.cr.savepoint()
        try:
            with mute_logger("odoo.sql_db"):
                record.write({name: self._another(record, name)})
                self.env.flush_all()
            self.env.invalidate_all()
            return self._kept(record, name) != before
        except Exception:  # it is refused, here in which words does not matter
            return False
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def _kept(self, record, name):
        value = record.sudo()[name]
        return value.ids if record._fields[name].relational else value

    def _another(self, record, name):
        field, value = record._fields[name], record.sudo()[name]
        if field.type in ("char", "html", "text"):
            return "Typed"
        if field.type == "boolean":
            return not value
        if field.type in ("float", "integer", "monetary"):
            return value + 7
        if field.type in ("date", "datetime"):
            return "2020-02-02"
        if field.type == "selection":
            return next((key for key in field.get_values(self.env) if key != value), False)
        if field.type == "many2one":
            return self.env[field.comodel_name].sudo().search([("id", "not in", value.ids)], limit=1).id
        return [Command.unlink(value[:1].id)] if value else [Command.clear()]

    def _assert_facts_are_believed_for_a_reason(self, *facts):
        """Expect that what facts are read from cannot be typed, or is believed; and nothing else is believed."""
        open_fields = self._open(self._read_from(*facts))
        believed = {(model, name) for model, names in self.believed.items() for name in names}
        self.assertFalse(
            open_fields - believed, "Facts rest on what may be typed: refuse it, or say why it is believed."
        )
        self.assertFalse(
            believed - open_fields, "This is refused, or no fact rests on it any more: take it off the list."
        )
