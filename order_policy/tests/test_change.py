"""Requests, from asking to carrying out. One file, because each part begins with what the one before it leaves."""

import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command
from odoo.tests import Form, mute_logger, new_test_user, tagged

from .common import mail_in, pdf
from .common_change import ChangeCase


@tagged("post_install", "-at_install")
class TestAsking(ChangeCase):
    def test_opens_with_the_present_content(self):
        self.order.sudo().commitment_date = False
        change = self._requested(self.order)
        self.assertEqual(
            [
                (line.product_id, line.product_uom_qty, line.price_unit, line.was_product_uom_qty, line.was_price_unit)
                for line in change.line_ids
            ],
            [(self.desk, 2, 1000.0, 2, 1000.0), (self.chair, 4, 200.0, 4, 200.0)],
        )
        self.assertEqual(change.partner_shipping_id, self.order.partner_shipping_id)
        self.assertEqual((change.amount_before, change.amount_after, change.amount_difference), (2800, 2800, 0))
        self.assertFalse(change.differences_html)
        self.assertIn("Not submitted yet", change.explanation)

    def test_a_double_click_gives_one_request(self):
        first, second = self.order.action_request_change(), self.order.action_request_change()
        self.assertEqual(first["res_id"], second["res_id"])
        self.assertNotEqual(self.order.action_request_cancel()["res_id"], first["res_id"])

    def test_a_department_asks(self):
        change = self._cancellation(self.order, user=self.production, reason="delivery")
        self.assertEqual((change.asked_by, change.department_id), ("department", self.production_department))
        change.action_submit()
        self.assertEqual(change.state, "submitted")

    def test_who_may_not_ask(self):
        outsider = self._user("outsider", "order_policy.group_order_policy_user")
        for user in (outsider, self.other_salesman):
            with self.assertRaises(AccessError):
                self.order.with_user(user).action_request_change()
        reader = self._user("reader", "order_policy.group_order_policy_supervisor")
        with self.assertRefused("Only sales and the departments"):
            self.order.with_user(reader).action_request_cancel()

    def test_department_that_did_not_have_to_review_does_not_ask(self):
        self.general_manager.group_ids += self.env.ref("order_policy.group_order_policy_supervisor")  # who reads all
        with self.assertRefused("Only sales and the departments that reviewed"):
            self._lowered().with_user(self.general_manager).action_request_change()
        change = self._cancellation(self._confirmed((self.desk, 1, 150000.0)), user=self.general_manager)
        self.assertEqual(change.department_id, self.management)

    def test_nobody_acts_while_somebody_else_works_on_the_order(self):
        stale = self._requested(self.order, user=self.sales_head)
        self._line(stale, self.chair).product_uom_qty = 5
        self._carried_out(self._desks(3))
        draft, approved = self._desks(4), self._cancellation(self._confirmed())
        approved.sudo().state = "approved"
        for attempt in (
            self.order.with_user(self.production).action_request_change,
            draft.action_submit,
            draft.action_withdraw,
            stale.action_refresh,
            approved.action_apply,
        ):
            with (
                self.subTest(attempt=attempt.__name__),
                self.assertUntouched(),
                self._somebody_works_on("sale.order"),
                self.assertRefused("Somebody else is working on"),
            ):
                attempt()
        self.assertEqual(approved.state, "approved")

    def test_only_confirmed_orders_under_a_policy(self):
        quotation, cancelled = self._submitted(), self._submitted()
        self._cancel(cancelled)
        exempt = self._order()
        exempt.with_user(self.policy_admin).sudo(False).action_policy_exempt("Import")
        exempt.action_confirm()
        for order, words in ((quotation, "not confirmed"), (cancelled, "is cancelled"), (exempt, "not confirmed")):
            with self.assertRefused(words):
                order.action_request_change()
            with self.assertRefused(words):
                order.action_request_cancel()

    def test_everything_missing_is_told_at_once(self):
        policy = self.policy._copy_as_next_version()
        policy.application_required = True
        policy.action_activate()
        order = self._confirmed()
        change = self.env["sale.order.change"].with_user(self.salesman).browse(order.action_request_change()["res_id"])
        with self.assertRaisesRegex(UserError, "(?s)Choose the reason.*written application.*asks for nothing"):
            change.action_submit()
        change.reason_id = self.special
        change.line_ids.product_uom_qty = 3
        with self.assertRaisesRegex(UserError, "written application"):
            change.action_submit()
        letter = self.env["ir.attachment"].with_user(self.salesman).create(
            {"name": "letter.txt", "raw": b"Please send three.", "res_model": change._name, "res_id": change.id}
        )  # fmt: skip
        change.application_ids = letter
        change.action_submit()
        self.assertEqual(letter.policy_document_id, self.env.ref("order_policy.document_application"))

    def test_asked_for_in_the_future(self):
        change = self._desks(3, asked_on="2050-01-01 08:00:00")
        with self.assertRefused("in the future"):
            change.action_submit()

    def test_other_companies_see_nothing(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        boss = new_test_user(
            self.env,
            "boss_elsewhere",
            "sales_team.group_sale_manager,order_policy.group_order_policy_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        change = self._carried_out(self._desks(3))
        for record in (change, change.line_ids, change.sudo().notice_ids):
            self.assertFalse(
                record.with_user(boss)
                .with_context(allowed_company_ids=elsewhere.ids)
                .search([("id", "in", record.ids)])
            )
            with self.assertRaises(AccessError):
                record.with_user(boss).with_context(allowed_company_ids=elsewhere.ids).read(["display_name"])

    def test_files_of_others_are_not_taken(self):
        secret = self.env["ir.attachment"].create(
            {"name": "salaries.txt", "raw": b"secret", "res_model": "order.policy", "res_id": self.policy.copy().id}
        )
        paper = self.env["ir.attachment"].create(
            {"name": "original.txt", "raw": b"order", "res_model": "sale.order", "res_id": self.order.id}
        )
        change = self._desks(3)
        change.sudo().application_ids = secret
        secret.sudo().write({"res_model": "ir.cron", "res_id": self.env["ir.cron"].search([], limit=1).id})
        self.env.flush_all()
        with self.assertRaises(AccessError):
            change.action_submit()
        change.sudo().application_ids = paper
        change.action_submit()
        self.assertEqual((paper.res_model, paper.res_id), ("sale.order", self.order.id), "It stays where it was")

    def test_the_application_is_kept(self):
        change = self._desks(3)
        letter = self.env["ir.attachment"].with_user(self.salesman).create(
            {"name": "letter.txt", "raw": b"Three.", "res_model": change._name, "res_id": change.id}
        )  # fmt: skip
        change.application_ids = letter
        letter.raw = b"Three, please."
        change.action_submit()
        for user in (self.salesman, self.sales_head, self.policy_admin):
            file = letter.with_user(user)
            for attempt in (
                lambda file=file: file.write({"raw": b"Four."}),
                lambda file=file: file.write({"res_id": 0}),
                lambda file=file: file.unlink(),
                lambda file=file: file.sudo().unlink(),
                lambda file=file: file.sudo().with_context(_force_unlink=True).unlink(),
            ):
                with self.assertRefused():
                    attempt()
        self.assertEqual(letter.raw, b"Three, please.")

    def test_reason_of_the_other_kind(self):
        change = self._desks(3)
        change.reason_id = self.own_decision
        with self.assertRefused("Choose the reason"):
            change.action_submit()

    def test_impossible_lines(self):
        change = self._requested(self.order)
        desk, chair = change.line_ids
        desk.product_uom_qty = -1
        chair.write({"product_uom_qty": 2})
        self.chair_line.sudo().qty_delivered = 3
        with self.assertRaisesRegex(UserError, r"(?s)Desk: a quantity cannot be below zero.*Chair: .*delivered \(3\)"):
            change.action_submit()
        desk.product_uom_qty = 2
        for values in ({"is_removed": True}, {"product_id": self.desk.id, "product_uom_qty": 9}):
            chair.write({"is_removed": False, **values})
            with self.assertRefused("Chair: the quantity cannot go below"):
                change.action_submit()

    def test_more_delivered_than_ordered(self):
        self.chair_line.sudo().qty_delivered = 5
        self._carried_out(self._desks(3))
        change = self._requested(self.order)
        self._line(change, self.chair).product_uom_qty = 3
        with self.assertRefused(r"Chair: .*delivered \(5\)"):
            change.action_submit()

    def test_a_line_that_takes_off(self):
        order = self._confirmed((self.desk, 3, 1000.0), (self.chair, -1, 200.0))
        change = self._desks(4, order=order)
        self._line(change, self.chair).product_uom_qty = -2
        with self.assertRefused("Chair: a quantity cannot be below zero"):
            change.action_submit()
        self._line(change, self.chair).product_uom_qty = -1
        self._carried_out(change)
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [4, -1])

    def test_delivered_lines_keep_their_unit(self):
        self.desk_line.sudo().qty_delivered = 2
        change = self._requested(self.order)
        self._line(change, self.desk).product_uom_id = self.env.ref("uom.product_uom_dozen")
        with self.assertRefused("Desk: a part of it was delivered or invoiced in Units already, so its unit stays"):
            change.action_submit()

    def test_added_line_without_product(self):
        change = self._requested(self.order)
        change.line_ids = [Command.create({"product_uom_qty": 1})]
        with self.assertRefused("choose a product"):
            change.action_submit()

    def test_intake_judges_what_is_proposed(self):
        policy = self.policy._copy_as_next_version()
        policy.intake_check_ids = [Command.create({**self.DISCOUNT, "severity": "block"})]
        policy.action_activate()
        order = self._confirmed()
        change = self._requested(order)
        change.line_ids.discount = 50.0
        with self.assertRefused("Discount: .*50"):
            change.action_submit()
        change.line_ids.discount = 10.0
        self._carried_out(change)
        self.assertEqual(order.order_line.discount, 10.0)

    def test_intake_asks_for_what_would_be_missing(self):
        date = self.env["ir.model.fields"]._get("sale.order", "commitment_date")
        policy = self.policy._copy_as_next_version()
        policy.requirement_ids = [
            Command.create({"name": "Delivery date", "kind": "order", "field_ids": [Command.set(date.ids)]})
        ]
        policy.action_activate()
        order = self._confirmed(commitment_date="2030-05-05 08:00:00")
        change = self._requested(order, commitment_date=False)
        with self.assertRefused("cannot be submitted yet:\n• Delivery date"):
            change.action_submit()
        change.commitment_date = "2030-06-06 08:00:00"
        self._carried_out(change)

    def test_through_the_form(self):
        change = self._requested(self.order)
        with Form(change) as form:
            with form.line_ids.edit(0) as line:
                line.product_uom_qty = 3
            with form.line_ids.new() as line:
                line.product_id = self.chair
                self.assertEqual((line.name, line.price_unit), ("Chair", 200.0))
                line.product_uom_qty = 5
            self.assertEqual(form.amount_after, 3000 + 800 + 1000)
            self.assertIn("Production review", form.consequences_html)
        change.action_submit()
        self.assertEqual(change.state, "submitted")
        self.assertEqual(change.amount_difference, 2000)

    def test_submitted_is_fixed(self):
        change = self._desks(3)
        change.action_submit()
        line = self._line(change, self.desk)
        for attempt in (
            lambda: change.write({"note": "And by Friday"}),
            lambda: change.write({"commitment_date": "2030-01-01"}),
            lambda: change.write({"line_ids": [Command.update(line.id, {"product_uom_qty": 9})]}),
            lambda: line.write({"product_uom_qty": 9}),
            lambda: line.sudo().write({"product_uom_qty": 9}),
            lambda: line.unlink(),
            lambda: line.create({"change_id": change.id, "product_id": self.chair.id}),
            lambda: line.write({"change_id": self._requested(self.order).id}),
        ):
            with self.assertRefused("was submitted"):
                attempt()
        with self.assertRefused("was submitted already"):
            change.action_submit()
        change.customer_note = "We are looking into it."

    def test_what_nobody_writes(self):
        change = self._desks(3)
        for name, value in (
            ("state", "approved"),
            ("proposed_digest", "x"),
            ("base_digest", "x"),
            ("order_id", self._submitted().id),
            ("asked_by_id", self.finance.id),
            ("amount_after", 1.0),
            ("trouble", "x"),
        ):
            with self.assertRaises(AccessError, msg=name):
                change.write({name: value})
        with self.assertRaises(AccessError):
            self._line(change, self.desk).order_line_id = self.chair_line
        for user in (self.salesman, self.sales_head, self.policy_admin):
            with self.assertRaises(AccessError):
                change.with_user(user).unlink()
            with self.assertRaises(AccessError):
                change.with_user(user).copy()
        with self.assertRefused("Requests are kept"):
            change.sudo().with_context(_force_unlink=True).unlink()

    def test_copies_of_the_order_start_without(self):
        self._desks(3).action_submit()
        copy = self.order.copy()
        self.assertFalse(copy.sudo().change_ids)
        self.assertEqual(copy.change_count, 0)


@tagged("post_install", "-at_install")
class TestNewForm(ChangeCase):
    """The form of a request keeps nothing before it is saved."""

    def _form(self, user=None, kind="change", order=None):
        order = (order or self.order).with_user(user or self.salesman)
        action = order.action_open_change_form() if kind == "change" else order.action_open_cancel_form()
        self.assertFalse(action["res_id"])
        return Form(self.env["sale.order.change"].with_user(order.env.user).with_context(**action["context"]))

    def test_looking_at_it_keeps_nothing(self):
        number = self.env.ref("order_policy.sequence_sale_order_change").sudo().number_next_actual
        form = self._form()
        self.assertEqual((form.order_id, form.state, form.kind), (self.order, "draft", "change"))
        self.assertFalse(self.order.sudo().change_ids)
        self.assertFalse(self.order.change_under_way)
        self.assertEqual(self.env.ref("order_policy.sequence_sale_order_change").sudo().number_next_actual, number)

    def test_shows_what_the_order_is_and_what_it_would_become(self):
        form = self._form()
        lines = [form.line_ids.edit(index) for index in range(2)]
        self.assertEqual([(line.was_product_uom_qty, line.product_uom_qty) for line in lines], [(2, 2), (4, 4)])
        self.assertEqual((form.amount_before, form.amount_after, form.amount_change), (2800, 2800, 0))
        self.assertFalse(form.differences_html)
        self.assertFalse(form.needs_refresh or form.can_withdraw or form.can_record or form.can_apply)
        self.assertTrue(form.can_edit)
        with form.line_ids.edit(0) as line:
            line.product_uom_qty = 3
        self.assertEqual((form.amount_after, form.amount_change), (3800, 1000))
        self.assertIn("Production review", form.consequences_html)
        self.assertRegex(form.notice_preview, r"2\.00.*3\.00")
        self.assertIn("3,800.00", form.notice_preview)

    def test_saved(self):
        with self._form() as form:
            form.reason_id = self.special
            form.contact = "Ms. Wang"
            with form.line_ids.edit(1) as line:
                line.is_removed = True
            with form.line_ids.edit(0) as line:
                line.product_uom_qty = 3
            with form.line_ids.new() as line:
                line.product_id = self.chair
                line.product_uom_qty = 5
        change = form.record
        self.assertEqual(
            [(line.product_id, line.was_product_uom_qty, line._new_quantity()) for line in change.line_ids],
            [(self.desk, 2, 3), (self.chair, 4, 0), (self.chair, 0, 5)],
        )
        self.assertEqual(change.line_ids.order_line_id, self.order.order_line)
        self.assertEqual((change.asked_by, change.asked_by_id, change.contact), ("salesman", self.salesman, "Ms. Wang"))
        self.assertEqual((change.amount_before, change.amount_after), (2800, 4000))
        self.assertNotEqual(change.name, "New")
        self.assertEqual(self.order.action_open_change_form()["res_id"], change.id, "What is being written is opened")
        self._carried_out(change)
        self.assertEqual(self.order.order_line.mapped("product_uom_qty"), [3, 0, 5])

    def test_nothing_but_what_was_changed(self):
        order = self._submitted((self.desk, 2, 1000.0))
        order.order_line.write({"discount": 10.0, "name": "Desk, oak"})
        self._approve_all(order)
        order.action_confirm()
        with self._form(order=order) as form:
            form.reason_id = self.special
            self.assertEqual((form.amount_before, form.amount_after), (1800, 1800))
        self.assertFalse(form.record.differences_html)
        self.assertFalse(form.record.line_ids.is_changed)

    def test_cancellation(self):
        with self._form(user=self.production, kind="cancel") as form:
            form.reason_id = self.env.ref("order_policy.reason_cancel_delivery")
            self.assertEqual((form.amount_before, form.amount_after), (2800, 0))
        change = form.record
        self.assertEqual((change.asked_by, change.department_id), ("department", self.production_department))
        change.action_submit()
        self.assertEqual(change.state, "submitted")

    def test_by_rpc(self):
        Change = self.env["sale.order.change"].with_user(self.salesman)
        change = Change.create({"order_id": self.order.id, "kind": "change", "note": "Three desks"})
        self.assertEqual((change.note, change.state, change.asked_by_id), ("Three desks", "draft", self.salesman))
        change = Change.create(
            {
                "order_id": self.order.id,
                "kind": "change",
                "line_ids": [Command.create({"order_line_id": self.desk_line.id, "product_uom_qty": 3})],
            }
        )
        self.assertEqual(change.line_ids.mapped("product_uom_qty"), [3, 4])

    def test_what_nobody_enters(self):
        Change = self.env["sale.order.change"].with_user(self.salesman)
        asked = {"order_id": self.order.id, "kind": "change"}
        other = self._confirmed()
        for forged in (
            {"state": "approved"},
            {"asked_by_id": self.production.id},
            {"base_digest": "1"},
            {"proposed_snapshot": {}},
            {"line_ids": [Command.create({"order_line_id": other.order_line.id, "product_uom_qty": 3})]},
            {"line_ids": [Command.create({"order_line_id": self.desk_line.id, "was_price_unit": 1.0})]},
        ):
            with self.subTest(forged), self.assertRaises(AccessError):
                Change.create({**asked, **forged})
        for asked_for in ({}, {"order_id": self.order.id}, {**asked, "kind": "gift"}):
            with self.subTest(asked_for), self.assertRaises(UserError):
                Change.create(asked_for)
        with self.assertRefused("no value of this kind"):
            Change.create({**asked, "line_ids": [Command.create({"order_line_id": "x"})]})
        other_line = self._confirmed().order_line
        for command in (Command.link(other_line.id), Command.set([]), Command.clear()):
            with self.subTest(command), self.assertRaises(UserError):
                Change.create({**asked, "line_ids": [command]})
        self.assertFalse(self.order.sudo().change_ids)

    def test_who_may_not_ask(self):
        reader = self._user("reader", "order_policy.group_order_policy_supervisor")
        asked = {"order_id": self.order.id, "kind": "change"}
        for user in (reader, self.other_salesman):
            Change = self.env["sale.order.change"].with_user(user)
            with self.assertRaises(AccessError):
                self.order.with_user(user).action_open_change_form()
            with self.assertRaises(AccessError):
                Change.create(asked)
            with self.assertRaises(AccessError):
                Change.with_context(default_order_id=self.order.id, default_kind="change").default_get(["line_ids"])
        with self.assertRefused("is not confirmed"):
            Change.with_user(self.salesman).create({**asked, "order_id": self._order().id})


@tagged("post_install", "-at_install")
class TestReviewing(ChangeCase):
    """Only the steps that a request touches review it."""

    def test_quantity_price_and_terms(self):
        term = self.env["account.payment.term"].create({"name": "45 days", "company_id": self.company.id})
        for values, asked in (
            ({"product_uom_qty": 3}, ["Production review", "Head of sales"]),
            ({"price_unit": 900.0}, ["Finance review", "Head of sales"]),
            ({"name": "Desk, oak"}, ["Production review", "Head of sales"]),
            ({"discount": 5.0, "product_uom_qty": 3}, ["Finance review", "Production review", "Head of sales"]),
            ({"is_removed": True}, ["Production review", "Head of sales"]),
        ):
            with self.subTest(**values):
                change = self._requested(self.order)
                self._line(change, self.desk).write(values)
                change.action_submit()
                self.assertEqual(self._asked(change), asked)
                change.action_withdraw()
        for values, asked in (
            ({"payment_term_id": term.id}, ["Finance review", "Head of sales"]),
            ({"commitment_date": "2030-05-05 08:00:00"}, ["Production review", "Head of sales"]),
        ):
            with self.subTest(**values):
                change = self._requested(self.order, **values)
                change.action_submit()
                self.assertEqual(self._asked(change), asked)
                change.action_withdraw()

    def test_a_rise_over_the_threshold_adds_the_general_manager(self):
        change = self._desks(100)
        self.assertIn("General manager", change.consequences_html)
        self.assertIn("orders from", change.consequences_html)
        change.action_submit()
        self.assertEqual(self._asked(change), ["Production review", "Head of sales", "General manager"])
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)
        self.assertEqual(self._states(self.order), ["approved"] * 4)

    def test_in_turns(self):
        change = self._desks(3)
        change.action_submit()
        production, head = change.sudo().review_ids.sorted("sequence")
        self.assertEqual((production.state, head.state), ("pending", "waiting"))
        self.assertIn("Production has to approve", change.explanation)
        with self.assertRefused("cannot be decided yet"):
            head.with_user(self.sales_head).action_approve()
        production.with_user(self.production).action_approve()
        self.assertEqual((change.state, head.state), ("submitted", "pending"))
        head.with_user(self.sales_head).action_approve()
        self.assertEqual(change.state, "applied", change.trouble)

    def test_what_a_reviewer_sees(self):
        change = self._desks(3)
        self._line(change, self.chair).price_unit = 150.0
        change.note = "They need one more."
        change.action_submit()
        review = self._pending(change, self.production_department).with_user(self.production)
        self.assertRegex(review.changes_html, r"Desk.*Quantity.*2\.00.*3\.00")
        self.assertNotIn("Unit Price", review.changes_html, "Production does not look at prices")
        for words in ("Special reason", "They need one more", "2,800.00", "3,600.00"):
            self.assertIn(words, review.content_html)
        self.assertIn(change.name, review.display_name)
        self.assertFalse(self.order.with_user(self.production).my_review_ids, "It is decided with the request")
        self.assertEqual(change.with_user(self.production).my_review_ids, review)
        self.assertIn(
            review, self.env["sale.order.review"].with_user(self.production).search([("can_decide", "=", True)])
        )
        self.assertEqual(self.production.with_user(self.production)._get_activity_groups()[0]["total_count"], 1)

    def test_what_was_decided_on_other_requests_is_not_shown(self):
        former = self._desks(3)
        former.action_submit()
        self._pending(former, self.production_department).with_user(self.production).action_reject("No wood left.")
        change = self._desks(4)
        change.action_submit()
        review = self._pending(change, self.production_department).with_user(self.production)
        self.assertIn("approved for Finance", review.earlier_html, "So was the order")
        self.assertNotIn("No wood left", review.earlier_html)

    def _pending(self, change, department):
        return change.sudo().review_ids.filtered(lambda review: review.department_id == department)

    def test_not_on_ones_own_request(self):
        change = self._requested(self.order, user=self.production)
        self._line(change, self.desk).product_uom_qty = 3
        change.action_submit()
        review = self._pending(change, self.production_department).with_user(self.production)
        self.assertFalse(review.can_decide)
        with self.assertRefused("is your own business"):
            review.action_approve()

    def test_not_on_what_one_wrote_into_it(self):
        for write in (
            lambda change: self._line(change, self.desk).write({"product_uom_qty": 4}),
            lambda change: change.write({"note": "Four are better."}),
            lambda change: change.write({"line_ids": [Command.create({"product_id": self.chair.id})]}),
            lambda change: change.line_ids.create({"change_id": change.id, "product_id": self.chair.id}),
            lambda change: change.line_ids.filtered(lambda line: not line.was_on_order).unlink(),
        ):
            change = self._desks(3)
            change.line_ids = [Command.create({"product_id": self.chair.id})]
            write(change.with_user(self.sales_head))
            self.assertEqual(change.sudo().changed_by_ids, self.sales_head)
            change.action_submit()
            self._pending(change, self.production_department).with_user(self.production).action_approve()
            self._pending(change, self.finance_department).with_user(self.finance).action_approve()
            review = self._pending(change, self.sales_department).with_user(self.sales_head)
            self.assertFalse(review.can_decide)
            with self.assertRefused("is your own business"):
                review.action_approve()
            change.action_withdraw()

    def test_approved_as_seen(self):
        change = self._desks(3)
        change.action_submit()
        review = self._pending(change, self.production_department).with_user(self.production)
        with self.assertRefused("changed since you opened it"):
            review.action_approve(digests={review.id: self.order.sudo().content_digest})
        review.action_approve(digests={review.id: review.order_digest})
        self.assertEqual(review.state, "approved")

    def test_request_on_an_order_that_moved_is_not_decided(self):
        """Orders that are exempted meanwhile change without request: nobody decides on what there was before."""
        change = self._desks(3)
        change.action_submit()
        review = self._pending(change, self.production_department).with_user(self.production)
        self.order.with_user(self.policy_admin).action_policy_exempt("Agreed with the owner")
        self.order.sudo().order_line[0].price_unit = 900.0
        self.env.flush_all()
        self.assertTrue(change.needs_refresh)
        with self.assertRefused("cannot be decided: the order changed since the request was entered"):
            review.action_approve()
        self.assertFalse(review.sudo().decision)

    def test_rejected(self):
        change = self._desks(3)
        change.action_submit()
        with self.assertUntouchedOrder():
            self._pending(change, self.production_department).with_user(self.production).action_reject("No wood left.")
        self.assertEqual(change.state, "rejected")
        self.assertIn("No wood left", change.explanation)
        self.assertEqual(change.activity_ids.user_id, self.salesman)
        self.assertEqual(self._asked(change), [])
        with self.assertRefused("is not waiting to be carried out"):
            change.action_apply()
        with self.assertRefused("settled already"):
            change.action_withdraw()

    def test_rejected_after_who_asked_left(self):
        change = self._cancellation(self.order, user=self.finance, reason="delivery")
        change.action_submit()
        self.finance.active = False
        self._pending(change, self.sales_department).with_user(self.sales_head).action_reject("We deliver.")
        self.assertEqual((change.state, change.sudo().activity_ids.user_id), ("rejected", self.salesman))

    @contextmanager
    def assertUntouchedOrder(self):
        before = self._content(), self._states(self.order)
        yield
        self.assertEqual((self._content(), self._states(self.order)), before)

    def test_each_person_once(self):
        policy = self.policy._copy_as_next_version()
        policy.one_decision_per_person = True
        policy.action_activate()
        self.production_department.member_ids |= self.sales_head
        order = self._confirmed()
        change = self._requested(order)
        change.line_ids.product_uom_qty = 3
        change.action_submit()
        self._pending(change, self.production_department).with_user(self.sales_head).action_approve()
        review = self._pending(change, self.sales_department).with_user(self.sales_head)
        self.assertFalse(review.can_decide)
        self.assertNotIn(review, review.search([("can_decide", "=", True)]))
        with self.assertRefused("a different person at each step"):
            review.action_approve()

    def test_each_person_once_for_what_is_asked_now(self):
        """Who decided on a request before it was refreshed may decide another step of it afterwards."""
        policy = self.policy._copy_as_next_version()
        policy.one_decision_per_person = True
        policy.action_activate()
        self.production_department.member_ids |= self.sales_head
        order = self._confirmed((self.desk, 2, 1000.0), (self.chair, 4, 200.0))
        change = self._desks(3, order=order)
        change.action_submit()
        self._pending(change, self.production_department).with_user(self.sales_head).action_approve()
        change.sudo()._refresh()  # as when the order became another one meanwhile
        self.env.flush_all()
        self.assertEqual(change.state, "draft")
        change.action_submit()
        self.assertEqual(self._asked(change), ["Production review", "Head of sales"])
        pending = change.sudo().review_ids.filtered(lambda review: review.state == "pending")
        pending.with_user(self.production).action_approve()
        head = change.sudo().review_ids.filtered(lambda review: review.state == "pending")
        self.assertTrue(head.with_user(self.sales_head).can_decide)
        head.with_user(self.sales_head).action_approve()
        self.assertEqual(change.state, "applied", change.trouble)

    def test_who_decided_the_order_decides_its_change(self):
        policy = self.policy._copy_as_next_version()
        policy.one_decision_per_person = True
        policy.action_activate()
        change = self._desks(3, order=self._confirmed())
        change.action_submit()
        review = self._pending(change, self.production_department).with_user(self.production)
        self.assertTrue(review.can_decide)
        self.assertIn(review, review.search([("can_decide", "=", True)]))
        self._approve_all(change)
        self.assertEqual(change.state, "applied")

    def test_what_a_step_approved_by_itself_is_asked_again(self):
        """Its checks look at the whole order: whatever changes, they judge it anew."""
        policy = self.policy._copy_as_next_version()
        step = policy.step_ids.filtered(lambda step: step.department_id == self.production_department)
        step.write({"automatic": True, "check_ids": [Command.create(self.DISCOUNT)]})
        policy.action_activate()
        order = self._confirmed()
        self.assertTrue(self._review(order, self.production_department).is_automatic)
        change = self._requested(order, payment_term_id=self.env.ref("account.account_payment_term_30days").id)
        self.assertIn("its checks look at the whole order", change.consequences_html)
        change.action_submit()
        review = self._pending(change, self.production_department)
        self.assertEqual((review.state, review.is_automatic), ("approved", True))
        self.assertEqual(self._asked(change), ["Finance review", "Head of sales"])

    def test_where_nobody_looks_at_what_changes(self):
        policy = self.policy._copy_as_next_version()
        policy.step_ids.filtered(lambda step: step.department_id != self.production_department).unlink()
        policy.action_activate()
        order, term = self._confirmed(), self.env.ref("account.account_payment_term_30days")
        change = self._requested(order, payment_term_id=term.id)
        self.assertIn("No department has to review this", change.consequences_html)
        change.action_submit()
        self.assertEqual((change.state, order.payment_term_id), ("applied", term), change.trouble)

    def test_steps_for_requests(self):
        policy = self.policy._copy_as_next_version()
        policy.step_ids = [Command.create(self._step("Sales looks", 5, self.sales_department, (), used_for="request"))]
        policy.action_activate()
        order = self._confirmed()
        self.assertNotIn("Sales looks", order.sudo().review_ids.step_id.mapped("name"), "No order needs it")
        change = self._desks(3, order=order)
        self.assertIn("reviews every request", change.consequences_html)
        change.action_submit()
        self.assertEqual(self._asked(change), ["Sales looks", "Production review", "Head of sales"])
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)
        self.assertEqual(self._states(order), ["approved", "approved", "approved", None])

    def test_a_policy_of_requests_alone_reviews_nothing(self):
        policy = self.policy._copy_as_next_version()
        policy.step_ids.used_for = "request"
        with self.assertRefused("has no step"):
            policy.action_activate()

    def test_checks_of_a_step_judge_what_is_proposed(self):
        policy = self.policy._copy_as_next_version()
        step = policy.step_ids.filtered(lambda step: step.department_id == self.finance_department)
        step.write(
            {
                "automatic": True,
                "check_ids": [Command.create(self.DISCOUNT)],
            }
        )
        policy.action_activate()
        order = self._submitted()
        self._approve_all(order)
        order.action_confirm()
        change = self._requested(order)
        change.line_ids.discount = 10.0
        change.action_submit()
        review = self._pending(change, self.finance_department)
        self.assertEqual((review.state, review.is_automatic), ("approved", True))
        self.assertEqual(review.check_ids.state, "pass")
        change.action_withdraw()
        change = self._requested(order)
        change.line_ids.discount = 50.0
        change.action_submit()
        review = self._pending(change, self.finance_department)
        self.assertEqual((review.state, review.check_ids.state), ("pending", "warn"))
        self.assertIn("50", review.with_user(self.finance).checks_html)
        self._approve_all(change)
        self.assertEqual((change.state, order.order_line.discount), ("applied", 50.0))


