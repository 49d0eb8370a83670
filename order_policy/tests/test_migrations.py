from types import SimpleNamespace

from odoo import fields
from odoo.fields import Command
from odoo.modules.migration import MigrationManager
from odoo.modules.module import Manifest
from odoo.tests import tagged

from .common import ArchiveCommon, mail_in
from .common_orders import ConfirmationCase

# What each version brought: tables, and columns of tables that were there before.
NEW_TABLES = {"19.0.1.1.0": ("order_policy_check",), "19.0.1.3.0": ("sale_order_dossier_item",)}
NEW_COLUMNS = {
    "19.0.1.1.0": {"sale_order": ("channel_id", "received_on", "entry_hours")},
    "19.0.1.3.0": {"sale_order": ("dossier_id",)},
    "19.0.1.4.0": {
        "order_policy_check": ("at_confirmation",),
        "sale_order": ("policy_cleared_snapshot",),
        "sale_order_confirmation": ("snapshot", "message_text", "message_from", "message_date"),
        "sale_order_change_line": ("technical_price_unit", "was_part_of_id"),
        "payment_transaction": ("policy_contents",),
    },
    "19.0.2.1.0": {"sale_order": ("policy_readers", "policy_change_readers")},
}
MODELS = (
    "order.policy.check",
    "payment.transaction",
    "sale.order",
    "sale.order.change.line",
    "sale.order.confirmation",
    "sale.order.dossier.item",
)


class MigrationCase(ArchiveCommon):
    """Databases of earlier versions are updated: what people entered there means what it meant."""

    def _ref(self, name):
        return self.env.ref(f"order_policy.{name}")

    def _set(self, records, **values):
        """Let records hold what an earlier version stored."""
        for name, value in values.items():
            table, column = records._table, name
            self._sql(f'UPDATE "{table}" SET "{column}" = %s WHERE id IN %s', value, tuple(records.ids))

    def _update_from(self, version):
        """Bring the tables to what a version had, and update as Odoo does."""
        self.env.flush_all()
        for number, tables in NEW_TABLES.items():
            for table in tables if number > version else ():
                self._sql(f'TRUNCATE "{table}" CASCADE')
                self._sql(f'DROP TABLE "{table}" CASCADE')
        for number, tables in NEW_COLUMNS.items():
            for table, columns in tables.items() if number > version else ():
                for column in columns:
                    self._sql(f'ALTER TABLE IF EXISTS "{table}" DROP COLUMN "{column}"')
        self._run(version)

    def _run(self, version):
        node = SimpleNamespace(
            name="order_policy",
            load_state="to upgrade",
            load_version=version,
            manifest=Manifest.for_addon("order_policy"),
        )
        scripts = MigrationManager(self.env.cr, [node])
        scripts.migrate_module(node, "pre")
        self.registry.init_models(self.env.cr, MODELS, {"module": "order_policy"}, install=False)
        scripts.migrate_module(node, "post")
        scripts.migrate_module(node, "end")
        self.env.flush_all()
        self.env.invalidate_all()

    def _assert_again_changes_nothing(self, version, read):
        """Whoever repeats an update that was interrupted finds the same."""
        before = read()
        self._run(version)
        self.assertEqual(read(), before)


