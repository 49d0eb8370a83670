"""Every way to confirm an order. One file, so that who knows of another way sees all that are tried."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_orders import GateCase


@tagged("post_install", "-at_install")
class TestWaysAround(GateCase):
    """The ways in which an ordinary salesman got past other approval addons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assistant = cls._user("assistant", "sales_team.group_sale_salesman_all_leads")

    def test_01_writing_the_review(self):
        order = self._submitted()
        reviews = self.env["sale.order.review"].with_user(self.salesman).search([("order_id", "=", order.id)])
        self.assertTrue(reviews, "The salesman sees the reviews of his order")
        for values in ({"state": "approved"}, {"decision": "approved"}, {"is_current": False}, {"digest": "x"}):
            with self.assertRefused():
                reviews.write(values)
        with self.assertRefused():
            reviews.unlink()
        with self.assertRefused():
            reviews.copy({"state": "approved", "decision": "approved"})
        with self.assertRefused("Finance"):
            order.action_confirm()
        self.assertHeld(order)

    def test_02_creating_a_confirmed_order(self):
        with self.assertRefused("cannot be confirmed yet"):
            self._order(state="sale")
        with self.assertRefused("cannot be confirmed yet"):
            self._approved().copy({"state": "sale"})
        with self.assertRefused("cannot be confirmed yet"):
            self.env["sale.order"].with_user(self.salesman).create({"partner_id": self.customer.id, "state": "sale"})

    def test_03_writing_the_price_on_the_line(self):
        order = self._submitted()
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        order.order_line.write({"price_unit": 1.0})
        self.assertEqual(self._review(order, self.finance_department).state, "pending")
        order.order_line.write({"price_unit": 1000.0})
        self._approve_all(order)
        order.order_line.write({"price_unit": 1.0})
        with self.assertRefused("Finance review"):
            order.action_confirm()
        self.assertHeld(order)

    def test_04_state_and_price_in_one_write(self):
        order = self._approved()
        for values in (
            {"order_line": [Command.update(order.order_line.id, {"price_unit": 1.0})]},
            {"order_line": [Command.create({"product_id": self.chair.id, "price_unit": 1.0})]},
            {"order_line": [Command.clear(), Command.create({"product_id": self.chair.id})]},
            {"payment_term_id": self.env.ref("account.account_payment_term_30days").id},
        ):
            with self.assertRefused(
                "not asked yet for the present content|cannot be changed directly|can't remove one"
            ):
                order.write({"state": "sale", **values})
            self.assertHeld(order)
        self.assertEqual(order.order_line.mapped("price_unit"), [1000.0], "A refused write changes nothing")

    def test_05_context_keys(self):
        order = self._submitted()
        keys = (
            "skip_validation",
            "skip_check",
            "no_check",
            "bypass",
            "force",
            "force_confirm",
            "install_mode",
            "import_file",
            "tracking_disable",
            "mail_notrack",
            "skip_procurement",
            "skip_policy",
            "policy_exempt",
            "order_policy_skip",
            "validate_analytic",
            "send_email",
            "active_test",
            "su",
            "sudo",
            "uid",
            "_force_unlink",
            "default_su",
        )
        insistent = order.with_context(**dict.fromkeys(keys, True))
        with self.assertRefused("cannot be confirmed yet"):
            insistent.action_confirm()
        with self.assertRefused("cannot be confirmed yet"):
            insistent.write({"state": "sale"})
        self.assertHeld(order)

    def test_06_editing_after_confirmation(self):
        order = self._confirmed()
        line = order.order_line
        for change in (
            lambda: line.write({"price_unit": 1.0}),
            lambda: line.write({"product_uom_qty": 50}),
            lambda: line.write({"discount": 90}),
            lambda: line.write({"product_id": self.chair.id}),
            lambda: line.write({"name": "Desk of solid gold"}),
            lambda: order.write({"order_line": [Command.update(line.id, {"price_unit": 1.0})]}),
            lambda: order.write({"payment_term_id": self.env.ref("account.account_payment_term_30days").id}),
            lambda: order.write({"partner_id": self.customer.copy().id}),
            lambda: order.write({"commitment_date": "2030-01-01"}),
            lambda: order.write({"note": "Returned goods are always taken back."}),
            lambda: order.write({"special_order": True}),
        ):
            with self.assertRefused():
                change()
        self.assertEqual((line.price_unit, line.product_uom_qty, line.discount), (1000.0, 1.0, 0.0))
        self.assertConfirmed(order)

    def test_07_history_survives_restart_and_cancellation(self):
        order = self._submitted()
        self._reject(order)
        rejected = self._review(order, self.finance_department)
        order.action_policy_withdraw()
        order.action_policy_submit("Finance agreed")
        self.assertEqual(self._review(order, self.finance_department).state, "pending")
        self._approve_all(order)
        self._cancel(order)
        order.action_draft()
        order.action_policy_submit()
        self.env.flush_all()
        self.assertEqual((rejected.decision, rejected.comment), ("rejected", "The price is below cost."))
        self.assertEqual(rejected.decided_by_id, self.finance)
        self.assertIn(rejected, order.sudo().review_ids)
        for user in (self.salesman, self.sales_head, self.policy_admin):
            with self.assertRefused():
                order.with_user(user).unlink()
        self.assertTrue(rejected.exists())

    def test_07_a_rejection_is_not_outrun_by_withdrawing(self):
        order = self._submitted()
        self._review(order, self.production_department).with_user(self.production).action_approve()
        self._reject(order)
        order.action_policy_withdraw()
        with self.assertRefused("cannot be confirmed yet"):
            order.action_confirm()
        self.assertHeld(order)

    def test_08_deciding_before_ones_turn(self):
        order = self._submitted()
        last = self._review(order, self.sales_department)
        with self.assertRefused("the steps before it are not through"):
            last.with_user(self.sales_head).action_approve()
        wizard = (
            self.env["sale.order.review.decide"]
            .with_user(self.sales_head)
            .create(
                {
                    "review_ids": [Command.set(last.ids)],
                    "decision": "approved",
                    "comment": "Quickly",
                }
            )
        )
        with self.assertRefused("the steps before it are not through"):
            wizard.action_decide()
        self.assertEqual(last.state, "waiting")

    def test_09_thresholds_compare_in_the_company_currency(self):
        dong, dinar = self.env.ref("base.VND"), self.env.ref("base.KWD")
        (dong | dinar).active = True
        for currency, units_per_yuan in ((dong, 3600.0), (dinar, 0.04)):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "name": "2020-01-01",
                    "rate": units_per_yuan,
                }
            )
        cheap = self._submitted((self.desk, 1, 200000.0), pricelist_id=self._pricelist(dong).id)
        self.assertEqual(self._states(cheap), ["pending", "pending", "waiting", None])
        dear = self._submitted((self.desk, 1, 4500.0), pricelist_id=self._pricelist(dinar).id)
        self.assertEqual(self._states(dear), ["pending", "pending", "waiting", "waiting"])
        self.assertAlmostEqual(dear.amount_company, 112500.0)

    def test_10_approving_ones_own_order(self):
        entered = self._submitted(user=self.sales_head)
        sold = self._submitted(user=self.assistant, user_id=self.sales_head.id)
        submitted = self._order()
        submitted.with_user(self.sales_head).action_policy_submit()
        for order in entered | sold | submitted:
            self._review(order, self.finance_department).with_user(self.finance).action_approve()
            self._review(order, self.production_department).with_user(self.production).action_approve()
            review = self._review(order, self.sales_department).with_user(self.sales_head)
            self.assertFalse(review.can_decide)
            self.assertNotIn(review, review.search([("can_decide", "=", True)]))
            with self.assertRefused("is your own business"):
                review.action_approve()
            self.assertHeld(order)

    def test_10_giving_the_order_to_somebody_else(self):
        order = self._submitted(user=self.assistant, user_id=self.sales_head.id)
        self._review(order, self.finance_department).with_user(self.finance).action_approve()
        self._review(order, self.production_department).with_user(self.production).action_approve()
        order.with_user(self.sales_head).user_id = self.assistant
        review = self._review(order, self.sales_department).with_user(self.sales_head)
        self.assertFalse(review.can_decide)
        self.assertNotIn(review, review.search([("can_decide", "=", True)]))
        with self.assertRefused("is your own business"):
            review.action_approve()

    def test_11_flags_written_by_hand(self):
        order = self._submitted()
        with self.assertRefused("Only an administrator of the order policy"):
            order.write({"policy_exempt_reason": "Urgent"})
        with self.assertRefused("Only an administrator of the order policy"):
            self._order(policy_exempt_reason="Urgent")
        with self.assertRefused("Only an administrator of the order policy"):
            self.env["sale.order"].with_user(self.salesman).with_context(default_policy_exempt_reason="Urgent").create(
                {"partner_id": self.customer.id}
            )
        with self.assertRefused():
            self.env["order.policy.exempt"].with_user(self.salesman).create(
                {"order_ids": [Command.set(order.ids)], "reason": "Urgent"}
            )
        with self.assertRefused("Only an administrator of the order policy"):
            order.action_policy_exempt("Urgent")
        self.assertFalse(order.policy_exempt_reason)
        self.assertHeld(order)

    def test_12_confirming_never_answers_with_a_wizard(self):
        order = self._submitted()
        with self.assertRefused("cannot be confirmed yet"):
            order.action_confirm()
        # As the portal does once the customer signed: no error, and nothing that nobody would look at.
        order.sudo().write({"signed_by": "Wang", "signed_on": fields.Datetime.now(), "signature": self._signature()})
        self.assertIsNone(order.sudo()._validate_order())
        self.assertHeld(order)
        self.assertEqual(order.sudo().confirmation_ids.contact, "Wang")

    def test_13_a_payment_is_no_approval(self):
        self._load_chart()
        order = self._submitted()
        provider = self._provider()
        self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "reference": order.name,
                "operation": "online_redirect",
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )._post_process()
        self.assertHeld(order)
        self.assertEqual(order.sudo().confirmation_ids.method, "payment")
        with self.assertRefused("cannot be confirmed yet"):
            order.action_confirm()
        self.assertHeld(order)

    def test_14_evidence_is_not_deleted(self):
        order = self._submitted()
        order.sudo().write({"signed_by": "Wang", "signed_on": fields.Datetime.now(), "signature": self._signature()})
        order.sudo()._validate_order()
        confirmation = order.sudo().confirmation_ids
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "sale.order.confirmation"),
                ("res_id", "=", confirmation.id),
                ("res_field", "=", "signature"),
            ]
        )
        self.assertTrue(attachment)
        for user in (self.salesman, self.sales_head, self.policy_admin):
            with self.assertRefused():
                confirmation.with_user(user).unlink()
            with self.assertRefused():
                confirmation.with_user(user).write({"signature": False})
            with self.assertRefused():
                attachment.with_user(user).unlink()
            with self.assertRefused():
                attachment.with_user(user).write({"raw": b"other"})
            self.assertFalse(attachment.with_user(user)._has_attachments_ownership([None]), "The chatter asks this")
        self._cancel(order)
        order.action_draft()
        self.assertFalse(order.signature, "Odoo takes the signature off the order")
        self.assertTrue(confirmation.signature, "The evidence stays")

    def test_15_no_signature_on_what_cannot_be_signed(self):
        order = self._submitted()
        self._cancel(order)
        self.assertFalse(order._has_to_be_signed())
        confirmed = self._confirmed()
        self.assertFalse(confirmed._has_to_be_signed())

    def test_16_cancelling_a_locked_order(self):
        order = self._confirmed()
        order.with_user(self.sales_head).action_lock()
        wizard = (
            self.env["sale.mass.cancel.orders"]
            .with_user(self.salesman)
            .create({"sale_order_ids": [Command.set(order.ids)]})
        )
        wizard.policy_reason_id = self.env.ref("order_policy.reason_cancel_customer")
        ways = (
            order.action_cancel,
            order._action_cancel,
            wizard.action_mass_cancel,
            lambda: order.action_policy_cancel(wizard.policy_reason_id),
            lambda: order.write({"state": "cancel"}),
            lambda: order.write({"state": "draft"}),
            lambda: order.write({"state": "sent"}),
            lambda: order.write({"state": "cancel", "locked": False}),
        )
        for cancel in ways:
            with self.assertRefused("Request Cancellation"):
                cancel()
        for unlock in (lambda: order.write({"locked": False}), order.action_unlock):
            with self.assertRefused("locked"):
                unlock()
        self.assertConfirmed(order)
        order.with_user(self.sales_head).action_unlock()
        for cancel in ways:
            with self.assertRefused("Request Cancellation"):
                cancel()
        self.assertConfirmed(order)


