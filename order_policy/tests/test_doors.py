"""Every door on every model. One file, because each door is tried on the same records by the same people."""

import base64
from collections import defaultdict
from contextlib import contextmanager

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .common import ArchiveCommon

EVIDENCE = "order.policy.evidence.mixin"
# Odoo's own fields by which an order is decided on.
DECISIONS = (
    "state", "locked", "signature", "signed_by", "signed_on", "amount_untaxed", "amount_tax", "amount_total",
)  # fmt: skip
# What people still work on: there they write what the model lists for them. Everything else is final.
UNFINISHED = {
    "order.policy": [("state", "=", "draft")],
    "order.policy.deputy": [("date_from", ">", "today"), ("ended_on", "=", False)],
    "order.policy.step": [("policy_id.state", "=", "draft")],
    "order.policy.check": [("policy_id.state", "=", "draft")],
    "order.policy.requirement": [("policy_id.state", "=", "draft")],
    "sale.order.change": [("state", "=", "draft")],
    "sale.order.change.line": [("change_id.state", "=", "draft")],
    "sale.order.dossier": [("state", "=", "open")],
    "sale.order.dossier.item": [("dossier_id.state", "=", "open")],
    "sale.order.disposal": [("state", "=", "draft")],
    "sale.order": [("state", "in", ("draft", "sent"))],
}
# What salespeople do with a quotation in Odoo: mark it as sent, lock it.
OF_QUOTATIONS = frozenset({"state", "locked"})
ROWS_EACH = 3
TRIED_IN_FULL = ("salesman", "administrator of Odoo")
SCALARS = ("char", "text", "html", "integer", "float", "monetary", "date", "datetime", "selection", "boolean")


