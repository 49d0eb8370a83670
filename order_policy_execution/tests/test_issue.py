from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_issue import IssueCommon


@tagged("post_install", "-at_install")
class TestIssue(IssueCommon):
    """What goes wrong is reported, settled by one department, and kept (articles 1.11, 2.14)."""

    def test_whoever_reads_the_order_reports(self):
        for user in (self.salesman, self.finance, self.production, self.supervisor):
            with self.subTest(user=user.login):
                issue = self._reported(user=user, cause=f"Seen by {user.login}")
                self.assertEqual(issue.reported_by_id, user)
                self.assertEqual(issue.state, "open")
                self.assertEqual(issue.owner_id, self.keeper_head)
        self.assertIn("Four table tops", "".join(self.order.message_ids.mapped("body")))

    def test_who_does_not_read_the_order_reports_nothing(self):
        for user in (self.other_salesman, self.keeper):
            with self.assertRaises(AccessError):
                self._reported(user=user)

    def test_nothing_is_reported_of_quotations_nor_without_words(self):
        with self.assertRaisesRegex(UserError, "confirmed under a policy"):
            self._reported(self._approved())
        for lacking in ("cause", "description"):
            with self.assertRaisesRegex(UserError, "Say what happened"):
                self._reported(**{lacking: "  "})
        with self.assertRaisesRegex(UserError, "Choose one of"):
            self._reported(kind="weather")

    def test_one_is_open_of_a_cause(self):
        issue = self._reported(severity="low")
        again = self._reported(severity="critical", description="Now there are six.")
        self.assertEqual(issue, again)
        self.assertEqual(issue.severity, "critical")
        self.assertIn("Now there are six", "".join(issue.message_ids.mapped("body")))
        self._reported(severity="low")
        self.assertEqual(issue.severity, "critical", "It only becomes more severe")
        self._settle(issue)
        self.assertNotEqual(self._reported(), issue, "What happens again is another one")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            issue.sudo().copy({"name": "E", "cause": issue.cause, "state": "open"})

    def _settle(self, issue, user=None):
        issue.with_user(user or self.keeper).action_settle("Painted anew.", "Stacked without paper.")

    def test_facts_report_by_themselves(self):
        Issue = self.env["sale.order.issue"]
        issue = Issue._report(self.order, "delay", "high", "Late", "Production is late.", self.production_department)
        self.assertFalse(issue.reported_by_id)
        self.assertEqual(issue.owner_id, self.production)
        self.assertTrue(self._letters_to(self.production), "Who settles it is told")
        self.assertEqual(Issue._report(self.order, "delay", "high", "Late", "Production is late."), issue)
        quotation = self._approved()
        self.assertFalse(Issue._report(quotation, "delay", "high", "Late", "Late"), "No fact of a quotation is late")

    def test_a_kind_is_for_its_department(self):
        self.warehouse.sudo().origin_id = self.env.ref("order_policy.department_logistics")
        issue = self._reported(department=self.warehouse.browse())
        self.assertEqual(issue.department_id, self.warehouse)
        other = self._reported(department=self.warehouse.browse(), kind="quality", cause="Colour")
        self.assertEqual(other.department_id, self.sales_department, "Nobody has it: the salesperson's")
        self.assertEqual(other.owner_id, self.salesman)

    def test_how_soon_follows_from_how_severe_it_is(self):
        self._always_open()
        hours = {"low": 40, "medium": 16, "high": 8, "critical": 4}
        for severity, expected in hours.items():
            issue = self._reported(severity=severity, cause=severity)
            self.assertAlmostEqual((issue.date_due - issue.reported_on).total_seconds() / 3600, expected, 1)
        self.policy.sudo().issue_hours_low = 0
        self.assertFalse(self._reported(severity="low", cause="No limit").date_due)

    def test_the_department_settles_it(self):
        issue = self._reported()
        for user in (self.salesman, self.finance, self.supervisor):
            with self.assertRaisesRegex(AccessError, "is settled by Warehouse: keeper_head"):
                self._settle(issue, user)
        issue.with_user(self.keeper).action_start()
        self.assertEqual((issue.state, issue.started_by_id), ("in_progress", self.keeper))
        with self.assertRaisesRegex(UserError, "why it came about"):
            issue.with_user(self.keeper).action_settle("Painted anew.", " ")
        self._settle(issue)
        self.assertEqual((issue.state, issue.settled_by_id), ("settled", self.keeper))
        self.assertEqual((issue.result, issue.root_cause), ("Painted anew.", "Stacked without paper."))
        with self.assertRaisesRegex(UserError, "was settled by"):
            issue.with_user(self.keeper).action_start()

    def test_leaders_settle_everything(self):
        issue = self._reported()
        self.assertTrue(issue.with_user(self.general_manager).can_handle)
        self._settle(issue, self.general_manager)
        self.assertEqual(issue.state, "settled")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.management.is_management = True

    def test_deputies_stand_in(self):
        issue = self._reported()
        deputy = self._user("deputy")
        self.assertFalse(issue.with_user(deputy).has_access("read"))
        today = fields.Date.today()
        self.env["order.policy.deputy"].create(
            {
                "user_id": self.keeper.id,
                "deputy_id": deputy.id,
                "company_id": self.company.id,
                "date_from": today,
                "date_until": fields.Date.add(today, days=3),
            }
        )
        self._settle(issue, deputy)
        self.assertEqual(issue.settled_by_id, deputy)

    def test_measures_are_done_before_it_is_settled(self):
        issue = self._reported().with_user(self.keeper)
        with self.assertRaisesRegex(UserError, "until when"):
            issue.action_plan_measure("Paint", self.production.id)
        measure = issue.action_plan_measure("Paint", self.production.id, fields.Date.today())
        dropped = issue.action_plan_measure("Replace", self.keeper.id, fields.Date.today())
        self.assertEqual(issue.state, "in_progress")
        with self.assertRaisesRegex(UserError, "not done yet: Paint"):
            self._settle(issue)
        with self.assertRaises(AccessError):
            measure.with_user(self.finance).action_done()
        measure.with_user(self.production).action_done("Dry tomorrow.")
        self.assertEqual((measure.state, measure.ended_by_id), ("done", self.production))
        with self.assertRaisesRegex(UserError, "Say why"):
            dropped.action_drop()
        dropped.action_drop("Painting was enough.")
        self._settle(issue)
        with self.assertRaisesRegex(UserError, "done or dropped already"):
            measure.with_user(self.production).action_done()

    def test_it_is_handed_over_within_the_department(self):
        issue = self._reported().with_user(self.keeper)
        with self.assertRaisesRegex(UserError, "is not in Warehouse"):
            issue.action_hand_over(self.finance.id)
        issue.action_hand_over(self.keeper.id)
        self.assertEqual(issue.owner_id, self.keeper)
        issue.action_hand_over(False, self.finance_department.id)
        issue.invalidate_recordset()
        self.assertEqual(issue.sudo().owner_id, self.finance_head)
        self.assertEqual(len(self._letters_to(self.finance_head)), 1)

    def test_who_leaves_leaves_nothing_behind(self):
        issue = self._reported()
        self.keeper_head.sudo().active = False
        self.assertEqual(issue.owner_id, self.keeper)

    def test_departments_read_the_order_while_it_concerns_them(self):
        self.policy.sudo().flush_recordset()
        order = self.order.with_user(self.keeper)
        self.assertFalse(order.has_access("read"))
        issue = self._reported()
        self.env.flush_all()
        self.assertTrue(order.has_access("read"))
        self.assertTrue(issue.with_user(self.keeper).has_access("read"))
        self.assertTrue(self.order.with_user(self.general_manager).has_access("read"))
        self.env.cr.execute("UPDATE order_policy SET departments_read = 'asked' WHERE id = %s", [self.policy.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self._settle(issue)
        self.env.flush_all()
        self.assertFalse(order.has_access("read"), "As long as the policy lets them")

    def test_the_customer_is_told_by_a_letter_that_is_shown_before(self):
        issue = self._reported()
        issue.with_user(self.keeper).action_plan_measure("Paint anew", self.keeper.id, fields.Date.today())
        wizard = self.env["sale.order.issue.letter"].with_user(self.salesman).create({"issue_id": issue.id})
        self.assertIn(self.order.name, wizard.subject)
        self.assertIn("Paint anew", wizard.body)
        wizard.body = "<p>We are sorry.</p>"
        wizard.action_send()
        self.assertEqual(issue.customer_told_by_id, self.salesman)
        message = issue.sudo().customer_message_id
        self.assertEqual((message.model, message.res_id), ("sale.order", self.order.id))
        self.assertIn("We are sorry", message.body)
        self.assertEqual(message.author_id, self.salesman.partner_id)
        with self.assertRaises(AccessError):
            issue.with_user(self.finance).action_tell_customer()
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "has no e-mail address"):
            issue.action_tell_customer()

    def test_who_settles_it_tells_the_customer_without_rights_in_sales(self):
        issue = self._reported().with_user(self.keeper)
        wizard = self.env["sale.order.issue.letter"].with_user(self.keeper).create({"issue_id": issue.id})
        self.assertIn("Scratched table tops", wizard.body)
        self.assertIn("keeper", wizard.body, "Signed by who writes it")
        wizard.action_send()
        message = issue.sudo().customer_message_id
        self.assertEqual((message.author_id, message.partner_ids), (self.keeper.partner_id, self.customer))
        self.assertTrue(self.env["mail.mail"].sudo().search([("recipient_ids", "in", self.customer.ids)]))
        with self.assertRaises(AccessError):
            self.order.with_user(self.keeper).message_post(
                body="And this", subtype_xmlid="mail.mt_comment", message_type="auto_comment"
            )

    def test_nothing_is_archived_while_one_is_open(self):
        issue = self._reported()
        dossier = self._dossier(self.order)
        self.assertIn("Scratched table tops", dossier.sudo()._what_lacks()[0])
        self.env["order.policy.dossier.class"].create({"name": "Sales", "code": "S", "company_id": self.company.id})
        dossier.write({"class_id": self.env["order.policy.dossier.class"].search([], limit=1).id})
        self._paper(self.order)
        dossier.missing_reason = "Nobody cares"
        with self.assertRaisesRegex(UserError, "not settled yet: .*Scratched"):
            dossier.action_seal()
        self._settle(issue)
        dossier.action_seal()
        self.assertEqual(self.order.sudo().policy_stage, "archived")
        with self.assertRaisesRegex(UserError, "archived"):
            self._reported()

    def test_nothing_of_it_is_altered(self):
        issue = self._reported()
        for user in (self.keeper, self.salesman, self.policy_admin):
            with self.assertRaises(AccessError):
                issue.with_user(user).write({"state": "settled"})
        with self.assertRaises(AccessError):
            self.env["sale.order.issue"].with_user(self.keeper).create({"order_id": self.order.id})
        with self.assertRaises(UserError):
            issue.sudo().unlink()

    def test_the_list_of_what_is_mine(self):
        issue = self._reported()
        Issue = self.env["sale.order.issue"]
        self.assertEqual(Issue.with_user(self.keeper_head).search([("is_mine", "=", True)]), issue)
        self.assertFalse(Issue.with_user(self.keeper).search([("is_mine", "=", True)]))
        self.assertFalse(Issue.with_user(self.keeper).search([("is_overdue", "=", True)]))
        groups = self.env["res.users"].with_user(self.keeper_head)._get_policy_activity_groups()
        self.assertEqual([group["total_count"] for group in groups if group["model"] == "sale.order.issue"], [1])
        action = self.order.with_user(self.salesman).action_view_issues()
        self.assertEqual(Issue.with_user(self.salesman).search(action["domain"]), issue)
        self.assertEqual((self.order.issue_count, self.order.issue_open_count), (1, 1))