@tagged("post_install", "-at_install")
class TestOdooDoors(GateCase):
    """What Odoo itself leaves open to clients, superusers and other roles."""

    def test_default_state_in_the_context(self):
        orders = self.env["sale.order"].with_user(self.salesman).with_context(default_state="sale")
        entered = orders.create(
            {"partner_id": self.customer.id, "order_line": [Command.create({"product_id": self.desk.id})]}
        )
        entered += orders.with_context(default_partner_id=self.customer.id).create({})
        self.assertEqual(entered.mapped("state"), ["draft", "draft"])

    def test_facts_in_values_and_context(self):
        order = self._submitted()
        facts = {
            "policy_id": False,
            "policy_stage": "confirmation",
            "policy_submitted_on": False,
            "policy_submitted_by_id": self.other_salesman.id,
            "policy_cleared_digest": order.content_digest,
            "content_digest": "x",
            "amount_company": 1.0,
            "review_count": 0,
            "review_done_count": 9,
            "policy_exempt_by_id": self.policy_admin.id,
            "policy_exempt_on": "2020-01-01",
        }
        for user in (self.salesman, self.sales_head, self.policy_admin):
            orders = self.env["sale.order"].with_user(user)
            for name, value in facts.items():
                with self.subTest(name, user=user.login):
                    with self.assertRaises(AccessError):
                        order.with_user(user).write({name: value})
                    with self.assertRaises(AccessError):
                        orders.create({"partner_id": self.customer.id, name: value})
                    if value:
                        with self.assertRaises(AccessError):
                            orders.with_context(**{f"default_{name}": value}).create({"partner_id": self.customer.id})

    def test_decisions_smuggled_in_by_the_context(self):
        order = self._order()
        self.env.flush_all()  # entered in an earlier request
        order.with_context(
            default_decision="approved",
            default_state="approved",
            default_is_current=True,
            default_decided_by_id=self.finance.id,
            default_decided_on="2026-01-01",
            default_comment="Fine",
            default_date_due="2099-01-01",
            default_user_id=self.other_salesman.id,
        ).action_policy_submit()
        reviews = order.sudo().review_ids
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", None])
        self.assertFalse(reviews.filtered("decision") | reviews.filtered("decided_by_id") | reviews.filtered("comment"))
        with self.assertRefused("cannot be confirmed yet"):
            order.action_confirm()
        self.assertHeld(order)

    def test_decisions_smuggled_in_by_a_change(self):
        order = self._approved()
        self.env.flush_all()
        order.order_line.with_context(default_decision="approved", default_decided_by_id=self.finance.id).write(
            {"price_unit": 1.0}
        )
        self.env.flush_all()
        self.assertEqual(self._review(order, self.finance_department).state, "pending")
        with self.assertRefused("cannot be confirmed yet"):
            order.action_confirm()

    def test_evidence_smuggled_in_by_the_context(self):
        order = self._submitted()
        order.with_context(default_signature=self._signature(), default_transaction_ref="Paid").sudo()._validate_order()
        confirmation = order.sudo().confirmation_ids
        self.assertEqual(confirmation.method, "online")
        self.assertFalse(confirmation.signature or confirmation.transaction_ref)

    def test_commands_on_reviews_and_confirmations(self):
        order = self._submitted()
        review = self._review(order, self.finance_department)
        commands = {
            "review_ids": (
                Command.update(review.id, {"state": "approved", "decision": "approved"}),
                Command.delete(review.id),
                Command.clear(),
                Command.create(
                    {"step_id": review.step_id.id, "department_id": self.finance_department.id, "state": "approved"}
                ),
            ),
            "confirmation_ids": (
                Command.create({"method": "signature", "confirmed_on": "2026-01-01", "digest": order.content_digest}),
            ),
        }
        for name, tried in commands.items():
            for command in tried:
                with self.subTest(name, command=command):
                    with self.assertRefused():
                        order.write({name: [command]})
                    if command != Command.clear():  # nothing is there to be cleared yet
                        with self.assertRefused():
                            self._order(**{name: [command]})
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", None])

    def test_writing_the_state(self):
        order, approved = self._submitted(), self._approved()
        with self.assertRefused("cannot be confirmed yet"):
            order.write({"state": "sale"})
        with self.assertRefused("cannot be confirmed yet"):
            (approved | order).write({"state": "sale"})
        self.assertHeld(order | approved)
        with self.assertRefused("cannot be confirmed yet"):
            (approved | order).action_confirm()
        self.assertHeld(order | approved)
        approved.write({"state": "sale"})
        self.assertConfirmed(approved)

    def test_from_cancelled_to_confirmed(self):
        order = self._submitted()
        self._cancel(order)
        with self.assertRefused("cannot be confirmed yet"):
            order.write({"state": "sale"})
        self.assertEqual(order.state, "cancel")

    def test_superuser_holds_the_order(self):
        order = self._order()
        with self.assertRefused("cannot be confirmed yet"):
            order.sudo().action_confirm()
        with self.assertRefused("cannot be confirmed yet"):
            order.with_user(self.env.ref("base.user_root")).write({"state": "sale"})
        order.sudo()._validate_order()
        self.assertHeld(order)
        self.assertTrue(order.policy_submitted_on, "What the customer accepted is submitted")

    def test_order_confirmed_before_the_policy_is_not_put_under_it(self):
        """Whoever changes the policy of an order, the gate looks at it."""
        self.policy.action_retire()
        order = self._order()
        order.action_confirm()
        policy = self.policy.copy({"company_id": self.company.id})
        policy.action_activate()
        with self.assertRefused("cannot be confirmed yet"):
            order.sudo().policy_id = policy
        self.assertFalse(order.policy_id)

    def test_deletion_forced_by_the_context(self):
        order = self._submitted()
        self._cancel(order)
        for user in (self.salesman, self.sales_head, self.policy_admin):
            forced = order.with_user(user).with_context(_force_unlink=True)
            with self.assertRefused():
                forced.unlink()
            with self.assertRefused():
                forced.sudo(False).review_ids.unlink()
        with self.assertRefused("keeps its reviews"):
            order.sudo().with_context(_force_unlink=True).unlink()
        confirmed = self._confirmed()
        for user in (self.salesman, self.sales_head):
            with self.assertRefused():
                confirmed.with_user(user).with_context(_force_unlink=True).order_line.unlink()
            with self.assertRefused():
                confirmed.with_user(user).with_context(_force_unlink=True).write({"order_line": [Command.clear()]})
            with self.assertRefused():
                confirmed.with_user(user).with_context(_force_unlink=True).unlink()
        self.assertEqual(len(confirmed.order_line), 1)
        self.assertTrue(order.sudo().review_ids.exists())

    def test_lines_of_a_confirmed_order(self):
        order = self._confirmed((self.desk, 1, 1000.0), (self.chair, 4, 200.0))
        draft = self._order()
        first, second = order.order_line
        with self.assertRefused("is confirmed under"):
            order.write({"order_line": [Command.create({"product_id": self.chair.id})]})
        with self.assertRefused("is confirmed under"):
            self.env["sale.order.line"].with_user(self.salesman).create(
                {"order_id": order.id, "product_id": self.chair.id}
            )
        with self.assertRefused():
            first.unlink()
        with self.assertRefused():
            second.write({"order_id": draft.id})
        with self.assertRefused():
            draft.order_line.write({"order_id": order.id})
        with self.assertRefused("is confirmed under"):
            first.write({"price_unit": 200.0}), second.write({"price_unit": 1000.0})
        order.write({"order_line": [Command.update(first.id, {"sequence": 50})]})
        self.assertConfirmed(order)

    def test_discount_wizard_on_a_confirmed_order(self):
        order = self._confirmed()
        for discount_type, value in (("sol_discount", 0.5), ("so_discount", 0.5), ("amount", 500.0)):
            wizard = (
                self.env["sale.order.discount"]
                .with_user(self.sales_head)
                .create(
                    {
                        "sale_order_id": order.id,
                        "discount_type": discount_type,
                        "discount_percentage": value if value < 1 else 0,
                        "discount_amount": value,
                    }
                )
            )
            with self.assertRefused():
                wizard.action_apply_discount()

    def test_prices_updated_from_the_pricelist(self):
        order = self._confirmed((self.desk, 1, 900.0))
        with self.assertRefused("is confirmed under"):
            order.action_update_prices()
        self.assertEqual(order.order_line.price_unit, 900.0)

    def test_invoicing_user(self):
        accountant = self._user("accountant", "account.group_account_invoice")
        order = self._submitted().with_user(accountant)
        for attempt in (lambda: order.write({"state": "sale"}), order.action_confirm):
            with self.assertRefused():
                attempt()
        confirmed = self._confirmed().with_user(accountant)
        with self.assertRefused("is confirmed under"):
            confirmed.order_line.write({"price_unit": 1.0})
        self.assertHeld(order)

    def test_import(self):
        order = self._submitted()
        result = self.env["sale.order"].with_user(self.salesman).load([".id", "state"], [[str(order.id), "sale"]])
        self.assertFalse(result["ids"])
        self.assertIn("cannot be confirmed yet", result["messages"][0]["message"])
        self.assertHeld(order)

    def test_copy_starts_clean(self):
        order = self._submitted()
        order.with_user(self.policy_admin).action_policy_exempt("Import of last year")
        copy = order.copy()
        self.assertFalse(copy.sudo().review_ids | copy.sudo().confirmation_ids.order_id.review_ids)
        self.assertFalse(
            copy.policy_submitted_on or copy.policy_exempt_reason or copy.policy_cleared_digest or copy.special_order
        )
        self.assertEqual((copy.policy_id, copy.policy_stage, copy.state), (self.policy, "intake", "draft"))
        with self.assertRefused("cannot be confirmed yet"):
            copy.action_confirm()

    def test_rates_and_dates(self):
        self.env.ref("base.USD").active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.env.ref("base.USD").id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 0.1,
            }
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.env.ref("base.USD").id,
                "company_id": self.company.id,
                "name": "2010-01-01",
                "rate": 100.0,
            }
        )
        order = self._submitted((self.desk, 1, 20000.0), pricelist_id=self._pricelist(self.env.ref("base.USD")).id)
        self.assertAlmostEqual(order.amount_company, 200000.0)
        order.write({"currency_rate": 1000.0})
        order.write({"date_order": "2012-01-01"})
        self.env.flush_all()
        self.assertAlmostEqual(order.amount_company, 200000.0)
        self.assertEqual(self._states(order)[3], "waiting")

    def test_amounts_written_by_hand(self):
        order = self._submitted((self.desk, 200, 1000.0))
        for write in (
            lambda: order.order_line.write({"price_total": 1.0}),
            lambda: order.order_line.write({"price_subtotal": 1.0, "price_tax": 0.0}),
            lambda: order.write({"order_line": [Command.update(order.order_line.id, {"price_total": 1.0})]}),
            lambda: order.write(
                {"order_line": [Command.create({"product_id": self.chair.id, "price_total": -199000.0})]}
            ),
            *(lambda name=name: order.write({name: 1.0}) for name in ("amount_untaxed", "amount_tax", "amount_total")),
            lambda: self._order(order_line=[Command.create({"product_id": self.desk.id, "price_total": 1.0})]),
            lambda: self._order(amount_total=1.0),
        ):
            with self.assertRefused():
                write()
        self.assertEqual((order.amount_company, order.amount_total), (200000.0, 200000.0))
        for user, department in (
            (self.finance, self.finance_department),
            (self.production, self.production_department),
            (self.sales_head, self.sales_department),
        ):
            self._review(order, department).with_user(user).action_approve()
        with self.assertRefused("General manager"):
            order.action_confirm()

    def test_tax_data_written_by_hand(self):
        self._load_chart()
        tax = self.env["account.tax"].search(
            [("company_id", "=", self.company.id), ("type_tax_use", "=", "sale")], limit=1
        )
        order = self._order((self.desk, 1, 1000.0))
        order.order_line.tax_ids = tax
        order.action_policy_submit()
        self._approve_all(order)
        order.order_line.write(
            {
                "extra_tax_data": {
                    "currency_id": order.currency_id.id,
                    "price_unit": 1000.0,
                    "discount": 0.0,
                    "quantity": 1.0,
                    "rate": 1.0,
                    "manual_total_excluded_currency": 1.0,
                    "manual_total_excluded": 1.0,
                    "manual_tax_amounts": {
                        str(tax.id): {
                            "tax_amount_currency": 0.0,
                            "tax_amount": 0.0,
                            "base_amount_currency": 1.0,
                            "base_amount": 1.0,
                        }
                    },
                }
            }
        )
        self.assertEqual(self._review(order, self.finance_department).state, "pending")
        with self.assertRefused("cannot be confirmed yet"):
            order.action_confirm()