@tagged("post_install", "-at_install")
class TestCarryingOut(ChangeCase):
    def test_each_kind_of_change(self):
        term = self.env["account.payment.term"].create({"name": "45 days", "company_id": self.company.id})
        address = self.env["res.partner"].create({"name": "Depot", "parent_id": self.customer.id, "type": "delivery"})
        change = self._requested(
            self.order,
            commitment_date="2030-05-05 08:00:00",
            payment_term_id=term.id,
            partner_shipping_id=address.id,
            partner_invoice_id=address.id,
        )
        desk, chair = change.line_ids
        desk.write({"product_uom_qty": 3, "price_unit": 950.0, "discount": 10.0, "name": "Desk, oak"})
        chair.is_removed = True
        change.line_ids = [Command.create({"product_id": self.chair.id, "product_uom_qty": 7, "price_unit": 180.0})]
        self._carried_out(change)
        self.assertEqual(
            self._content(), [(self.desk, 3, 950.0, 10.0), (self.chair, 0, 200.0, 0.0), (self.chair, 7, 180.0, 0.0)]
        )
        order = self.order
        self.assertEqual(self.desk_line.name, "Desk, oak")
        self.assertEqual(
            (order.payment_term_id, order.partner_shipping_id, order.partner_invoice_id), (term, address, address)
        )
        self.assertEqual(fields.Datetime.to_string(order.commitment_date), "2030-05-05 08:00:00")
        self.assertEqual(order.amount_total, change.amount_after)
        self.assertEqual(order.content_digest, change.proposed_digest)
        self.assertEqual(order._policy_gates()[order], [])

    def test_another_product_takes_the_place(self):
        change = self._requested(self.order)
        self._line(change, self.desk).write({"product_id": self.chair.id})
        self.assertEqual(change.line_ids[0].price_unit, 200.0)
        self._carried_out(change)
        self.assertEqual(
            self._content(), [(self.desk, 0, 1000.0, 0.0), (self.chair, 4, 200.0, 0.0), (self.chair, 2, 200.0, 0.0)]
        )

    def test_sections_and_notes(self):
        order = self._order()
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Office"}),
            Command.create({"display_type": "line_note", "name": "Handle with care"}),
        ]
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        change = self._requested(order)
        _desk, section, note = change.line_ids
        section.name = "Head office"
        note.is_removed = True
        self._carried_out(change)
        self.assertEqual(order.order_line.mapped("name"), ["Desk", "Head office"])

    def test_each_reason(self):
        for reason in self.env["order.policy.reason"].search([("kind", "=", "change")]):
            change = self._desks(self.desk_line.product_uom_qty + 1)
            change.reason_id = reason
            self._carried_out(change)
        for reason in self.env["order.policy.reason"].search([("kind", "=", "cancel")]):
            order = self._confirmed()
            change = self._cancellation(order)
            change.reason_id = reason
            self._carried_out(change)
            self.assertEqual(order.state, "cancel")
            self.assertIn(reason.name, order.policy_explanation)

    def test_approvals_become_those_of_the_order(self):
        former = self._review(self.order, self.production_department)
        finance = self._review(self.order, self.finance_department)
        change = self._carried_out(self._desks(3))
        self.assertEqual((former.state, former.is_current), ("outdated", False))
        present = self._review(self.order, self.production_department)
        self.assertEqual((present.change_id, present.state), (change, "approved"))
        self.assertEqual(self._review(self.order, self.finance_department), finance, "It looked at nothing of this")
        self.assertEqual(self.order.policy_cleared_digest, self.order.content_digest)
        again = self._carried_out(self._desks(5))
        self.assertEqual(self._review(self.order, self.production_department).change_id, again)
        self.assertConfirmed(self.order)

    def test_afterwards_nothing_else_is_possible(self):
        self._carried_out(self._desks(3))
        for attempt in (
            lambda: self.desk_line.write({"product_uom_qty": 2}),
            lambda: self.desk_line.sudo().write({"product_uom_qty": 4}),
            lambda: self.order.write({"state": "draft"}),
        ):
            with self.assertRefused("Request C"):
                attempt()
        self.assertEqual(self.desk_line.product_uom_qty, 3)

    def test_locked_order_locks_again(self):
        self.order.with_user(self.sales_head).action_lock()
        self._carried_out(self._desks(3))
        self.assertEqual((self.desk_line.product_uom_qty, self.order.locked), (3, True))
        self._carried_out(self._cancellation(self.order))
        self.assertEqual(self.order.state, "cancel")

    def test_whatever_fails_when_it_is_carried_out_undoes_no_approval(self):
        change = self._desks(1)
        change.action_submit()
        before = self._content()
        with (
            patch.object(self.env.registry["sale.order.change"], "_tell_customer", side_effect=KeyError("smtp")),
            mute_logger("odoo.addons.order_policy.models.policy.order_policy_evidence_mixin"),
        ):
            self._approve_all(change)
        self.assertEqual((change.state, self._content()), ("approved", before))
        self.assertIn("The program failed (KeyError)", change.trouble)
        change.action_apply()
        self.assertEqual((change.state, self.desk_line.product_uom_qty), ("applied", 1))

    def test_delivered_between_submission_and_approval(self):
        change = self._desks(1)
        change.action_submit()
        self.desk_line.sudo().qty_delivered = 2
        before = self._content()
        self._approve_all(change)
        self.assertEqual(change.state, "approved", "The approvals stand")
        self.assertIn("Desk: the quantity cannot go below", change.trouble)
        self.assertIn("could not be carried out", change.explanation)
        self.assertEqual(change.activity_ids.user_id, self.salesman)
        self.assertEqual(self._content(), before)
        reader = self._user("reader", "order_policy.group_order_policy_supervisor")
        self.assertFalse(change.with_user(reader).can_apply, "Carrying out is for who may write the order")
        self.assertFalse(change.with_user(reader).can_edit)
        self.assertTrue(change.can_apply)
        with self.assertRefused("cannot go below"):
            change.action_apply()
        self.desk_line.sudo().qty_delivered = 1
        change.action_apply()
        self.assertEqual((change.state, self.desk_line.product_uom_qty), ("applied", 1))
        to_do = self.env.ref("mail.mail_activity_data_todo")
        self.assertNotIn(to_do, change.activity_ids.activity_type_id, "There is nothing left to solve")
        self.assertIn("Carried out on", change.explanation)
        self.assertFalse(change.trouble)
        self.assertIn(f"Changed by request {change.name}", "".join(self._messages(self.order).mapped("body")))

    def test_order_that_moved_since_it_was_approved(self):
        change = self._desks(1)
        change.action_submit()
        self.desk_line.sudo().qty_delivered = 2
        self._approve_all(change)
        self.assertEqual(change.state, "approved")
        self.desk_line.sudo().qty_delivered = 0
        self.order.with_user(self.policy_admin).action_policy_exempt("Import")
        self.chair_line.price_unit = 150.0
        self.assertIn("The order changed since this was entered. Refresh the request", change.explanation)
        before = self._content()
        with self.assertRefused(r"changed since the request was entered(.|\n)*Chair.*200\.00 → 150\.00"):
            change.action_apply()
        self.assertEqual((change.state, self._content()), ("approved", before))

    def test_failing_in_the_middle(self):
        change = self._desks(3)
        self._line(change, self.chair).product_uom_qty = 9
        change.action_submit()
        before, write = self._content(), type(self.chair_line).write

        def failing(lines, vals):
            if lines.product_id == self.chair and "product_uom_qty" in vals:
                raise LockError("The warehouse is on fire.")
            return write(lines, vals)

        with patch.object(type(self.chair_line), "write", failing):
            self._approve_all(change)
        self.env.invalidate_all()
        self.assertEqual(self._content(), before)
        self.assertEqual(change.state, "approved")
        self.assertIn("on fire", change.trouble)
        self.assertEqual(set(change.sudo().review_ids.mapped("state")), {"approved"})
        self.assertFalse(change.sudo().notice_ids)
        self.assertConfirmed(self.order)
        change.action_apply()
        self.assertEqual([quantity for _product, quantity, _price, _discount in self._content()], [3, 9])

    def test_another_outcome_is_undone(self):
        change = self._desks(3)
        change.action_submit()
        before, write = self._content(), type(self.order).write

        def meddling(orders, vals):
            result = write(orders, vals)
            if "order_line" in vals:
                orders.order_line[0].discount = 30.0
            return result

        with patch.object(type(self.order), "write", meddling):
            self._approve_all(change)
        self.env.invalidate_all()
        self.assertEqual(change.state, "approved")
        self.assertRegex(change.trouble, r"would not be what was approved[\s\S]*Discount.*0\.00 → 30\.00")
        self.assertEqual(self._content(), before)

    def test_the_gate_is_asked_at_the_end(self):
        """Whatever is written while a request is carried out is judged before it is kept."""
        with self.assertRefused("cannot be changed directly"), self.order._policy_gate_at_the_end():
            self.order.sudo().order_line[0].price_unit = 1.0
        self.assertEqual(self.desk_line.price_unit, 1000.0)
        with self.assertRefused("cannot be changed directly"):
            self.order.sudo().order_line[0].price_unit = 1.0

    def test_savepoints_meanwhile_do_not_end_it(self):
        """Letters that are sent at once are tried within one."""
        with self.order._policy_gate_at_the_end():
            with self.env.cr.savepoint():
                pass
            self.desk_line.sudo().price_unit = 1.0
            self.env.flush_all()
            self.desk_line.sudo().price_unit = 1000.0
        self.assertEqual(self.desk_line.price_unit, 1000.0)

    def test_what_nobody_was_asked_about_is_not_carried_out(self):
        """The approval of a step that was left out stays that of what the order held before."""
        change = self._desks(3)
        head = self.order.sudo().policy_id.step_ids.filtered(lambda step: step.name == "Head of sales")
        with patch.object(type(change), "_steps_to_ask", lambda request, proposed: head):
            change.action_submit()
            self.assertEqual(self._asked(change), ["Head of sales"])
            before = self._content()
            self._approve_all(change)
        self.assertEqual(change.state, "approved")
        self.assertRegex(change.trouble, "Desk, Quantity: 2.00 → 3.00")
        self.assertEqual(self._content(), before)

    def test_two_at_once(self):
        change = self._desks(3)
        change.action_submit()
        with self._somebody_works_on("sale.order"), self.assertRefused("Somebody else is working"):
            change.action_withdraw()
        self.assertEqual(change.state, "submitted")


