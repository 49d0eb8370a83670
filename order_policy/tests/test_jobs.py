from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PIXEL, OrderPolicyCommon

LOGGER = "odoo.addons.order_policy.models.policy.order_policy_backlog_mixin"


@tagged("post_install", "-at_install")
class TestJobs(OrderPolicyCommon):
    """What is done by jobs is done of every order, whatever keeps one of them from it, and is never lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._submitted() | cls._submitted() | cls._submitted()
        cls.first, cls.stuck, cls.last = cls.orders
        cls.job = cls.env["order.policy.document"]._job()
        cls.env["ir.cron.trigger"].search([("cron_id", "=", cls.job.id)]).unlink()

    def _run(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.job.method_direct_trigger()
        self.env.invalidate_all()

    def _due(self):
        return self.orders.sudo().filtered("policy_copies_due").sudo(False)

    def _comes_back(self):
        """Tell whether the job is to run again within a minute."""
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.job.id)])
        now = fields.Datetime.now()
        return any(0 < (trigger.call_at - now).total_seconds() <= 61 for trigger in triggers)

    def _failing(self, error):
        """Let the filing of the second order fail."""
        documents = type(self.env["order.policy.document"])
        do, stuck = documents._do_job, self.stuck

        def failing(model, order, prepared):
            if order == stuck:
                raise error
            return do(model, order, prepared)

        return patch.object(documents, "_do_job", failing)

    def test_all_is_done(self):
        self._run()
        self.assertFalse(self._due())
        for order in self.orders:
            self.assertEqual(len(order.sudo().policy_paper_ids), 1)

    def test_what_there_is_no_time_for_is_done_next_time(self):
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=0.0):
            self.env["order.policy.document"]._work_off()
        self.assertEqual(len(self._due()), 2)
        self.assertTrue(self._comes_back())
        self._run()
        self.assertFalse(self._due())

    def test_order_on_which_somebody_works(self):
        orders, lock, stuck = type(self.orders), type(self.orders).try_lock_for_update, self.stuck

        def skipping(records, **kwargs):
            return lock(records - stuck, **kwargs)

        with patch.object(orders, "try_lock_for_update", skipping):
            self._run()
        self.assertEqual(self._due(), self.stuck)
        self.assertTrue(self._comes_back())
        self.assertFalse(self.stuck.sudo().policy_failed_tries)
        self._run()
        self.assertFalse(self._due())

    def test_order_that_was_changed_at_the_same_moment(self):
        with self._failing(SerializationFailure("could not serialize access")):
            self._run()
        self.assertEqual(self._due(), self.stuck)
        self.assertTrue(self._comes_back())
        self.assertFalse(self.stuck.sudo().policy_failed_tries)

    def test_order_that_fails(self):
        messages = self.env["mail.message"].sudo()
        of_administrator = [("partner_ids", "in", self.policy_admin.partner_id.ids)]
        elsewhere, gone = self.policy_admin.copy({"login": "elsewhere"}), self.policy_admin.copy({"login": "gone"})
        other = self.env["res.company"].create({"name": "Elsewhere"})
        elsewhere.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        gone.active = False
        with self._failing(OSError(28, "No space left on device")), mute_logger(LOGGER):
            for count in range(1, 6):
                self.assertFalse(messages.search(of_administrator))
                self._run()
                self.assertEqual(self._due(), self.stuck)
                self.assertTrue(self._comes_back())
                self.assertEqual(self.stuck.sudo().policy_failed_tries, {"order.policy.document": count})
            told = messages.search(of_administrator)
            self.assertIn(self.stuck.name, told.subject)
            self.assertIn("No space left on device", told.body)
            self.assertEqual(told.partner_ids & (elsewhere | gone).partner_id, self.env["res.partner"])
            self.env["ir.cron.trigger"].search([("cron_id", "=", self.job.id)]).unlink()
            self._run()
            self.assertEqual(messages.search(of_administrator), told, "Once is enough")
            self.assertFalse(self._comes_back(), "From then on once a day")
        self._run()
        self.assertFalse(self._due())
        self.assertFalse(self.stuck.sudo().policy_failed_tries)

    def test_not_even_the_failure_can_be_noted(self):
        def full(model, order, count):
            if count:
                raise OSError(28, "No space left on device")

        def full_later(model, order, count):
            if count:
                order.policy_failed_tries = {"note": "\0"}  # which the database refuses when it is stored

        documents = type(self.env["order.policy.document"])
        for no_space in (full, full_later):
            with (
                self._failing(UserError("Out of paper")),
                patch.object(documents, "_set_tries", no_space),
                mute_logger(LOGGER, "odoo.sql_db"),
            ):
                self._run()
            self.assertEqual(self._due(), self.stuck)
            self.assertTrue(self._comes_back())

    def test_each_job_counts_its_own_tries(self):
        documents, order = self.env["order.policy.document"], self.stuck.sudo()
        order.policy_failed_tries = {"another.job": 2}
        documents._set_tries(order, 1)
        self.assertEqual(order.policy_failed_tries, {"another.job": 2, "order.policy.document": 1})
        documents._set_tries(order, 0)
        self.assertEqual(order.policy_failed_tries, {"another.job": 2})
        order.policy_failed_tries = {"order.policy.document": 3}
        documents._set_tries(order, 0)
        self.assertIs(order.policy_failed_tries, False)

    def test_order_is_not_held_while_its_copy_is_printed(self):
        documents, orders = type(self.env["order.policy.document"]), type(self.orders)
        happened, printing, lock = [], documents._print_order_copy, orders.try_lock_for_update

        def prints(model, order, copy):
            happened.append(("prints", order.id))
            return printing(model, order, copy)

        def locks(records, **kwargs):
            happened.append(("locks", records.id))
            return lock(records, **kwargs)

        with patch.object(documents, "_print_order_copy", prints), patch.object(orders, "try_lock_for_update", locks):
            self._run()
        for order_id in self.orders.ids:
            position = happened.index(("prints", order_id))
            self.assertEqual(happened[position + 1], ("locks", order_id))


@tagged("post_install", "-at_install")
class TestLetters(OrderPolicyCommon):
    """Nobody who decides waits for the mail server: letters go out by the mail queue."""

    def _letters(self, record):
        return self.env["mail.mail"].sudo().search([("model", "=", record._name), ("res_id", "=", record.id)])

    def _queue_is_called(self):
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        return bool(self.env["ir.cron.trigger"].search_count([("cron_id", "=", queue.id)]))

    def _server_hangs(self):
        return patch.object(type(self.env["mail.mail"]), "send", side_effect=AssertionError("The mail server hangs"))

    def test_last_approval_of_an_order_that_is_signed(self):
        order = self._submitted()
        order.sudo().write({"signature": PIXEL, "signed_by": "Ms. Wang", "signed_on": "2026-01-05 08:00:00"})
        with self._server_hangs():
            self._approve_all(order)
            self._run_job("ir_cron_ask_customers")
        self.assertEqual(order.state, "sale")
        self.assertEqual(set(self._letters(order).mapped("state")), {"outgoing"})
        self.assertTrue(self._queue_is_called())

    def test_refusal(self):
        order = self._order()
        with self._server_hangs():
            order.action_policy_refuse(self.env.ref("order_policy.reason_refusal_price").id)
        self.assertEqual(self._letters(order).mapped("state"), ["outgoing"])

    def test_cancellation(self):
        order = self._confirmed()
        with self._server_hangs():
            change = self._cancellation(order)
            change.action_submit()
            self._approve_all(change)
        self.assertEqual(change.state, "applied")
        self.assertEqual(set(self._letters(change).mapped("state")), {"outgoing"})