class DoorsCase(ArchiveCommon):
    """Records of every model that keeps decisions, facts and evidence, and people who try to alter them.

    An attempt is refused in words, or it changes nothing that the database holds: else the door is open. Models and
    fields are found in the registry, so that a new one joins by itself. Each addon tries the models that it brings.
    """

    addon = "order_policy"
    unfinished = UNFINISHED

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = new_test_user(
            cls.env,
            "buyer",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.people = {
            "salesman": cls.salesman,
            "reviewer": cls.finance,
            "archivist": cls.archivist,
            "administrator of Odoo": cls._user("odoo_admin", "base.group_system", "base.group_erp_manager"),
            "customer": cls.buyer,
        }
        cls.bystander = cls._user("bystander")
        cls.draft = cls._policy(name="Next", **cls._rules())
        cls._make_evidence()
        cls.env.flush_all()
        cls.models = cls._models()
        cls.records = {name: cls._some_records(name) for name in cls.models}
        cls.said = cls._evidence_on_paper()

    @classmethod
    def _policy(cls, **values):
        return super()._policy(**{**cls._rules(), **values})

    @classmethod
    def _rules(cls):
        return {
            "intake_check_ids": [Command.create({"name": "Credit", "kind": "credit", "severity": "warn"})],
            "archive_requirement_ids": [
                Command.create(
                    {
                        "name": "Letter",
                        "kind": "document",
                        "due": "archive",
                        "document_id": cls.env.ref("order_policy.document_original").id,
                    }
                )
            ],
        }

    @classmethod
    def _make_evidence(cls):
        cls._name_deputies()
        cls.order = cls._submitted()
        cls._paper(cls.order)
        cls._review(cls.order, cls.finance_department).with_user(cls.finance).action_approve()
        cls.order.action_policy_record_confirmation("phone", "Ms. Wang", note="Yes.")
        cls.order.sudo().signature = cls._image()
        cls._dossier(cls.order)
        cls.confirmed = cls._confirmed()
        cls._review(cls.order, cls.production_department).with_user(cls.production).action_ask("Who pays the freight?")
        cls.env["sale.order.exemption"]._record(cls.order, "given", {cls.order: "Import"})
        cls.env["order.policy.dossier.class"].create({"name": "Sales", "code": "DOOR", "company_id": cls.company.id})
        cls.confirmed.with_user(cls.sales_head).action_lock()
        cls.change = cls._requested(cls.confirmed)
        cls.change.line_ids.product_uom_qty = 3
        cls.change.application_ids = cls.env["ir.attachment"].create(
            {"name": "Application.txt", "raw": b"Three", "res_model": cls.change._name, "res_id": cls.change.id}
        )
        cls.change.action_submit()
        cls.unsent = cls._requested(cls._confirmed())
        ended = cls._cancellation(cls._confirmed())
        ended.action_submit()
        cls._approve_all(ended)
        cls.sealed = cls._sealed()
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE sale_order_dossier SET retain_until = '2020-12-31' WHERE id = %s", [cls.sealed.id])
        cls.env.invalidate_all()
        cls.sealed.action_check()
        cls.env["sale.order.dossier.reading"].with_user(cls.sales_head)._note(cls.sealed.sudo(), "Letter")
        cls.env["order.policy.merge"]._note(cls.env["res.partner"].create({"name": "Twin"}), cls.customer)
        for _draft_and_asked in range(2):
            disposal = (
                cls.env["sale.order.disposal"]
                .with_user(cls.archivist)
                .create({"company_id": cls.company.id, "dossier_ids": [Command.set(cls.sealed.ids)]})
            )
        disposal.action_ask()
        cls._pay()

    @classmethod
    def _name_deputies(cls):
        """Name deputies: one who ended, one in force, one for later."""
        today = fields.Date.today()
        for begin, days in ((today, 5), (today, 9), (fields.Date.add(today, years=1), 5)):
            deputy = cls.env["order.policy.deputy"].create(
                {
                    "user_id": cls.finance.id,
                    "deputy_id": cls.general_manager.id,
                    "company_id": cls.company.id,
                    "date_from": begin,
                    "date_until": fields.Date.add(begin, days=days),
                }
            )
            if days == 5 and begin == today:
                deputy.action_end()

    @classmethod
    def _evidence_on_paper(cls):
        """Return the messages and files that are kept of these records."""
        of_kept = [(name, records.ids) for name, records in cls.records.items()]
        messages, files = cls.env["mail.message"], cls.env["ir.attachment"]
        for name, ids in of_kept:
            messages += messages.search([("model", "=", name), ("res_id", "in", ids)])
            files += files.search([("res_model", "=", name), ("res_id", "in", ids), ("res_field", "=", False)])
        cls.env.flush_all()
        return {"mail.message": messages, "ir.attachment": files}

    @classmethod
    def _pay(cls):
        method = cls.env.ref("payment.payment_method_unknown")
        provider = cls.env["payment.provider"].create({"name": "Bank", "company_id": cls.company.id})
        provider.payment_method_ids = method
        cls.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": cls.order.name,
                "amount": 1.0,
                "currency_id": cls.order.currency_id.id,
                "partner_id": cls.customer.id,
                "sale_order_ids": [Command.set(cls.order.ids)],
            }
        )

    @classmethod
    def _image(cls):
        # A white point.
        return b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=="

    @classmethod
    def _models(cls):
        """Return by model the names of the fields that make up a decision, a fact or evidence."""
        models = {
            name: [field.name for field in model._fields.values() if cls._is_kept(field)]
            for name, model in cls.env.registry.items()
            if EVIDENCE in cls._ancestors(model)
            and not model._abstract
            and not model._transient
            and cls._is_tried(model)
        }
        # Of models of Odoo only what is added to them, and what they decide.
        cls.own_models = [name for name in models if cls.env[name]._original_module == cls.addon]
        Order = cls.env["sale.order"]
        facts = [
            name
            for name, field in Order._fields.items()
            if name in DECISIONS or (cls._is_kept(field) and Order._is_kept_from_clients(field))
        ]
        return {**models, "sale.order": facts}

    @classmethod
    def _is_tried(cls, model):
        return not model._original_module.startswith("order_policy") or model._original_module == cls.addon

    @classmethod
    def _ancestors(cls, model):
        return {getattr(base, "_name", None) for base in model.__mro__}

    @classmethod
    def _is_kept(cls, field):
        return bool(
            field.store and field.name not in MAGIC_COLUMNS and (field._module or "").startswith("order_policy")
        )

    @classmethod
    def _some_records(cls, name):
        """Return records of a model, as different as there are; of orders one under review, and one that is locked."""
        if name == "sale.order":
            return (cls.order | cls.confirmed).sudo()
        Model = cls.env[name].sudo()
        mine = [("company_id", "=", cls.company.id)] if "company_id" in Model._fields else []
        found = Model.search(mine, order="id")
        kinds = found.grouped("state") if "state" in Model._fields else {}
        final = found - found.filtered_domain(cls.unfinished[name]) if name in cls.unfinished else found
        return (Model.union(*(records[:1] for records in kinds.values())) | final[:1] | found)[:ROWS_EACH]

    # ------------------------------------------------------------------
    # What is tried, and what came of it
    # ------------------------------------------------------------------

    def setUp(self):
        super().setUp()
        self.found = defaultdict(set)
        self.stored = self._stored()

    def _stored(self):
        """Return all that is kept, as the database holds it."""
        self.env.flush_all()
        stored = {}
        for model, names in self.models.items():
            Model = self.env[model]
            columns = SQL(", ").join(SQL.identifier(name) for name in ("id", *names) if Model._fields[name].column_type)
            query = SQL("SELECT %s FROM %s ORDER BY id", columns, SQL.identifier(Model._table))
            stored[model] = self.env.execute_query(query)
            for name in names:
                field = Model._fields[name]
                if field.type == "many2many":
                    query = SQL("SELECT * FROM %s ORDER BY 1, 2", SQL.identifier(field.relation))
                    stored[model, name] = self.env.execute_query(query)
        query = SQL(
            "SELECT id, res_model, res_id, res_field, checksum, name FROM ir_attachment "
            "WHERE res_model = ANY(%s) AND res_field IS NOT NULL ORDER BY id",
            list(self.models),
        )
        stored["files"] = self.env.execute_query(query)
        query = SQL(
            "SELECT id, res_model, res_id, checksum, name, type, url, public FROM ir_attachment "
            "WHERE id = ANY(%s) ORDER BY id",
            self.said["ir.attachment"].ids,
        )
        stored["papers"] = self.env.execute_query(query)
        query = SQL(
            "SELECT id, model, res_id, body, author_id, email_from, date, message_type FROM mail_message "
            "WHERE id = ANY(%s) ORDER BY id",
            self.said["mail.message"].ids,
        )
        stored["words"] = self.env.execute_query(query)
        return stored

    @contextmanager
    def _undone(self):
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)

    def _try(self, door, who, model, name, operation, *args):
        """Try something, and undo it; note when it neither was refused in words nor changed nothing."""
        with self._undone(), mute_logger("odoo.sql_db", "odoo.models.unlink"):
            try:
                operation(*args)
                self.env.flush_all()
            except (UserError, IntegrityError):  # Odoo words what the database refuses
                return
            except Exception as error:
                self.found[door, model, f"{type(error).__name__}: {error}"].add((name, who))
                return
            if self._stored() != self.stored:
                self.found[door, model, "open"].add((name, who))

    def _assert_all_closed(self):
        self.assertFalse(self.found, "\n" + "\n".join(sorted(map(self._in_words, self.found.items()))))

    def _in_words(self, item):
        (door, model, outcome), tried = item
        people = defaultdict(list)
        for name, who in sorted(tried):
            people[name].append(who)
        fields = defaultdict(list)
        for name, whom in people.items():
            fields[", ".join(whom)].append(name)
        return "\n".join(f"{door} {model} {outcome} [{whom}]: {', '.join(names)}" for whom, names in fields.items())

    def _is_unfinished(self, record):
        return bool(record._name in self.unfinished and record.filtered_domain(self.unfinished[record._name]))

    def _protected(self, record, names):
        """Leave out what people may write on a record that is still worked on."""
        model = record._name
        if model == "sale.order.change" and record.state in ("submitted", "approved"):
            return [name for name in names if name != "customer_note"]  # until the customer is told
        if self._is_unfinished(record):
            written = OF_QUOTATIONS if model == "sale.order" else self.env[model]._client_fields()
            return [name for name in names if name not in written]
        return names

    def _let_everybody_in(self):
        """Give everybody every right on the models, as an administrator of Odoo can."""
        models = self.env["ir.model"].search([("model", "in", [*self.models, "sale.order.line"])])
        self.env["ir.model.access"].create(
            [
                {"name": "Everybody", "model_id": model.id, **dict.fromkeys(self._permissions(), True)}
                for model in models
            ]
        )
        self.env["ir.rule"].search([("model_id", "in", models.ids)]).active = False
        self.env.flush_all()

    @staticmethod
    def _permissions():
        return ("perm_read", "perm_write", "perm_create", "perm_unlink")

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def _another_value(self, record, name):
        """Return a value for a field that it does not have, made from its type."""
        field, value = record._fields[name], record[name]
        if field.type in ("char", "text", "html"):
            return "Forged"
        if field.type == "boolean":
            return not value
        if field.type in ("integer", "float", "monetary", "many2one_reference"):
            return value + 7
        if field.type in ("date", "datetime"):
            return "2020-02-02"
        if field.type == "selection":
            return next((key for key in field.get_values(self.env) if key != value), False)
        if field.type == "binary":
            return base64.b64encode(b"Forged").decode()
        if field.type == "json":
            return {"forged": 1}
        others = self.env[field.comodel_name].sudo().search([("id", "not in", value.ids)], limit=1)
        if field.type == "many2one":
            return others.id
        return [Command.clear()] if value else [Command.link(others.id)]

    def _tried_values(self, record):
        names = self._protected(record, self.models[record._name])
        return {name: self._another_value(record, name) for name in names}


