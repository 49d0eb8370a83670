"""Who may read, write and call what. One file, because it is one table of models, methods and roles."""

import inspect

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import OrderPolicyCommon

# What each role may do with records that are within its reach: c(reate), r(ead), w(rite), u(nlink).
# Salespeople are those of own documents, of all documents, and the sales manager.
RIGHTS = """
                              internal portal public own  all  manager invoicing reviewer archivist supervisor admin
order.policy                  -        -      -      r    r    r       -         r        r         r          crwu
order.policy.step             -        -      -      r    r    r       -         r        r         r          crwu
order.policy.requirement      -        -      -      r   r   r       -         r        r         r          crwu
order.policy.check            -        -      -      r   r   r       -         r        r         r          crwu
order.policy.channel          r        -      -      r   r   r       r         r        r         r          crwu
order.policy.document         r        -      -      r   r   r       r         r        r         r          crwu
order.policy.reason           r        -      -      r   r   r       r         r        r         r          crwu
order.policy.aspect           -        -      -      r    r    r       -         r        r         r          r
order.policy.department       -        -      -      r    r    r       -         r        r         r          crwu
order.policy.deputy           -        -      -      r    r    r       -         crwu     r         r          crwu
sale.order.review             -        -      -      r    r    r       -         r        r         r          r
sale.order.check              -        -      -      r   r   r       -         r        r         r          r
sale.order.exemption          -        -      -      r    r    r       -         r        r         r          r
sale.order.question           -        -      -      r    r    r       -         r        r         r          r
sale.order.confirmation       -        -      -      r    r    r       -         r        r         r          r
sale.order                    -        r      -      crw  crw  crwu    rw        r        r         r          r
sale.order.line               -        r      -      crwu crwu crwu    rw        r        r         r          r
order.policy.dossier.class    -        -      -      r    r    r       -         r        r         r          crwu
sale.order.dossier            -        -      -      r    r    r       -         r        rw        r          rw
sale.order.dossier.item       -        -      -      r    r    r       -         r        rw        r          rw
sale.order.dossier.seal       -        -      -      -    -    -       -         -        r         r          r
order.policy.merge            -        -      -      -    -    -       -         -        r         r          r
sale.order.dossier.check      -        -      -      -    -    -       -         -        r         r          r
sale.order.dossier.reading    -        -      -      -    -    -       -         -        r         r          r
sale.order.dossier.export     -        -      -      -    -    -       -         -        r         r          r
sale.order.disposal           -        -      -      -    -    -       -         -        crwu      r          crwu
sale.order.change             -        -      -      crw  crw  crw     -         cr       r         r          r
sale.order.change.line        -        -      -      crwu crwu crwu    -         r        r         r          r
sale.order.change.notice      -        -      -      r    r    r       -         r        r         r          r
sale.order.review.decide      -        -      -      crwu crwu crwu    -         crwu     crwu      crwu       crwu
sale.order.review.ask         -        -      -      crwu crwu crwu    -         crwu     crwu      crwu       crwu
sale.order.question.answer    -        -      -      crwu crwu crwu    -         crwu     crwu      crwu       crwu
sale.order.refuse             -        -      -      crwu crwu crwu    -         -        -         -          -
sale.order.resubmit           -        -      -      crwu crwu crwu    -         -        -         -          -
sale.order.confirmation.record -        -      -      crwu crwu crwu    -         -        -         -          -
order.policy.adopt            -        -      -      -    -    -       -         -        -         -          crwu
order.policy.adopt.department -        -      -      -    -    -       -         -        -         -          crwu
order.policy.exempt           -        -      -      -    -    -       -         -        -         -          crwu
"""

