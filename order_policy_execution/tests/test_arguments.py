"""What programs hand over by mistake to the methods of execution: see ``order_policy/tests/test_arguments.py``."""

from odoo import fields
from odoo.addons.order_policy.tests import test_arguments
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import mute_logger, tagged

# With what methods are called, beside the absurd.
KNOWN = {
    "action_concede": {"reason": "Lighter colour", "agreement": "Ms. Wang agrees"},
    "action_hand_over": {},
    "action_plan_measure": {"name": "Call", "user": None, "date_due": "2030-01-01"},
    "action_policy_record_followup": {"way": "phone", "told": "All goes well."},
    "action_policy_report_issue": {"kind": "delay", "severity": "high", "cause": "Wood", "description": "Late"},
    "action_reopen": {"reason": "By mistake"},
    "action_settle": {"result": "It came.", "root_cause": "Nobody had ordered it."},
}


@tagged("post_install", "-at_install")
class TestArguments(test_arguments.ArgumentsCase):
    """Whatever a program hands over, it is answered in words, or does no harm."""

    modules = "odoo.addons.order_policy_execution"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Sales does it all here: who may act gets further than who may not.
        sales = cls.sales_department.id
        plan = {"name": "Final", "department_id": sales, "characteristic_ids": [Command.create({"name": "Length"})]}
        policy = cls._policy(
            name="All of sales",
            inspection_ids=[Command.create(plan)],
            milestone_ids=[Command.create({"name": "Packing", "department_id": sales})],
            followup_ids=[Command.create({"name": "All", "days": 5, "department_id": sales})],
        )
        policy.with_user(cls.policy_admin).action_activate()
        cls.order = cls._confirmed()
        report = {"kind": "delay", "severity": "high", "description": "Late", "department": cls.sales_department.id}
        issue = cls.order.action_policy_report_issue(cause="Wood", **report)
        issue.action_plan_measure("Call", cls.sales_head.id, fields.Date.today())
        cls.env.flush_all()
        order = cls.order.sudo()
        cls.records = {
            "sale.order": order,
            "sale.order.milestone": order.milestone_ids,
            "sale.order.inspection": order.inspection_ids,
            "sale.order.inspection.line": order.inspection_ids.line_ids[:1],
            "sale.order.issue": issue,
            "sale.order.issue.measure": issue.measure_ids,
            "sale.order.followup": order.followup_ids[:1],
            "order.policy": policy,
        }

    def _known(self, name):
        return KNOWN.get(name, {})

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_methods_are_called_with_no_records(self):
        self._call_with_no_records(self.sales_head)

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_methods_are_called_with_absurd_arguments(self):
        self._call_with_absurd_arguments(self.sales_head)

    def test_dialogs_are_opened_for_no_records(self):
        """Which milestones or inspections a dialog is for is told by whoever opens it."""
        for name in sorted(self.env.registry):
            model = self.env[name].with_user(self.sales_head)
            if not model._transient or not model._original_module.startswith("order_policy"):
                continue
            for ids in test_arguments.NO_RECORDS:
                with self.subTest(model=name, ids=ids):
                    try:
                        call_kw(model, "default_get", [list(model._fields)], {"context": {"active_ids": ids}})
                    except UserError as error:
                        self.assertTrue(str(error))
