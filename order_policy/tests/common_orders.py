"""Orders that are confirmed, judged, agreed to by customers, and counted by their queries."""

import base64
from contextlib import contextmanager

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command

from ..exceptions import OrderIncomplete
from .common import OrderPolicyCommon, pdf

FEW, MANY = 10, 80


class QueriesCase(OrderPolicyCommon):
    """Counts queries."""

    def _queries(self, operation, cold=True):
        """Count the queries of an operation in a fresh transaction: nothing in the cache, everything flushed.

        What was changed to set it up has been told to all workers.
        """
        self.env.flush_all()
        self.env.registry.cache_invalidated.clear()
        if cold:
            self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        operation()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


class GateCase(OrderPolicyCommon):
    """Helpers of those who try to get around the gate."""

    @contextmanager
    def assertRefused(self, sentence=""):
        """Expect a refusal in words, at the latest when the changes reach the database."""
        with self.assertRaises(UserError) as refusal:
            yield
            self.env.flush_all()
        self.assertRegex(str(refusal.exception), sentence or r"\w+ \w+")

    def assertHeld(self, orders):
        """Expect that the database holds unconfirmed orders."""
        self.env.flush_all()
        self.env.invalidate_all()
        for order in orders.sudo():
            self.assertIn(order.state, ("draft", "sent"))

    def assertConfirmed(self, orders):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(set(orders.sudo().mapped("state")), {"sale"})

    @classmethod
    def _pricelist(cls, currency):
        return cls.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id, "company_id": cls.company.id}
        )

    @classmethod
    def _provider(cls):
        """Return a payment provider of the company, which needs its chart of accounts for this."""
        provider = cls.env["payment.provider"].create(
            {"name": "Bank", "code": "none", "state": "test", "company_id": cls.company.id}
        )
        method = (
            cls.env["account.payment.method"].sudo().create({"name": "Bank", "code": "none", "payment_type": "inbound"})
        )
        cls.env["account.payment.method.line"].create(
            {
                "payment_method_id": method.id,
                "payment_provider_id": provider.id,
                "journal_id": cls.env["account.journal"]
                .search([("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1)
                .id,
            }
        )
        return provider

    @staticmethod
    def _signature():
        return b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

    def _reject(self, order):
        self._review(order, self.finance_department).with_user(self.finance).action_reject("The price is below cost.")


class CheckCase(OrderPolicyCommon):
    """Puts policies with checks in force, and reads what the checks found."""

    @classmethod
    def _put_in_force(cls, *checks, step_checks=(), step=None, **values):
        """Put a policy in force, as its administrator does.

        :param checks: values of the checks at intake
        :param step_checks: values of the checks of the first step, the review of finance
        :param dict step: more values of that step
        """
        policy = cls._policy(**values).with_user(cls.policy_admin)
        policy.step_ids[0].write(
            {**(step or {}), "check_ids": [Command.create(cls._check(**check)) for check in step_checks]}
        )
        policy.intake_check_ids = [Command.create(cls._check(**check)) for check in checks]
        policy.action_activate()
        return policy

    @staticmethod
    def _check(kind, **values):
        return {"name": f"Check of {kind}", "kind": kind, **values}

    @classmethod
    def _results(cls, order, **values):
        """Return the results of the last run: of the intake, unless a review is given."""
        review = values.get("review", cls.env["sale.order.review"])
        return order.sudo().check_ids.filtered(lambda result: result.is_current and result.review_id == review)

    @classmethod
    def _found(cls, order):
        """Run the only check of the intake on an order, whatever it looks like, and return what it found."""
        order.sudo().policy_id = cls.env["order.policy"]._in_force(cls.company)
        check = order.sudo().policy_id._checks_of_step(cls.env["order.policy.step"])
        [outcome] = check._run(order.sudo())
        return {**outcome, **{name: check._say(text) for name, text in outcome["texts"].items()}}

    @contextmanager
    def assertIncomplete(self, *sentences):
        """Expect that a submission is refused in these words, and changes nothing."""
        with self.assertRaises(OrderIncomplete) as refusal:
            yield refusal
        for sentence in sentences:
            self.assertRegex(str(refusal.exception), sentence)

    def _today(self, days=0):
        return fields.Datetime.add(fields.Datetime.now(), days=days)


SCAN = base64.b64encode(pdf("Signed order")).decode()


class ConfirmationCase(GateCase):
    """A policy under which the customer has to confirm what was approved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._put_in_force(confirmation_required=True)

    @classmethod
    def _put_in_force(cls, **values):
        version = cls.env["order.policy"]._in_force(cls.company).sudo()._copy_as_next_version()
        version.write(values)
        version.with_user(cls.policy_admin).action_activate()
        return version

    def _record(self, order, method="phone", contact="Ms. Wang", note="Everything is right, please produce.", **values):
        return order.action_policy_record_confirmation(method, contact, note=note, **values)