@tagged("post_install", "-at_install")
class TestBecameNeeded(ChangeCase):
    """What the order needs by the time that a request is carried out is asked of the request."""

    @classmethod
    def _policy(cls, **values):
        split = {"name": "Split", "kind": "split", "days": 7, "severity": "warn"}
        return super()._policy(intake_check_ids=[Command.create(split)], **values)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.large = cls._confirmed((cls.desk, 1, 41600.0))

    def test_another_order_brings_both_above_the_threshold(self):
        change = self._requested(self.large)
        change.line_ids.price_unit = 41000.0
        change.action_submit()
        self._submitted((self.desk, 1, 62400.0))
        deciders = [
            (self.finance_department, self.finance),
            (self.sales_department, self.sales_head),
        ]
        for department, user in deciders:
            reviews = change.sudo().review_ids.filtered(lambda review, of=department: review.department_id == of)
            reviews.with_user(user).action_approve()
        self.assertEqual((change.state, self._asked(change)), ("submitted", ["General manager"]))
        self.assertIn("General manager became necessary", "".join(self._messages(change).mapped("body")))
        self.assertIn("General manager", change.explanation)
        self.assertEqual(self.large.order_line.price_unit, 41600.0)
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)
        self.assertEqual(self.large.order_line.price_unit, 41000.0)
        self.assertConfirmed(self.large)

    def test_the_general_manager_refuses(self):
        change = self._requested(self.large)
        change.line_ids.price_unit = 41000.0
        change.action_submit()
        with patch.object(type(change), "_apply", side_effect=UserError("Nobody is at the warehouse.")):
            self._approve_all(change)
        self.assertEqual(change.state, "approved")
        self._submitted((self.desk, 1, 62400.0))
        change.action_apply()
        self.assertEqual((change.state, self._asked(change)), ("submitted", ["General manager"]))
        self.assertFalse(change.trouble)
        change.sudo().review_ids.filtered(lambda review: review.state == "pending").with_user(
            self.general_manager
        ).action_reject("Not at this price")
        self.assertEqual((change.state, self.large.order_line.price_unit), ("rejected", 41600.0))


