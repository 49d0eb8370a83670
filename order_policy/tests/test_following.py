from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PIXEL, JobsCase, OrderPolicyCommon

BACKLOG = "odoo.addons.order_policy.models.policy.order_policy_backlog_mixin"


@tagged("post_install", "-at_install")
class TestFollowing(OrderPolicyCommon, JobsCase):
    """However many quotations there are, each goes by the policy in force from the moment on that somebody puts it
    there, and nobody waits for what follows from that.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(cls.env.registry["order.policy"], "_at_once", 2))
        cls.policy.action_retire()
        cls.orders = cls._orders(5)

    @classmethod
    def _orders(cls, count):
        return cls.env["sale.order"].union(*(cls._order() for _ in range(count)))

    def _new_version(self):
        version = self.policy._copy_as_next_version()
        version.action_activate()
        return version

    def _due(self):
        self.env.invalidate_all()
        return self.orders.sudo().filtered("policy_follow_due").sudo(False)

    def _run(self):
        self._run_job("ir_cron_follow_policy")

    def _activation_queries(self):
        """Return how many statements it takes to put a new version in force."""
        version = self.policy._copy_as_next_version()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        version.action_activate()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_all_go_by_it_at_once_and_their_stage_follows(self):
        self.assertFalse(self.orders.policy_id)
        version = self._new_version()
        self.assertEqual(self.orders.policy_id, version)
        self.assertEqual(self._due(), self.orders)
        self.assertIn("the stage of 5 of them follows", version.following)
        self.assertFalse(self.policy.following)
        self._run()
        self.assertFalse(self._due())
        self.assertEqual(set(self.orders.mapped("policy_stage")), {"intake"})
        self.assertFalse(version.following)

    def test_few_follow_at_once(self):
        self.orders[2:].sudo()._action_cancel()
        version = self._new_version()
        self.assertFalse(self._due())
        self.assertEqual(self.orders[:2].policy_id, version)
        self.assertEqual(self.orders[:2].mapped("policy_stage"), ["intake", "intake"])
        self.assertFalse(version.following)

    def test_nobody_confirms_by_what_was_in_force_before(self):
        self._new_version()
        order = self._due()[0]
        for confirm in (order.action_confirm, lambda: order.sudo().write({"state": "sale"})):
            with self.assertRaisesRegex(UserError, "cannot be confirmed yet"), self.env.cr.savepoint():
                confirm()
        order.action_policy_submit()
        self.assertEqual(order.policy_stage, "review")
        self._run()
        self.assertEqual(order.policy_stage, "review")
        self._approve_all(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_who_submitted_keeps_the_version(self):
        first = self._new_version()
        submitted = self.orders[0]
        submitted.action_policy_submit()
        second = first._copy_as_next_version()
        second.action_activate()
        self._run()
        self.assertEqual(submitted.policy_id, first)
        self.assertEqual((self.orders - submitted).policy_id, second)

    def test_out_of_force_lets_all_go_on(self):
        version = self._new_version()
        self._run()
        version.action_retire()
        self.assertFalse(self.orders.policy_id)
        self.assertIn("5 of them", version.following)
        self.orders[0].action_confirm()
        self._run()
        self.assertEqual(set(self.orders.mapped("policy_stage")), {False})
        self.assertEqual(self.orders[0].state, "sale")

    def test_large_order_is_judged_by_what_it_amounts_to(self):
        self.policy = self.policy._copy_as_next_version()
        self.policy.step_ids.write({"applies": "amount", "amount_min": 900.0})
        self._new_version()
        self.assertRegex(self.orders[0].policy_explanation, "To be submitted for review: Finance review")
        with self.assertRaisesRegex(UserError, "cannot be confirmed yet"), self.env.cr.savepoint():
            self.orders[1].action_confirm()
        self.orders[2].action_policy_submit()
        self.assertEqual(self.orders[2].amount_company, 1000.0)
        self.assertEqual(self.orders[2].policy_stage, "review")

    def test_who_changes_an_order_meanwhile_is_noted(self):
        self._new_version()
        self.env.invalidate_all()
        order, other, untouched = self.orders[:3].with_user(self.sales_head)
        order.order_line.product_uom_qty = 7
        self.assertTrue(order.content_digest)
        other.write({"order_line": [Command.update(other.order_line.id, {"product_uom_qty": 7})]})
        self._run()
        for changed in (order, other):
            self.assertEqual([*changed.sudo().policy_changed_by], [str(self.sales_head.id)])
        self.assertFalse(untouched.sudo().policy_changed_by)

    def test_out_of_force_ends_at_once_who_reads_what_was_withdrawn(self):
        version = self._new_version()
        self._run()
        order = self.orders[0]
        order.action_policy_submit()
        self._approve_all(order)
        order.action_policy_withdraw()
        self.assertTrue(order.sudo().policy_readers)
        version.action_retire()
        self.assertEqual(self._due(), self.orders - order)
        self.assertFalse(order.sudo().policy_readers)

    # ------------------------------------------------------------------
    # Cancelled orders
    # ------------------------------------------------------------------

    def test_cancelled_orders_are_left_alone(self):
        cancelled = self.orders[0]
        cancelled._action_cancel()
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET write_date = '2020-01-01' WHERE id = %s", cancelled.ids)
        self._new_version()
        self._run()
        self.assertFalse(cancelled.policy_id)
        self.assertEqual(cancelled.write_date.year, 2020)

    def test_cancelled_order_goes_by_the_policy_once_it_is_a_quotation_again(self):
        cancelled = self.orders[0]
        cancelled._action_cancel()
        version = self._new_version()
        cancelled.action_draft()
        self.assertEqual((cancelled.policy_id, cancelled.policy_stage), (version, "intake"))
        self._cancel(cancelled)
        latest = version._copy_as_next_version()
        latest.action_activate()
        self.assertEqual(cancelled.policy_id, version)
        cancelled.action_draft()
        self.assertEqual(cancelled.policy_id, latest)

    def test_cancelled_order_is_not_confirmed_past_the_policy(self):
        cancelled = self.orders[0]
        cancelled._action_cancel()
        self._new_version()
        for order in (cancelled, cancelled.sudo()):
            with self.assertRaisesRegex(UserError, "cannot be confirmed yet"), self.env.cr.savepoint():
                order.write({"state": "sale"})

    # ------------------------------------------------------------------
    # What happens at the very moment
    # ------------------------------------------------------------------

    def _stored_by_former_version(self):
        """Return an order that somebody stored while another version came into force, which he could not know."""
        former = self._new_version()
        self._run()
        latest = former._copy_as_next_version()
        latest.step_ids.applies = "always"
        latest.action_activate()
        self._run()
        order = self.orders[0]
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET policy_id = %s WHERE id = %s", (former.id, order.id))
        self.env.invalidate_all()
        return order, latest

    def test_order_stored_by_the_former_version(self):
        order, latest = self._stored_by_former_version()
        with self.assertRaisesRegex(UserError, "cannot be confirmed yet"), self.env.cr.savepoint():
            order.action_confirm()
        self._run()
        self.assertEqual(order.policy_id, latest)
        self.assertFalse(self._due())

    def test_order_of_the_former_version_is_submitted(self):
        order, latest = self._stored_by_former_version()
        order.action_policy_submit()
        self.assertEqual(order.policy_id, latest)

    def test_other_process_does_not_know_of_the_version_yet(self):
        former = self._new_version()
        self._run()
        latest = former._copy_as_next_version()
        latest.action_activate()
        self._run()
        policies = self.env.registry["order.policy"]
        with patch.object(policies, "_in_force_id", lambda *args: former.id):
            self.orders[0].action_policy_submit()
        self.assertEqual(self.orders[0].policy_id, latest)

    def test_signature_binds_what_was_signed(self):
        order = self.orders[0]
        order.sudo().write({"signature": PIXEL, "signed_by": "Ms. Lin"})
        self._new_version()
        self.assertEqual(self._due(), self.orders - order)
        self.assertTrue(order.content_digest)
        self.assertEqual(order.sudo().confirmation_ids.digest, order.content_digest)

    # ------------------------------------------------------------------
    # However many there are
    # ------------------------------------------------------------------

    def test_it_takes_no_longer_with_more_quotations(self):
        self._new_version()
        self._run()
        self._activation_queries()  # what is read once
        few = self._activation_queries()
        self._orders(10)
        self.assertEqual(self._activation_queries(), few)

    def test_batch_takes_as_many_statements_with_more_orders(self):
        counts = []
        policies = self.env["order.policy"].sudo()
        for orders in (self.orders[:1], self.orders[:2], self.orders):
            self._new_version()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            policies._do_job(orders.sudo(), None)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])

    def test_what_there_is_no_time_for_follows_next_time(self):
        self._new_version()
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=0.0):
            self.env["order.policy"].sudo()._work_off()
        self.assertEqual(len(self._due()), 3)
        self._run()
        self.assertFalse(self._due())

    def test_order_that_fails_keeps_no_other(self):
        self._new_version()
        orders, stuck = self.env.registry["sale.order"], self.orders[1]
        follow = orders._follow_version

        def failing(records):
            if stuck in records:
                raise ValueError("Broken")
            return follow(records)

        with patch.object(orders, "_follow_version", failing), mute_logger(BACKLOG):
            self._run()
        self.assertEqual(self._due(), stuck)
        self.assertEqual(stuck.sudo().policy_failed_tries, {"order.policy": 1})
        self._run()
        self.assertFalse(self._due())
        self.assertFalse(stuck.sudo().policy_failed_tries)