# Who may call the public methods. Those that only open a window give nothing away: the rights above apply to that.
EVERYBODY = "internal portal public own all manager invoicing reviewer archivist supervisor admin"
SALES = "own all manager"
METHODS = {
    "order.policy.action_activate": "admin",
    "order.policy.action_retire": "admin",
    "order.policy.action_new_version": "admin",
    "order.policy.action_view_orders": EVERYBODY,
    "order.policy.adopt.action_adopt": "admin",
    "order.policy.channel.action_view_orders": EVERYBODY,
    "order.policy.department.action_view_pending_reviews": EVERYBODY,
    "order.policy.deputy.action_end": "reviewer admin",
    "order.policy.exempt.action_exempt": "admin",
    "order.policy.exempt.action_end_exemption": "admin",
    "ir.attachment.default_get": EVERYBODY,
    "res.config.settings.default_get": EVERYBODY,
    "sale.mass.cancel.orders.action_mass_cancel": f"{SALES} invoicing",
    "sale.order.action_cancel": f"{SALES} invoicing",
    "sale.order.action_confirm": f"{SALES} invoicing",
    "sale.order.action_policy_cancel": f"{SALES} invoicing",
    "sale.order.action_open_cancel_form": f"{SALES} invoicing reviewer",
    "sale.order.action_open_change_form": f"{SALES} invoicing reviewer",
    "sale.order.action_request_cancel": f"{SALES} invoicing reviewer",
    "sale.order.action_request_change": f"{SALES} invoicing reviewer",
    "sale.order.action_view_changes": EVERYBODY,
    "sale.order.change.action_apply": SALES,
    "sale.order.change.default_get": EVERYBODY,
    "sale.order.change.action_refresh": SALES,
    "sale.order.change.action_submit": SALES,
    "sale.order.change.action_withdraw": "own",
    "sale.order.change.notice.action_acknowledge": "reviewer",
    "sale.order.action_view_dossier": f"{SALES} reviewer archivist supervisor admin",
    "sale.order.dossier.action_check": "archivist admin",
    "sale.order.dossier.action_gather": f"{SALES} reviewer archivist supervisor admin",
    "sale.order.dossier.action_seal": "archivist admin",
    "sale.order.dossier.action_supplement": "archivist admin",
    "sale.order.dossier.item.action_open_file": f"{SALES} archivist supervisor admin",
    "sale.order.dossier.action_export": "archivist supervisor admin",
    "sale.order.disposal.action_ask": "archivist admin",
    "sale.order.disposal.action_agree": "archivist supervisor",
    "sale.order.disposal.action_refuse": "archivist supervisor",
    "sale.order.action_policy_ask_by_sms": f"{SALES} invoicing",
    "sale.order.action_policy_exempt": "admin",
    "sale.order.action_policy_end_exemption": "admin",
    "sale.order.action_policy_record_confirmation": f"{SALES} invoicing",
    "sale.order.action_policy_refuse": f"{SALES} invoicing",
    "sale.order.action_policy_submit": f"{SALES} invoicing",
    "sale.order.action_policy_withdraw": f"{SALES} invoicing",
    "sale.order.action_quotation_send": "portal own all manager invoicing reviewer archivist supervisor admin",
    "sale.order.action_quotation_sent": f"{SALES} invoicing",
    "sale.order.action_view_reviews": EVERYBODY,
    "sale.order.confirmation.record.action_record": f"{SALES} invoicing",
    "sale.order.fields_get": EVERYBODY,
    "sale.order.onchange": f"{SALES} invoicing",
    "sale.order.line.onchange": f"{SALES} invoicing",
    "sale.order.web_read": f"portal {SALES} invoicing reviewer archivist supervisor admin",
    "sale.order.line.web_read": f"portal {SALES} invoicing reviewer archivist supervisor admin",
    "sale.order.refuse.action_refuse": f"{SALES} invoicing",
    "sale.order.question.action_answer": SALES,
    "sale.order.question.action_open_subject": f"{SALES} reviewer archivist supervisor admin",
    "sale.order.question.answer.action_answer": SALES,
    "sale.order.resubmit.action_submit": f"{SALES} invoicing",
    "sale.order.review.action_ask": "reviewer",
    "sale.order.review.ask.action_ask": "reviewer",
    "sale.order.review.action_approve": "reviewer",
    "sale.order.review.action_approve_shown": "reviewer",
    "sale.order.review.action_reject": "reviewer",
    "sale.order.review.decide.action_decide": "reviewer",
    "sale.order.review.decide.default_get": f"{SALES} reviewer archivist supervisor admin",
}
OPERATIONS = {"c": "create", "r": "read", "w": "write", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestRights(OrderPolicyCommon):
    """Who may read, write and call what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.roles = {
            "internal": cls._user("just_internal"),
            "portal": new_test_user(cls.env, "buyer", "base.group_portal", partner_id=cls.customer.id, **company),
            "public": new_test_user(cls.env, "somebody", "base.group_public", **company),
            "own": cls.other_salesman,
            "all": cls._user("sales_all", "sales_team.group_sale_salesman_all_leads"),
            "manager": cls._user("sales_manager", "sales_team.group_sale_manager"),
            "invoicing": cls._user("invoicing", "account.group_account_invoice"),
            "reviewer": cls.finance,
            "archivist": cls._user("archivist", "order_policy.group_order_policy_archivist"),
            "supervisor": cls._user("supervisor", "order_policy.group_order_policy_supervisor"),
            "admin": cls.policy_admin,
        }
        cls.draft_policy = cls._policy(name="Draft")
        cls.entered = cls._order(user=cls.other_salesman)
        cls.expired = cls._order(user=cls.other_salesman, validity_date="2026-01-01")
        cls.order = cls._submitted(user=cls.other_salesman)
        cls.approved_order = cls._approved(user=cls.other_salesman)
        cls.customer.phone = "+86 574 5550 1234"
        cls.reason = cls.env.ref("order_policy.reason_refusal_price")
        cls.merge = cls.env["order.policy.merge"]._note(cls.env["res.partner"].create({"name": "Twin"}), cls.customer)
        cls.channel = cls.env["order.policy.channel"].create({"name": "Pigeon"})
        cls.document = cls.env["order.policy.document"].create({"name": "Map"})
        cls.review = cls._review(cls.order, cls.finance_department)
        cls.deputy = cls.env["order.policy.deputy"].create(cls._mandate())
        cls.empty_department = cls.env["order.policy.department"].create(
            {"name": "Empty", "company_id": cls.company.id}
        )
        cls.preset = cls.env["order.policy"].create(
            {
                "name": "Ready policy",
                "company_id": False,
                "step_ids": [
                    Command.create(
                        {
                            "name": "Finance",
                            "department_id": cls.env.ref("order_policy.department_finance").id,
                        }
                    )
                ],
            }
        )
        cls.confirmation = (
            cls.env["sale.order.confirmation"]
            .sudo()
            .create(
                {
                    "order_id": cls.order.id,
                    "method": "online",
                    "confirmed_on": "2026-01-05 08:00:00",
                    "digest": "-",
                }
            )
        )

        cls.exempt_order = cls._submitted(user=cls.other_salesman)
        cls.exempt_order.sudo().action_policy_exempt("Import")
        cls.review.with_user(cls.finance).action_ask("Who pays the freight?")
        cls.question = cls.review.question_ids
        cls.exemption = cls.env["sale.order.exemption"]._record(cls.order, "given", {cls.order: "Import"})
        cls.confirmed_order = cls._confirmed(user=cls.other_salesman)
        cls.change = cls._requested(cls.confirmed_order, user=cls.other_salesman)
        cls.change.line_ids.product_uom_qty = 3
        cls.added_line = cls.change.sudo().line_ids.create({"change_id": cls.change.id, "product_id": cls.chair.id})
        cls.approved_change = cls._cancellation(cls._confirmed(user=cls.other_salesman), user=cls.other_salesman)
        cls.approved_change.sudo().state = "approved"
        cls.notice = (
            cls.env["sale.order.change.notice"]
            .sudo()
            .create({"change_id": cls.change.id, "department_id": cls.finance_department.id})
        )
        cls._make_archive()
        cls.requirement, cls.draft_check, cls.check = cls._make_rules()
        cls.result = (
            cls.env["sale.order.check"]
            .sudo()
            .create({"order_id": cls.order.id, "check_id": cls.check.id, "state": "warn"})
        )

    @classmethod
    def _make_archive(cls):
        """Make dossiers that are open and sealed on orders of the other salesman, and disposals of them."""
        Dossier = cls.env["sale.order.dossier"]
        cls.dossier = Dossier._open(cls.order.sudo())
        ended = cls._submitted(user=cls.other_salesman)
        sealable = cls._submitted(user=cls.other_salesman)
        cls._cancel(ended | sealable)
        cls.sealed, cls.sealable = Dossier._open(ended.sudo()), Dossier._open(sealable.sudo())
        cls.sealed.action_seal()
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE sale_order_dossier SET retain_until = '2020-12-31' WHERE id = %s", [cls.sealed.id])
        cls.sealed.invalidate_recordset()
        cls.dossier_check = cls.env["sale.order.dossier.check"]._check(cls.sealed)
        cls.reading = cls.env["sale.order.dossier.reading"].create(
            {"dossier_id": cls.sealed.id, "user_id": cls.finance.id}
        )
        Disposal = cls.env["sale.order.disposal"]
        values = {"company_id": cls.company.id, "dossier_ids": [Command.set(cls.sealed.ids)]}
        cls.disposal = Disposal.create(values)
        cls.asked_disposal = Disposal.with_user(cls.policy_admin).create(values)
        cls.asked_disposal.action_ask()
        cls.env.flush_all()

    @classmethod
    def _make_rules(cls):
        """Return a requirement and a check of drafts, and another check that results refer to."""
        draft, other_draft = cls._policy(name="Another draft"), cls._policy(name="A third draft")
        requirement = cls.env["order.policy.requirement"].create(
            {"name": "Map", "policy_id": draft.id, "kind": "document", "document_id": cls.document.id}
        )
        checks = cls.env["order.policy.check"].create(
            [{"name": "Credit", "policy_id": policy.id, "kind": "credit"} for policy in (draft, other_draft)]
        )
        return requirement, *checks

    def _is_allowed(self, operation):
        """Tell whether an operation is allowed, and undo it."""
        with self.env.cr.savepoint() as savepoint:
            try:
                operation()
                self.env.flush_all()
            except AccessError:
                return False
            finally:
                savepoint.rollback()
                self.env.registry.clear_cache()  # of what was in force for this moment
        return True

    def _assert_table(self, expected, actual):
        """Compare two dicts, naming each difference."""
        wrong = [f"{key}: {actual[key]}, should be {expected[key]}" for key in expected if actual[key] != expected[key]]
        self.assertFalse(wrong, "\n".join(wrong))

    # ------------------------------------------------------------------
    # The tables
    # ------------------------------------------------------------------

    def _values(self, model, user):
        """Return the values to create a record of a model with, and those to write on it."""
        return {
            "order.policy": ({"name": "Mine"}, {"name": "Mine"}),
            "order.policy.step": (
                {"name": "Mine", "policy_id": self.draft_policy.id, "department_id": self.finance_department.id},
                {"name": "Mine"},
            ),
            "order.policy.requirement": (
                {
                    "name": "Mine",
                    "policy_id": self.draft_policy.id,
                    "kind": "document",
                    "document_id": self.document.id,
                },
                {"name": "Mine"},
            ),
            "order.policy.check": (
                {"name": "Mine", "policy_id": self.draft_policy.id, "kind": "credit"},
                {"name": "Mine"},
            ),
            "order.policy.channel": ({"name": "Mine"}, {"name": "Mine"}),
            "order.policy.document": ({"name": "Mine"}, {"name": "Mine"}),
            "order.policy.reason": ({"name": "Mine"}, {"name": "Mine"}),
            "sale.order.check": (
                {"order_id": self.order.id, "check_id": self.check.id, "state": "pass"},
                {"state": "pass"},
            ),
            "order.policy.merge": ({"former_id": 1, "former_name": "Mine", "into_name": "Mine"}, {"into_name": "Mine"}),
            "sale.order.refuse": (
                {"order_id": self.order.id, "reason_id": self.reason.id},
                {"note": "mine"},
            ),
            "sale.order.resubmit": ({"order_id": self.order.id, "comment": "Agreed"}, {"comment": "mine"}),
            "sale.order.confirmation.record": ({"order_id": self.order.id, "contact": "Wang"}, {"note": "mine"}),
            "order.policy.aspect": ({"name": "Mine", "code": "mine"}, {"name": "Mine"}),
            "order.policy.department": ({"name": "Mine", "company_id": self.company.id}, {"name": "Mine"}),
            "order.policy.deputy": (
                {**self._mandate(), "date_from": "2091-01-01", "date_until": "2091-01-31"},
                {"amount_max": 5.0},
            ),
            "sale.order.review": (
                {
                    "order_id": self.entered.id,
                    "step_id": self.policy.step_ids[0].id,
                    "department_id": self.finance_department.id,
                },
                {"state": "approved"},
            ),
            "sale.order.confirmation": (
                {"order_id": self.order.id, "method": "online", "confirmed_on": "2026-01-05 08:00:00", "digest": "-"},
                {"digest": "mine"},
            ),
            "sale.order.question": (
                {
                    "review_id": self.review.id,
                    "question": "Who?",
                    "asked_by_id": user.id,
                    "asked_on": "2026-01-05 08:00:00",
                    "asked_of_id": user.id,
                },
                {"answer": "I"},
            ),
            "sale.order.review.ask": ({"review_ids": self.review.ids, "question": "Who?"}, {"question": "mine"}),
            "sale.order.question.answer": ({"question_ids": self.question.ids, "answer": "I"}, {"answer": "mine"}),
            "sale.order.exemption": (
                {
                    "order_id": self.entered.id,
                    "kind": "given",
                    "reason": "Mine",
                    "user_id": user.id,
                    "date": "2026-01-05 08:00:00",
                },
                {"reason": "Mine"},
            ),
            "sale.order": (
                {"partner_id": self.customer.id, "company_id": self.company.id},
                {"client_order_ref": "mine"},
            ),
            "sale.order.line": (
                {"order_id": self.entered.id, "product_id": self.chair.id, "product_uom_qty": 1},
                {"customer_lead": 3.0},
            ),
            "order.policy.dossier.class": ({"name": "Mine", "code": "MM"}, {"name": "Mine"}),
            "sale.order.dossier": (
                {
                    "name": "Mine",
                    "title": "Mine",
                    "order_id": self.entered.id,
                    "company_id": self.company.id,
                },
                {"title": "Mine"},
            ),
            "sale.order.dossier.item": (
                {"dossier_id": self.dossier.id, "name": "Mine", "document_id": self.document.id},
                {"description": "Mine"},
            ),
            "sale.order.dossier.seal": (
                {
                    "company_id": self.company.id,
                    "position": 99,
                    "kind": "dossier",
                    "number": "X",
                    "content": "{}",
                    "hash": "-",
                },
                {"number": "mine"},
            ),
            "sale.order.dossier.check": ({"dossier_id": self.sealed.id, "state": "pass"}, {"state": "pass"}),
            "sale.order.dossier.reading": ({"dossier_id": self.sealed.id, "user_id": user.id}, {"what": "mine"}),
            "sale.order.dossier.export": ({"dossier_ids": self.sealed.ids}, {"dossier_ids": self.dossier.ids}),
            "sale.order.disposal": ({"company_id": self.company.id}, {"reason": "mine"}),
            "sale.order.change": (
                {"order_id": self.confirmed_order.id, "kind": "cancel"},
                {"note": "mine"},
            ),
            "sale.order.change.line": (
                {"change_id": self.change.id, "product_id": self.chair.id},
                {"product_uom_qty": 4.0},
            ),
            "sale.order.change.notice": ({"change_id": self.change.id}, {"tasks": "mine"}),
            "sale.order.review.decide": ({"decision": "approved", "review_ids": self.review.ids}, {"comment": "mine"}),
            "order.policy.adopt": (
                {"preset_id": self.preset.id, "company_id": self.company.id},
                {"approval_threshold": 5.0},
            ),
            "order.policy.adopt.department": (
                {
                    "wizard_id": self._wizard("order.policy.adopt", user, preset_id=self.preset.id).id,
                    "preset_department_id": self.env.ref("order_policy.department_sales").id,
                },
                {"head_id": user.id},
            ),
            "order.policy.exempt": ({"order_ids": self.order.ids, "reason": "Import"}, {"reason": "mine"}),
        }[model]

    @classmethod
    def _mandate(cls):
        return {
            "user_id": cls.finance.id,
            "deputy_id": cls.production.id,
            "company_id": cls.company.id,
            "date_from": "2090-01-01",
            "date_until": "2090-01-31",
        }

    def _wizard(self, model, user, **values):
        """Make a wizard that belongs to a user, whatever his rights."""
        return self.env[model].with_user(user).sudo().create(values).sudo(False)

    def _record(self, model, user, operation):
        records = {
            "order.policy": self.draft_policy,
            "order.policy.step": self.draft_policy.step_ids[0],
            "order.policy.aspect": self.env.ref("order_policy.aspect_price"),
            "order.policy.requirement": self.requirement,
            "order.policy.check": self.draft_check,
            "order.policy.channel": self.channel,
            "order.policy.document": self.document if operation != "u" else self.document.copy(),
            "order.policy.reason": self.reason,
            "sale.order.check": self.result,
            "order.policy.department": self.finance_department if operation != "u" else self.empty_department,
            "order.policy.deputy": self.deputy,
            "order.policy.dossier.class": self.env.ref("order_policy.dossier_class_special"),
            "sale.order.dossier": self.dossier,
            "sale.order.dossier.item": self.dossier.item_ids[-1:],
            "order.policy.merge": self.merge,
            "sale.order.dossier.seal": self.sealed.seal_id,
            "sale.order.dossier.check": self.dossier_check,
            "sale.order.dossier.reading": self.reading,
            "sale.order.disposal": self.disposal,
            "sale.order.change": self.change,
            "sale.order.change.line": self.change.line_ids if operation != "u" else self.added_line,
            "sale.order.change.notice": self.notice,
            "sale.order.review": self.review,
            "sale.order.confirmation": self.confirmation,
            "sale.order.exemption": self.exemption,
            "sale.order.question": self.question,
            "sale.order": self.order if operation != "u" else self.entered,
            "sale.order.line": self.order.order_line if operation != "u" else self.entered.order_line,
        }
        record = records.get(model)
        return record.with_user(user) if record else self._wizard(model, user, **self._values(model, user)[0])

    def _attempt(self, model, user, operation):
        record = self._record(model, user, operation)
        to_create, to_write = self._values(model, user)
        if operation == "c":
            self.env[model].with_user(user).create(to_create)
        elif operation == "r":
            record.invalidate_recordset()
            record.read(["display_name"])
        elif operation == "w":
            record.write(to_write)
        else:
            record.unlink()

    def test_rules_of_models_below_do_without_the_addon(self):
        """While Odoo is updated what is below runs without the addon, but with the rules that it made."""
        own = self.env["ir.model.data"].search([("model", "=", "ir.rule"), ("module", "=like", "order_policy%")])
        rules = self.env["ir.rule"].browse(own.mapped("res_id"))
        for rule in rules.filtered(lambda rule: "user._" in (rule.domain_force or "")):
            if self.env[rule.model_id.model]._original_module.startswith("order_policy"):
                continue  # without the addon there is no such model
            self.assertTrue(
                rule.domain_force.startswith("[(0, '=', 1)] if 'order.policy' not in user.env else"), rule.name
            )

    def _rights(self):
        """Return what the table says by model and role."""
        header, *rows = (line.split() for line in RIGHTS.strip().splitlines())
        self.assertEqual(header, list(self.roles))
        return {(row[0], role): letters for row in rows for role, letters in zip(header, row[1:], strict=True)}

    def test_rights_on_models(self):
        expected = self._rights()
        actual = {
            (model, role): "".join(
                operation
                for operation in OPERATIONS
                if self._is_allowed(lambda: self._attempt(model, self.roles[role], operation))  # noqa: B023
            )
            or "-"
            for model, role in expected
        }
        self._assert_table(expected, actual)

    def test_access_rights_say_what_can_be_done(self):
        """Else there is a button that never works, and only what the model refuses is left to protect it."""
        # Of what they asked for, and of their own deputies.
        of_own = {"sale.order.change": "crw", "sale.order.change.line": "crwu", "order.policy.deputy": "crwu"}
        expected = {
            (model, role): of_own.get(model, letters) if letters in ("r", "cr") else letters
            for (model, role), letters in self._rights().items()
        }
        expected["ir.model.fields", "admin"] = "r"  # by which the policy says what a check reads
        self._assert_table(expected, {key: self._offered(*key) for key in expected})

    def _offered(self, model, role):
        records = self.env[model].with_user(self.roles[role])
        return "".join(letter for letter, mode in OPERATIONS.items() if records.has_access(mode)) or "-"

    def test_every_model_is_in_the_table(self):
        own = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "order_policy" and not model._abstract
        }
        self.assertFalse(own - {line.split()[0] for line in RIGHTS.strip().splitlines()})

    def _call(self, method, user):
        """Call a public method the way it is called, as a user."""
        order, review = self.order.with_user(user), self.review.with_user(user)
        adopt = {"preset_id": self.preset.id, "company_id": self.company.id}
        return {
            "order.policy.action_activate": lambda: self.draft_policy.with_user(user).action_activate(),
            "order.policy.action_retire": lambda: self.policy.with_user(user).action_retire(),
            "order.policy.action_new_version": lambda: self.policy.with_user(user).action_new_version(),
            "order.policy.action_view_orders": lambda: self.policy.with_user(user).action_view_orders(),
            "order.policy.adopt.action_adopt": lambda: self._adopt(user, **adopt),
            "order.policy.department.action_view_pending_reviews": lambda: self.finance_department.with_user(
                user
            ).action_view_pending_reviews(),
            "order.policy.deputy.action_end": lambda: self.deputy.with_user(user).action_end(),
            "order.policy.exempt.action_end_exemption": lambda: self._wizard(
                "order.policy.exempt", user, order_ids=self.exempt_order.ids, reason="By mistake"
            ).action_end_exemption(),
            "order.policy.exempt.action_exempt": lambda: self._wizard(
                "order.policy.exempt", user, order_ids=order.ids, reason="Import"
            ).action_exempt(),
            "ir.attachment.default_get": lambda: (
                self.env["ir.attachment"].with_user(user).default_get(["policy_document_id"])
            ),
            "sale.order.fields_get": lambda: order.fields_get(["commitment_date"]),
            "res.config.settings.default_get": lambda: (
                self.env["res.config.settings"].with_user(user).default_get(["order_policy_threshold"])
            ),
            "sale.mass.cancel.orders.action_mass_cancel": lambda: self._wizard(
                "sale.mass.cancel.orders",
                user,
                sale_order_ids=self.entered.ids,
                policy_reason_id=self.env.ref("order_policy.reason_cancel_customer").id,
            ).action_mass_cancel(),
            "sale.order.action_cancel": lambda: self.expired.with_user(user).action_cancel(),
            "sale.order.action_policy_cancel": lambda: order.action_policy_cancel(
                self.env.ref("order_policy.reason_cancel_customer").id
            ),
            "sale.order.action_open_cancel_form": lambda: self.confirmed_order.with_user(
                user
            ).action_open_cancel_form(),
            "sale.order.action_open_change_form": lambda: self.confirmed_order.with_user(
                user
            ).action_open_change_form(),
            "sale.order.action_request_cancel": lambda: self.confirmed_order.with_user(user).action_request_cancel(),
            "sale.order.action_request_change": lambda: self.confirmed_order.with_user(user).action_request_change(),
            "sale.order.action_view_changes": lambda: order.action_view_changes(),
            "sale.order.change.default_get": lambda: self.change.with_user(user).default_get(["state"]),
            "sale.order.change.action_apply": lambda: self.approved_change.with_user(user).action_apply(),
            "sale.order.change.action_refresh": lambda: self.change.with_user(user).action_refresh(),
            "sale.order.change.action_submit": lambda: self.change.with_user(user).action_submit(),
            "sale.order.change.action_withdraw": lambda: self.change.with_user(user).action_withdraw(),
            "sale.order.action_view_dossier": lambda: self.order.with_user(user).action_view_dossier(),
            "sale.order.dossier.action_check": lambda: self.sealed.with_user(user).action_check(),
            "sale.order.dossier.action_export": lambda: self.sealed.with_user(user).action_export(),
            "sale.order.dossier.action_gather": lambda: self.dossier.with_user(user).action_gather(),
            "sale.order.dossier.action_seal": lambda: self.sealable.with_user(user).action_seal(),
            "sale.order.dossier.action_supplement": lambda: self.sealed.with_user(user).action_supplement(),
            "sale.order.dossier.item.action_open_file": lambda: (
                self.sealed.item_ids[0].with_user(user).action_open_file()
            ),
            "sale.order.disposal.action_ask": lambda: self.disposal.with_user(user).action_ask(),
            "sale.order.disposal.action_agree": lambda: self.asked_disposal.with_user(user).action_agree(),
            "sale.order.disposal.action_refuse": lambda: self.asked_disposal.with_user(user).action_refuse(),
            "sale.order.change.notice.action_acknowledge": lambda: self.notice.with_user(user).action_acknowledge(),
            "sale.order.onchange": lambda: order.onchange({}, [], {"name": {}}),
            "sale.order.line.onchange": lambda: order.order_line.onchange({}, [], {"name": {}}),
            "sale.order.web_read": lambda: order.web_read({"name": {}}),
            "sale.order.line.web_read": lambda: order.order_line.web_read({"name": {}}),
            "sale.order.action_confirm": lambda: self.approved_order.with_user(user).action_confirm(),
            "order.policy.channel.action_view_orders": lambda: self.channel.with_user(user).action_view_orders(),
            "sale.order.action_policy_ask_by_sms": lambda: order.action_policy_ask_by_sms(),
            "sale.order.action_policy_end_exemption": lambda: self.exempt_order.with_user(
                user
            ).action_policy_end_exemption("By mistake"),
            "sale.order.action_policy_exempt": lambda: order.action_policy_exempt("Import"),
            "sale.order.action_policy_record_confirmation": lambda: order.action_policy_record_confirmation(
                "phone", "Ms. Wang", note="Yes"
            ),
            "sale.order.action_policy_refuse": lambda: order.action_policy_refuse(self.reason.id),
            "sale.order.action_policy_submit": lambda: self.entered.with_user(user).action_policy_submit(),
            "sale.order.action_policy_withdraw": lambda: order.action_policy_withdraw(),
            "sale.order.action_quotation_send": lambda: order.action_quotation_send(),
            "sale.order.action_quotation_sent": lambda: order.action_quotation_sent(),
            "sale.order.action_view_reviews": lambda: order.action_view_reviews(),
            "sale.order.confirmation.record.action_record": lambda: self._wizard(
                "sale.order.confirmation.record", user, order_id=order.id, contact="Ms. Wang", note="Yes"
            ).action_record(),
            "sale.order.refuse.action_refuse": lambda: self._wizard(
                "sale.order.refuse", user, order_id=order.id, reason_id=self.reason.id
            ).action_refuse(),
            "sale.order.question.action_answer": lambda: self.question.with_user(user).action_answer("We do."),
            "sale.order.question.action_open_subject": lambda: self.question.with_user(user).action_open_subject(),
            "sale.order.question.answer.action_answer": lambda: self._wizard(
                "sale.order.question.answer", user, question_ids=self.question.ids, answer="We do."
            ).action_answer(),
            "sale.order.review.action_ask": lambda: review.action_ask("Who?"),
            "sale.order.review.ask.action_ask": lambda: self._wizard(
                "sale.order.review.ask", user, review_ids=review.ids, question="Who?"
            ).action_ask(),
            "sale.order.resubmit.action_submit": lambda: self._wizard(
                "sale.order.resubmit", user, order_id=order.id, comment="Agreed"
            ).action_submit(),
            "sale.order.review.action_approve": lambda: review.action_approve(),
            "sale.order.review.action_approve_shown": lambda: review.action_approve_shown(
                {str(review.id): review.order_digest}
            ),
            "sale.order.review.action_reject": lambda: review.action_reject("No"),
            "sale.order.review.decide.action_decide": lambda: self._wizard(
                "sale.order.review.decide", user, decision="approved", review_ids=review.ids
            ).action_decide(),
            "sale.order.review.decide.default_get": lambda: (
                self.env["sale.order.review.decide"]
                .with_user(user)
                .with_context(active_model="sale.order.review", active_ids=review.ids)
                .default_get(["review_ids", "seen"])
            ),
        }[method]()

    def _adopt(self, user, **values):
        wizard = self._wizard("order.policy.adopt", user, **values)
        wizard.sudo().department_ids.member_ids = self.finance
        wizard.action_adopt()

    def _set_threshold(self, user):
        settings = self._wizard("res.config.settings", user, company_id=self.company.id)
        settings.sudo().order_policy_threshold = 5.0
        settings.set_values()

    def test_only_administrators_of_the_policy_set_the_threshold(self):
        allowed = {role for role, user in self.roles.items() if self._is_allowed(lambda: self._set_threshold(user))}  # noqa: B023
        self.assertEqual(allowed, {"admin"})

    def test_rights_on_methods(self):
        expected = {(method, role): role in roles.split() for method, roles in METHODS.items() for role in self.roles}
        actual = {
            (method, role): self._is_allowed(lambda: self._call(method, self.roles[role]))  # noqa: B023
            for method, role in expected
        }
        self._assert_table(expected, actual)

    def test_every_public_method_is_in_the_table(self):
        public = {
            f"{model_name}.{name}"
            for model_name, model in self.env.registry.items()
            if not model._abstract
            for cls in model.__mro__
            if cls.__module__.startswith("odoo.addons.order_policy.")
            # Give less away than Odoo's own: fewer defaults, and nothing of others' orders.
            and not cls.__module__.endswith((".order_policy_evidence_mixin", ".order_policy_entry_mixin"))
            for name, method in vars(cls).items()
            if inspect.isroutine(getattr(method, "__func__", method))
            and not name.startswith("_")
            and not getattr(method, "_api_private", False)
            and name not in OPERATIONS.values()
        }
        self.assertEqual(public, set(METHODS))

    # ------------------------------------------------------------------
    # Records within reach
    # ------------------------------------------------------------------

    def _visible(self, records, user):
        """Return which of some records a user can find."""
        found = records.with_user(user).search([("id", "in", records.ids)])
        return found.sudo().with_user(self.env.user)

    def test_reviewer_reads_orders_only_while_they_are_asked(self):
        order, never_submitted = self._order(), self._order()
        orders = order | never_submitted
        self.assertFalse(self._visible(orders, self.finance))
        self.assertFalse(self._visible(orders.order_line, self.finance))
        with self.assertRaises(AccessError):
            order.with_user(self.finance).read(["name"])
        order.action_policy_submit()
        self.assertEqual(self._visible(orders, self.finance), order)
        self.assertEqual(self._visible(orders.order_line, self.finance), order.order_line)
        order.action_policy_withdraw()
        self.assertFalse(self._visible(orders, self.finance))

    def test_reviewer_does_not_see_orders_that_others_review(self):
        self.draft_policy.step_ids.filtered(lambda step: step.department_id == self.production_department).unlink()
        self.draft_policy.action_activate()
        order = self._submitted()
        self.assertEqual(self._visible(order, self.finance), order)
        self.assertFalse(self._visible(order, self.production))
        self.assertFalse(self._visible(order.order_line, self.production))
        self.assertFalse(self._visible(order.review_ids, self.production))

    def test_reviewer_sees_all_reviews_of_an_order_that_is_asked(self):
        order = self._submitted((self.desk, 200, 1000.0))
        self.assertEqual(len(order.review_ids), 4)
        self.assertEqual(self._visible(order.review_ids, self.finance), order.review_ids)

    def test_department_that_was_told_of_a_change_opens_the_order(self):
        quality = self._user("quality")
        department = self._department("Quality", quality)
        order = self._confirmed()
        change = self._cancellation(order)
        self.assertFalse(self._visible(order, quality))
        self.env["sale.order.change.notice"]._tell(change.sudo(), {department: ["Stop the inspection."]})
        self.assertEqual(self._visible(order | self.order, quality), order)
        self.assertEqual(self._visible(order.order_line, quality), order.order_line)
        self.assertEqual(self._visible(change, quality), change)
        with Form(order.with_user(quality)) as form:
            self.assertEqual(len(form.order_line), 1)
        self.assertEqual(self._visible(order.sudo().review_ids, quality), order.sudo().review_ids)
        with self.assertRaises(AccessError):
            order.with_user(quality).note = "Mine"

    def _read_for(self, how_long):
        """Put a policy in force that lets departments read orders for so long."""
        policy = self.policy.copy({"departments_read": how_long})
        policy.action_activate()

    def _sees_all_or_nothing(self, order, user, sees):
        """Make sure that a person sees an order with all that belongs to it, or nothing of it."""
        order = order.sudo()
        belonging = [order, order.order_line, order.review_ids, order.check_ids, order.change_ids, order.dossier_id]
        for records in (*belonging, order.change_ids.line_ids, order.dossier_id.item_ids):
            with self.subTest(model=records._name):
                self.assertEqual(self._visible(records, user), records if sees else records.browse())

    def test_departments_read_while_they_are_asked(self):
        self._read_for("asked")
        order = self._submitted()
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self._sees_all_or_nothing(order, self.finance, True)  # until it is decided, they may be asked again
        self._approve_all(order)
        order.action_confirm()
        self._sees_all_or_nothing(order, self.finance, False)
        self._sees_all_or_nothing(order, self.production, False)
        self._sees_all_or_nothing(order, self.sales_head, True)
        change = self._requested(order, note="Longer")
        change.payment_term_id = self.env.ref("account.account_payment_term_30days")
        self._sees_all_or_nothing(order, self.finance, False)
        change.action_submit()
        self._sees_all_or_nothing(order, self.finance, True)
        self._sees_all_or_nothing(order, self.production, False)
        change.action_withdraw()
        self._sees_all_or_nothing(order, self.finance, False)

    def test_departments_told_of_a_change_read_until_they_acknowledged_it(self):
        self._read_for("asked")
        order = self._confirmed()
        change = self._cancellation(order)
        self.env["sale.order.change.notice"]._tell(change.sudo(), {self.production_department: ["Stop."]})
        self._sees_all_or_nothing(order, self.production, True)
        change.sudo().notice_ids.with_user(self.production).action_acknowledge()
        self._sees_all_or_nothing(order, self.production, False)

    def _ended(self):
        """Return a quotation that finance approved and that was cancelled, and its dossier as the archivist sees it."""
        quotation = self._submitted()
        self._review(quotation, self.finance_department).with_user(self.finance).action_approve()
        self._paper(quotation)
        self._cancel(quotation)
        quotation.with_user(self.roles["archivist"]).action_view_dossier()
        return quotation, quotation.sudo().dossier_id.with_user(self.roles["archivist"])

    def test_departments_read_until_the_order_is_done(self):
        self._read_for("done")
        self._sees_all_or_nothing(self._confirmed(), self.finance, True)
        quotation, dossier = self._ended()
        self._sees_all_or_nothing(quotation, self.finance, True)
        dossier.action_seal()
        self._sees_all_or_nothing(quotation, self.finance, False)
        self._sees_all_or_nothing(quotation, self.roles["archivist"], True)

    def test_departments_read_always(self):
        self._read_for("always")
        quotation, dossier = self._ended()
        dossier.action_seal()
        self._sees_all_or_nothing(quotation, self.finance, True)

    def test_how_long_departments_read_is_fixed_with_the_policy(self):
        with self.assertRaises(UserError):
            self.policy.departments_read = "asked"

    def test_reviewer_without_sales_rights_opens_the_order(self):
        with Form(self.order.with_user(self.finance)) as form:
            self.assertEqual(form.partner_id, self.customer)
            self.assertEqual(len(form.order_line), 1)
        with self.assertRaises(AccessError):
            self.order.with_user(self.finance).note = "Mine"
        with self.assertRaises(AccessError):
            self.order.order_line.with_user(self.finance).price_unit = 1.0

    def test_form_of_a_reviewer_leaves_out_what_other_apps_keep_to_themselves(self):
        order = self.order.with_user(self.finance)
        self.assertFalse(order.env["account.move"].has_access("read"))
        of_lines = {"name": {}, "invoice_lines": {"fields": {"name": {}}}}
        spec = {"name": {}, "invoice_ids": {"fields": {"name": {}}}, "order_line": {"fields": of_lines}}
        [values] = order.web_read(spec)
        self.assertEqual((values["name"], values["invoice_ids"]), (order.name, []))
        self.assertEqual(values["order_line"][0]["invoice_lines"], [])

    def test_whoever_reads_no_orders_has_none_sent_back(self):
        groups = self._user("nobody_special")._get_activity_groups()
        self.assertNotIn("sale.order", [group["model"] for group in groups])

    def test_former_member_sees_nothing_any_more(self):
        self.assertEqual(self._visible(self.order, self.finance), self.order)
        self.finance_department.member_ids -= self.finance
        self.assertFalse(self._visible(self.order, self.finance))
        self.assertFalse(self._visible(self.order.review_ids, self.finance))

    def test_salesman_sees_reviews_of_own_orders_only(self):
        salesman = self._user("own_documents", "sales_team.group_sale_salesman")
        own, other = self._submitted(user=salesman), self._submitted()
        self.assertEqual(
            self._visible(own.sudo().review_ids | other.sudo().review_ids, salesman), own.sudo().review_ids
        )
        with self.assertRaises(AccessError):
            other.review_ids[0].with_user(salesman).read(["snapshot"])

    def test_confirmations_are_seen_with_their_orders(self):
        for role in ("own", "all", "manager", "reviewer", "archivist", "supervisor", "admin"):
            self.assertTrue(self._visible(self.confirmation, self.roles[role]), role)
        self.assertFalse(self._visible(self.confirmation, self._user("stranger", "sales_team.group_sale_salesman")))
        self.assertFalse(
            self._visible(self.confirmation, self._user("colleague", "order_policy.group_order_policy_user"))
        )

    def test_archivist_and_supervisor_see_everything_of_the_company(self):
        orders = self.order | self.entered | self._submitted()
        for role in ("archivist", "supervisor"):
            self.assertEqual(self._visible(orders, self.roles[role]), orders)
            self.assertEqual(self._visible(orders.order_line, self.roles[role]), orders.order_line)
            self.assertEqual(self._visible(orders.sudo().review_ids, self.roles[role]), orders.sudo().review_ids)

    def test_snapshots_are_only_for_those_who_read_the_review(self):
        outsider = self._user("outsider", "order_policy.group_order_policy_user")
        self.assertFalse(self.env["sale.order.review"].with_user(outsider).search([]))
        for name in ("snapshot", "changes_html", "content_html", "earlier_html"):
            self.env.invalidate_all()
            with self.assertRaises(AccessError, msg=name):
                self.review.with_user(outsider).read([name])
        self.assertFalse(self.review.with_user(outsider).formatted_read_group([], ["department_id"], ["__count"]))
        self.assertEqual(self.review.with_user(self.finance).snapshot, self.review.snapshot)

    def test_customer_learns_nothing_of_the_review(self):
        buyer = self.roles["portal"]
        order = self.order.with_user(buyer)
        self.assertEqual(order.name, self.order.name)
        for name in (
            "policy_explanation",
            "policy_waiting_for",
            "policy_exempt_reason",
            "policy_stage",
            "review_ids",
            "amount_company",
        ):
            with self.assertRaises(AccessError, msg=name):
                order.read([name])
            with self.assertRaises(AccessError, msg=name):
                order.search([(name, "!=", False)])
        self.assertNotIn("policy_explanation", order.fields_get())

    def test_wizards_of_others_are_out_of_reach(self):
        wizard = self._wizard("sale.order.review.decide", self.finance, decision="approved", review_ids=self.review.ids)
        with self.assertRaises(AccessError):
            wizard.with_user(self.finance_head).read(["comment"])

    def test_orders_with_evidence_cannot_be_deleted(self):
        with self.assertRaisesRegex(UserError, "Cancel the order instead"):
            self.order.with_user(self.roles["manager"]).unlink()
        self._cancel(self.order)
        with self.assertRaisesRegex(UserError, "It is cancelled"):
            self.order.with_user(self.roles["manager"]).with_context(_force_unlink=True).unlink()

    def test_administrator_sets_only_what_a_person_sets(self):
        for vals in (
            {"state": "active"},
            {"version": 9},
            {"activated_on": "2026-01-05 08:00:00"},
            {"previous_id": self.policy.id},
        ):
            with self.assertRaises(AccessError):
                self.draft_policy.with_user(self.policy_admin).write(vals)
            with self.assertRaises(AccessError):
                self.env["order.policy"].with_user(self.policy_admin).create({"name": "Mine", **vals})
        with self.assertRaises(AccessError):
            self.env["order.policy"].with_user(self.policy_admin).with_context(default_state="active").create(
                {"name": "Mine"}
            )

    def test_accountant_who_reviews_still_reads_all_orders(self):
        accountant = self._user("reviewing_accountant", "account.group_account_invoice")
        self.finance_department.member_ids += accountant
        self.assertEqual(self._visible(self.entered | self.order, accountant), self.entered | self.order)
        self.assertEqual(self._visible(self.entered.order_line, accountant), self.entered.order_line)

    def test_reviewer_keeps_what_an_access_right_without_rule_gives(self):
        auditors = self.env["res.groups"].create({"name": "Auditors"})
        for model in ("account.move", "account.move.line"):
            self.env["ir.model.access"].create(
                {
                    "name": f"{model} auditors",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "group_id": auditors.id,
                    "perm_read": True,
                }
            )
        entry = self.env["account.move"].create({"move_type": "entry", "journal_id": self._journal().id})
        self.assertTrue(entry)
        self.finance.group_ids += auditors
        self.assertEqual(self._visible(entry, self.finance), entry)

    def _journal(self):
        return self.env["account.journal"].create(
            {"name": "Notes", "code": "NOTE", "type": "general", "company_id": self.company.id}
        )

    def test_administrator_of_sales_and_policy_exempts_on_the_form(self):
        boss = self._user("boss", "order_policy.group_order_policy_manager", "sales_team.group_sale_manager")
        order = self.entered.with_user(boss)
        order.policy_exempt_reason = "Imported"
        self.assertEqual(order.policy_exempt_by_id, boss)
        self.assertTrue(order.policy_exempt_on)

    def test_accountant_works_with_orders_as_in_plain_odoo(self):
        accountant = self.roles["invoicing"]
        term = self.env.ref("account.account_payment_term_30days")
        self.order.with_user(accountant).payment_term_id = term
        self.assertEqual(self.order.payment_term_id, term)
        approved = self.approved_order.with_user(accountant)
        approved.payment_term_id = term
        self.assertEqual(self._states(approved), ["pending", "approved", "waiting", None])
        with Form(approved) as form:
            self.assertEqual(form.partner_id, self.customer)

    def test_administrator_exempts_only_what_is_within_reach(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        order = (
            self.env["sale.order"].with_company(other).create({"partner_id": self.customer.id, "company_id": other.id})
        )
        with self.assertRaises(AccessError):
            order.with_user(self.policy_admin).action_policy_exempt("Import")