@tagged("post_install", "-at_install")
class TestCompanies(GateCase):
    """A policy holds in its company, and nobody leaves it through another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.free_company = cls.env["res.company"].create(
            {"name": "Free Company", "currency_id": cls.company.currency_id.id}
        )
        cls.env.user.company_ids |= cls.free_company
        cls.salesman.company_ids |= cls.free_company
        cls.everywhere = {"allowed_company_ids": (cls.company | cls.free_company).ids}

    def _order_in(self, company):
        return (
            self.env["sale.order"]
            .with_user(self.salesman)
            .with_context(**self.everywhere)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create({"product_id": self.desk.id, "price_unit": 1000.0, "tax_ids": False})
                    ],
                }
            )
        )

    def test_confirmed_elsewhere_then_moved_here(self):
        order = self._order_in(self.free_company)
        self.assertFalse(order.policy_id)
        order.action_confirm()
        pricelist = self.env["product.pricelist"].search([("company_id", "in", (self.company.id, False))], limit=1)
        for values in ({}, {"pricelist_id": pricelist.id}, {"pricelist_id": pricelist.id, "state": "sale"}):
            with self.assertRefused("once it is confirmed"):
                order.write({"company_id": self.company.id, **values})
        self.assertEqual(order.company_id, self.free_company)

    def test_moved_away_and_back(self):
        order = self._order_in(self.company)
        order.company_id = self.free_company
        self.assertFalse(order.policy_id)
        order.company_id = self.company
        self.assertEqual(order.policy_id, self.policy)
        order.company_id = self.free_company
        order.action_confirm()
        with self.assertRefused("once it is confirmed"):
            order.company_id = self.company

    def test_moved_and_confirmed_at_once(self):
        order = self._order_in(self.free_company)
        pricelist = self.env["product.pricelist"].search([("company_id", "in", (self.company.id, False))], limit=1)
        with self.assertRefused("once it is confirmed"):
            order.write({"company_id": self.company.id, "pricelist_id": pricelist.id, "state": "sale"})
        self.assertHeld(order)

    def test_moved_while_under_review(self):
        order = self._submitted().with_context(**self.everywhere)
        order.company_id = self.free_company
        self.assertFalse(order.policy_id, "It goes by the rules of its new company")
        order.action_confirm()
        with self.assertRefused("once it is confirmed"):
            order.company_id = self.company

    def test_confirmed_under_the_policy_does_not_move(self):
        order = self._confirmed().with_context(**self.everywhere)
        with self.assertRefused("once it is confirmed"):
            order.company_id = self.free_company

    def test_review_of_another_company(self):
        order = self._submitted()
        review = self._review(order, self.finance_department)
        self.finance.write({"company_ids": [Command.set(self.free_company.ids)], "company_id": self.free_company.id})
        review = review.with_user(self.finance).with_context(allowed_company_ids=self.free_company.ids)
        self.assertFalse(review.has_access("read"))
        self.assertFalse(review.search([("can_decide", "=", True)]))
        with self.assertRefused():
            review.action_approve()
        with self.assertRefused():
            review.with_context(allowed_company_ids=self.company.ids).action_approve()
        self.assertEqual(self._review(order, self.finance_department).state, "pending")


@tagged("post_install", "-at_install")
class TestForgedMarks(GateCase):
    """Lines that pretend to be made by Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.travel = cls._product("Travel", 50.0, type="service", expense_policy="cost", invoice_policy="delivery")

    def _add_line(self, order, **values):
        return (
            self.env["sale.order.line"]
            .with_user(self.salesman)
            .create({"order_id": order.id, "tax_ids": False, **values})
        )

    def test_marked_lines_on_a_confirmed_order(self):
        order = self._confirmed()
        for values in (
            {"product_id": self.chair.id, "product_uom_qty": 5, "price_unit": 1.0, "is_downpayment": True},
            {"product_id": self.chair.id, "product_uom_qty": 5, "price_unit": 1.0, "is_expense": True},
            {"product_id": self.travel.id, "product_uom_qty": 1, "price_unit": -500.0, "is_expense": True},
            {
                "product_id": self.travel.id,
                "product_uom_qty": 0,
                "price_unit": -500.0,
                "qty_delivered": 1,
                "is_expense": True,
            },
            {"product_id": self.travel.id, "product_uom_qty": -3, "price_unit": 100.0, "is_expense": True},
            # Of a product that is charged on, but nobody spent anything.
            {"product_id": self.travel.id, "product_uom_qty": 1, "price_unit": 500.0, "is_expense": True},
            {
                "product_id": self.travel.id,
                "product_uom_qty": 0,
                "price_unit": 9.0,
                "qty_delivered": 1,
                "is_expense": 1,
            },
            {
                "name": "Down payment",
                "product_uom_qty": 0,
                "price_unit": 900.0,
                "qty_delivered": 1,
                "is_downpayment": 1,
            },
            {"product_id": self.travel.id, "product_uom_qty": 1, "price_unit": 50.0},
            {"product_id": self.chair.id, "product_uom_qty": 0, "price_unit": 1.0},
        ):
            with self.subTest(values=values), self.assertRefused("is confirmed under"):
                self._add_line(order, **values)

    def test_marks_taken_off_and_put_on(self):
        order = self._confirmed((self.desk, 1, 1000.0), (self.travel, 2, 50.0))
        with self.assertRefused("is confirmed under"):
            order.order_line[1].write({"is_downpayment": True, "product_uom_qty": 0})
        # Nobody spent anything, so that the line stays what was ordered.
        order.order_line[1].is_expense = True
        self.assertIn(order.order_line[1], order.order_line._policy_ordered_lines())
        with self.assertRefused("is confirmed under"):
            order.order_line[1].price_unit = 1.0

    def test_marked_line_that_grows(self):
        order = self._confirmed()
        line = self._add_line(order, product_id=self.chair.id, product_uom_qty=0, price_unit=500.0, is_downpayment=True)
        self.assertConfirmed(order)
        for values in ({"product_uom_qty": 5}, {"is_downpayment": False}):
            with self.subTest(values=values), self.assertRefused("is confirmed under"):
                line.write(values)

    def test_marked_line_that_is_delivered(self):
        order = self._confirmed()
        for values in ({"product_id": self.travel.id, "is_expense": True}, {"name": "Paid", "is_downpayment": True}):
            line = self._add_line(order, product_uom_qty=0, price_unit=500.0, **values)
            self.assertConfirmed(order)
            with self.subTest(values=values), self.assertRefused("is confirmed under"):
                line.qty_delivered = 1

    def test_what_is_invoiced_follows_from_invoices(self):
        order = self._confirmed()
        line = self._add_line(order, name="Down payment", product_uom_qty=0, price_unit=900.0, is_downpayment=True)
        for values in ({"qty_invoiced": 1}, {"qty_to_invoice": -1}, {"invoice_lines": [Command.clear()]}):
            with self.subTest(values=values), self.assertRefused("follows from"):
                line.write(values)

    def test_marked_lines_before_approval_do_not_hide_amounts(self):
        order = self._order()
        self._add_line(order, product_id=self.chair.id, product_uom_qty=1000, price_unit=200.0, is_downpayment=True)
        self._add_line(order, product_id=self.chair.id, product_uom_qty=1000, price_unit=200.0, is_expense=True)
        order.action_policy_submit()
        self.assertEqual(order.amount_company, 401000.0)
        self.assertEqual(self._states(order)[3], "waiting")


