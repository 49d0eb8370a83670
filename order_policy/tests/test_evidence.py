"""Who fills which field of a record of a decision. One file, because it is one table of models and fields."""

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import OrderPolicyCommon

# Every field that is stored, or written through, of the records of decisions and facts. Written down by hand and not
# asked of the code: whoever adds a field decides here whether clients ever write it, or only methods of the model do.
EVIDENCE = """
order.policy.deputy
    clients: amount_max company_id date_from date_until department_ids deputy_id user_id
    made: ended_by_id ended_on
order.policy.merge
    made: former_id former_name into_name partner_id
payment.transaction
    made: policy_contents policy_traces
sale.order
    clients: channel_id policy_exempt_reason policy_file_ids policy_paper_ids received_on special_order
    made: amount_company change_ids check_ids confirmation_ids content_digest content_snapshot dossier_id dossier_ids
    made: entry_hours
    made: exemption_ids intake_check_ids policy_ask_customer policy_cancel_note policy_cancel_reason_id
    made: policy_cleared_digest policy_copies_due policy_exempt_by_id policy_exempt_on policy_id
    made: policy_intake_digest policy_refusal_note policy_refusal_reason_id policy_refused_by_id policy_refused_on
    made: policy_change_readers policy_changed_by policy_cleared_snapshot policy_failed_tries policy_follow_due
    made: policy_readers
    made: policy_stage policy_submitted_by_id policy_submitted_on question_ids review_count review_done_count review_ids
sale.order.change
    clients: application_ids asked_on commitment_date contact customer_note line_ids note partner_invoice_id
    clients: partner_shipping_id payment_term_id reason_id
    made: browser changed_by_ids ip_address logged_in_id
    made: amount_after amount_before amount_difference approved_on asked_by asked_by_id base_digest base_snapshot
    made: company_id department_id hours_to_settle kind name notice_ids order_id partner_id proposed_digest
    made: proposed_snapshot review_ids salesperson_id settled_on state submitted_by_id submitted_on trouble
    made: was_commitment_date was_partner_invoice_id was_partner_shipping_id was_payment_term_id
sale.order.change.line
    clients: change_id discount is_removed name price_unit product_id product_uom_id product_uom_qty sequence
    clients: technical_price_unit
    made: display_type order_line_id was_discount was_name was_on_order was_part_of_id was_price_unit
    made: was_product_id was_product_uom_id was_product_uom_qty
sale.order.change.notice
    made: acknowledged_by_id acknowledged_on activity_id change_id company_id department_id tasks user_id
sale.order.check
    made: check_id company_id content_digest is_current judged order_id review_id state texts
sale.order.confirmation
    made: attachment_ids company_id confirmed_on contact digest message_id method note order_id recorded_by_id
    made: browser ip_address logged_in_id message_date message_from message_text signature snapshot transaction_ref
sale.order.disposal
    clients: company_id dossier_ids reason
    made: asked_by_id asked_on decided_by_id decided_on name state
sale.order.dossier
    clients: class_id item_ids missing_reason title
    made: check_ids check_state checked_on company_id content_digest disposal_ids listing main_id name order_id
    made: partner_id reading_ids retain_until retention_years sealed_by_id sealed_on state supplement_ids year
sale.order.dossier.check
    made: authentic checked_by_id checked_on company_id complete dossier_id secure state usable
sale.order.dossier.item
    clients: description document_id
    made: attachment_id company_id dossier_id file_name format made_by made_on name number record_id record_model
    made: remark report sha256 size source_file_id
sale.order.dossier.reading
    made: company_id dossier_id read_on user_id what
sale.order.dossier.seal
    made: company_id content disposal_id dossier_id hash kind number position previous_hash
sale.order.exemption
    made: company_id date kind order_id reason user_id was_confirmed
sale.order.question
    made: answer answer_message_id answered_by_id answered_on asked_by_id asked_of_id asked_on change_id company_id
    made: message_id order_id question review_id
sale.order.review
    made: changed_by_ids escalated_to_ids question_ids
    made: asked_on asked_snapshot authority automatic_rate change_id channel_id check_ids checked_digest comment
    made: company_id content_digest date_due decided_by_id decided_for_id decided_on decision department_id digest
    made: entered_by_id escalated_on escalation way_out
    made: hours_to_decide is_automatic is_current kind lapsed_because order_id policy_id previous_id rejection_rate
    made: requested_by_id resubmit_comment salesperson_id sequence snapshot sold_by_id state step_id untouched_rate
    made: user_id
"""
# The same of the rules of the policy, where the clients are administrators of the policy: nobody else writes any.
RULES = """
order.policy
    clients: acceptance_letter allow_self_approval application_required approval_threshold archive_requirement_ids
    clients: before_approval
    clients: check_ids company_id confirm_by_email confirm_by_payment confirm_by_phone confirm_by_signature
    clients: confirm_by_sms confirmation_required departments_read escalation_head_hours
    clients: escalation_management_hours intake_check_ids name one_decision_per_person
    clients: requirement_ids special_domain step_ids summary
    made: activated_on previous_id state version
order.policy.aspect
    clients: code name sequence
order.policy.channel
    clients: active kind name original_required sequence
order.policy.check
    clients: amount_min at_confirmation company_id country_ids days domain industry_ids kind message name
    clients: partner_category_ids payment_term_ids percent policy_id price_basis product_category_ids product_tag_ids
    clients: sequence severity step_id
order.policy.department
    clients: active company_id head_id is_management member_ids name origin_id sequence step_ids
order.policy.document
    clients: active department_id name sequence
    made: code
order.policy.dossier.class
    clients: active code company_id domain dossier_ids name retention retention_years sequence
order.policy.reason
    clients: active kind name sequence
    made: code
order.policy.requirement
    clients: channel_ids company_id document_id domain due field_ids kind name policy_id sequence
order.policy.step
    clients: amount_min applies aspect_ids assign authority automatic check_ids comment_required company_id
    clients: department_id domain kind name policy_id sequence time_limit used_for
"""
# What Odoo keeps of decisions on orders: nobody chooses a default for it.
DECISIONS = ("state", "locked", "signature", "signed_by", "signed_on", "amount_total", "policy_exempt_reason")
# With a line of a draft request, or a draft list of dossiers, people begin themselves.
BEGUN_BY_CLIENTS = {
    "sale.order",
    "order.policy.deputy",
    "sale.order.change.line",
    "sale.order.disposal",
    "payment.transaction",
}


