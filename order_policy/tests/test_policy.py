"""What policies say. One file, because steps, conditions and aspects are judged together."""

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import OrderPolicyCommon

EVERYTHING = ["pending", "pending", "waiting", None]


@tagged("post_install", "-at_install")
class TestPolicy(OrderPolicyCommon):
    """What a policy has to be like, how it comes into force, and which steps it asks of an order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._policy(name="Draft").with_user(cls.policy_admin)

    def _assert_refused(self, pattern, operation, error=UserError):
        with self.assertRaisesRegex(error, pattern), self.env.cr.savepoint():
            operation()
            self.env.flush_all()

    def _assert_refused_by_database(self, message, operation):
        """Check what a person reads when the database refuses, as Odoo words it for every request."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError) as caught,
            self.env.cr.savepoint(),
        ):
            operation()
            self.env.flush_all()
        [model] = [
            self.env[name]
            for name, model in self.env.registry.items()
            if model._auto and model._table == caught.exception.diag.table_name
        ]
        self.assertIn(message, model._sql_error_to_message(caught.exception))

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------

    def test_threshold_below_zero(self):
        for operation in (
            lambda: self.draft.step_ids[0].write({"amount_min": -1.0}),
            lambda: self.draft.write({"approval_threshold": -1.0}),
        ):
            self._assert_refused_by_database("cannot be below zero. Enter 0 or more", operation)

    def test_time_limit_below_zero(self):
        self._assert_refused_by_database(
            "Enter 0 for no limit", lambda: self.draft.step_ids[0].write({"time_limit": -1.0})
        )

    def test_step_without_department(self):
        self._assert_refused_by_database(
            "Department", lambda: self.draft.write({"step_ids": [Command.create({"name": "Nobody's"})]})
        )

    def test_policy_without_step(self):
        self.draft.step_ids.unlink()
        self._assert_refused("Add a step before you activate it", self.draft.action_activate)

    def test_ready_policy_is_not_activated(self):
        preset = self._policy(company_id=False).with_user(self.policy_admin)
        self._assert_refused("Adopt it", preset.action_activate)
        self._assert_refused("Adopt it", lambda: preset.sudo().write({"state": "active"}))

    def test_amounts_are_those_of_the_company(self):
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": self.env.ref("base.EUR").id})
        policies = self.env["order.policy"]
        self.assertEqual(policies.create({"name": "A", "company_id": abroad.id}).currency_id, abroad.currency_id)
        self.assertEqual(policies.create({"name": "B", "company_id": False}).currency_id, self.env.company.currency_id)

    def test_ready_policies_are_not_deleted(self):
        preset = self._policy(company_id=False)
        for policies in (preset, preset.with_user(self.policy_admin)):
            self._assert_refused("ready policies cannot be deleted", policies.unlink)
        self.draft.unlink()
        self.assertTrue(preset.exists())

    def test_requests_are_not_proofread(self):
        step = self._step("Proofreading", 5, self.sales_department, (), kind="proofread", used_for="request")
        self._assert_refused(
            "only orders are proofread", lambda: self.draft.write({"step_ids": [Command.create(step)]}), ValidationError
        )

    def test_two_policies_in_force(self):
        self._assert_refused_by_database(
            "Another policy is already in force", lambda: self.draft.sudo().write({"state": "active"})
        )

    def test_department_without_people_on_activation(self):
        empty = self.env["order.policy.department"].create({"name": "Quality", "company_id": self.company.id})
        step = self.draft.step_ids[0]
        step.department_id = empty
        self._assert_refused("nobody is in it. Add people", self.draft.action_activate)
        step.authority = "head"
        self._assert_refused("head of Quality, and it has none. Choose a head", self.draft.action_activate)
        empty.member_ids = self.finance
        self._assert_refused("Choose a head", self.draft.action_activate)
        empty.head_id = self.finance
        self.draft.action_activate()
        self.assertEqual(self.draft.state, "active")

    def test_department_of_archived_people_on_activation(self):
        gone = self._user("gone")
        self.draft.step_ids[0].department_id = self._department("Quality", gone)
        gone.active = False
        self._assert_refused("nobody is in it", self.draft.action_activate)

    def test_last_person_leaves_a_department_in_use(self):
        management, production = self.management.with_user(self.policy_admin), self.production_department
        self._assert_refused("Choose a head", lambda: management.write({"head_id": False}))
        self._assert_refused(
            "Add people", lambda: production.write({"member_ids": [Command.clear()], "head_id": False})
        )
        self._assert_refused("Choose a head", lambda: self.general_manager.write({"active": False}))
        self._assert_refused(
            "Choose a head",
            lambda: self.general_manager.write(
                {
                    "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                }
            ),
        )
        self._assert_refused("archived", lambda: management.write({"active": False}))
        self.policy.action_retire()
        management.active = False
        self.general_manager.active = False

    def test_department_whose_head_left(self):
        self.finance_department.member_ids += self.finance_head
        self.policy.action_retire()
        self.finance_head.active = False
        self.finance_department.name = "Treasury"
        self.finance_department.head_id = self.finance_head
        self.assertEqual(self.finance_department.head_id, self.finance_head)

    def test_department_of_a_policy_is_not_deleted(self):
        unused = self.finance_department.copy({"name": "Design"})
        with self.assertRaisesRegex(UserError, "Finance cannot be deleted: a policy asks for their review.*Archive"):
            (self.finance_department | unused).with_user(self.policy_admin).unlink()
        unused.with_user(self.policy_admin).unlink()
        self.assertFalse(unused.exists())

    def test_people_of_an_archived_department_finish_what_they_were_asked(self):
        review = self._review(self._submitted(), self.finance_department).with_user(self.finance)
        self.draft.step_ids[0].unlink()
        self.draft.action_activate()
        self.finance_department.with_user(self.policy_admin).active = False
        self.assertTrue(review.can_decide)
        review.action_approve()
        self.assertEqual(review.state, "approved")

    def test_department_counts_what_waits_for_it(self):
        reviews = self.env["sale.order.review"].concat(
            *(self._review(self._submitted(), self.finance_department) for _number in range(2))
        )
        department = self.finance_department.with_user(self.policy_admin)
        self.assertEqual(department.pending_count, 2)
        reviews[0].with_user(self.finance).action_approve()
        department.invalidate_recordset()
        self.assertEqual(department.pending_count, 1)
        self.assertFalse(self.management.with_user(self.policy_admin).pending_count, "Its turn has not come")

    def test_customers_are_no_reviewers(self):
        buyer = self.env["res.users"].create(
            {
                "name": "Buyer",
                "login": "buyer",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self._assert_refused(
            "Choose employees", lambda: self.finance_department.write({"member_ids": [Command.link(buyer.id)]})
        )
        self._assert_refused("Choose employees", lambda: self.finance_department.write({"head_id": buyer.id}))

    @mute_logger("odoo.sql_db")
    def test_conditions_that_cannot_be_used(self):
        for condition, reason in {
            "amount_total > 5": "is not a condition",
            "[('amount_total', '>', 5)": "is not a condition",
            "[('user_id', '=', uid)]": "is not a condition",
            "__import__('os').getcwd()": "is not a condition",
            "[('nonsense', '=', 1)]": "nonsense",
            "[('partner_id.nonsense', '=', 1)]": "nonsense",
            "[('amount_total', 'is about', 5)]": "is about",
            "[('id', '=', 'abc')]": "cannot be used",
        }.items():
            with self.subTest(condition):
                for operation in (
                    lambda: self.draft.write({"special_domain": condition}),  # noqa: B023
                    lambda: self.draft.step_ids[0].write({"domain": condition}),  # noqa: B023
                ):
                    self._assert_refused(f"(?s){reason}.*condition editor", operation, ValidationError)

    def test_conditions_that_can_be_used(self):
        for condition in (
            "[]",
            " [('amount_total', '>', 5)] ",
            "[('order_line.product_id.list_price', '>', 5)]",
            False,
        ):
            self.draft.special_domain = condition
            self.draft.step_ids[0].domain = condition

    # ------------------------------------------------------------------
    # Coming into force, versions
    # ------------------------------------------------------------------

    def test_policy_in_force_does_not_change(self):
        policy, step = self.policy.with_user(self.policy_admin), self.policy.step_ids[0].with_user(self.policy_admin)
        aspect = self.env.ref("order_policy.aspect_price")
        for operation in (
            lambda: policy.write({"special_domain": "[]"}),
            lambda: policy.write({"allow_self_approval": True}),
            lambda: policy.write({"one_decision_per_person": True}),
            lambda: policy.write({"approval_threshold": 1.0}),
            lambda: policy.write({"company_id": False}),
            lambda: policy.write({"confirmation_required": True}),
            lambda: policy.write({"before_approval": "block"}),
            lambda: policy.write({"application_required": True}),
            lambda: policy.write({"departments_read": "done"}),
            *(
                lambda method=method: policy.write({f"confirm_by_{method}": False})
                for method in ("phone", "email", "sms", "signature", "payment")
            ),
            lambda: policy.write({"step_ids": [Command.unlink(step.id)]}),
            lambda: policy.write({"step_ids": [Command.create(self._step("More", 5, self.finance_department, ()))]}),
            lambda: step.write({"amount_min": 5.0}),
            lambda: step.write({"aspect_ids": [Command.unlink(aspect.id)]}),
            lambda: step.write({"policy_id": self.draft.id}),
            lambda: step.copy(),
            lambda: self.draft.step_ids[0].write({"policy_id": policy.id}),
            step.unlink,
            policy.unlink,
            policy.action_activate,
        ):
            self._assert_refused("Make a new version", operation)
        policy.action_retire()
        self._assert_refused("Make a new version", lambda: step.write({"amount_min": 5.0}))
        self._assert_refused("Make a new version", policy.unlink)

    def test_drafts_do_change(self):
        self.draft.write({"allow_self_approval": True, "special_domain": "[('amount_total', '>', 5)]"})
        self.draft.step_ids[0].write({"amount_min": 5.0, "sequence": 99})
        self.draft.step_ids[1].unlink()
        self.draft.write({"step_ids": [Command.create(self._step("More", 5, self.finance_department, ()))]})
        self.assertEqual(len(self.draft.step_ids), 4)
        self.draft.unlink()

    def test_new_version_replaces_the_one_in_force(self):
        policy = self.policy.with_user(self.policy_admin)
        version = policy.browse(policy.action_new_version()["res_id"])
        self.assertEqual((version.state, version.version, version.previous_id), ("draft", 2, policy))
        self.assertEqual(version.name, policy.name)
        self.assertEqual(version.step_ids.mapped("name"), policy.step_ids.mapped("name"))
        self.assertEqual(version.step_ids.mapped("aspect_ids"), policy.step_ids.mapped("aspect_ids"))
        version.approval_threshold = 5000.0
        self.assertEqual(policy.approval_threshold, 100000.0)
        version.action_activate()
        self.assertEqual((version.state, policy.state), ("active", "retired"))
        self.assertTrue(version.activated_on)
        another = policy.browse(policy.action_new_version()["res_id"])
        self.assertEqual(another.version, 3)

    def test_orders_under_review_keep_their_version(self):
        large = ((self.desk, 10, 1000.0),)
        under_review, entered = self._submitted(*large), self._order(*large)
        version = self.policy.copy()
        version.approval_threshold = 10000.0
        version.with_user(self.policy_admin).action_activate()
        self.assertEqual(under_review.policy_id, self.policy)
        self.assertEqual(entered.policy_id, version)
        entered.action_policy_submit()
        self.assertEqual(self._states(entered), ["pending", "pending", "waiting", "waiting"])
        self._approve_all(under_review)
        under_review.action_confirm()
        self.assertEqual((under_review.state, under_review.policy_id), ("sale", self.policy))

    def test_withdrawn_order_comes_under_the_new_version(self):
        order = self._submitted()
        self.draft.action_activate()
        order.action_policy_withdraw()
        order.action_policy_submit()
        self.assertEqual(order.policy_id.sudo(), self.draft.sudo())
        pending = order.sudo().review_ids.filtered(lambda review: review.state == "pending")
        self.assertEqual(pending.step_id.policy_id, self.draft.sudo())

    def test_orders_from_before_the_policy(self):
        self.policy.action_retire()
        entered, confirmed, cancelled = self._order(), self._order(), self._order()
        self.assertFalse(entered.policy_id)
        confirmed.action_confirm()
        cancelled.action_cancel()
        self.draft.action_activate()
        self.assertEqual((entered.policy_stage, confirmed.policy_stage), ("intake", False))
        with self.assertRaisesRegex(UserError, "To be submitted for review"):
            entered.action_confirm()
        confirmed.note = "Finished as it was"
        self.assertEqual(confirmed.state, "sale")
        cancelled.action_draft()
        with self.assertRaisesRegex(UserError, "To be submitted for review"):
            cancelled.action_confirm()
        confirmed.action_cancel()
        confirmed.action_draft()
        with self.assertRaisesRegex(UserError, "To be submitted for review"):
            confirmed.action_confirm()

    def test_retired_policy_lets_go(self):
        entered, under_review = self._order(), self._submitted()
        self.policy.with_user(self.policy_admin).action_retire()
        self.assertEqual(self.policy.state, "retired")
        entered.action_confirm()
        self.assertEqual((entered.state, entered.policy_stage), ("sale", False))
        with self.assertRaisesRegex(UserError, "Finance review"):
            under_review.action_confirm()

    def test_only_administrators_activate(self):
        for user in (
            self.salesman,
            self.sales_head,
            self.finance_head,
            self._user("supervisor", "order_policy.group_order_policy_supervisor"),
        ):
            with self.assertRaises(AccessError):
                self.draft.with_user(user).action_activate()
            with self.assertRaises(AccessError):
                self.policy.with_user(user).action_retire()

    def test_an_access_right_makes_nobody_an_administrator(self):
        """Whoever hands out access rights in Odoo puts no policy in force by that."""
        for model in ("order.policy", "order.policy.step"):
            self.env["ir.model.access"].create(
                {
                    "name": f"Sales writes {model}",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "group_id": self.env.ref("sales_team.group_sale_manager").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                }
            )
        for operation in (
            self.draft.with_user(self.sales_head).action_activate,
            self.policy.with_user(self.sales_head).action_retire,
        ):
            with self.assertRaisesRegex(AccessError, "Only an administrator of the order policy"):
                operation()
        self.assertEqual((self.draft.state, self.policy.state), ("draft", "active"))

    def test_threshold_in_the_settings_makes_a_version(self):
        self.policy_admin.group_ids += self.env.ref("base.group_system")
        settings = self.env["res.config.settings"].with_user(self.policy_admin).create({})
        self.assertEqual(
            (settings.order_policy_id, settings.order_policy_threshold),
            (self.policy.with_user(self.policy_admin), 100000.0),
        )
        settings.execute()
        self.assertEqual(self.policy.state, "active")
        settings.order_policy_threshold = 20000.0
        settings.execute()
        current = self.env["order.policy"]._in_force(self.company)
        self.assertEqual((self.policy.state, current.approval_threshold), ("retired", 20000.0))
        settings = self.env["res.config.settings"].with_user(self.policy_admin).create({"order_policy_threshold": -5.0})
        self._assert_refused_by_database("Enter 0 or more", settings.execute)

    # ------------------------------------------------------------------
    # Conditions
    # ------------------------------------------------------------------

    def _asks_general_manager(self, order):
        return bool(self._review(order, self.management))

    def test_threshold_exactly_reached(self):
        for amount, asked in ((99999.99, False), (100000.0, True), (100000.01, True)):
            self.assertEqual(self._asks_general_manager(self._submitted((self.desk, 1, amount))), asked, amount)

    def test_threshold_counts_taxes(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 13%",
                "amount": 13.0,
                "company_id": self.company.id,
                "country_id": self.env.ref("base.cn").id,
                "tax_group_id": self.env["account.tax.group"].create({"name": "VAT", "company_id": self.company.id}).id,
            }
        )
        order = self._order((self.desk, 1, 90000.0))
        order.order_line.tax_ids = tax
        order.action_policy_submit()
        self.assertEqual(order.amount_company, 101700.0)
        self.assertTrue(self._asks_general_manager(order))

    def _in_currency(self, code, company_amount_of_one, amount):
        """Return a submitted order in another currency."""
        currency = self.env.ref(f"base.{code}")
        currency.active = True
        self.env["res.currency.rate"].create(
            {
                "name": "2026-01-01",
                "currency_id": currency.id,
                "company_id": self.company.id,
                "inverse_company_rate": company_amount_of_one,
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {
                "name": code,
                "currency_id": currency.id,
                "company_id": self.company.id,
            }
        )
        order = self._order((self.desk, 1, amount), pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        order.action_policy_submit()
        return order

    def test_threshold_is_in_company_currency(self):
        draft = self.draft
        draft.approval_threshold = 1000.0
        draft.action_activate()
        dong = self._in_currency("VND", 0.00028, 2000.0)
        self.assertEqual(dong.amount_company, 0.56)
        self.assertFalse(self._asks_general_manager(dong))
        dinar = self._in_currency("KWD", 23.4, 900.0)
        self.assertEqual(dinar.amount_company, 21060.0)
        self.assertTrue(self._asks_general_manager(dinar))

    def test_rate_of_the_day_of_submission_stays(self):
        order = self._in_currency("KWD", 23.4, 900.0)
        self.env["res.currency.rate"].search(
            [("currency_id.name", "=", "KWD"), ("company_id", "=", self.company.id)]
        ).unlink()
        order.invalidate_recordset()
        self.assertEqual(order.amount_company, 21060.0)

    def test_special_by_hand(self):
        order = self._order()
        order.special_order = True
        order.action_policy_submit()
        self.assertTrue(self._asks_general_manager(order))

    def test_marked_special_under_review(self):
        order = self._approved()
        order.special_order = True
        self.assertEqual(self._states(order)[3], "waiting")
        order.special_order = False
        self.assertNotIn(self._states(order)[3], ("waiting", "pending"))

    def test_step_that_is_not_needed_any_more_does_not_count(self):
        order = self._submitted((self.desk, 1, 100000.0))
        self.assertEqual(order.review_count, 4)
        order.order_line.price_unit = 1000.0
        self._approve_all(order)
        self.assertEqual((order.review_count, order.review_done_count), (3, 3))
        self.assertEqual(order.policy_stage, "confirmation")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_special_by_condition(self):
        self.draft.special_domain = "[('partner_id.name', 'ilike', 'ningbo')]"
        self.draft.action_activate()
        self.assertTrue(self._asks_general_manager(self._submitted()))
        other = self.env["res.partner"].create({"name": "Wenzhou Retail"})
        self.assertFalse(self._asks_general_manager(self._submitted(partner_id=other.id)))

    def test_step_under_a_condition(self):
        self.draft.step_ids[1].domain = f"[('order_line.product_id', '=', {self.chair.id})]"
        self.draft.action_activate()
        desk, chair = self._submitted(), self._submitted((self.chair, 1, 200.0))
        self.assertEqual(self._states(desk), ["pending", None, "waiting", None])
        self.assertEqual(self._states(chair), EVERYTHING)
        desk.order_line = [Command.create({"product_id": self.chair.id, "product_uom_qty": 1, "tax_ids": False})]
        self.assertEqual(self._states(desk), EVERYTHING)
        desk.order_line[1].unlink()
        self._review(desk, self.finance_department).with_user(self.finance).action_approve()
        self.assertEqual(self._states(desk), ["approved", "not_required", "pending", None], "Nobody waits for it")

    def test_step_that_is_not_needed_when_the_order_is_confirmed_is_nobodys_to_do(self):
        tag = self.env["res.partner.category"].create({"name": "New customer"})
        self.draft.step_ids[0].domain = f"[('partner_id.category_id', '=', {tag.id})]"
        self.draft.step_ids[2:].unlink()
        self.draft.action_activate()
        self.customer.category_id = tag
        order = self._submitted()
        review = self._review(order, self.finance_department)
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self.customer.category_id = False
        self.assertEqual(review.state, "pending", "Nothing of the order changed")
        order.action_confirm()
        self.assertEqual((order.state, review.state), ("sale", "not_required"))
        with self.assertRaisesRegex(UserError, "not to be decided any more"):
            review.with_user(self.finance).action_approve()

    def test_order_that_no_step_concerns(self):
        self.draft.step_ids.domain = "[('partner_id.name', '=', 'Nobody')]"
        self.draft.action_activate()
        order = self._order()
        self.assertIn("asks for no review", order.policy_explanation)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        with self.assertRaisesRegex(UserError, "cannot be deleted"):  # whom nobody reviewed, the gate let through
            order.sudo().with_context(_force_unlink=True).unlink()
        self.assertTrue(order.exists())


@tagged("post_install", "-at_install")
class TestAspects(OrderPolicyCommon):
    """A change reopens the steps that look at what changed, and no others."""

    ASPECTS = ("customer", "product", "quantity", "price", "delivery", "payment")
    # What each field of an order, and of its lines, concerns. Written down, and not asked of what is tested.
    LOOKED_AT = {
        "sale.order": {
            "partner_id": {"customer"},
            "partner_invoice_id": {"customer"},
            "currency_id": {"price"},
            "partner_shipping_id": {"delivery"},
            "commitment_date": {"delivery"},
            "payment_term_id": {"payment"},
            "preferred_payment_method_line_id": {"payment"},
            "require_payment": {"payment"},
            "prepayment_percent": {"payment"},
            "note": {"payment"},
            "special_order": set(ASPECTS),
        },
        "sale.order.line": {
            "product_id": {"product", "quantity", "price", "delivery"},
            "name": {"product"},
            "product_no_variant_attribute_value_ids": {"product", "price"},
            "product_custom_attribute_value_ids": {"product", "price"},
            "product_uom_qty": {"quantity"},
            "product_uom_id": {"quantity", "price"},
            "price_unit": {"price"},
            "discount": {"price"},
            "tax_ids": {"price"},
            "extra_tax_data": {"price"},
            "customer_lead": {"delivery"},
        },
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        policy = cls.env["order.policy"].create(
            {
                "name": "One step for each aspect",
                "company_id": cls.company.id,
                "step_ids": [
                    Command.create(cls._step(aspect, 10, cls.finance_department, (aspect,))) for aspect in cls.ASPECTS
                ]
                + [Command.create(cls._step("everything", 10, cls.finance_department, ()))],
            }
        )
        policy.action_activate()

    def _approved_by_finance(self, *lines):
        order = self._submitted(*lines or ((self.desk, 2, 1000.0), (self.chair, 3, 200.0)))
        order.sudo().review_ids.with_user(self.finance).action_approve()
        return order

    def _reopened(self, order):
        """Return the names of the steps that are asked again."""
        self.env.flush_all()
        return set(order.sudo().review_ids.filtered(lambda review: review.state == "pending").step_id.mapped("name"))

    def _other_values(self):
        """Return another value for each field of the content."""
        partner = self.env["res.partner"].create({"name": "Wenzhou Retail"})
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 13%",
                "amount": 13.0,
                "company_id": self.company.id,
                "country_id": self.env.ref("base.cn").id,
                "tax_group_id": self.env["account.tax.group"].create({"name": "VAT", "company_id": self.company.id}).id,
            }
        )
        attribute = self.env["product.attribute"].create(
            {
                "name": "Finish",
                "create_variant": "no_variant",
                "value_ids": [Command.create({"name": "Oak"}), Command.create({"name": "Walnut"})],
            }
        )
        template_line = self.env["product.template.attribute.line"].create(
            {
                "product_tmpl_id": self.desk.product_tmpl_id.id,
                "attribute_id": attribute.id,
                "value_ids": [Command.set(attribute.value_ids.ids)],
            }
        )
        euro = self.env.ref("base.EUR")
        euro.active = True
        journal = self.env["account.journal"].create(
            {
                "name": "Bank",
                "code": "BNK",
                "type": "bank",
                "company_id": self.company.id,
            }
        )
        chosen = template_line.product_template_value_ids[:1]
        return {
            "sale.order": {
                "partner_id": partner.id,
                "partner_invoice_id": partner.id,
                "currency_id": euro.id,
                "partner_shipping_id": partner.id,
                "commitment_date": "2026-12-24 08:00:00",
                "payment_term_id": self.env.ref("account.account_payment_term_30days").id,
                "preferred_payment_method_line_id": journal.inbound_payment_method_line_ids[:1].id,
                "require_payment": True,
                "prepayment_percent": 0.5,
                "note": "<p>Deliver on Mondays</p>",
                "special_order": True,
            },
            "sale.order.line": {
                "product_id": self._product("Lamp", 50.0).id,
                "name": "Desk, oiled",
                "product_no_variant_attribute_value_ids": [Command.set(chosen.ids)],
                "product_custom_attribute_value_ids": [
                    Command.create(
                        {
                            "custom_product_template_attribute_value_id": template_line.product_template_value_ids[
                                :1
                            ].id,
                            "custom_value": "To Ann",
                        }
                    )
                ],
                "product_uom_qty": 5.0,
                "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
                "price_unit": 990.0,
                "discount": 10.0,
                "tax_ids": [Command.set(tax.ids)],
                "customer_lead": 14.0,
                "extra_tax_data": {"computation_key": "down payment"},
            },
        }

    def _change_alone(self, record, name, value):
        """Change one field without what Odoo computes from it, such as the price of another product."""
        order = record if record._name == "sale.order" else record.order_id
        content = self.env["order.policy.aspect"]._content_fields()
        computed = {
            records: [records._fields[field] for field in content[records._name] if field != name]
            for records in (order, order.order_line)
        }
        with (
            self.env.protecting(computed[order], order),
            self.env.protecting(computed[order.order_line], order.order_line),
        ):
            record.write({name: value})
            self.env.flush_all()

    def test_each_field_reopens_the_steps_that_look_at_it(self):
        values = self._other_values()
        for model, looked_at in self.LOOKED_AT.items():
            for name, aspects in looked_at.items():
                with self.subTest(model=model, field=name):
                    if not values[model][name]:
                        self.fail(f"No other value of {name} to try")
                    order = self._approved_by_finance()
                    record = order if model == "sale.order" else order.order_line[0]
                    self._change_alone(record.sudo(), name, values[model][name])
                    self.assertEqual(self._reopened(order), aspects | {"everything"})

    def test_every_field_of_the_content_is_tried(self):
        for model, names in self.env["order.policy.aspect"]._content_fields().items():
            of_odoo = {name for name in names if self.env[model]._fields[name]._module in ("sale", "order_policy")}
            self.assertLessEqual(of_odoo, self.LOOKED_AT[model].keys())

    def test_fields_that_are_no_content(self):
        order = self._approved_by_finance()
        order.write(
            {"client_order_ref": "PO 7", "origin": "Fair", "validity_date": "2026-12-24", "require_signature": False}
        )
        order.order_line[0].sudo().qty_delivered = 1.0
        self.assertFalse(self._reopened(order))

    def test_moving_lines_reopens_nothing(self):
        order = self._approved_by_finance((self.desk, 2, 1000.0), (self.chair, 3, 200.0), (self.desk, 1, 900.0))
        desk, chair, other_desk = order.order_line
        chair.sequence, desk.sequence, other_desk.sequence = 1, 2, 3
        self.assertFalse(self._reopened(order))

    def test_entering_the_same_line_again_reopens_nothing(self):
        order = self._approved_by_finance()
        [vals] = order.order_line[1].copy_data({"order_id": order.id})
        order.write({"order_line": [Command.delete(order.order_line[1].id), Command.create(vals)]})
        self.assertFalse(self._reopened(order))

    def test_exchanging_prices_between_lines_reopens(self):
        order = self._approved_by_finance()
        desk, chair = order.order_line
        order.write(
            {
                "order_line": [
                    Command.update(desk.id, {"price_unit": chair.price_unit}),
                    Command.update(chair.id, {"price_unit": desk.price_unit}),
                ]
            }
        )
        self.assertEqual(self._reopened(order), {"price", "everything"})

    def test_exchanging_quantities_between_lines_of_a_product_reopens(self):
        order = self._approved_by_finance((self.desk, 2, 1000.0), (self.desk, 50, 900.0))
        first, second = order.order_line
        order.write(
            {
                "order_line": [
                    Command.update(first.id, {"product_uom_qty": 50, "price_unit": 1000.0}),
                    Command.update(second.id, {"product_uom_qty": 2, "price_unit": 900.0}),
                ]
            }
        )
        self.assertIn("quantity", self._reopened(order))

    def test_sections_and_notes_count_as_text_of_the_product(self):
        order = self._approved_by_finance()
        order.order_line = [Command.create({"display_type": "line_note", "name": "Without drawers"})]
        self.assertEqual(self._reopened(order), {"product", "everything"})

    def test_changed_note_reopens(self):
        order = self._order()
        order.order_line = [Command.create({"display_type": "line_note", "name": "With drawers"})]
        order.action_policy_submit()
        order.sudo().review_ids.with_user(self.finance).action_approve()
        order.order_line[1].name = "Without drawers"
        self.assertEqual(self._reopened(order), {"product", "everything"})

    def test_added_and_removed_lines_reopen(self):
        order = self._approved_by_finance()
        order.order_line = [Command.create({"product_id": self.desk.id, "product_uom_qty": 1, "tax_ids": False})]
        self.assertLessEqual({"product", "quantity", "price", "everything"}, self._reopened(order))
        self.assertNotIn("customer", self._reopened(order))
        order.order_line[2].unlink()
        self.assertFalse(self._reopened(order))

    def test_renaming_the_customer_reopens_nothing(self):
        order = self._approved_by_finance()
        self.customer.name = "Ningbo Trading Ltd"
        self.desk.name = "Writing Desk"
        self.assertFalse(self._reopened(order))


@tagged("post_install", "-at_install")
class TestWords(OrderPolicyCommon):
    """What a change is told in: words of the person, whatever kind of value changed."""

    def _told(self, name, was, now, model="sale.order"):
        """Return label, what was and what is, as a person in Shanghai reads them."""
        self.salesman.tz = "Asia/Shanghai"
        line = {"product_id": [self.desk.id, "Desk"]}
        before, after = (
            {
                "order": {name: value} if model == "sale.order" else {},
                "lines": [
                    {"key": "p1#1", "label": "Desk", "values": line | ({name: value} if model != "sale.order" else {})}
                ],
            }
            for value in (was, now)
        )
        [(_subject, *told)] = self.env["order.policy.aspect"].with_user(self.salesman)._differences(before, after)
        return tuple(text.replace("\N{NARROW NO-BREAK SPACE}", " ") for text in told)

    def test_each_kind_of_value(self):
        for name, was, now, told in (
            ("require_payment", True, False, ("yes", "no")),
            ("prepayment_percent", 0.5, 1.0, ("0.50", "1.00")),
            ("client_order_ref", False, "PO 7", ("none", "PO 7")),
            ("partner_id", [7, "Wang"], [8, "Li"], ("Wang", "Li")),
            ("partner_id", [], [8, "Li"], ("none", "Li")),
            ("tag_ids", [[1, "Fair"], [2, "Big"]], [], ("Fair and Big", "none")),
            ("state", "draft", "sale", ("Quotation", "Sales Order")),
            ("state", "draft", "gone", ("Quotation", "gone")),
            ("note", "<p>Net <b>30</b></p>", False, ("Net 30", "none")),
            ("validity_date", "2026-03-01", False, ("Mar 1, 2026", "none")),
            ("commitment_date", "2026-03-01 17:00:00", False, ("Mar 2, 2026", "none")),
            ("date_order", "2026-03-01 17:00:00", False, ("Mar 2, 2026, 1:00 AM", "none")),
            ("date_order", "9999-12-31 23:59:59", False, ("9999-12-31 23:59:59", "none")),
            ("of_a_former_app", {"a": ["x", False, None], "b": {"c": 3}, "d": ""}, {}, ("x and 3", "none")),
        ):
            with self.subTest(name=name, was=was):
                self.assertEqual(self._told(name, was, now)[1:], told)

    def test_fields_are_called_as_on_the_form(self):
        self.assertEqual(self._told("client_order_ref", "a", "b")[0], "Customer Reference")
        self.assertEqual(self._told("of_a_former_app", "a", "b")[0], "of_a_former_app")
        self.assertEqual(self._told("price_unit", 1.0, 2.0, model="sale.order.line")[0], "Unit Price")

    def test_new_line_is_told_by_what_is_ordered(self):
        values = {"product_id": [self.desk.id, "Desk"], "name": "Desk, as drawn", "product_uom_qty": 2.0}
        line = {"key": "p1#1", "label": "Desk", "values": values}
        empty = {"order": {}, "lines": []}
        Aspect = self.env["order.policy.aspect"]
        [(_subject, *told)] = Aspect._differences(empty, {"order": {}, "lines": [line]})
        self.assertIn("Quantity 2", " ".join(told))
        self.assertNotIn("as drawn", " ".join(told), "It is what the row is called by")

    def test_long_texts_are_cut(self):
        was, now = self._told("note", "a" * 20_000, "a" * 20_001)[1:]
        self.assertEqual((len(was), now[-3:]), (20_000, "a …"))

    def test_nothing_is_compared_with_what_was_not_kept(self):
        aspects = self.env["order.policy.aspect"]
        kept = {"order": {"note": "Net 30"}, "lines": []}
        self.assertTrue(aspects._is_same(kept, kept))
        for before, after in ((False, kept), (kept, False), (False, False)):
            self.assertFalse(aspects._is_same(before, after))
            self.assertEqual(aspects._differences(before, after), [])