@tagged("post_install", "-at_install")
class TestQueue(ChangeCase):
    """Several requests on one order wait for each other."""

    def test_one_after_the_other(self):
        first, second = self._desks(3), self._cancellation(self.order)
        first.action_submit()
        second.action_submit()
        self.assertFalse(self._asked(second))
        self.assertIn(f"Waits until {first.name} is settled", second.explanation)
        first.action_withdraw()
        self.assertEqual(self._asked(second), ["Head of sales"])

    def test_the_next_asks_to_be_refreshed(self):
        first = self._desks(3)
        second = self._requested(self.order, user=self.sales_head)
        self._line(second, self.chair).product_uom_qty = 10
        first.action_submit()
        second.action_submit()
        self._approve_all(first)
        self.assertEqual((first.state, second.state), ("applied", "submitted"))
        self.assertTrue(second.needs_refresh)
        self.assertRegex(second.moved_html, r"Desk.*Quantity.*2\.00.*3\.00")
        self.assertEqual(second.activity_ids.user_id, self.sales_head)
        self.assertFalse(self._asked(second))
        second.action_refresh()
        self.assertEqual((second.state, second.needs_refresh), ("draft", False))
        self.assertEqual(second.line_ids.mapped("product_uom_qty"), [3, 10], "What it asks for stays")
        self.assertEqual(second.line_ids.mapped("was_product_uom_qty"), [3, 4])
        second.action_submit()
        self.assertEqual(self._asked(second), ["Production review", "Head of sales"])
        self._approve_with_another_head(second)

    def _approve_with_another_head(self, change):
        """Who asked does not decide: another head of sales does."""
        other_head = self._user("other_head", "sales_team.group_sale_manager")
        self.sales_department.head_id = other_head
        for review in change.sudo().review_ids.sorted("sequence").filtered(lambda r: r.state in ("pending", "waiting")):
            decider = self.production if review.department_id == self.production_department else other_head
            review.with_user(decider).action_approve()
        self.assertEqual(change.state, "applied", change.trouble)
        self.assertEqual([quantity for _p, quantity, _u, _d in self._content()], [3, 10])

    def test_terms_that_are_asked_for_stay(self):
        term = self.env.ref("account.account_payment_term_30days")
        draft = self._requested(self.order, user=self.sales_head, payment_term_id=term.id)
        before = self.order.payment_term_id
        self._carried_out(self._requested(self.order, commitment_date="2030-05-05 08:00:00"))
        draft.action_refresh()
        self.assertEqual((draft.was_payment_term_id, draft.payment_term_id), (before, term))
        promised = self.order.commitment_date
        self.assertTrue(promised)
        self.assertEqual((draft.was_commitment_date, draft.commitment_date), (promised, promised))

    def test_refreshing_lets_the_next_begin(self):
        first, second = self._desks(3), self._desks(4, user=self.sales_head)
        third = self._cancellation(self.order, user=self.production, reason="delivery")
        for change in (first, second, third):
            change.action_submit()
        self._approve_all(first)
        self.assertTrue(second.needs_refresh)
        self.assertFalse(third.sudo().activity_ids, "It is not its turn")
        second.action_refresh()
        self.assertEqual(third.sudo().activity_ids.user_id, self.production)
        self.assertIn("Refresh the request", third.sudo().activity_ids.summary)

    def test_submitting_what_moved(self):
        first, second = self._desks(3), self._requested(self.order, user=self.sales_head)
        self._line(second, self.chair).product_uom_qty = 10
        self._carried_out(first)
        with self.assertRaisesRegex(UserError, r"(?s)changed since the request was entered.*Desk.*2\.00 → 3\.00"):
            second.action_submit()

    def test_a_line_that_came_and_one_that_went(self):
        draft = self._requested(self.order, user=self.sales_head)
        change = self._requested(self.order)
        change.line_ids = [Command.create({"product_id": self.chair.id, "product_uom_qty": 1, "price_unit": 1.0})]
        self._carried_out(change)
        draft.action_refresh()
        self.assertEqual(draft.line_ids.mapped("product_uom_qty"), [2, 4, 1])
        self.assertFalse(any(draft.line_ids.mapped("is_changed")))

    def test_a_line_deleted_meanwhile(self):
        order = self._order()
        order.order_line = [Command.create({"display_type": "line_note", "name": "Handle with care"})]
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        change = self._requested(order)
        change.line_ids[1].name = "Handle with great care"
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM sale_order_line WHERE id = %s", [order.order_line[1].id])
        self.env.invalidate_all()
        with self.assertRefused("was deleted from the order meanwhile"):
            change.action_submit()

    def test_reason_is_one_of_its_kind(self):
        change = self._desks(3)
        for reason in (self.env.ref("order_policy.reason_cancel_customer"), self.env["order.policy.reason"]):
            change.reason_id = reason
            with self.subTest(reason=reason.name), self.assertRefused("Choose the reason"):
                change.action_submit()
        change.reason_id = self.env.ref("order_policy.reason_change_special")
        change.action_submit()

    def test_withdrawn_by_who_asked(self):
        change = self._desks(3)
        change.action_submit()
        for user in (self.sales_head, self.production, self.policy_admin):
            with self.assertRefused("Only who asked"):
                change.with_user(user).action_withdraw()
        change.action_withdraw()
        self.assertEqual((change.state, change.explanation), ("withdrawn", "Withdrawn."))
        self.assertEqual(self._asked(change), [])
        self.assertEqual(self._states(self.order), ["approved", "approved", "approved", None])

    def test_what_the_customer_asked_for_is_withdrawn_by_sales(self):
        change = self.env["sale.order.change"]._open(self.order.sudo(), "cancel", "customer")
        for user in (self.production, self.policy_admin):
            with self.assertRefused(rf"was asked for by {re.escape(self.salesman.name)}\. Only who asked"):
                change.with_user(user).action_withdraw()
        self.order.sudo().user_id = False
        with self.assertRefused(r"was asked for by Sales\. Only who asked"):
            change.with_user(self.production).action_withdraw()
        self.assertEqual(change.state, "draft")
        change.with_user(self.sales_head).action_withdraw()
        self.assertEqual(change.state, "withdrawn")

    def test_other_cancellations_end_with_the_order(self):
        """Only the one that was approved was carried out."""
        first = self._cancellation(self.order)
        second = self._cancellation(self.order, user=self.production, reason="delivery")
        for change in (first, second):
            change.action_submit()
        third = self._cancellation(self.order, user=self.sales_head)
        self._approve_all(first)
        self.assertEqual((first.state, second.state, third.state), ("applied", "withdrawn", "withdrawn"))
        self.assertTrue(first.sudo().notice_ids)
        self.assertFalse((second | third).sudo().notice_ids)

    def test_order_that_is_not_confirmed_any_more(self):
        draft, approved = self._desks(3), self._cancellation(self.order)
        approved.sudo().state = "approved"
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET state = 'cancel' WHERE id = %s", [self.order.id])
        self.env.invalidate_all()
        for attempt in (draft.action_submit, approved.action_apply):
            with self.assertRefused("is not a confirmed order any more"):
                attempt()

    def test_open_requests_end_with_their_order(self):
        change, cancellation = self._desks(3), self._cancellation(self.order)
        cancellation.action_submit()
        change.action_submit()
        self._approve_all(cancellation)
        self.assertEqual((cancellation.state, change.state), ("applied", "withdrawn"))
        with self.assertRefused("is cancelled"):
            self.order.action_request_change()