@tagged("post_install", "-at_install")
class TestPeople(GateCase):
    """Who is no reviewer does not become one, and reviewers decide once, on what they saw."""

    def test_configuration_is_not_for_salesmen(self):
        step = self.policy.step_ids[0]
        for user in (self.salesman, self.sales_head, self.finance_head):
            for record, values in (
                (step, {"applies": "special"}),
                (step, {"amount_min": 1e9}),
                (self.policy, {"state": "retired"}),
                (self.policy, {"allow_self_approval": True}),
                (self.finance_department, {"active": False}),
                (self.finance_department, {"member_ids": [Command.link(user.id)]}),
                (self.env.ref("order_policy.aspect_price"), {"code": "none"}),
            ):
                with self.subTest(record=record, user=user.login), self.assertRefused():
                    record.with_user(user).write(values)
                with self.subTest(record=record, user=user.login), self.assertRefused():
                    record.with_user(user).unlink()
            for call in (self.policy.with_user(user).action_retire, self.policy.with_user(user).action_new_version):
                with self.assertRefused():
                    call()
            with self.assertRaises(AccessError):
                user.with_user(user).write(
                    {"group_ids": [Command.link(self.env.ref("order_policy.group_order_policy_manager").id)]}
                )

    def test_administrators_change_no_policy_in_force(self):
        for record, values in (
            (self.policy, {"state": "retired"}),
            (self.policy, {"state": "draft"}),
            (self.policy, {"allow_self_approval": True}),
            (self.policy, {"step_ids": [Command.clear()]}),
            (self.policy, {"approval_threshold": 1e9}),
            (self.policy.step_ids[0], {"applies": "special"}),
            (self.policy.step_ids[0], {"policy_id": self.policy.copy().id}),
            (self.finance_department, {"member_ids": [Command.clear()], "head_id": False, "active": False}),
        ):
            with self.subTest(record=record, values=values), self.assertRefused():
                record.with_user(self.policy_admin).write(values)

    def test_a_salesman_does_not_decide(self):
        order = self._submitted()
        for review in order.sudo().review_ids:
            with self.assertRefused():
                review.with_user(self.salesman).action_approve()
        other = self._submitted(user=self.other_salesman)
        with self.assertRefused():
            other.sudo().review_ids.with_user(self.salesman).action_approve()

    def test_stale_page(self):
        order = self._submitted()
        review = self._review(order, self.finance_department).with_user(self.finance)
        wizard = (
            self.env["sale.order.review.decide"]
            .with_user(self.finance)
            .with_context(
                active_model="sale.order.review",
                active_ids=review.ids,
            )
            .create({"decision": "approved"})
        )
        seen = {str(review.id): review.order_digest}
        order.order_line.price_unit = 1.0
        with self.assertRefused("changed since you opened it"):
            wizard.action_decide()
        with self.assertRefused("changed since you opened it"):
            review.action_approve(digests=seen)
        self.assertEqual(review.state, "pending")

    def test_deciding_twice(self):
        order = self._submitted()
        review = self._review(order, self.finance_department)
        review.with_user(self.finance).action_approve()
        for user in (self.finance, self.finance_head):
            with self.assertRefused("is already decided"):
                review.with_user(user).action_approve()
            with self.assertRefused("is already decided"):
                review.with_user(user).action_reject("On second thoughts")
        self.assertEqual((review.state, review.decided_by_id), ("approved", self.finance))

    def test_deciding_on_an_order_that_went_on(self):
        order = self._submitted()
        review = self._review(order, self.finance_department).with_user(self.finance)
        self._cancel(order)
        with self.assertRefused("is not to be decided any more"):
            review.action_approve()
        order.action_draft()
        with self.assertRefused("is not to be decided any more"):
            review.action_approve()
        self.assertHeld(order)

    def test_approval_of_other_content_does_not_count(self):
        order, other = self._approved((self.desk, 1, 900.0)), self._submitted()
        with self.assertRefused():
            other.write({"review_ids": [Command.link(review.id) for review in order.sudo().review_ids]})
        with self.assertRefused("cannot be confirmed yet"):
            other.action_confirm()