@tagged("post_install", "-at_install")
class TestReadyPoliciesOfBefore(MigrationCase):
    """Ready policies become those of a new installation; what companies made of them stays."""

    def _ready(self):
        """Return what the ready policies say about what was brought up to date later."""
        names = ("risk_control", "department_audit", "accuracy", "strict")
        customer = ("confirmation_required", "confirm_by_payment", "before_approval", "application_required")
        return {
            "customer": {name: [self._ref(f"policy_{name}")[field] for field in customer] for name in names},
            "special": [self._ref(f"policy_{name}").special_domain for name in ("risk_control", "strict")],
            "read": {self._ref(f"policy_{name}").departments_read for name in names},
            "proofread": [self._ref(f"policy_{name}_step_proofread").kind for name in ("accuracy", "strict")],
            "specification": {
                (requirement.kind, bool(requirement.sudo().field_ids))
                for name in names
                for requirement in self._ref(f"policy_{name}_requirement_specification")
            },
            "made to order": self._ref("product_tag_made_to_order")
            in self._ref("policy_strict_check_sensitive").product_tag_ids,
            "credit": self._ref("policy_risk_control_check_credit").at_confirmation,
            "kinds of paper": {
                name: self._ref(f"document_{name}").department_id == self._ref("department_sales")
                for name in ("original", "contract", "confirmation", "application", "copy")
            },
        }

    READY = {
        "customer": {
            "risk_control": [False, True, "free", False],
            "department_audit": [False, True, "free", True],
            "accuracy": [True, False, "banner", False],
            "strict": [True, True, "block", True],
        },
        "special": [False, False],
        "read": {"done"},
        "proofread": ["proofread", "proofread"],
        "specification": {("specification", False)},
        "made to order": True,
        "credit": True,
        "kinds of paper": {
            "original": True,
            "contract": True,
            "confirmation": True,
            "application": True,
            "copy": False,
        },
    }

    def _ready_of_the_first_version(self):
        ready = [self._ref(f"policy_{name}") for name in ("risk_control", "department_audit", "accuracy", "strict")]
        for policy in ready:
            self._set(
                policy,
                confirmation_required=False,
                confirm_by_payment=True,
                before_approval="free",
                application_required=False,
                departments_read="always",
            )
        for name in ("risk_control", "strict"):
            self._set(self._ref(f"policy_{name}"), special_domain="[('partner_id.category_id', 'in', [1])]")
        for name in ("accuracy", "strict"):
            self._set(self._ref(f"policy_{name}_step_proofread"), kind="review")

    def _ready_of_the_version_before(self):
        name = self.env["ir.model.fields"]._get("sale.order.line", "name")
        for policy in ("risk_control", "department_audit", "accuracy", "strict"):
            self._set(self._ref(f"policy_{policy}"), departments_read="always")
            requirement = self._ref(f"policy_{policy}_requirement_specification")
            self._set(requirement, kind="line")
            requirement.field_ids = name
        self._ref("policy_strict_check_sensitive").product_tag_ids -= self._ref("product_tag_made_to_order")

    def _kinds_of_paper_without_department(self):
        kinds = ("original", "contract", "confirmation", "application")
        for name in kinds:
            self._set(self._ref(f"document_{name}"), department_id=None)

    def test_ready_policies_of_the_first_version_become_those_of_a_new_installation(self):
        self._ready_of_the_first_version()
        self._ready_of_the_version_before()
        self._kinds_of_paper_without_department()
        self._run("19.0.1.0.0")
        self.assertEqual(self._ready(), self.READY)
        self._assert_again_changes_nothing("19.0.1.0.0", self._ready)

    def test_ready_policies_of_the_version_before_become_those_of_a_new_installation(self):
        self._ready_of_the_version_before()
        self._update_from("19.0.1.3.0")
        self.assertEqual(self._ready(), self.READY)
        self._assert_again_changes_nothing("19.0.1.3.0", self._ready)

    def test_policies_of_companies_stay(self):
        adopted = self._ref("policy_strict").copy({"company_id": self.company.id})
        check = self.env["order.policy.check"].create(
            {"name": "Credit", "policy_id": adopted.id, "kind": "credit", "severity": "warn"}
        )
        self._set(adopted, application_required=False, confirmation_required=False, departments_read="always")
        self._update_from("19.0.1.3.0")
        self.assertEqual(
            (adopted.application_required, adopted.confirmation_required, adopted.departments_read),
            (False, False, "always"),
        )
        self.assertFalse(check.at_confirmation, "judging again is for the next version of the policy to choose")

    def test_departments_of_companies(self):
        before = self.env["order.policy.department"].search([("company_id", "=", self.company.id)])
        self._update_from("19.0.1.3.0")
        departments = self.env["order.policy.department"].search([("company_id", "=", self.company.id)])
        ready = self.env["order.policy.department"].search([("company_id", "=", False)])
        self.assertLessEqual(before, departments)
        self.assertEqual((departments - before).origin_id, ready)
        self._assert_again_changes_nothing(
            "19.0.1.3.0", lambda: self.env["order.policy.department"].search([("company_id", "=", self.company.id)])
        )

    def test_general_manager_s_offices_decide_where_nobody_else_may(self):
        ready = self._ref("department_management")
        offices = ready | ready._for_company(self.company)
        offices.is_management = False
        self._update_from("19.0.1.4.0")
        self.assertEqual(set(offices.mapped("is_management")), {True})
        self.assertFalse(self.finance_department.is_management)


