from unittest.mock import patch

from odoo import fields
from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common_issue import IssueCommon


class NewsCommon(IssueCommon):
    """Customers are told of production and delivery, and not of a check in between."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.policy = cls._with_milestones()
        cls.order = cls._confirmed(commitment_date=fields.Datetime.add(fields.Datetime.now(), days=30))

    @classmethod
    def _with_milestones(cls, **values):
        policy = cls._policy(
            name="With milestones",
            milestone_ids=[
                Command.create(
                    {
                        "name": name,
                        "sequence": sequence,
                        "kind": kind,
                        "department_id": cls.warehouse.id,
                        "tell_customer": kind != "other",
                    }
                )
                for sequence, (name, kind) in enumerate(
                    (("Production", "production"), ("Secret check", "other"), ("Delivery", "delivery")), 1
                )
            ],
            **values,
        )
        policy.milestone_ids[0].with_context(lang="zh_CN").name = "生产"
        policy.with_user(cls.policy_admin).action_activate()
        return policy

    def _milestone(self, name="Production", order=None, user=None):
        found = (order or self.order).sudo().milestone_ids.filtered(lambda milestone: milestone.name == name)
        return found.with_user(user or self.keeper)

    def _let_an_hour_pass(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order_milestone SET customer_news_on = customer_news_on - interval '1 hour'")
        self.env.invalidate_all()

    def _tell(self):
        """Let the job tell customers, some time after what was reported."""
        self._let_an_hour_pass()
        self._run_execution_job("ir_cron_tell_news")

    def _letters(self, order=None):
        mails = self.env["mail.mail"].sudo().search([("recipient_ids", "in", self.customer.ids)], order="id")
        return mails.filtered(lambda mail: mail.res_id == (order or self.order).id and mail.model == "sale.order")

    def _next_working_day(self):
        return self.env["sale.order.followup"]._next_working_day(self.company)

    def _to_do(self, order=None):
        return (order or self.order).sudo().followup_ids.filtered(lambda followup: followup.state == "due")


@tagged("post_install", "-at_install")
class TestNews(NewsCommon):
    """Customers hear of milestones that are done, each once (articles 1.10, 1.11, 2.12)."""

    def test_the_customer_gets_one_letter(self):
        self._milestone().action_done("Internal: two coats")
        self.assertFalse(self._letters(), "Nobody who reports waits for a letter")
        self._run_execution_job("ir_cron_tell_news")
        self.assertFalse(self._letters(), "There is time to reopen what was a mistake")
        for _once_and_again in range(2):
            self._tell()
        letter = self._letters()
        self.assertEqual((len(letter), letter.state), (1, "outgoing"))
        for words in ("Production", "done on", self.order.name, "What comes next", "Delivery"):
            self.assertIn(words, f"{letter.subject} {letter.body_html}")
        for secret in ("Secret check", "two coats"):
            self.assertNotIn(secret, letter.body_html)
        self.assertRegex(letter.body_html, '/mail/view\\?[^"]*access_token=|/my/orders/[^"]*access_token=')
        self.assertIn(self.salesman.email, letter.email_from)
        milestone = self._milestone()
        self.assertTrue(milestone.customer_told_on)
        self.assertEqual(milestone.sudo().customer_message_id, self.order.sudo().message_ids[:1])
        self.assertEqual(milestone.sudo().customer_message_id.author_id, self.salesman.partner_id)
        self.assertFalse(self._letters_to(self.salesman) | self._letters_to(self.keeper))

    def test_what_is_done_together_is_one_letter(self):
        (self._milestone() | self._milestone("Delivery") | self._milestone("Secret check")).action_done()
        self._tell()
        letter = self._letters()
        self.assertEqual(len(letter), 1)
        self.assertIn("Delivery", letter.body_html)
        self.assertNotIn("What comes next", letter.body_html)

    def test_nobody_is_told_of_what_customers_are_not_told_of(self):
        self._milestone("Secret check").action_done()
        self._milestone(user=self.keeper_head).action_skip("Bought in")
        self._milestone("Delivery").action_start()
        self._tell()
        self.assertFalse(self._letters() or self._to_do())

    def test_mistakes_that_are_reopened_are_never_told(self):
        self._milestone().action_done()
        self._milestone(user=self.keeper_head).action_reopen("Another order")
        self._tell()
        self.assertFalse(self._letters() or self._to_do())
        self._milestone().action_done()
        self._tell()
        self.assertEqual(len(self._letters()), 1)

    def test_what_was_told_and_reopened_is_for_sales(self):
        self._milestone().action_done()
        self._tell()
        self._milestone(user=self.keeper_head).action_reopen("A leg is broken")
        followup = self._to_do()
        self.assertEqual((followup.date_due, followup.is_for_news), (self._next_working_day(), True))
        self.assertEqual(followup.to_tell, "Told as done, but not done: Production.")
        self.assertIn("told already that it is done: Production", "".join(self.order.sudo().message_ids.mapped("body")))
        self._milestone().action_done()
        self._tell()
        self.assertEqual(len(self._letters()), 1, "Never twice")
        self.assertFalse(self._to_do(), "Nothing is left to be told")

    def test_the_letter_is_in_the_language_of_the_customer(self):
        self.customer.lang = "zh_CN"
        template = self.env.ref("order_policy_execution.mail_template_milestone").with_context(lang="zh_CN")
        template.subject = "订单 {{ object.order_id.name }}：{{ object.name }}"
        self._milestone().action_done()
        self._tell()
        letter = self._letters()
        self.assertEqual(letter.subject, f"订单 {self.order.name}：生产")
        self.assertRegex(letter.body_html, r"\d年\d+月\d+日")

    def test_what_is_late_says_until_when(self):
        with freeze_time(fields.Datetime.subtract(fields.Datetime.now(), days=20)):
            late = self._confirmed(commitment_date=fields.Datetime.add(fields.Datetime.now(), days=10))
            self.env.flush_all()
        self._milestone(order=late).action_done()
        self.env.add_to_compute(late.sudo().milestone_ids._fields["forecast_on"], late.sudo().milestone_ids)
        self._tell()
        body = self._letters(late).body_html
        self.assertRegex(body, r"done on .*, later than planned \(")
        self.assertRegex(" ".join(body.split()), r"Delivery.*planned for .*, now expected on")

    def test_without_an_address_sales_tells(self):
        self.customer.email = False
        self._milestone().action_done()
        for _once_and_again in range(2):
            self._tell()
        self.assertFalse(self._letters())
        followup = self._to_do().with_user(self.salesman)
        self.assertEqual((len(followup), followup.date_due), (1, self._next_working_day()))
        self.assertEqual(followup.to_tell, "Done: Production.")
        self.assertIn(followup, followup.search([("is_mine", "=", True)]))
        followup.action_done("phone", "Your desks are made.")
        self.assertTrue(self._milestone().customer_told_on)
        self.customer.email = "stores@xiamen.example"
        self._tell()
        self.assertFalse(self._letters() or self._to_do(), "Never twice")

    def test_sales_tells_where_the_policy_wants_it(self):
        self.policy.with_user(self.policy_admin).milestone_news = "sales"
        with self.assertRaises(AccessError):
            self.policy.with_user(self.sales_head).milestone_news = "letter"
        self._milestone().action_done()
        self._tell()
        self.assertFalse(self._letters())
        self.assertEqual(self._to_do().to_tell, "Done: Production.")
        wizard = self.env["sale.order.followup.letter"].with_user(self.salesman).create({"order_id": self.order.id})
        self.assertIn("Production", wizard.body)
        wizard.action_send()
        self.assertEqual(len(self._letters()), 1)
        self.assertTrue(self._milestone().sudo().customer_message_id)
        self._tell()
        self.assertFalse(self._to_do())

    def test_a_progress_message_says_it_and_a_call_does_not(self):
        self._milestone().action_done()
        self.order.action_policy_record_followup("phone", "All goes well.")
        self.assertFalse(self._milestone().customer_told_on)
        self.order.action_policy_send_progress()
        self.assertTrue(self._milestone().customer_told_on)
        self._tell()
        self.assertEqual(len(self._letters()), 1)

    def test_the_last_milestone_is_told_by_sales_too(self):
        self.customer.email = False
        self.order.sudo().milestone_ids.with_user(self.keeper).action_done()
        self.assertEqual(self.order.policy_stage, "completed")
        self._tell()
        self.assertEqual(self._to_do().to_tell, "Done: Production and Delivery.")
        self.order.action_policy_record_followup("visit", "They have all of it.")
        self.assertFalse(self._to_do())
        self.assertFalse(self.order.sudo().milestone_ids.filtered("customer_news_on"))

    def test_what_fails_is_for_sales_and_stops_nothing(self):
        other = self._confirmed()
        self._milestone().action_done()
        self._milestone(order=other).action_done()
        write = self.env.registry["sale.order"]._write_to_customer

        def fails(order, *args):
            if order == self.order:
                raise OSError("The mail server is gone")
            return write(order, *args)

        with (
            patch.object(self.env.registry["sale.order"], "_write_to_customer", fails),
            self.assertLogs("odoo.addons.order_policy_execution", "WARNING"),
            self.assertLogs("odoo.addons.order_policy", "ERROR"),
        ):
            self._tell()
        self.assertEqual(self._to_do().to_tell, "Done: Production.")
        self.assertFalse(self._letters())
        self.assertEqual(len(self._letters(other)), 1)

    def test_what_was_done_before_is_no_news(self):
        with freeze_time(fields.Datetime.subtract(fields.Datetime.now(), days=10)):
            self._milestone().action_done()
            self.env.flush_all()
        self.order.sudo()._follow_milestones()
        milestone = self._milestone()
        self.env.add_to_compute(milestone._fields["customer_news_on"], milestone.sudo())
        self._tell()
        self.assertFalse(self._letters() or self._to_do())

    def test_customers_of_exempt_and_cancelled_orders_hear_nothing(self):
        other = self._confirmed()
        (self._milestone() | self._milestone(order=other)).action_done()
        other.sudo().policy_exempt_reason = "Import"
        change = self._cancellation(self.order)
        change.action_submit()
        self._approve_all(change)
        self._tell()
        self.assertFalse(self._letters() | self._letters(other))

    def test_the_letter_waits_for_what_was_done_just_now(self):
        self._milestone().action_done()
        self._let_an_hour_pass()
        self._milestone("Delivery").action_done()
        self._run_execution_job("ir_cron_tell_news")
        self.assertFalse(self._letters() or self._to_do(), "The last of it can still be reopened")
        self._milestone("Delivery", user=self.keeper_head).action_reopen("Another order")
        self._run_execution_job("ir_cron_tell_news")
        self.assertEqual(len(self._letters()), 1)
        self.assertTrue(self._milestone().customer_told_on)
        self.assertFalse(self._milestone("Delivery").customer_told_on)

    def test_only_orders_with_something_to_tell_are_told(self):
        order, later = self.order.sudo(), fields.Datetime.add(fields.Datetime.now(), hours=1)
        self.assertFalse(order._is_to_be_told(later))
        self._milestone().action_done()
        self.assertTrue(order._is_to_be_told(later))
        self.assertFalse(order._is_to_be_told(fields.Datetime.subtract(later, hours=2)))
        order._ask_sales_to_tell()
        self.assertFalse(order._is_to_be_told(later), "Sales was asked already")

    def test_what_follows_is_told_by_sales_with_what_sales_was_asked_for(self):
        self.customer.email = False
        self._milestone().action_done()
        self._tell()
        self.customer.email = "stores@xiamen.example"
        self._milestone("Delivery").action_done()
        self._tell()
        self.assertFalse(self._letters())
        self.assertEqual(self._to_do().to_tell, "Done: Production and Delivery.")
        self.order.action_policy_record_followup("phone", "Made and gone.")
        self._tell()
        self.assertFalse(self._letters() or self._to_do(), "Never twice")

    def test_salespeople_who_left_do_not_sign(self):
        self.salesman.signature = "<p>Best wishes, the salesman</p>"
        self._milestone().action_done()
        self._tell()
        self.assertIn("Best wishes", self._letters().body_html)
        self.salesman.sudo().active = False
        self._milestone("Delivery").action_done()
        self._tell()
        self.assertNotIn("Best wishes", self._letters()[1].body_html)

    def test_new_versions_keep_how_customers_hear_of_it(self):
        self.policy.milestone_news = "sales"
        self.assertEqual(self.policy._copy_as_next_version().milestone_news, "sales")


@tagged("post_install", "-at_install")
class TestNewsQueries(NewsCommon, QueriesCase):
    """What the job costs grows with the letters, and with nothing else."""

    def _orders(self, count):
        orders = self.env["sale.order"].union(*(self._confirmed() for _number in range(count))).sudo()
        orders.milestone_ids.filtered(lambda milestone: milestone.name == "Production").with_user(
            self.keeper
        ).action_done()
        return orders

    def test_looking_for_news_costs_nothing_where_there_is_none(self):
        self._orders(12)
        self._tell()
        job = self.env["sale.order"].sudo()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1.0):
            # One for what is to be told, one for what is to be taken back.
            self.assertLessEqual(self._queries(job._cron_tell_news), 2)

    def test_each_letter_costs_the_same(self):
        def cost(orders):
            return self._queries(orders._tell_news)

        cost(self._orders(2))
        few, many = cost(self._orders(2)), cost(self._orders(12))
        self.assertLessEqual((many - few) / 10, 40)

    def test_asking_sales_does_not_grow(self):
        self.customer.email = False

        def cost(orders):
            return self._queries(orders._tell_news)

        cost(self._orders(2))
        few, many = cost(self._orders(2)), cost(self._orders(12))
        self.assertLessEqual((many - few) / 10, 6)