@tagged("post_install", "-at_install")
class TestDoors(DoorsCase):
    """Nobody alters a decision, a fact or evidence, by whatever way a client has and whatever rights he was given."""

    def test_every_model_has_records(self):
        self.assertTrue(self.own_models)
        self.assertFalse([name for name, records in self.records.items() if not records])

    def test_writing(self):
        """Also once an administrator of Odoo adds every right, to whom was refused just before."""
        self._write_in_every_way()
        self._let_everybody_in()
        self._write_in_every_way()
        self._assert_all_closed()

    def _write_in_every_way(self):
        for who, user in self.people.items():
            for model, records in self.records.items():
                for record in records:
                    values = self._tried_values(record)
                    record = record.with_user(user)
                    self._try("write", who, model, "all", record.write, values)
                    # Others are kept out by the same rules: one record of a kind tells.
                    if not record.has_access("write") or not (who in TRIED_IN_FULL or record == records[:1]):
                        continue
                    for name, value in values.items():
                        self._write_one(who, record, name, value)

    def _write_one(self, who, record, name, value):
        field, model, vals = record._fields[name], record._name, {name: value}
        self._try("write", who, model, name, record.write, vals)
        if record != self.records[model][:1]:
            return
        if who not in TRIED_IN_FULL:
            return  # the other ways end in the same method
        self._try("web_save", who, model, name, record.web_save, vals, {})
        if field.type in SCALARS:
            row = [str(record.id), str(value)]
            self._try("load", who, model, name, record.browse().load, [".id", name], [row])
        if field.translate:
            texts = {"en_US": "Forged"}
            self._try("translate", who, model, name, record.update_field_translations, name, texts)
        if field.type == "integer":
            self._try("resequence", who, model, name, record.web_resequence, {}, name, 77)

    def test_making_and_deleting(self):
        """Also once an administrator of Odoo adds every right, to whom was refused just before."""
        self._make_and_delete()
        self._let_everybody_in()
        self._make_and_delete()
        self._assert_all_closed()

    def _make_and_delete(self):
        for who, user in self.people.items():
            for model in self.own_models:
                records = self.records[model].with_user(user)
                for record in records:
                    if not (records._clients_create() and self._is_unfinished(record.sudo())):
                        self._try("unlink", who, model, "", record.unlink)
                    if "active" in record._fields:
                        self._try("archive", who, model, "", record.action_archive)
                self._try_to_make("create", who, records[:1], records.create, self._values_of(records[:1]))
                self._try_to_make("copy", who, records[:1], records[:1].copy, {})
                self._try("name_create", who, model, "", records.name_create, "Forged")

    def _values_of(self, record):
        """Return the values with which a record like another one can be made."""
        record = record.sudo()
        names = [
            name
            for name, field in record._fields.items()
            if field.store and field.required and not field.related and record[name]
        ]
        return {name: record._fields[name].convert_to_write(record[name], record) for name in names}

    def _try_to_make(self, door, who, record, make, values):
        """Try to make a record; where people may make such records, try to give it what they may not write."""
        if not self.env[record._name]._clients_create():
            self._try(door, who, record._name, "", make, values)
            return
        if who not in TRIED_IN_FULL:
            return  # for others the same fields are closed
        with self._undone():
            usual = self._made(make, values)
            usual = usual and usual.read(self.models[record._name])[0]
        if not usual:
            return
        for name, value in self._tried_values(record.sudo()).items():
            if name in record._client_fields():
                continue
            with self._undone():
                made = self._made(make, {**values, name: value})
                if made and made.read([name])[0][name] != usual[name]:
                    self.found[door, record._name, "open"].add((name, who))

    def _made(self, make, values):
        """Return what a person made, as it is; nothing when that was refused."""
        try:
            with self.env.cr.savepoint():
                return make(values).sudo()
        except (UserError, IntegrityError):
            return None

    def test_entering_orders(self):
        """What an order is born with comes from nobody's values, context or defaults."""
        values = self._tried_values(self.confirmed.sudo())
        for door, enter in self._ways_to_enter().items():
            with self._undone():
                usual = self._kept_of(enter({}))
            self._enter_with(door, enter, usual, values)
        self._assert_all_closed()

    def _enter_with(self, door, enter, usual, values):
        """Enter an order with values: with all at once, and one by one where they do not pass together."""
        with self._undone(), mute_logger("odoo.sql_db"):
            outcome = self._what_comes_of(usual, enter, values)
        if door == "ir.default":
            self.env.registry.clear_cache()
        if outcome == "same":
            return
        if len(values) > 1:
            for name, value in values.items():
                self._enter_with(door, enter, usual, {name: value})
        elif outcome == "other":
            self.found[door, "sale.order", "open"].update((name, "salesman") for name in values)

    def _ways_to_enter(self):
        return {
            "create": lambda vals: self._order(**vals),
            "default_": lambda vals: self._enter({f"default_{name}": value for name, value in vals.items()}),
            "ir.default": self._enter_with_defaults,
            "copy": self.confirmed.with_user(self.salesman).copy,
        }

    def _enter(self, context):
        Order = self.env["sale.order"].with_user(self.salesman).with_context(**context)
        return Order.create({"partner_id": self.customer.id, "company_id": self.company.id})

    def _enter_with_defaults(self, vals):
        for name, value in vals.items():
            self.env["ir.default"].with_user(self.salesman).set("sale.order", name, value, user_id=True)
        return self._enter({})

    def _what_comes_of(self, usual, enter, vals):
        try:
            return "same" if self._kept_of(enter(vals)) == usual else "other"
        except (UserError, IntegrityError):
            return "refused"

    def _kept_of(self, order):
        self.env.flush_all()
        values = order.sudo().read(self.models["sale.order"])[0]
        return {name: value for name, value in values.items() if name != "id"}

    def test_defaults(self):
        """Nothing that is made takes what is kept from somebody's defaults."""
        for who in TRIED_IN_FULL:
            for model in self.own_models:
                self._try_defaults(who, self.records[model][:1].with_user(self.people[who]))
        self._assert_all_closed()

    def _try_defaults(self, who, record):
        # Superuser: so do the methods that make these records.
        Model = record.browse().sudo()
        values = {
            name: self._another_value(record.sudo(), name)
            for name in self.models[record._name]
            if name not in Model._client_fields()
        }
        usual = Model.default_get(list(values))
        context = {f"default_{name}": value for name, value in values.items()}
        self._compare_defaults("default_", who, record, usual, Model.with_context(**context).default_get(list(values)))
        with self._undone():
            self._set_defaults(record, values)
            self._compare_defaults("ir.default", who, record, usual, Model.default_get(list(values)))
        self.env.registry.clear_cache()

    def _set_defaults(self, record, values):
        """Set defaults for oneself, or for the company as who may."""
        Default = record.env["ir.default"]
        whom = {"company_id": True} if record.env.user.has_group("base.group_system") else {"user_id": True}
        for name, value in values.items():
            if record._fields[name].type in (*SCALARS, "many2one"):
                try:
                    with self.env.cr.savepoint():
                        Default.set(record._name, name, value, **whom)
                except UserError:
                    continue

    def _compare_defaults(self, door, who, record, usual, taken):
        for name in {*usual, *taken}:
            field = record._fields[name]
            if field.type not in ("datetime", "date") and usual.get(name) != taken.get(name):
                self.found[door, record._name, "open"].add((name, who))

    def test_files_behind_fields(self):
        self._let_everybody_in()
        for who, user in self.people.items():
            Attachment = self.env["ir.attachment"].with_user(user)
            mine = Attachment.sudo().create({"name": "Mine", "raw": b"Forged"}).with_user(user)
            self.stored = self._stored()
            for model, records in self.records.items():
                for name in self._fields_to_fill(model):
                    place = {"res_model": model, "res_id": records[:1].id, "res_field": name}
                    forged = {"name": name, "raw": b"Forged", **place}
                    self._try("new file", who, model, name, Attachment.create, forged)
                    self._try("moved file", who, model, name, mine.write, place)
            of_fields = Attachment.sudo().search([("res_model", "in", list(self.models)), ("res_field", "!=", False)])
            for file in of_fields.with_user(user):
                model, name = file.sudo().res_model, file.sudo().res_field
                self._try("written file", who, model, name, file.write, {"raw": b"Forged"})
                self._try("taken file", who, model, name, file.write, {"res_id": False})
                self._try("deleted file", who, model, name, file.unlink)
        self._assert_all_closed()

    def _fields_to_fill(self, model):
        """Return the fields that Odoo keeps as files; of a model without any, one that it does not."""
        names = [name for name in self.models[model] if self.env[model]._fields[name].type in ("binary", "image")]
        return names or self.models[model][: model in self.own_models]

    def test_commands_of_parents(self):
        """Whatever holds these records in a list writes and deletes nothing of them."""
        self._let_everybody_in()
        for who in TRIED_IN_FULL:
            for field in self._lists():
                self._try_commands(who, field)
        self._assert_all_closed()

    def _lists(self):
        return [
            field
            for model in self.env.registry.values()
            for field in model._fields.values()
            if not model._abstract and field.type in ("one2many", "many2many") and field.comodel_name in self.own_models
        ]

    def _try_commands(self, who, field):
        Parent = self.env[field.model_name].with_user(self.people[who])
        child = self.records[field.comodel_name][-1:]
        parent = self._parent(field, child)
        place = f"{field.model_name}.{field.name} of"
        commands = [("", Command.delete(child.id)), ("", Command.unlink(child.id)), ("", Command.clear())]
        commands += [("", Command.create(self._values_of(child)))]
        commands += [
            (name, Command.update(child.id, {name: value})) for name, value in self._tried_values(child).items()
        ]
        for name, command in commands:
            vals = {field.name: [command]}
            write = parent.with_user(self.people[who]).write if parent else Parent.create
            self._try(place, who, child._name, name, write, vals)

    def _parent(self, field, child):
        """Return the record that holds another one in a list, or any of its model; none of one that comes and goes."""
        Parent = self.env[field.model_name].sudo()
        if Parent._transient:
            return Parent
        inverse = field.inverse_name if field.type == "one2many" else False
        if inverse and child._fields[inverse].type == "many2one":
            return child[inverse]
        return Parent.search([], limit=1, order="id desc")

    # ------------------------------------------------------------------
    # Many at once, by what apps and administrators bring
    # ------------------------------------------------------------------

    def _final(self, model):
        """Return the records of a model of which nothing is changed any more, those of orders as they are."""
        records = self.records[model]
        return records.filtered(lambda record: not self._is_unfinished(record)) or records[-1:]

    def test_forms_store_nothing(self):
        self._let_everybody_in()
        for who, user in self.people.items():
            for model, records in self.records.items():
                values = {name: value for name, value in self._tried_values(records[-1:]).items() if value is not None}
                form = records[-1:].with_user(user)
                names, spec = list(values), {name: {} for name in values}
                self._try("onchange", who, model, "all", form.onchange, values, names, spec)
                self._try("onchange of a new one", who, model, "all", form.browse().onchange, values, names, spec)
        self._assert_all_closed()

    def test_many_at_once(self):
        """What may be written on a record that is worked on is not written on those that are final beside it."""
        self._let_everybody_in()
        for who in TRIED_IN_FULL:
            for model, records in self.records.items():
                many = records.with_user(self.people[who])
                values = self._tried_values(self._final(model)[-1:])
                self._try("write many", who, model, "all", many.write, values)
                if model in self.unfinished and len(many) > 1:
                    for name, value in values.items():
                        self._try("write many", who, model, name, many.write, {name: value})
                if model in self.own_models:
                    self._try("unlink many", who, model, "", many.unlink)
                if "active" in many._fields:
                    self._try("archive many", who, model, "", many.action_archive)
        self._assert_all_closed()

    def test_actions_of_who_has_no_part_in_it(self):
        """Whoever neither sells, decides, archives nor administers does nothing with the buttons, on one or on many."""
        for model in self.models:
            for name in self._buttons(model):
                many = self.records[model].with_user(self.bystander)
                for records in (many, many[-1:]):
                    self._try(name, "bystander", model, "", getattr(records, name))
        self._assert_all_closed()

    def _buttons(self, model):
        cls = self.env.registry[model]
        lacking = set() if "active" in cls._fields else {"action_archive", "action_unarchive"}
        # These of Odoo fail without what its forms hand over.
        lacking |= {"action_add_from_catalog", "action_share"}
        return sorted(name for name in dir(cls) if name.startswith("action_") and name not in lacking)

    def test_server_actions(self):
        """Whoever runs what an administrator of Odoo set up does no more than he may."""
        self._let_everybody_in()
        for model in self.models:
            final = self._final(model)[-1:]
            values = self._tried_values(final)
            written = self.env["ir.actions.server"].create(
                {
                    "name": "Forge",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "state": "code",
                    "code": "records.write(env.context['forged'])",
                }
            )
            for who in ("salesman", "reviewer"):
                run = written.with_user(self.people[who]).with_context(active_model=model, active_ids=final.ids)
                self._try("server action", who, model, "all", run.with_context(forged=values).run)
            texts = [name for name in values if final._fields[name].type in ("char", "text", "html")]
            if texts:
                written.write({"state": "object_write", "update_path": texts[0], "value": "Forged"})
                for who in ("salesman", "reviewer"):
                    run = written.with_user(self.people[who]).with_context(active_model=model, active_ids=final.ids)
                    self._try("update by server action", who, model, texts[0], run.run)
        self._assert_all_closed()

    def test_import_of_files(self):
        self._let_everybody_in()
        for who in TRIED_IN_FULL:
            for model in self.models:
                final = self._final(model)[-1:]
                names = [
                    name for name in self._protected(final, self.models[model]) if final._fields[name].type in SCALARS
                ]
                rows = ",".join([".id", *names]) + "\n"
                rows += ",".join([str(final.id), *(str(self._another_value(final, name)) for name in names)])
                importing = self.env["base_import.import"].with_user(self.people[who])
                importing = importing.create({"res_model": model, "file": rows.encode(), "file_type": "text/csv"})
                options = {"quoting": '"', "separator": ",", "has_headers": True, "encoding": "utf-8"}
                self._try("import", who, model, "all", importing.execute_import, [".id", *names], [], options)
        self._assert_all_closed()

    def test_messages_and_activities(self):
        """What is said, sent and done beside them moves no paper, rewrites no word, and decides nothing."""
        self._let_everybody_in()
        # Reading what is sealed is noted, as it should be.
        papers = self.said["ir.attachment"].filtered(lambda file: file.res_model != "sale.order.dossier.item").ids
        for who, user in {**self.people, "bystander": self.bystander}.items():
            if who == "archivist":
                continue  # who may do what a reviewer may
            for model, records in self.records.items():
                if "message_ids" not in records._fields:
                    continue
                mine = records.with_user(user)
                for record in mine:
                    self._try("message", who, model, "", self._post_papers, record, papers)
                self._try("mail", who, model, "", self._send_to_all, mine, papers)
                if "activity_ids" in records._fields:
                    self._try("activity", who, model, "", self._do_activity, mine[:1], papers)
        # Departments acknowledge with them that they were told; nobody else does.
        activities = self.env["mail.activity"].search([("res_model", "in", list(self.models))])
        for who, user in (("bystander", self.bystander), ("customer", self.buyer)):
            for activity in activities.with_user(user):
                self._try("activity of others", who, activity.sudo().res_model, "", activity.action_feedback, "Done")
        self._assert_all_closed()

    def _post_papers(self, record, papers):
        record.message_post(body="See there.", attachment_ids=papers)

    def _send_to_all(self, records, papers):
        composer = self.env["mail.compose.message"].with_user(records.env.user)
        values = {"model": records._name, "res_ids": repr(records.ids), "composition_mode": "mass_mail"}
        values |= {"subject": "Forged", "body": "Forged", "attachment_ids": [Command.set(papers)]}
        composer.create(values)._action_send_mail()

    def _do_activity(self, record, papers):
        activity = record.activity_schedule("mail.mail_activity_data_todo", user_id=record.env.uid)
        activity.action_feedback("Done", attachment_ids=papers)