@tagged("post_install", "-at_install")
class TestCancelling(ChangeCase):
    """Quotations end for a reason, confirmed orders by request."""

    def test_who_reviews(self):
        change = self._cancellation(self.order)
        self.assertIn("approves its end", change.consequences_html)
        change.action_submit()
        self.assertEqual(self._asked(change), ["Head of sales"])
        self.assertEqual((change.amount_after, change.amount_difference), (0, -2800))
        self._approve_all(change)
        self.assertEqual((change.state, self.order.state), ("applied", "cancel"))
        self.assertEqual(self.order.policy_stage, "cancelled")
        large = self._cancellation(self._confirmed((self.desk, 200, 1000.0)))
        large.action_submit()
        self.assertEqual(self._asked(large), ["Head of sales", "General manager"])

    def test_where_nobody_approves_all_reviewers_do(self):
        policy = self.policy._copy_as_next_version()
        policy.step_ids.filtered(lambda step: step.kind == "approval").unlink()
        policy.action_activate()
        change = self._cancellation(self._confirmed())
        change.action_submit()
        self.assertEqual(self._asked(change), ["Finance review", "Production review"])

    def test_stays_cancelled(self):
        self._carried_out(self._cancellation(self.order))
        for attempt in (
            self.order.action_draft,
            lambda: self.order.write({"state": "draft"}),
            lambda: self.order.sudo().write({"state": "sent"}),
        ):
            with self.assertRefused("stays so"):
                attempt()
        with self.assertRefused():
            self.order.write({"state": "sale"})

    def test_every_way_to_cancel_a_confirmed_order(self):
        wizard = self.env["sale.mass.cancel.orders"].with_user(self.salesman).create(
            {"sale_order_ids": self.order.ids, "policy_reason_id": self.own_decision.id}
        )  # fmt: skip
        for attempt in (
            self.order.action_cancel,
            self.order._action_cancel,
            self.order.sudo()._action_cancel,
            wizard.action_mass_cancel,
            lambda: self.order.action_policy_cancel(self.own_decision.id),
            lambda: self.order.write({"state": "cancel"}),
            lambda: self.order.sudo().write({"state": "draft"}),
        ):
            with self.assertUntouched(), self.assertRefused("Use Request Cancellation"):
                attempt()
        change = self._cancellation(self.order)
        change.action_submit()
        with self.assertRefused("Use Request Cancellation"):
            self.order.action_cancel()

    def test_quotations_need_a_reason(self):
        for order in (self._order(), self._submitted(), self._approved()):
            for attempt in (
                order.action_cancel,
                order._action_cancel,
                order.sudo()._action_cancel,
                lambda order=order: order.write({"state": "cancel"}),
                lambda order=order: order.action_policy_cancel(0),
                lambda order=order: order.action_policy_cancel(self.special.id),
                lambda order=order: order.action_policy_cancel(self.special.id + 10**6),  # is gone
            ):
                with self.assertRefused("(?i)why .* is cancelled|choose the reason"):
                    attempt()
            order.action_policy_cancel(self.own_decision, "They called.")
            self.assertEqual((order.state, order.policy_cancel_reason_id), ("cancel", self.own_decision))
            self.assertIn("own decision", order.policy_explanation)
            self.assertIn("They called", self._messages(order)[0].body)
            order.action_draft()
            self.assertFalse(order.policy_cancel_reason_id)
            with self.assertRefused("Say why"):
                order.action_cancel()

    def test_mass_cancellation(self):
        orders = self._order() | self._submitted()
        wizard = self.env["sale.mass.cancel.orders"].with_user(self.salesman).create({"sale_order_ids": orders.ids})
        self.assertTrue(wizard.policy_applies)
        with self.assertRefused("Choose the reason"):
            wizard.action_mass_cancel()
        wizard.policy_reason_id = self.own_decision
        wizard.action_mass_cancel()
        self.assertEqual(set(orders.mapped("state")), {"cancel"})
        self.assertEqual(orders.policy_cancel_reason_id, self.own_decision)

    def test_expired_and_empty_quotations_say_why_themselves(self):
        expired = self._order(validity_date="2026-01-01")
        expired.order_line.flush_recordset()
        expired.sudo()._action_cancel()
        self.assertEqual(expired.policy_cancel_reason_id, self.env.ref("order_policy.reason_cancel_expired"))
        empty = self._order()
        empty.order_line.unlink()
        empty.action_cancel()
        self.assertEqual(empty.policy_cancel_reason_id, self.env.ref("order_policy.reason_cancel_mistake"))

    def test_orders_without_policy_are_left_alone(self):
        self.policy.action_retire()
        order = self._order()
        order.action_confirm()
        order.action_cancel()
        order.action_draft()
        self.assertEqual(order.state, "draft")

    def test_cancelled_by_another_way_once_approved(self):
        change = self._cancellation(self.order)
        change.action_submit()
        with patch.object(type(self.order), "_action_cancel", side_effect=UserError("Not today.")):
            self._approve_all(change)
        self.assertEqual((change.state, self.order.state), ("approved", "sale"))
        self.assertIn("Not today", change.trouble)
        self.order.action_cancel()
        self.assertEqual((change.state, self.order.state), ("applied", "cancel"))
        self.assertTrue(change.sudo().notice_ids)

    def test_reasons_given_by_itself_are_kept(self):
        with self.assertRefused("gives this reason by itself"):
            self.own_decision.with_user(self.policy_admin).unlink()


