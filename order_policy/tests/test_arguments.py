import inspect
from datetime import date
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessDenied, UserError
from odoo.service.model import call_kw
from odoo.tests import mute_logger, tagged

from .common import ArchiveCommon

# What no program should hand over, and one does by mistake.
ABSURD = (
    None,
    "word",
    "a\0b",
    -1,
    2**31,
    10**30,
    1.5,
    True,
    [],
    [[1, 2], [3]],
    {"a": [1]},
    "99999-01-01",
    "0000-00-00 00:00:00",
)
NO_RECORDS = ([], None, "word", [10**30], [-5], [999999999], ["a\0b"], [None], [[1]], {"a": 1}, False)
# Odoo's own methods, which take what they take; that their values can be stored is tried by itself.
OF_ODOO = {"create", "write", "read", "unlink", "copy", "default_get", "onchange", "web_read"}


class ArgumentsCase(ArchiveCommon):
    """Calls the public methods of an addon with what no program should hand over."""

    modules = "odoo.addons.order_policy."
    records = {}  # on which methods are called, by model

    def setUp(self):
        super().setUp()
        self.written = False
        execute = type(self.env.cr).execute

        def notice(cr, query, *args, **kwargs):
            words = getattr(query, "code", query).lstrip().upper()
            self.written |= words.startswith(("INSERT", "UPDATE", "DELETE"))
            return execute(cr, query, *args, **kwargs)

        self.startPatcher(patch.object(type(self.env.cr), "execute", notice))

    def _forget(self):
        """Forget what was read, where something may have been altered: else it is as the database has it."""
        transaction = self.env.transaction
        if self.written or any(transaction.field_dirty.values()) or any(transaction.tocompute.values()):
            self.env.clear()
            self.written = False

    def _public_methods(self):
        for model_name, model in sorted(self.env.registry.items()):
            if model._abstract:
                continue
            found = {}
            for cls in model.__mro__:
                if not f"{cls.__module__}.".startswith(self.modules):
                    continue
                for name, method in vars(cls).items():
                    if inspect.isfunction(method) and not name.startswith("_") and name not in OF_ODOO:
                        found.setdefault(name, getattr(model, name))
            for name, method in found.items():
                if not getattr(method, "_api_private", False) and name != "ensure_one":
                    yield model_name, name, method

    def _call(self, user, model_name, name, args, kwargs=None):
        """Call a method as a client does; what it answers in words is fine, and what it does is undone."""
        with self.subTest(user=user.login, method=f"{model_name}.{name}", args=args, kwargs=kwargs):
            model = self.env[model_name].with_user(user)
            savepoint = self.env.cr.savepoint(flush=False)
            try:
                call_kw(model, name, list(args), kwargs or {})
                self.env.flush_all()
            except (UserError, AccessDenied) as error:
                self.assertTrue(str(error))
                self.assertNotRegex(str(error), r"Traceback|TypeError|psycopg2")
            except psycopg2.IntegrityError as error:
                self.assertTrue(error.pgcode)  # which Odoo says in words
            finally:
                self._forget()
                savepoint.close(rollback=True)

    def _arguments(self, method):
        return [name for name in inspect.signature(method).parameters if name != "self"]

    def _call_with_no_records(self, *users):
        for model_name, name, method in self._public_methods():
            if getattr(method, "_api_model", False):
                continue
            for ids in NO_RECORDS:
                for user in users:
                    self._call(user, model_name, name, [ids])

    def _call_with_absurd_arguments(self, *users):
        for model_name, name, method in self._public_methods():
            ids = [self.records[model_name].ids] if model_name in self.records else [[]]
            if getattr(method, "_api_model", False):
                ids = []
            for argument in self._arguments(method):
                for value in ABSURD:
                    for user in users:
                        self._call(user, model_name, name, ids, {**self._known(name), argument: value})

    def _known(self, _name):
        """Return what a method is called with besides, so that it gets as far as to what is absurd."""
        return {}