@tagged("post_install", "-at_install")
class TestOrdersOfBefore(MigrationCase):
    """Orders go on, and so do their requests and dossiers."""

    def test_orders_of_the_first_version(self):
        order, confirmed = self._submitted(), self._confirmed()
        self._update_from("19.0.1.0.0")
        for of_before in (order, confirmed):
            self.assertEqual((of_before.channel_id.id, of_before.received_on, of_before.entry_hours), (False, False, 0))
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_orders_that_were_done_already(self):
        done, under_way = self._confirmed((self.desk, 1, 0.0)), self._confirmed()
        done.sudo().order_line.qty_delivered = 1
        self.env.flush_all()
        self._set(done | under_way, policy_stage="execution")
        self._update_from("19.0.1.2.0")
        self.assertEqual((done.policy_stage, under_way.policy_stage), ("completed", "execution"))
        self.assertFalse((done | under_way).sudo().dossier_id)
        dossier = self._dossier(done)
        dossier.action_seal()
        self.assertEqual(done.policy_stage, "archived")

    def _orders_at_all_stages(self):
        """Return orders whose departments are asked, were asked, ask themselves and were told, under all settings."""
        for how_long in ("asked", "done", "always"):
            self.policy.copy({"departments_read": how_long}).action_activate()
            yield from (self._order(), self._submitted(), self._confirmed())
            escalated = self._submitted()
            self._review(escalated, self.finance_department).write(
                {
                    "way_out": "management",
                    "escalation": "management",
                    "escalated_to_ids": [Command.set(self.general_manager.ids)],
                }
            )
            yield escalated
            asking = self._confirmed()
            self._requested(asking).sudo().department_id = self.finance_department
            yield asking
            changing = self._confirmed()
            change = self._requested(changing, note="Longer")
            change.payment_term_id = self.env.ref("account.account_payment_term_30days")
            change.action_submit()
            yield changing
            told = self._confirmed()
            tasks = {self.production_department: ["Stop."], self.management: ["Know."]}
            self.env["sale.order.change.notice"]._tell(self._cancellation(told).sudo(), tasks)
            told.sudo().change_ids.notice_ids[0].with_user(self.production).action_acknowledge()
            yield told
            ended = self._submitted()
            self._cancel(ended)
            self._dossier(ended).action_seal()
            yield ended

    def test_departments_read_the_orders_that_they_read_before(self):
        orders = self.env["sale.order"].concat(*(order.sudo() for order in self._orders_at_all_stages()))

        def readers():
            return [(sorted(order.policy_readers or ()), order.policy_change_readers or {}) for order in orders]

        before = readers()
        self.assertGreater(len({str(of_order) for of_order in before}), 8)
        self._update_from("19.0.2.0.0")
        self.assertEqual(readers(), before)
        self._assert_again_changes_nothing("19.0.2.0.0", readers)

    def test_signatures_and_payments_of_before(self):
        signed, paid = self._order(), self._order()
        sealed = self._confirmed()
        for order in (signed, sealed):
            self._set(order, signed_by="Ms. Wang", signed_on=fields.Datetime.now())
            order.sudo().signature = False
        picture = b"R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="
        signature = {"res_model": "sale.order", "res_field": "signature", "name": "signature", "type": "binary"}
        self.env["ir.attachment"].sudo().create(
            [{**signature, "res_id": order.id, "datas": picture} for order in (signed, sealed)]
        )
        transaction = self._transaction(paid)
        self.env.flush_all()
        self._update_from("19.0.1.3.0")
        act = signed.sudo().confirmation_ids
        self.assertEqual((act.method, act.contact, act.digest), ("signature", "Ms. Wang", signed.content_digest))
        self.assertTrue(act.is_valid)
        self.assertFalse(sealed.sudo().confirmation_ids, "what is confirmed needs no word of its customer any more")
        self.assertEqual(list(transaction.policy_contents), [str(paid.id)])
        paid.order_line.price_unit = 900.0
        self._assert_again_changes_nothing(
            "19.0.1.3.0", lambda: (len(signed.sudo().confirmation_ids), transaction.policy_contents)
        )

    def _transaction(self, order):
        provider = self.env["payment.provider"].create(
            {"name": "Bank", "code": "none", "company_id": self.company.id, "state": "test"}
        )
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "reference": order.name,
                "operation": "online_redirect",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )

    def test_requests_of_before_know_what_odoo_priced_their_lines_at(self):
        order = self._confirmed((self.desk, 2, 1000.0), (self.chair, 1, 150.0))
        change = self._requested(order)
        change.line_ids = [Command.create({"product_id": self.chair.id, "product_uom_qty": 3})]
        added = change.line_ids.filtered(lambda line: not line.order_line_id)
        self._update_from("19.0.1.2.0")
        lines = change.line_ids
        self.assertEqual(
            {line.product_id: line.technical_price_unit for line in lines - added},
            {line.product_id: line.technical_price_unit for line in order.order_line},
        )
        self.assertEqual((added.price_unit, added.technical_price_unit), (200.0, 200.0))
        self.assertFalse(lines.was_part_of_id)
        self._assert_again_changes_nothing("19.0.1.3.0", lambda: lines.mapped("technical_price_unit"))

    def test_papers_that_were_listed_twice(self):
        open_dossier, sealed = self._dossier(self._ended()), self._sealed()
        self.env.flush_all()
        for index in ("file_unique", "printed_unique"):
            self._sql(f"DROP INDEX sale_order_dossier_item_{index}")
        columns = (
            "dossier_id, company_id, document_id, name, report, record_model, record_id, source_file_id, made_by,"
            " made_on, sha256, number"
        )
        counts, kept = [len(dossier.item_ids) for dossier in (open_dossier, sealed)], open_dossier.item_ids.ids
        self._sql(
            f"INSERT INTO sale_order_dossier_item ({columns})"
            f" SELECT {columns} FROM sale_order_dossier_item WHERE dossier_id IN %s",
            (open_dossier.id, sealed.id),
        )
        self._update_from("19.0.1.3.0")
        self.assertEqual([len(dossier.item_ids) for dossier in (open_dossier, sealed)], [counts[0], 2 * counts[1]])
        self.assertEqual(open_dossier.item_ids.ids, kept, "the first stay")
        open_dossier.action_seal()
        self.assertEqual(open_dossier.state, "sealed")