@tagged("post_install", "-at_install")
class TestNotices(ChangeCase):
    def test_departments_acknowledge(self):
        change = self._carried_out(self._desks(3))
        notices = change.sudo().notice_ids
        self.assertEqual(notices.department_id, self.production_department | self.sales_department)
        self.assertEqual(len(notices), 2)
        notice = notices.filtered(lambda notice: notice.department_id == self.production_department)
        self.assertEqual(notice.activity_id.user_id, self.production)
        with self.assertRefused("Only Production acknowledges"):
            notice.with_user(self.salesman).action_acknowledge()
        with self.assertRefused("Only Production acknowledges"):
            notice.activity_id.with_user(self.salesman).action_done()
        self.assertFalse(notice.with_user(self.salesman).can_acknowledge)
        self.assertTrue(notice.with_user(self.production).can_acknowledge)
        notice.with_user(self.production).action_acknowledge()
        self.assertEqual(notice.acknowledged_by_id, self.production)
        self.assertFalse(notice.with_user(self.production).can_acknowledge)
        self.assertFalse(notice.activity_id.active)

    def test_through_the_activity(self):
        change = self._carried_out(self._desks(3))
        notice = change.sudo().notice_ids.filtered(lambda notice: notice.department_id == self.production_department)
        notice.activity_id.with_user(self.production).action_done()
        self.assertEqual(notice.acknowledged_by_id, self.production)
        first = notice.acknowledged_on
        self.assertTrue(first)
        notice.with_user(self.production).action_acknowledge()
        self.assertEqual(notice.acknowledged_on, first)

    def test_all_departments_learn_of_a_cancellation(self):
        change = self._carried_out(self._cancellation(self.order))
        self.assertEqual(
            change.sudo().notice_ids.department_id,
            self.production_department | self.finance_department | self.sales_department,
        )

    def test_department_that_did_not_have_to_review_is_not_told(self):
        change = self._carried_out(self._cancellation(self._lowered()))
        self.assertNotIn(self.management, change.sudo().notice_ids.department_id)
        change = self._carried_out(self._cancellation(self._confirmed((self.desk, 1, 150000.0))))
        self.assertIn(self.management, change.sudo().notice_ids.department_id)

    def test_the_customer_is_told(self):
        self.customer.lang = "en_US"
        change = self._desks(3)
        change.customer_note = "Thank you for ordering more."
        self.assertIn("Thank you for ordering more", change.notice_preview)
        self.assertRegex(change.notice_preview, r"2\.00.*3\.00")
        self._carried_out(change)
        message = self._messages(change).filtered(lambda message: self.customer in message.partner_ids)
        self.assertEqual(len(message), 1)
        self.assertIn("was changed", message.subject)
        for words in ("Thank you for ordering more", "3.00", "3,800.00"):
            self.assertIn(words, message.body)
        self.assertTrue(message.mail_ids.filtered(lambda mail: self.customer in mail.recipient_ids))

    def _mailed(self, *records):
        """Return who got an e-mail that tells of these records."""
        domain = [("model", "in", [record._name for record in records]), ("res_id", "in", [r.id for r in records])]
        return self.env["mail.mail"].sudo().search(domain).recipient_ids

    def test_colleagues_do_not_get_the_letter_of_the_customer(self):
        colleagues = (self.production | self.finance | self.sales_head | self.other_salesman).partner_id
        buyer = self.env["res.partner"].create({"name": "Assistant", "email": "assistant@ningbo.example"})
        change = self._desks(3)
        change.sudo().message_subscribe((colleagues | buyer).ids)
        self._carried_out(change)
        letter = self._messages(change).filtered(lambda message: self.customer in message.partner_ids)
        self.assertEqual(letter.notified_partner_ids, self.customer | buyer)
        self.assertEqual(self._mailed(change, self.order), self.customer | buyer, "No mail tells of activities either")
        self.assertIn(letter, change.with_user(self.production).message_ids, "Colleagues read it where it was written")

    def test_colleagues_do_not_get_a_refusal(self):
        order = self._order()
        order.sudo().message_subscribe((self.production | self.finance).partner_id.ids)
        order.action_policy_refuse(self.env.ref("order_policy.reason_refusal_incomplete").id)
        self.assertEqual(self._mailed(order), self.customer)

    def test_colleagues_who_are_addressed_get_letters(self):
        order = self._order()
        template = self.env.ref("sale.email_template_edi_sale")
        order.sudo().message_subscribe((self.production | self.finance).partner_id.ids)
        order.message_post_with_source(
            template,
            email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
            subtype_xmlid="mail.mt_comment",
            partner_ids=(self.customer | self.finance.partner_id).ids,
        )
        self.assertEqual(self._mailed(order), self.customer | self.finance.partner_id)

    def test_who_has_nothing_to_do_gets_no_activity(self):
        change = self._carried_out(self._desks(3))
        notices = change.sudo().notice_ids
        told = {notice.department_id: (bool(notice.tasks), bool(notice.activity_id)) for notice in notices}
        self.assertEqual(told, {self.production_department: (True, True), self.sales_department: (False, False)})
        notice = notices.filtered(lambda notice: notice.department_id == self.sales_department)
        notice.with_user(self.sales_head).action_acknowledge()
        self.assertEqual(notice.acknowledged_by_id, self.sales_head)

    def test_message_to_the_customer_stays_once_it_was_sent(self):
        change = self._desks(3)
        change.action_submit()
        change.customer_note = "Thank you."
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)
        with self.assertRefused("is settled, and stays as the customer was told"):
            change.customer_note = "Never mind."

    def test_customer_without_email(self):
        self.customer.email = False
        change = self._carried_out(self._cancellation(self.order))
        self.assertIn("has no e-mail address", "".join(self._messages(change).mapped("body")))

    def test_goods_that_were_delivered(self):
        logistics = self._department("Logistics", self.finance_head)
        logistics.origin_id = self.env.ref("order_policy.department_logistics")
        self.chair_line.sudo().qty_delivered = 4
        change = self._carried_out(self._cancellation(self.order))
        notice = change.sudo().notice_ids.filtered(lambda notice: notice.department_id == logistics)
        self.assertIn("return of 4 Units Chair", notice.tasks)

    def test_services_do_not_come_back(self):
        assembly = self._product("Assembly", 100.0, type="service")
        order = self._confirmed((self.chair, 4, 200.0), (assembly, 1, 100.0))
        for line in order.sudo().order_line:
            line.qty_delivered = line.product_uom_qty
        change = self._carried_out(self._cancellation(order))
        tasks = "\n".join(filter(None, change.sudo().notice_ids.mapped("tasks")))
        self.assertIn("return of 4 Units Chair", tasks)
        self.assertNotIn("Assembly", tasks)

    def test_tasks_of_a_department_that_does_not_exist(self):
        self.chair_line.sudo().qty_delivered = 4
        change = self._carried_out(self._cancellation(self.order))
        notice = change.sudo().notice_ids.filtered(lambda notice: not notice.department_id)
        self.assertEqual(notice.user_id, self.salesman)
        notice.with_user(self.salesman).action_acknowledge()
        self.assertTrue(notice.acknowledged_on)


