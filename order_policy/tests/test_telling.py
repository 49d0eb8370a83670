from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from odoo.addons.mail.models.mail_mail import MailMail

from .common import OrderPolicyCommon

SIGNATURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class TellingCase(OrderPolicyCommon):
    """Counts the letters that people get."""

    def _letters_to(self, person):
        """Return the e-mails to a person or a customer that wait in the queue."""
        partner = person.partner_id if person._name == "res.users" else person
        mails = self.env["mail.mail"].sudo().search([], order="id")
        return mails.filtered(
            lambda mail: partner in mail.recipient_ids or (partner.email and partner.email in (mail.email_to or ""))
        )


@tagged("post_install", "-at_install")
class TestTellingOfAcceptance(TellingCase):
    """The customer is told that the order is accepted (article 1.6): once, and by nobody's waiting."""

    def _letters(self):
        self._run_job("ir_cron_ask_customers")
        return self._letters_to(self.customer).filtered(lambda mail: "has been confirmed" in mail.body_html)

    def test_confirming_tells_the_customer(self):
        order = self._approved()
        order.action_confirm()
        letter = self._letters()
        self.assertEqual(len(letter), 1)
        self.assertIn(order.name, letter.subject)
        self.assertEqual(letter.state, "outgoing", "It waits in the queue: nobody waits for a mail server")
        self.assertEqual(self._letters(), letter, "Once and not again")

    def test_confirming_several_orders_tells_each_customer(self):
        orders = self._approved() | self._approved()
        orders.action_confirm()
        self.assertEqual(len(self._letters()), 2)

    def test_colleagues_do_not_get_the_letter(self):
        order = self._approved()
        order.message_subscribe((self.sales_head | self.finance).partner_id.ids)
        order.action_confirm()
        self.assertEqual(self._letters().recipient_ids, self.customer)
        self.assertFalse(self._letters_to(self.sales_head) | self._letters_to(self.finance))

    def test_policy_can_switch_it_off(self):
        self.policy.with_user(self.policy_admin).acceptance_letter = False
        order = self._approved()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._letters())

    def test_orders_without_policy_go_as_in_plain_odoo(self):
        exempt = self._order()
        exempt.with_user(self.policy_admin).action_policy_exempt("Imported from the old system")
        exempt.action_confirm()
        self.policy.with_user(self.policy_admin).action_retire()
        plain = self._order()
        plain.action_confirm()
        self.assertEqual((exempt.state, plain.state), ("sale", "sale"))
        self.assertFalse(self._letters())

    def test_who_signs_is_told_once(self):
        order = self._approved()
        order.require_signature = True
        order.with_user(SUPERUSER_ID).write(
            {"signed_by": "Ms. Wang", "signed_on": "2026-01-05 08:00:00", "signature": SIGNATURE}
        )
        order.with_user(SUPERUSER_ID)._validate_order()
        self.assertEqual(order.state, "sale")
        self.assertEqual(len(self._letters()), 1)

    def test_quotation_that_is_out_of_date_is_not_sent_any_more(self):
        self.policy.with_user(self.policy_admin).action_retire()
        self._policy(confirmation_required=True, acceptance_letter=False).action_activate()
        order = self._approved()
        self.assertTrue(order.policy_ask_customer)
        order.action_policy_record_confirmation("phone", "Ms. Wang", "Agreed on the phone.")
        order.action_confirm()
        self._run_job("ir_cron_ask_customers")
        self.assertFalse(self._letters_to(self.customer))

    def test_customer_without_address(self):
        self.customer.email = False
        order = self._approved()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertIn("Ningbo Trading has no e-mail address, and was not told.", order.message_ids[0].body)
        self.assertFalse(self._letters())

    def test_letter_that_fails_undoes_nothing_and_is_tried_again(self):
        order = self._approved()
        order.action_confirm()
        SaleOrder = self.env.registry["sale.order"]
        with (
            patch.object(SaleOrder, "_get_confirmation_template", side_effect=ValueError("The template is broken")),
            self.assertLogs("odoo.addons.order_policy.models.order_policy_backlog_mixin", "ERROR"),
        ):
            self.assertFalse(self._letters())
        self.assertEqual(order.state, "sale")
        self.assertEqual(len(self._letters()), 1)

    def test_nobody_waits_for_the_mail_server(self):
        order = self._approved()
        with patch.object(MailMail, "send", side_effect=AssertionError("Sent while somebody waits")):
            order.action_confirm()
            self.assertTrue(self._letters())