@tagged("post_install", "-at_install")
class TestExemption(GateCase):
    """Only administrators exempt orders, with a reason that stays."""

    def test_exempted_order(self):
        order = self._submitted()
        with self.assertRefused("Say why"):
            order.with_user(self.policy_admin).action_policy_exempt("  ")
        order.with_user(self.policy_admin).action_policy_exempt("Signed before the policy")
        self.assertEqual(
            (order.policy_exempt_reason, order.policy_exempt_by_id), ("Signed before the policy", self.policy_admin)
        )
        self.assertIn("Signed before the policy", order.policy_explanation)
        self.assertIn(self.policy_admin.name, order.policy_explanation)
        self.assertNotIn("pending", order.sudo().review_ids.mapped("state"))
        order.action_confirm()
        self.assertConfirmed(order)
        with self.assertRefused("Only an administrator"):
            order.write({"policy_exempt_reason": "Something else"})

    def test_exemption_is_altered_by_no_form_and_goes_with_no_copy(self):
        order = self._order()
        order.with_user(self.policy_admin).action_policy_exempt("Signed before the policy")
        for reason in ("Something nicer", False):
            with self.assertRefused("stays as it was recorded"):
                order.with_user(self.policy_admin).web_save({"policy_exempt_reason": reason}, {})
        copy = order.copy()
        self.assertFalse(copy.policy_exempt_reason or copy.sudo().exemption_ids)
        self.assertHeld(copy)
        with self.assertRefused("Only an administrator"):
            order.copy({"policy_exempt_reason": "Mine"})

    def test_exemption_taken_back(self):
        order = self._order()
        order.with_user(self.policy_admin).action_policy_exempt("By mistake")
        order.action_confirm()
        with self.assertRefused("Only an administrator"):
            order.write({"policy_exempt_reason": False})
        with self.assertRefused("Only an administrator"):
            order.action_policy_end_exemption("Mine")
        for reason in (False, "Something else"):
            with self.assertRefused("stays as it was recorded"):
                order.sudo().policy_exempt_reason = reason
        with self.assertRefused("Say why"):
            order.with_user(self.policy_admin).action_policy_end_exemption(" ")
        supervisor = self._user("watching", "order_policy.group_order_policy_supervisor")
        order.with_user(self.policy_admin).action_policy_end_exemption("It was no old order")
        self.assertConfirmed(order)
        self.assertFalse(order.policy_exempt_reason or order.policy_exempt_by_id or order.policy_exempt_on)
        self.assertEqual(
            [(record.kind, record.reason, record.was_confirmed) for record in order.sudo().exemption_ids.sorted("id")],
            [("given", "By mistake", False), ("ended", "It was no old order", True)],
        )
        note = order.message_ids.filtered(lambda message: "It was no old order" in message.body)
        self.assertIn("By mistake", note.body)
        self.assertIn(supervisor.partner_id, note.sudo().notified_partner_ids)
        self.assertNotIn(self.policy_admin.partner_id, note.sudo().notified_partner_ids, "It was he who took it back")
        self.assertIn("Confirmed without review", order.policy_explanation)
        ended = [("policy_exempt_reason", "=", False), ("exemption_ids", "!=", False)]
        self.assertEqual(order.with_user(supervisor).search(ended), order)
        with self.assertRefused("nothing of this can be deleted"):
            order.sudo().exemption_ids.unlink()
        with self.assertRefused("not exempt"):
            order.with_user(self.policy_admin).action_policy_end_exemption("Again")
        order.with_user(self.policy_admin).action_policy_exempt("It was one after all")
        self.assertEqual(len(order.sudo().exemption_ids), 3)

    def test_what_odoo_finds_wrong_is_told_first(self):
        order = self._order()
        order.order_line = [Command.create({"name": "Something", "product_uom_qty": 1, "price_unit": 5.0})]
        with self.assertRefused("missing a product"):
            order.action_confirm()

    def test_exemption_of_quotation_taken_back(self):
        order = self._order()
        order.with_user(self.policy_admin).action_policy_exempt("By mistake")
        order.with_user(self.policy_admin).action_policy_end_exemption("It was no old order")
        self.assertHeld(order)

    def test_confirmed_while_exempt_is_not_confirmed_for_ever(self):
        """That the gate let an order through once, with the same content, does not let it through again."""
        order = self._order()
        order.with_user(self.policy_admin).action_policy_exempt("By mistake")
        order.action_confirm()
        self._cancel(order)
        order.action_draft()
        order.with_user(self.policy_admin).action_policy_end_exemption("It was no old order")
        with self.assertRefused("cannot be confirmed yet"):
            order.sudo().write({"state": "sale"})
        self.assertHeld(order)

    def test_historical_import(self):
        administrator = self._user(
            "importer", "order_policy.group_order_policy_manager", "sales_team.group_sale_manager"
        )
        order = self._order(user=administrator, state="sale", policy_exempt_reason="Orders of 2025")
        self.assertConfirmed(order)
        self.assertEqual(order.policy_exempt_by_id, administrator)
        self.assertTrue(order.policy_exempt_on)
        order.sudo().write({"signature": self._signature(), "signed_by": "Wang"})
        self.assertTrue(order._is_signature_current(), "As in plain Odoo: nobody recorded what it stands under")
        with self.assertRefused("cannot be confirmed yet"):
            self._order(user=administrator, state="sale")