@tagged("post_install", "-at_install")
class TestInvoiced(ChangeCase):
    """Invoices and payments are never altered: finance is told what to correct."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.finance_department.origin_id = cls.env.ref("order_policy.department_finance")
        (cls.desk | cls.chair).invoice_policy = "order"
        cls.order = cls._confirmed((cls.desk, 2, 1000.0), (cls.chair, 4, 200.0))
        cls.desk_line, cls.chair_line = cls.order.order_line
        cls.invoice = cls.order.sudo()._create_invoices()
        cls.invoice.action_post()

    def _finance_tasks(self, change):
        return change.sudo().notice_ids.filtered(lambda n: n.department_id == self.finance_department).tasks or ""

    def _invoiced(self):
        self.env.flush_all()
        return self.invoice.amount_total, self.invoice.state, self.invoice.line_ids.mapped("balance")

    def test_not_below_what_was_invoiced(self):
        change = self._desks(1)
        with self.assertRefused(r"Desk: .*invoiced \(2\)"):
            change.action_submit()

    def test_a_lower_price(self):
        before = self._invoiced()
        change = self._requested(self.order)
        self._line(change, self.desk).price_unit = 900.0
        self._carried_out(change)
        self.assertRegex(self._finance_tasks(change), r"Desk: 2 invoiced at .*1,000\.00.*900\.00.*credit note")
        self.assertEqual(self._invoiced(), before)
        self.assertEqual(self.desk_line.price_unit, 900.0)

    def test_a_higher_price(self):
        change = self._requested(self.order)
        self._line(change, self.desk).price_unit = 1100.0
        self._carried_out(change)
        self.assertIn("Invoice the difference", self._finance_tasks(change))

    def test_a_discount_in_place_of_a_price(self):
        change = self._requested(self.order)
        self._line(change, self.desk).write({"price_unit": 1250.0, "discount": 20.0})
        self._carried_out(change)
        self.assertEqual(self.desk_line.discount, 20.0)
        self.assertEqual(self._finance_tasks(change), "", "A desk costs 1,000 as before")

    def test_more_is_invoiced_as_odoo_does(self):
        change = self._carried_out(self._desks(3))
        self.assertFalse(self._finance_tasks(change))
        self.assertEqual(self.order.invoice_status, "to invoice")

    def test_cancelled(self):
        before = self._invoiced()
        change = self._carried_out(self._cancellation(self.order))
        self.assertRegex(self._finance_tasks(change), rf"credit note for {self.invoice.name} over .*2,800\.00")
        self.assertNotIn("Refund", self._finance_tasks(change))
        self.assertEqual(self._invoiced(), before)

    def test_cancelled_once_paid(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create({})._create_payments()
        change = self._carried_out(self._cancellation(self.order))
        self.assertRegex(self._finance_tasks(change), r"Refund .*2,800\.00: the customer paid .*2,800\.00")

    def _pay(self, moves):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        ).create({})._create_payments()  # fmt: skip

    def _credit(self, invoice, quantities=None, price=None):
        """Issue a credit note for an invoice, or for some quantities of its products, or at another price."""
        note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        for line in note.invoice_line_ids if quantities else ():
            if line.product_id in quantities:
                line.quantity = quantities[line.product_id]
            else:
                line.unlink()
        if price:
            note.invoice_line_ids.price_unit = price
        note.action_post()
        return note

    def test_cancelled_once_credited(self):
        """Invoiced, reversed and never paid: nothing is left to do."""
        self._credit(self.invoice)
        self.assertEqual(self.invoice.payment_state, "reversed")
        self.assertEqual(self._finance_tasks(self._carried_out(self._cancellation(self.order))), "")

    def test_cancelled_once_paid_and_credited(self):
        self._pay(self.invoice)
        self._credit(self.invoice)
        tasks = self._finance_tasks(self._carried_out(self._cancellation(self.order)))
        self.assertNotIn("credit note", tasks)
        self.assertRegex(tasks, r"Refund .*2,800\.00")

    def test_cancelled_once_paid_credited_and_refunded(self):
        self._pay(self.invoice)
        self._pay(self._credit(self.invoice))
        self.assertEqual(self._finance_tasks(self._carried_out(self._cancellation(self.order))), "")

    def test_cancelled_once_partly_credited(self):
        self._credit(self.invoice, {self.desk: 1})
        tasks = self._finance_tasks(self._carried_out(self._cancellation(self.order)))
        self.assertRegex(tasks, rf"credit note for {self.invoice.name} over .*1,800\.00")
        self.assertNotIn("Refund", tasks)

    def test_cancelled_once_credited_by_a_note_without_link(self):
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "reversed_entry_id": self.invoice.id,
                "currency_id": self.invoice.currency_id.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [Command.create({"name": "Goodwill", "price_unit": 300.0, "tax_ids": False})],
            }
        )
        note.action_post()
        tasks = self._finance_tasks(self._carried_out(self._cancellation(self.order)))
        self.assertRegex(tasks, rf"credit note for {self.invoice.name} over .*2,500\.00")

    def test_cancelled_once_partly_paid(self):
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        )  # fmt: skip
        register.create({"amount": 500.0})._create_payments()
        tasks = self._finance_tasks(self._carried_out(self._cancellation(self.order)))
        self.assertRegex(tasks, rf"credit note for {self.invoice.name} over .*2,800\.00")
        self.assertRegex(tasks, r"Refund .*500\.00: the customer paid .*500\.00")

    def _shared(self):
        """Return an order that is on one invoice with another one, 1,000 and 600, and the invoice."""
        order, other = self._confirmed(), self._confirmed((self.chair, 3, 200.0))
        invoice = (order | other).sudo()._create_invoices()
        self.assertEqual((len(invoice), invoice.amount_total), (1, 1600))
        invoice.action_post()
        return order, invoice

    def test_cancelled_on_an_invoice_for_two_orders(self):
        order, invoice = self._shared()
        tasks = self._finance_tasks(self._carried_out(self._cancellation(order)))
        self.assertRegex(tasks, rf"credit note for {invoice.name} over .*1,000\.00")
        self.assertNotIn("Refund", tasks)

    def test_cancelled_on_a_paid_invoice_for_two_orders(self):
        order, invoice = self._shared()
        self._pay(invoice)
        tasks = self._finance_tasks(self._carried_out(self._cancellation(order)))
        self.assertRegex(tasks, r"Refund .*1,000\.00: the customer paid .*1,000\.00")
        self._credit(invoice, {self.desk: 1})

    def test_cancelled_on_an_invoice_for_two_orders_once_the_other_was_credited(self):
        order, invoice = self._shared()
        self._credit(invoice, {self.chair: 3})
        tasks = self._finance_tasks(self._carried_out(self._cancellation(order)))
        self.assertRegex(tasks, rf"credit note for {invoice.name} over .*1,000\.00")

    def test_cancelled_with_an_invoice_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        order = self._confirmed()
        invoice = order.sudo()._create_invoices()
        invoice.currency_id = euro
        invoice.action_post()
        tasks = self._finance_tasks(self._carried_out(self._cancellation(order)))
        self.assertIn(f"credit note for {invoice.name} over", tasks)
        self.assertIn("€", tasks)

    def test_a_lower_price_of_what_was_credited(self):
        self._credit(self.invoice, {self.desk: 2})
        change = self._requested(self.order)
        self._line(change, self.desk).price_unit = 900.0
        self._carried_out(change)
        self.assertEqual(self._finance_tasks(change), "")

    def test_a_lower_price_of_what_was_partly_credited(self):
        self._credit(self.invoice, {self.desk: 1})
        change = self._requested(self.order)
        self._line(change, self.desk).price_unit = 900.0
        self._carried_out(change)
        self.assertRegex(self._finance_tasks(change), r"Desk: 1 invoiced at .*1,000\.00.*difference of .*100\.00")

    def test_a_lower_price_that_was_granted_already(self):
        self._credit(self.invoice, {self.desk: 2}, price=100.0)
        change = self._requested(self.order)
        self._line(change, self.desk).price_unit = 900.0
        self._carried_out(change)
        self.assertNotIn("credit note", self._finance_tasks(change))

    def test_a_lower_price_on_a_draft_invoice(self):
        order = self._confirmed()
        draft = order.sudo()._create_invoices()
        change = self._requested(order)
        change.line_ids.price_unit = 900.0
        self._carried_out(change)
        self.assertRegex(self._finance_tasks(change), r"not posted yet: correct the price of Desk to .*900\.00")
        self.assertEqual(draft.amount_total, 1000)

    def test_paid_online_before_any_invoice(self):
        order = self._confirmed()
        transaction = self._transaction(order, 400.0)
        change = self._cancellation(order)
        change.action_submit()
        self._approve_all(change)
        self.assertRegex(self._finance_tasks(change), r"Refund .*400\.00: the customer paid .*400\.00")
        self.assertEqual(transaction.state, "done")

    def test_paid_online_and_used_for_something_else(self):
        """What accounting booked of the payment, and settled another invoice with, is no money of this order."""
        order = self._confirmed()
        other = self._confirmed((self.chair, 1, 150.0)).sudo()._create_invoices()
        other.action_post()
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        method = journal.inbound_payment_method_line_ids[:1]
        method.payment_account_id = self.env["account.account"].create(
            {"name": "Underway", "code": "101499", "account_type": "asset_current", "reconcile": True,
             "company_ids": [Command.set(self.company.ids)]}
        )  # fmt: skip
        payment = self.env["account.payment"].create(
            {"amount": 400.0, "partner_id": self.customer.id, "journal_id": journal.id, "company_id": self.company.id,
             "payment_type": "inbound", "payment_method_line_id": method.id, "currency_id": order.currency_id.id}
        )  # fmt: skip
        payment.action_post()
        receivable = (payment.move_id | other).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        receivable.reconcile()
        self._transaction(order, 400.0).payment_id = payment
        tasks = self._finance_tasks(self._carried_out(self._cancellation(order)))
        self.assertRegex(tasks, r"Refund .*250\.00")

    def test_money_that_is_only_held(self):
        order = self._confirmed()
        self._transaction(order, 400.0, state="authorized")
        tasks = self._finance_tasks(self._carried_out(self._cancellation(order)))
        self.assertRegex(tasks, r"Release .*400\.00")
        self.assertNotIn("Refund", tasks)

    def _transaction(self, order, amount, state="done"):
        method = self.env.ref("payment.payment_method_unknown")
        provider = self.env["payment.provider"].sudo().create({"name": "Bank", "company_id": self.company.id})
        provider.payment_method_ids = method
        provider.support_manual_capture = "full_only"
        return self.env["payment.transaction"].sudo().create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"{order.name}-1",
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": state,
            }
        )  # fmt: skip

    def test_draft_invoices_are_cancelled_as_odoo_does(self):
        order = self._confirmed()
        draft = order.sudo()._create_invoices()
        change = self._carried_out(self._cancellation(order))
        self.assertEqual(draft.state, "cancel")
        self.assertEqual(self._finance_tasks(change), "", "Nothing was posted, so there is nothing to credit")


@tagged("post_install", "-at_install")
class TestCustomerAgrees(ChangeCase):
    """Where the policy asks for the customer's yes, it asks for it again after a change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        policy = cls.policy._copy_as_next_version()
        policy.confirmation_required = True
        policy.action_activate()
        cls.order = cls._approved((cls.desk, 2, 1000.0))
        cls._say_yes(cls.order)
        cls.order.action_confirm()

    @classmethod
    def _say_yes(cls, order, digest=False):
        order.action_policy_record_confirmation("phone", "Ms. Wang", note="Yes.", digest=digest)

    def test_waits_for_the_customer(self):
        change = self._desks(3)
        change.action_submit()
        self._approve_all(change)
        self.assertEqual(change.state, "approved")
        self.assertIn("has to confirm the changed order", change.explanation)
        self.assertTrue(change.can_record)
        with self.assertRefused("has to confirm the changed order"):
            change.action_apply()
        with self.assertRefused("changed since you opened it"):
            self._say_yes(self.order, digest=self.order.content_digest)
        self._say_yes(self.order, digest=change.proposed_digest)
        self.assertEqual((change.state, self.order.order_line.product_uom_qty), ("applied", 3), change.trouble)
        self.assertTrue(any(self.order.sudo().confirmation_ids.mapped("is_valid")))
        with self.assertRefused("not waiting for its customer"):
            self._say_yes(self.order)

    def test_only_ways_that_fit_a_change_are_offered(self):
        change = self._desks(3)
        change.action_submit()
        self._approve_all(change)
        self.assertIn("Accepted: Phone, E-mail, SMS, or Signature. ", change.explanation)
        dialog = self.env["sale.order.confirmation.record"].with_user(self.salesman)
        shown = {name: {} for name in ("order_id", "amount_total", "accepted_methods")}
        values = dialog.with_context(default_order_id=self.order.id).onchange({}, [], shown)["value"]
        self.assertEqual(values["amount_total"], 3000.0, "The amount proposed")
        self.assertNotIn("Online", values["accepted_methods"])

    def test_where_orders_are_paid_online_sales_records_what_is_said_of_a_change(self):
        policy = self.order.sudo().policy_id._copy_as_next_version()
        policy.write({f"confirm_by_{way}": way == "payment" for way in ("phone", "email", "sms", "signature")})
        policy.confirm_by_payment = True
        policy.action_activate()
        order = self._approved((self.desk, 2, 1000.0))
        with self.assertRefused("does not accept a confirmation by Phone"):
            self._say_yes(order)
        # Superuser: what is paid online is recorded by the payment itself.
        Confirmation = self.env["sale.order.confirmation"].sudo()
        paid = Confirmation.create(Confirmation._prepare_values(order.sudo(), method="payment"))
        order.action_confirm()
        change = self._requested(order)
        self._line(change, self.desk).product_uom_qty = 3
        change.action_submit()
        self._approve_all(change)
        self.assertTrue(paid.is_valid)
        self._say_yes(order, digest=change.proposed_digest)
        self.assertEqual((change.state, order.order_line.product_uom_qty), ("applied", 3), change.trouble)

    def test_yes_from_before_the_request(self):
        change = self._desks(3)
        change.sudo().asked_on = "2026-03-02 08:00:00"
        self.order.sudo().received_on = "2026-02-02 08:00:00"
        change.action_submit()
        early = mail_in(self.order, "Yes", author_id=self.customer.id, date="2026-03-01 08:00:00")
        for values in ({"confirmed_on": "2026-03-02 07:59:59"}, {"message_id": early.id}):
            with self.subTest(**values), self.assertRefused("what there is to confirm came in on"):
                self.order.action_policy_record_confirmation("email", "Ms. Wang", note="Yes.", **values)
        self.order.action_policy_record_confirmation(
            "email", "Ms. Wang", note="Yes.", confirmed_on="2026-03-02 08:00:00"
        )
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)

    def test_application_that_cannot_be_opened(self):
        locked = self.env["ir.attachment"].create(
            {"name": "Change.pdf", "raw": pdf(password="x"), "res_model": "sale.order", "res_id": self.order.id}
        )
        loose = locked.with_user(self.salesman).copy({"res_model": "sale.order.change", "res_id": 0})
        for file in (locked, loose):
            change = self._desks(3)
            change.sudo().application_ids = file
            with self.assertRefused("“Change.*pdf.*” cannot be filed: the PDF is protected by a password"):
                change.action_submit()
            self.assertEqual(change.state, "draft")
            own = {"name": "Change.pdf", "raw": pdf(), "res_model": change._name, "res_id": change.id}
            change.application_ids = file.with_user(self.salesman).create(own)
            change.action_submit()
            self.assertEqual(change.state, "submitted")
            change.action_withdraw()

    def test_the_customer_may_be_ahead(self):
        change = self._desks(3)
        change.action_submit()
        self._say_yes(self.order)
        with self.assertRefused():
            self._say_yes(self.order)
        self.assertEqual(change.state, "submitted")
        self._approve_all(change)
        self.assertEqual(change.state, "applied", change.trouble)

    def test_through_the_dialog(self):
        change = self._desks(3)
        change.action_submit()
        self._approve_all(change)
        wizard = self.env["sale.order.confirmation.record"].with_user(self.salesman).create(
            {"order_id": self.order.id, "seen_digest": change.proposed_digest, "contact": "Ms. Wang", "note": "Yes."}
        )  # fmt: skip
        wizard.action_record()
        self.assertEqual(change.state, "applied", change.trouble)

    def test_everybody_sees_what_is_proposed(self):
        """Sales on the order and on the request, and the customer, read the same and can do what they read."""
        order = self.order.with_user(self.salesman)
        self.assertFalse(order.policy_change_digest)
        change = self._desks(3)
        change.action_submit()
        self._approve_all(change)
        self.assertIn("Record Confirmation", order.policy_explanation)
        self.assertEqual(order.policy_change_digest, change.proposed_digest)
        self.assertTrue(change.can_record)
        for record, digest in ((order, order.policy_change_digest), (change.order_id, change.proposed_digest)):
            with Form(
                self.env["sale.order.confirmation.record"]
                .with_user(self.salesman)
                .with_context(default_order_id=record.id, default_seen_digest=digest)
            ) as dialog:
                self.assertEqual((dialog.amount_total, dialog.change_id), (3000, change))
                self.assertRegex(dialog.differences_html, r"2\.00.*3\.00")
                dialog.contact = "Ms. Wang"
                dialog.note = "Yes."
        self.assertEqual(order.sudo()._customer_requests(), change.sudo())
        self.assertEqual(change.sudo()._get_portal_status(), ("warning", "Waiting for your confirmation"))
        dialog.record.action_record()
        self.assertEqual((change.state, order.amount_total), ("applied", 3000), change.trouble)
        self.assertFalse(order.policy_change_digest)
        confirmation = order.sudo().confirmation_ids[0]
        self.assertEqual((confirmation.digest, confirmation.is_valid), (order.content_digest, True))

    def test_only_the_first_is_confirmed(self):
        first, second = self._desks(3), self._desks(5)
        self.assertEqual(first, second, "One person writes one request")
        first.action_submit()
        second = self._desks(7)
        second.action_submit()
        self.assertEqual((first.can_record, second.can_record), (True, False))
        self._say_yes(self.order, digest=first.proposed_digest)
        self.assertFalse(second.can_record)
        self._approve_all(first)
        self.assertEqual((first.state, second.state), ("applied", "submitted"))
        self.assertFalse(second.can_record, "It has to start from the present order first")
        second.action_refresh()
        second.action_submit()
        self.assertTrue(second.can_record)

    def test_cancellation_does_not_ask(self):
        self._carried_out(self._cancellation(self.order))