def classified(text):
    """Return the names of the fields by model and by who writes them."""
    fields, model = {}, None
    for line in text.strip().splitlines():
        if line.startswith(" "):
            who, _colon, names = line.strip().partition(":")
            fields[model][who] |= set(names.split())
        else:
            model = line
            fields[model] = {"clients": set(), "made": set()}
    return fields


@tagged("post_install", "-at_install")
class TestEvidence(OrderPolicyCommon):
    """Decisions, facts and rules are written by whom the table says, whatever access rights somebody adds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.evidence, cls.rules = classified(EVIDENCE), classified(RULES)
        # Has everything but the policy, and helped himself to every access right that there is.
        cls.clerk = cls._user(
            "clerk",
            "base.group_erp_manager",
            "sales_team.group_sale_manager",
            "order_policy.group_order_policy_archivist",
            "order_policy.group_order_policy_supervisor",
        )
        cls.env["ir.model.access"].create(
            [
                {
                    "name": f"Everything on {model}",
                    "model_id": cls.env["ir.model"]._get_id(model),
                    "group_id": cls.env.ref("base.group_erp_manager").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                    "perm_unlink": True,
                }
                for model in cls.evidence | cls.rules
            ]
        )
        cls.order = cls._approved()
        cls.exempt_order = cls._order()
        cls.exempt_order.with_user(cls.policy_admin).action_policy_exempt("Import")
        cls.env["sale.order.dossier"]._open(cls.order.sudo())

    def _fields_of(self, model, only_of_policy=True):
        return {
            name: field
            for name, field in self.env[model]._fields.items()
            if (field.store or field.inverse)
            and name not in models.MAGIC_COLUMNS
            and (field._modules[0].startswith("order_policy") or not only_of_policy)
        }

    def _records(self, model):
        """Return a record of a model that the setup made, if any; for the clerk."""
        return self.env[model].sudo().search([], limit=1, order="id desc").with_user(self.clerk)

    def test_every_field_is_classified(self):
        mixin = self.env.registry["order.policy.evidence.mixin"]
        present = {
            name
            for name, model in self.env.registry.items()
            if issubclass(model, mixin)
            and not model._abstract
            and not model._original_module.startswith("order_policy_")
        }
        fields = self.evidence | self.rules
        self.assertEqual(present, fields.keys(), "Say in the tables of these models who writes their fields")
        for model, by in fields.items():
            known = by["clients"] | by["made"]
            here = {name for name, field in self._fields_of(model).items() if field._modules[0] == "order_policy"}
            self.assertFalse(by["clients"] & by["made"], model)
            self.assertEqual(here, known, f"Say in the tables who writes these fields of {model}")

    def test_who_writes_each_field(self):
        for model, by in (self.evidence | self.rules).items():
            for user, may in ((self.clerk, model in self.evidence), (self.policy_admin, True)):
                records = self.env[model].with_user(user)
                for name in by["clients"] | by["made"]:
                    with self.subTest(model=model, field=name, user=user.login):
                        expected = name in by["clients"] and may
                        if name == "policy_exempt_reason":
                            expected = user == self.policy_admin
                        self.assertEqual(records._has_field_access(records._fields[name], "write"), expected)

    def test_fields_of_other_addons_are_not_open_by_themselves(self):
        for model in self.evidence.keys() - {"sale.order", "payment.transaction"}:
            records = self.env[model].with_user(self.clerk)
            others = self._fields_of(model, only_of_policy=False).keys() - self._fields_of(model).keys()
            open_to_clients = {name for name in others if records._has_field_access(records._fields[name], "write")}
            self.assertLessEqual(
                open_to_clients,
                {"activity_ids", "activity_type_id", "activity_summary", "message_follower_ids", "message_partner_ids"},
                model,
            )

    def test_people_talk_about_evidence_as_about_all_else(self):
        changes = self.env["sale.order.change"].with_user(self.clerk)
        for name in (
            "activity_ids",
            "activity_user_id",
            "activity_type_id",
            "activity_date_deadline",
            "activity_summary",
            "message_follower_ids",
            "message_partner_ids",
        ):
            with self.subTest(name=name):
                self.assertTrue(changes._has_field_access(changes._fields[name], "write"))

    def test_access_rights_alone_write_nothing(self):
        for model, by in (self.evidence | self.rules).items():
            records = self._records(model)
            if not records:
                continue  # of these the table above says that nobody has access to their fields
            for name in by["made"] | (by["clients"] if model in self.rules else set()):
                with self.subTest(model=model, field=name), self.assertRaises(UserError):
                    records.write({name: False})

    def test_access_rights_alone_make_nothing(self):
        for model in (self.evidence | self.rules).keys() - BEGUN_BY_CLIENTS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.clerk).create({})

    def test_access_rights_alone_delete_nothing(self):
        for model in (self.evidence | self.rules).keys() - BEGUN_BY_CLIENTS:
            records = self._records(model).with_context(_force_unlink=True)
            if records:
                with self.subTest(model=model), self.assertRaises(UserError):
                    records.unlink()
        for model in ("sale.order.review", "sale.order.exemption", "sale.order.dossier"):
            with self.subTest(model=model), self.assertRaises(UserError):
                self.env[model].sudo().search([], limit=1).unlink()

    def test_no_defaults(self):
        Default = self.env["ir.default"]
        for model, by in self.evidence.items():
            names = by["made"] | (set(DECISIONS) if model == "sale.order" else set())
            own = self.env[model].default_get(sorted(names))
            for name in sorted(names):
                field = self.env[model]._fields[name]
                value = self._planted(field, own.get(name))
                if value is None or not field.store:
                    continue
                Default.set(model, name, value)
                with self.subTest(model=model, field=name):
                    for records in (self.env[model], self.env[model].with_context(**{f"default_{name}": value})):
                        self.assertNotEqual(records.default_get([name]).get(name), value)

    def test_no_defaults_of_rules_but_by_their_administrator(self):
        self.env["ir.default"].set("order.policy", "allow_self_approval", True)
        policies = self.env["order.policy"].with_user(self.policy_admin)
        self.assertFalse(policies.create({"name": "Mine"}).allow_self_approval)
        self.assertTrue(
            policies.with_context(default_allow_self_approval=True).create({"name": "M"}).allow_self_approval
        )

    def _planted(self, field, own):
        """Return a value that somebody might choose as a default; nothing for fields that take none."""
        if field.type == "selection":
            return next((key for key in field.get_values(self.env) if key != own), None)
        return {
            "char": "Planted",
            "text": "Planted",
            "integer": 77,
            "float": 77.0,
            "monetary": 77.0,
            "boolean": not own,
            "datetime": "2020-01-01 00:00:00",
            "date": "2020-01-01",
        }.get(field.type)

    def test_names_of_the_policy_stay_with_what_they_name(self):
        self.clerk.sudo().group_ids += self.env.ref("base.group_system")
        named = self.env["ir.model.data"].with_user(self.clerk)
        name = named.search([("module", "=", "order_policy"), ("name", "=", "group_order_policy_manager")])
        for operation in (
            lambda: name.write({"res_id": self.env.ref("base.group_user").id}),
            lambda: name.write({"module": "mine"}),
            name.unlink,
        ):
            with self.assertRaisesRegex(AccessError, "is a name by which the order policy finds"):
                operation()
        name.noupdate = True
        mine = named.create({"module": "mine", "name": "me", "model": "res.users", "res_id": self.clerk.id})
        mine.name = "myself"
        mine.unlink()
        self.assertFalse(self.clerk.has_group("order_policy.group_order_policy_manager"))

    def test_what_the_policy_uses_by_itself_is_not_deleted(self):
        for name in ("channel_email", "document_copy", "reason_cancel_customer"):
            record = self.env.ref(f"order_policy.{name}").with_user(self.policy_admin)
            record.sequence = 77
            if name != "channel_email":
                with self.subTest(name), self.assertRaisesRegex(AccessError, "follows from what people decided"):
                    record.code = False
        for record in (self.env.ref("order_policy.channel_email"), self.env.ref("order_policy.document_copy")):
            with self.subTest(record.name), self.assertRaisesRegex(UserError, "Archive it instead"):
                record.with_user(self.policy_admin).unlink()

    def test_numbers_are_nobodys_to_set_or_take(self):
        self.clerk.sudo().group_ids += self.env.ref("base.group_system")
        self.env["sale.order.dossier.seal"]._lock_chain(self.company)
        sales = self.env["order.policy.dossier.class"].create(
            {"name": "Sales", "code": "NUM", "company_id": self.company.id}
        )
        sales._next_number(self.company, 2026)
        sequences = self.env["ir.sequence"].with_user(self.clerk)
        ours = sequences.search(
            [("code", "in", ("sale.order.change", "sale.order.dossier.seal", f"order.policy.dossier.class.{sales.id}"))]
        )
        self.assertEqual(len(ours), 3)
        for sequence in ours:
            for operation in (
                lambda sequence=sequence: sequence.write({"number_next": 7}),
                lambda sequence=sequence: sequence.write({"number_next_actual": 7}),
                lambda sequence=sequence: sequence.write({"active": False}),
                lambda sequence=sequence: sequence.write({"code": False}),
                lambda sequence=sequence: sequence.next_by_id(),
                lambda sequence=sequence: sequence.with_user(self.salesman).next_by_id(),
                lambda sequence=sequence: sequence.with_user(self.salesman).next_by_code(sequence.code),
                sequence.unlink,
                lambda sequence=sequence: sequence.date_range_ids.create(
                    {"sequence_id": sequence.id, "date_from": "2031-01-01", "date_to": "2031-12-31"}
                ),
            ):
                with self.subTest(code=sequence.code), self.assertRaisesRegex(AccessError, "counts what the order"):
                    operation()
            for look in ("name", "prefix", "suffix"):
                sequence.write({look: "X-"})
            sequence.padding = 7
        years = ours.date_range_ids
        self.assertTrue(years)
        for operation in (lambda: years.write({"number_next": 1}), years.unlink):
            with self.assertRaisesRegex(AccessError, "counts what the order"):
                operation()
        other = sequences.create({"name": "Mine", "code": "mine"})
        for operation in (
            lambda: other.write({"code": "order.policy.dossier.class.0"}),
            lambda: sequences.create({"name": "Seals", "code": "sale.order.dossier.seal", "company_id": False}),
            lambda: (
                self.env["ir.sequence.date_range"]
                .with_user(self.clerk)
                .create({"sequence_id": other.id, "date_from": "2031-01-01", "date_to": "2031-12-31"})
                .write({"sequence_id": years.sequence_id.id})
            ),
        ):
            with self.assertRaisesRegex(AccessError, "counts what the order"):
                operation()
        other.number_next_actual = 5
        self.assertEqual(other.next_by_id(), "5")
        other.unlink()

    def test_no_file_becomes_a_paper_by_default(self):
        contract = self.env.ref("order_policy.document_copy").id
        Files = self.env["ir.attachment"].with_user(self.salesman)
        self.env["ir.default"].with_user(self.salesman).set(
            "ir.attachment", "policy_document_id", contract, user_id=True
        )
        values = {"name": "Any.txt", "raw": b"Any", "res_model": "sale.order", "res_id": self.order.id}
        self.assertFalse(Files.create(values).policy_document_id)
        self.assertFalse(Files.with_context(default_policy_document_id=contract).create(values).policy_document_id)
        self.assertTrue(Files.create({**values, "policy_document_id": contract}).policy_document_id)

    def test_people_of_departments_are_read_by_users_of_the_policy_alone(self):
        outsider = self._user("outsider", "base.group_erp_manager")
        departments = self.env["order.policy.department"].with_user(outsider)
        for name in ("member_ids", "head_id"):
            with self.subTest(name), self.assertRaises(AccessError):
                departments.search_read([], [name])
        self.assertTrue(self.finance_department.with_user(self.salesman).head_id.name)

    def test_own_defaults_exempt_nobody(self):
        for name, value in (("policy_exempt_reason", "Urgent"), ("policy_intake_digest", "x"), ("state", "sale")):
            self.env["ir.default"].with_user(self.salesman).set("sale.order", name, value, user_id=True)
        order = self._order()
        self.assertFalse(order.policy_exempt_reason or order.policy_intake_digest)
        self.assertEqual(order.state, "draft")


@tagged("post_install", "-at_install")
class TestServerActions(OrderPolicyCommon):
    """Odoo runs what its administrator set up as superuser: decisions stay with who may, all else goes as in Odoo."""

    def _run(self, records, field=None, **values):
        """Let the user of some records run a server action on them.

        :param field: which gets what is made
        """
        model = self.env["ir.model"]._get(records._name)
        if "crud_model" in values:
            values["crud_model_id"] = self.env["ir.model"]._get_id(values.pop("crud_model"))
        if field:
            values["link_field_id"] = self.env["ir.model.fields"]._get(records._name, field).id
        action = self.env["ir.actions.server"].create({"name": "Set up", "model_id": model.id, **values})
        context = {"active_model": records._name, "active_id": records.id, "active_ids": records.ids}
        action.with_user(records.env.user).with_context(**context).run()

    def _write(self, records, path, value):
        self._run(records, state="object_write", update_path=path, value=value)

    def test_what_follows_from_decisions_is_not_written(self):
        order = self._submitted()
        for path in ("policy_stage", "policy_cleared_digest", "signed_by", "review_ids.comment"):
            with self.subTest(path=path), self.assertRaises(AccessError):
                self._write(order, path, "approved")
        with self.assertRaises(AccessError):
            self._write(order.order_line, "order_id.signed_by", "Ms. Wang")
        provider = self.env["payment.provider"].create({"name": "Bank", "company_id": self.company.id})
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "reference": "P1",
                "amount": 1000.0,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        admin = self._user("odoo", "base.group_system")
        with self.assertRaisesRegex(AccessError, "entered and altered by nobody"):
            self._write(payment.with_user(admin), "state", "done")
        self._write(payment.with_user(admin), "provider_reference", "0815")
        self.assertEqual(payment.provider_reference, "0815")
        payment.with_user(admin).provider_reference = "0816"
        for name in (
            "state",
            "amount",
            "currency_id",
            "partner_id",
            "provider_id",
            "payment_method_id",
            "operation",
            "sale_order_ids",
        ):
            with self.subTest(name=name), self.assertRaisesRegex(AccessError, "entered and altered by nobody"):
                value = payment._fields[name].convert_to_write(payment[name], payment)
                payment.with_user(admin).write({name: value})

    def test_what_is_free_is_written_as_in_odoo(self):
        order = self._submitted()
        self._write(order, "client_order_ref", "PO 7")
        self._write(order.order_line, "order_id.origin", "Fair")
        self.assertFalse(self.customer.with_user(self.salesman).has_access("write"))
        self._write(order, "partner_id.ref", "Ours")
        self._run(order, state="object_write", update_path=False, value="Nothing")
        self.assertEqual((order.client_order_ref, order.origin, self.customer.ref), ("PO 7", "Fair", "Ours"))

    def test_forms_are_filled_in_and_stored_by_who_enters(self):
        change = self._requested(self._confirmed())
        action = self.env["ir.actions.server"].create(
            {
                "name": "In the form",
                "model_id": self.env["ir.model"]._get_id("sale.order.change"),
                "state": "object_write",
                "update_path": "contact",
                "value": "Ms. Wang",
            }
        )
        form = change.new(origin=change)
        action.with_user(self.salesman).with_context(onchange_self=form).run()
        self.assertEqual(form.contact, "Ms. Wang")
        self.assertFalse(change.contact)

    def test_records_of_the_policy_are_written_as_who_runs_it(self):
        change = self._requested(self._confirmed())
        change.line_ids.product_uom_qty = 3
        self._write(change, "contact", "Ms. Wang")
        self.assertEqual(change.contact, "Ms. Wang")
        accountant = self._user("accountant", "account.group_account_invoice")
        with self.assertRaisesRegex(AccessError, "not allowed to"):
            self._write(change.order_id.sudo().with_user(accountant), "change_ids.contact", "Mr. Li")
        change.action_submit()
        with self.assertRaises(UserError):
            self._write(change, "contact", "Mr. Li")

    def test_what_is_made_by_methods_is_not_made(self):
        order = self._submitted()
        with self.assertRaisesRegex(AccessError, "no action of a server makes this"):
            self._run(order, state="object_create", crud_model="sale.order.review", value="Approved")
        review = self._review(order, self.finance_department)
        with self.assertRaisesRegex(AccessError, "no action of a server makes this"):
            self._run(
                order,
                state="object_copy",
                crud_model="sale.order.review",
                resource_ref=f"sale.order.review,{review.id}",
            )
        with self.assertRaises(AccessError):
            self._run(order, "policy_id", state="object_create", crud_model="order.policy", value="Mine")

    def test_all_else_is_made_as_in_odoo(self):
        order = self._submitted()
        self._run(order, state="object_create", crud_model="res.partner.category", value="Fair")
        self.assertTrue(self.env["res.partner.category"].search([("name", "=", "Fair")]))
        self._run(order, "tag_ids", state="object_create", crud_model="crm.tag", value="Fair")
        self.assertEqual(order.tag_ids.name, "Fair")