@tagged("post_install", "-at_install")
class TestLegacy(GateCase):
    """Orders confirmed before the policy took effect are finished as they were, until somebody starts them again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.action_retire()
        cls.legacy = cls._order()
        cls.legacy.action_confirm()
        cls.policy.action_new_version()
        cls.env["order.policy"].search(
            [("company_id", "=", cls.company.id)], order="version desc", limit=1
        ).action_activate()

    def test_is_finished_as_it_was(self):
        order = self.legacy
        self.assertFalse(order.policy_id)
        order.write({"note": "New note", "commitment_date": "2031-01-05 08:00:00", "client_order_ref": "PO 17"})
        order.order_line.write({"name": "Desk, oak", "qty_delivered": 1, "product_uom_qty": 1, "price_unit": 1000.0})
        self.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "name": "Down payment",
                "is_downpayment": True,
                "product_uom_qty": 0,
                "price_unit": 9,
            }
        )
        order.order_line = [Command.create({"display_type": "line_note", "name": "Thank you"})]
        order.user_id = self.other_salesman
        order.with_user(self.sales_head).action_lock()
        order.with_user(self.sales_head).action_unlock()
        self.assertConfirmed(order)
        self.assertFalse(order.policy_id or order.policy_stage)

    def test_is_not_enlarged(self):
        order = self.legacy
        line = order.order_line
        for operation in (
            lambda: line.write({"product_uom_qty": 2}),
            lambda: line.write({"price_unit": 1.0}),
            lambda: line.write({"discount": 90.0}),
            lambda: line.write({"product_id": self.chair.id, "price_unit": 1000.0}),
            lambda: line.write({"product_uom_id": self.env.ref("uom.product_uom_dozen").id, "price_unit": 1000.0}),
            lambda: line.sudo().write({"product_uom_qty": 2}),
            lambda: line.copy({"order_id": order.id}),
            lambda: order.write({"order_line": [Command.create({"product_id": self.chair.id})]}),
            lambda: self._order().order_line.write({"order_id": order.id}),
            lambda: order.write({"partner_id": self.env["res.partner"].create({"name": "Somebody"}).id}),
            lambda: order.write({"payment_term_id": self.env.ref("account.account_payment_term_30days").id}),
        ):
            # Beside Inventory, Odoo itself refuses another product on a line that is delivered.
            with self.assertRefused(
                "before .* took effect.*Enter what is added as a new order|cannot modify the product"
            ):
                operation()
        self.assertConfirmed(order)
        line.product_uom_qty = 0
        with self.assertRefused("more of Desk"):
            line.product_uom_qty = 1

    def test_exempt_by_an_administrator(self):
        self.legacy.with_user(self.policy_admin).action_policy_exempt("Framework agreement of last year")
        self.legacy.order_line.product_uom_qty = 2
        self.assertConfirmed(self.legacy)

    def test_started_again_needs_reviews(self):
        order = self.legacy
        # As superuser: beside Purchase, Odoo lets nobody cancel a delivery who may not read purchase orders.
        order.sudo().action_cancel()
        with self.assertRefused("cannot be confirmed yet"):
            order.write({"state": "sale"})
        order.action_draft()
        with self.assertRefused("cannot be confirmed yet"):
            order.action_confirm()
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_set_back_by_hand_needs_reviews(self):
        self.legacy.write({"state": "draft"})
        with self.assertRefused("cannot be confirmed yet"):
            self.legacy.write({"state": "sale"})


@tagged("post_install", "-at_install")
class TestWhatAppsBring(GateCase):
    """Apps bring confirmed orders with their demo data: their installation does not fail for that."""

    def _installing(self):
        """Be as while an app is installed, when the registry serves nobody."""
        return patch.object(self.env.registry, "ready", False)

    def test_order_that_comes_confirmed_is_left_alone(self):
        with self._installing():
            order = self._order(user=self.env.user, state="sale")
            self.env["sale.order.line"].create({"order_id": order.id, "product_id": self.chair.id})
            self.env.flush_all()
        self.assertEqual((order.state, order.policy_id, order.policy_stage), ("sale", self.env["order.policy"], False))
        order.order_line[:1].qty_delivered = 1
        self.assertConfirmed(order)

    def test_order_that_an_app_confirms_is_left_alone(self):
        with self._installing():
            order = self._order(user=self.env.user)
            self.assertEqual(order.policy_id, self.policy)
            order.action_confirm()
            self.env.flush_all()
        self.assertFalse(order.policy_id)
        self.assertConfirmed(order)

    def test_quotation_that_comes_along_is_under_the_policy(self):
        with self._installing():
            order = self._order(user=self.env.user)
        self.assertEqual(order.policy_id, self.policy)
        with self.assertRefused("Finance review"):
            order.action_confirm()

    def test_orders_that_were_submitted_stay_under_the_policy(self):
        order, confirmed = self._submitted().sudo(), self._confirmed().sudo()
        with self._installing():
            with self.assertRefused("Finance review"):
                order.action_confirm()
            with self.assertRefused("Finance review"):
                order.state = "sale"
            with self.assertRefused():
                confirmed.order_line.price_unit = 1.0
        self.assertEqual((order.state, order.policy_id, confirmed.policy_id), ("draft", self.policy, self.policy))

    def test_order_that_was_confirmed_without_review_stays_under_the_policy(self):
        policy = self._policy()
        policy.step_ids.domain = "[('amount_total', '>', 5000)]"
        policy.action_activate()
        order = self._confirmed().sudo()
        self.assertFalse(order.review_ids)
        order.policy_submitted_on = False  # which asked for nothing
        with self._installing(), self.assertRefused("Desk, Unit Price: 1,000.00 → 10,000.00"):
            order.order_line.price_unit = 10000.0
        self.assertEqual((order.policy_id, order.order_line.price_unit), (policy, 1000.0))


@tagged("post_install", "-at_install")
class TestWhatStaysPossible(GateCase):
    """Approved orders live on as in plain Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.accountant = cls._user(
            "accountant", "account.group_account_invoice", "sales_team.group_sale_salesman_all_leads"
        )
        cls.order = cls._confirmed((cls.desk, 2, 1000.0))
        cls.desk.invoice_policy = "order"

    def test_delivered_and_invoiced_quantities(self):
        line = self.order.sudo().order_line  # beside Inventory nobody types what is delivered
        line.qty_delivered = 1
        line.write({"qty_delivered": 2})
        self.assertConfirmed(self.order)
        invoice = self.order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        self.assertEqual(line.sudo().qty_invoiced, 2)
        self.assertEqual(self.order.invoice_status, "invoiced")
        self.assertConfirmed(self.order)

    def test_down_payments(self):
        for method, value in (("percentage", 50), ("fixed", 300)):
            order = self._confirmed((self.desk, 2, 1000.0))
            wizard = (
                self.env["sale.advance.payment.inv"]
                .with_user(self.accountant)
                .create(
                    {
                        "sale_order_ids": [Command.set(order.ids)],
                        "advance_payment_method": method,
                        "amount": value if method == "percentage" else 0,
                        "fixed_amount": value if method == "fixed" else 0,
                    }
                )
            )
            wizard.create_invoices()
            order.invalidate_recordset()
            self.assertTrue(order.order_line.filtered("is_downpayment"))
            order.sudo().invoice_ids.action_post()
            self.assertConfirmed(order)
            paid = order.order_line.filtered(lambda line: line.is_downpayment and not line.display_type)
            with self.assertRefused("is confirmed under"):
                paid.price_unit = 1900.0  # the last invoice would take off more than was billed
            final = order.with_user(self.accountant)._create_invoices(final=True)
            final.action_post()
            self.assertEqual(final.amount_total, 1000.0 if method == "percentage" else 1700.0)
            self.assertConfirmed(order)

    def test_reinvoiced_expenses(self):
        analytic = self.env["account.analytic.account"].create(
            {
                "name": "Project",
                "company_id": self.company.id,
                "plan_id": self.env["account.analytic.plan"].create({"name": "Plan"}).id,
            }
        )
        self.order.order_line.analytic_distribution = {str(analytic.id): 100}
        travel = self._product("Travel", 50.0, type="service", expense_policy="cost", invoice_policy="delivery")
        bill = (
            self.env["account.move"]
            .with_user(self.accountant)
            .with_company(self.company)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": "2026-01-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": travel.id,
                                "quantity": 3,
                                "price_unit": 40.0,
                                "tax_ids": False,
                                "analytic_distribution": {str(analytic.id): 100},
                            }
                        )
                    ],
                }
            )
        )
        self.patch(
            type(self.env["account.move.line"]),
            "_sale_determine_order",
            lambda lines: {line.id: self.order.sudo() for line in lines},
        )
        bill.action_post()
        expense = self.order.order_line.filtered("is_expense")
        self.assertEqual((expense.qty_delivered, expense.price_unit), (3.0, 40.0))
        self.assertConfirmed(self.order)
        for values in ({"product_uom_qty": 30}, {"qty_delivered": 30}, {"price_unit": 400.0}, {"discount": -10}):
            with self.subTest(values=values), self.assertRefused("is confirmed under"):
                expense.write(values)
        expense.price_unit = 39.0
        self.assertConfirmed(self.order)

    def test_everyday_work(self):
        order = self.order
        order.message_post(body="The customer called.")
        order.write(
            {
                "client_order_ref": "PO 17",
                "origin": "Fair",
                "tag_ids": [Command.link(self.env["crm.tag"].create({"name": "Fair"}).id)],
            }
        )
        order.activity_schedule("mail.mail_activity_data_todo", user_id=self.salesman.id, summary="Call")
        order.user_id = self.other_salesman
        order.with_user(self.sales_head).action_lock()
        order.order_line.sudo().qty_delivered = 1
        order.with_user(self.sales_head).action_unlock()
        self.assertConfirmed(order)

    def test_unlocking_is_for_managers(self):
        order = self.order
        order.with_user(self.sales_head).action_lock()
        for unlock in (order.action_unlock, lambda: order.write({"locked": False})):
            with self.assertRefused("is locked. Only a sales manager may unlock it"):
                unlock()
        self.assertTrue(order.locked)
        order.with_user(self.sales_head).action_unlock()
        self.assertFalse(order.locked)

    def test_sending_a_quotation(self):
        order = self._submitted()
        order.with_context(mark_so_as_sent=True).message_post(
            body="Our quotation", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertEqual(order.state, "sent")
        self.assertEqual(self._states(order), ["pending", "pending", "waiting", None])
        self._approve_all(order)
        order.action_confirm()
        self.assertConfirmed(order)

    def test_confirmed_through_the_form(self):
        order = self._approved()
        with Form(order) as form:
            form.client_order_ref = "PO 18"
        order.action_confirm()
        self.assertConfirmed(order)

    def test_cancelled_and_approved_again(self):
        order = self._approved()
        self._cancel(order)
        order.action_draft()
        order.order_line.price_unit = 900.0
        order.action_policy_submit()
        self.assertEqual(self._states(order), ["pending", "approved", "waiting", None])
        self._approve_all(order)
        order.action_confirm()
        self.assertConfirmed(order)