@tagged("post_install", "-at_install")
class TestConfirmationsOfBefore(MigrationCase, ConfirmationCase):
    """What customers agreed to, and what departments decided on, counts as it did."""

    def test_content_of_orders_has_other_fingerprints(self):
        """What was approved, confirmed and agreed to under fingerprints of fewer fields still is."""
        approved, confirmed, changed = self._approved(), self._approved(), self._approved()
        for order in (approved, confirmed, changed):
            self._record(order)
        (confirmed | changed).action_confirm()
        orders = (approved | confirmed | changed).sudo()
        self.env.flush_all()
        for table, column in (
            ("sale_order", "content_digest"),
            ("sale_order", "policy_cleared_digest"),
            ("sale_order_review", "content_digest"),
            ("sale_order_confirmation", "digest"),
        ):
            self._sql(f"UPDATE {table} SET {column} = md5({column})")
        self._set(changed, policy_cleared_digest="that of other content")
        self._update_from("19.0.1.3.0")
        self.assertTrue(confirmed.sudo().policy_cleared_snapshot)
        self.assertFalse(changed.sudo().policy_cleared_snapshot, "what was let through is not what the order holds")
        self._assert_again_changes_nothing("19.0.1.3.0", lambda: orders.mapped("policy_cleared_snapshot"))
        self.env.add_to_compute(orders._fields["content_digest"], orders - changed)
        self.env.flush_all()  # refuses what is confirmed and was not let through
        self.assertEqual(approved.sudo().confirmation_ids.mapped("is_valid"), [True])
        approved.action_confirm()
        self.assertEqual((approved.state, self._states(approved)[:3]), ("sale", ["approved"] * 3))

    def test_results_of_checks_stay_in_their_words(self):
        check = {"name": "Discount", "kind": "price", "price_basis": "discount", "percent": 5.0}
        version = self.policy._copy_as_next_version()
        version.intake_check_ids = [Command.create(check)]
        version.action_activate()
        results = self._submitted().sudo().check_ids
        self._sql(
            "ALTER TABLE sale_order_check ADD COLUMN IF NOT EXISTS observed varchar, "
            'ADD COLUMN IF NOT EXISTS "limit" varchar, ADD COLUMN IF NOT EXISTS explanation varchar'
        )
        self._sql("UPDATE sale_order_check SET texts = NULL, observed = 'Alle Zeilen', \"limit\" = '5 %%'")
        self._update_from("19.0.1.4.0")
        self.assertEqual((results.observed, results.limit, results.explanation), ("Alle Zeilen", "5 %", False))
        self._assert_again_changes_nothing("19.0.1.4.0", lambda: results.texts)

    def test_what_customers_wrote_is_kept_with_confirmations_of_before(self):
        order = self._submitted()
        message = mail_in(
            order,
            "We agree.",
            author_id=self.customer.id,
            email_from="buyer@ningbo.example",
            attachments=[("Agreed.txt", b"Signed, Ms. Wang")],
        )
        self._record(order, "email", note=False, message_id=message.id)
        act = order.sudo().confirmation_ids
        copied = act.attachment_ids
        self._sql("DELETE FROM ir_attachment_sale_order_confirmation_rel WHERE sale_order_confirmation_id = %s", act.id)
        self._sql("DELETE FROM ir_attachment WHERE id IN %s", tuple(copied.ids))
        self._update_from("19.0.1.3.0")
        self.assertEqual((act.message_text, act.message_date), ("We agree.", message.date))
        self.assertIn("buyer@ningbo.example", act.message_from)
        self.assertEqual(act.attachment_ids.mapped("raw"), [b"Signed, Ms. Wang"])
        self.assertNotEqual(act.attachment_ids, message.attachment_ids, "a copy: the message may lose its own")
        self._assert_again_changes_nothing("19.0.1.3.0", lambda: act.attachment_ids.ids)
