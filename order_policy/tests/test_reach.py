import re

from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import ArchiveCommon

REFUSALS = (AccessError, MissingError, UserError, ValidationError)
# Where a record that is not saved lies in memory, whose digits say nothing.
NEW_ID = re.compile(r"NewId_0x[0-9a-f]+")


@tagged("post_install", "-at_install")
class TestReach(ArchiveCommon):
    """Whoever sees his own orders only learns nothing of another's, whatever a form is asked to compute."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.newcomer = cls._user("newcomer", "sales_team.group_sale_salesman")  # of no department that reviews
        cls.customer.name = "Ordinary Trading"
        cls.secret_customer = cls.env["res.partner"].create(
            {"name": "Hidden Customer", "email": "hidden@secret.example", "phone": "+86 555 0199"}
        )
        cls.gem = cls._product("Hidden Gem", 1000.0)
        values = {"partner_id": cls.secret_customer.id, "client_order_ref": "Hidden Reference"}
        cls.foreign = cls._confirmed((cls.gem, 3, 7771.31), user=cls.other_salesman, **values)
        cls.foreign.message_post(body="Hidden words", message_type="comment")
        cls._paper(cls.foreign, user=cls.other_salesman, name="Hidden.txt", content=b"Hidden words")
        cls.foreign_change = cls._requested(cls.foreign, user=cls.other_salesman, note="Hidden note")
        cls.foreign_change.line_ids.price_unit = 7773.47
        cls.foreign_change.action_submit()
        dossier = cls.foreign.with_user(cls.archivist)
        dossier.action_view_dossier()
        cls.needles = ("Hidden", "771.31", "313.93", "773.47", "320.41", "hidden@secret", "555 0199", cls.foreign.name)
        cls.own = cls._confirmed(user=cls.newcomer)
        cls.own_change = cls._requested(cls.own, user=cls.newcomer)
        cls.draft = cls._order(user=cls.newcomer)
        cls.env.flush_all()
        foreign = cls.foreign.sudo()
        cls.hidden = {
            "sale.order": foreign,
            "sale.order.line": foreign.order_line,
            "sale.order.review": foreign.review_ids,
            "sale.order.check": foreign.check_ids,
            "sale.order.confirmation": foreign.confirmation_ids,
            "sale.order.change": cls.foreign_change.sudo(),
            "sale.order.change.line": cls.foreign_change.sudo().line_ids,
            "sale.order.dossier": foreign.dossier_id,
            "sale.order.dossier.item": foreign.dossier_id.item_ids,
            "mail.message": foreign.message_ids.filtered(lambda message: "Hidden" in (message.body or "")),
            "ir.attachment": cls.env["ir.attachment"].search(
                [("res_model", "=", "sale.order"), ("res_id", "=", foreign.id)]
            ),
        }

    def _models(self):
        """Return the models of the order policy, and those of orders."""
        for name, model in sorted(self.env.registry.items()):
            if not model._abstract and (
                name in ("sale.order", "sale.order.line") or model._module.startswith("order_policy")
            ):
                yield name

    def _learn(self, records, how, *args):
        """Let somebody call a method, and make sure that he learns nothing of what is hidden from him."""
        self.env.invalidate_all()
        try:
            with self.env.cr.savepoint(flush=False):
                answer = NEW_ID.sub("NewId", repr(getattr(records, how)(*args)))
                records.env.flush_all()
        except REFUSALS:
            return
        finally:
            self.env.invalidate_all(flush=False)
        for needle in self.needles:
            self.assertNotIn(needle, answer)

    def _ways_to_refer(self, field, hidden):
        """Return the values by which a client can refer to a hidden record."""
        if field.type == "many2one":
            return [hidden.id, {"id": hidden.id}]
        return [
            [Command.link(hidden.id)],
            [Command.set(hidden.ids)],
            [Command.update(hidden.id, {})],
            [hidden.id],
        ]

    def test_forms_compute_with_own_records_only(self):
        own = {
            "sale.order": self.draft,
            "sale.order.line": self.draft.order_line,
            "sale.order.change": self.own_change,
            "sale.order.change.line": self.own_change.line_ids,
        }
        tried = 0
        for name in self._models():
            Model = self.env[name].with_user(self.newcomer)
            readable = [field for field in Model._fields.values() if Model._has_field_access(field, "read")]
            # A picture may hold any letters.
            spec = {field.name: {} for field in readable if field.type != "binary"}
            spec.pop("translated_product_name", None)  # which Odoo computes of lines of an order only
            for field in Model._fields.values():
                hidden = self.hidden.get(field.comodel_name if field.relational else "", Model)[:1]
                if not hidden:
                    continue
                for value in self._ways_to_refer(field, hidden):
                    with self.subTest(model=name, field=field.name, value=value):
                        tried += 1
                        with_default = Model.with_context(**{f"default_{field.name}": value})
                        self._learn(Model, "onchange", {field.name: value}, [], spec)
                        self._learn(Model, "onchange", {field.name: value}, [field.name], spec)
                        self._learn(with_default, "onchange", {}, [], spec)
                        self._learn(with_default, "default_get", list(spec))
                        if name in own:
                            self._learn(own[name][:1], "onchange", {field.name: value}, [field.name], spec)
        self.assertGreater(tried, 50)

    def test_reports(self):
        """Nothing is printed of what somebody may not read, alone or beside his own, whoever made the report."""
        own = {"sale.order": self.own, "sale.order.change": self.own_change}
        reports = self.env["ir.actions.report"].search(
            ["|", ("report_name", "=like", "order_policy%"), ("model", "in", list(self.hidden))]
        )
        self.assertIn("order_policy.report_review_sheet", reports.mapped("report_name"))
        portal = new_test_user(self.env, "stranger", "base.group_portal")
        for report in reports:
            hidden = self.hidden[report.model].ids if report.model in self.hidden else [1]
            for user in (self.newcomer, portal):
                for ids in (hidden, own.get(report.model, self.own).ids + hidden):
                    printing = self.env["ir.actions.report"].with_user(user)
                    with self.subTest(report=report.report_name, user=user.login), self.assertRaises(UserError):
                        printing._render_qweb_html(report.report_name, ids)

    def test_order_copies_are_printed_by_nobody(self):
        copy = {"title": "Forged", "currency_id": self.own.currency_id.id, "order": {"partner_id": False}}
        for user in (self.newcomer, self.sales_head, self.policy_admin):
            for data in (None, {"copy": copy}):
                printing = self.env["ir.actions.report"].with_user(user)
                with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "printed and filed by itself"):
                    printing._render_qweb_html("order_policy.report_order_copy", self.own.ids, data=data)

    def test_lines_of_a_request_do_not_price_what_is_on_another_order(self):
        line = self.own_change.line_ids
        lines = [Command.update(line.id, {"order_line_id": self.foreign.order_line.id, "product_uom_qty": 2})]
        spec = {"line_ids": {"fields": {"price_unit": {}, "was_price_unit": {}, "qty_delivered": {}}}}
        with self.assertRaises(AccessError):
            self.own_change.onchange({"line_ids": lines}, ["line_ids"], spec)

    def test_what_is_not_a_value_is_refused_in_words(self):
        for values in ("word", [1], {"order_line": 5}, {"order_line": [[6]]}, {"dossier_id": "word"}):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "Load the page again"):
                self.draft.onchange(values, ["order_line"], {"order_line": {}})