@tagged("post_install", "-at_install")
class TestArguments(ArgumentsCase):
    """Whatever a program hands over, it is answered in words, or does no harm."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._submitted()
        cls.confirmed = cls._confirmed()
        cls.change = cls._requested(cls.confirmed)
        cls.sealed = cls._sealed()
        review = cls._review(cls.order, cls.finance_department)
        review.with_user(cls.finance).action_ask("Who pays the freight?")
        cls.env.flush_all()
        cls.records = {
            "sale.order": cls.order,
            "sale.order.question": review.question_ids,
            "sale.order.review": cls._review(cls.order, cls.finance_department),
            "sale.order.change": cls.change,
            "sale.order.dossier": cls.sealed,
            "sale.order.dossier.item": cls.sealed.item_ids[:1],
            "order.policy": cls.policy,
            "order.policy.department": cls.finance_department,
            "order.policy.channel": cls.env.ref("order_policy.channel_phone"),
        }

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_methods_are_called_with_no_records(self):
        self._call_with_no_records(self.salesman, self.policy_admin)  # who is an archivist as well

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_methods_are_called_with_absurd_arguments(self):
        self._call_with_absurd_arguments(self.salesman, self.finance)

    @mute_logger("odoo.sql_db")
    def test_confirmations_are_recorded_with_absurd_arguments(self):
        known = {"method": "phone", "contact": "Ms. Wang", "note": "Agreed"}
        for argument in ("method", "contact", "note", "confirmed_on", "message_id", "files", "digest"):
            for value in (*ABSURD, [["a", 5]], [["a", "b", "c"]], [[5, "YQ=="]], date.max):
                self._call(
                    self.salesman,
                    "sale.order",
                    "action_policy_record_confirmation",
                    [self.order.ids],
                    {**known, argument: value},
                )

    @mute_logger("odoo.sql_db")
    def test_values_that_cannot_be_stored(self):
        """Every field of ours is tried with every value, as those who may write some of them."""
        for model_name, records in {**self.records, "sale.order.change.line": self.change.line_ids[:1]}.items():
            user = self.salesman if model_name.startswith("sale.order") else self.policy_admin
            for field in records._fields.values():
                if not (field._module or "").startswith("order_policy") or field.type in ("one2many", "many2many"):
                    continue
                if not records.with_user(user)._has_field_access(field, "write"):
                    continue
                for value in (*ABSURD, float("inf")):
                    self._call(user, model_name, "write", [records.ids, {field.name: value}])

    @mute_logger("odoo.sql_db")
    def test_records_that_cannot_be_stored(self):
        """As for fields that are written, for records that people make."""
        own = {"deputy_id": self.production.id, "date_from": date(2030, 1, 1), "date_until": date(2030, 1, 2)}
        for name in self.env["order.policy.deputy"]._client_fields():
            for value in (*ABSURD, float("inf")):
                self._call(self.finance, "order.policy.deputy", "create", [[{**own, name: value}]])

    def test_halves_of_characters_are_no_text(self):
        review = self.records["sale.order.review"].with_user(self.finance)
        with self.assertRaisesRegex(UserError, "is no text"):
            review.action_reject("Too cheap \ud83d")
        review.action_reject("Too cheap \U0001f600")
        self.assertEqual(review.comment, "Too cheap \U0001f600")

    def test_decisions_without_a_reason_say_what_lacks(self):
        review = self.records["sale.order.review"].with_user(self.finance)
        for name, says in (("action_reject", "."), ("action_approve", ".")):
            with self.assertRaisesRegex(UserError, says):
                call_kw(review, name, [review.ids], {"comment": ["word"]})
        with self.assertRaisesRegex(UserError, "Reload the page"):
            call_kw(review, "action_approve", [review.ids], {"digests": "word"})
        with self.assertRaisesRegex(UserError, "Choose the reason"):
            call_kw(self.order, "action_policy_refuse", [self.order.ids], {})
        with self.assertRaisesRegex(UserError, "one at a time"):
            call_kw(self.policy.with_user(self.policy_admin), "action_new_version", [[]], {})
        with self.assertRaisesRegex(UserError, "no record"):
            call_kw(self.order, "action_policy_submit", ["word"], {})
