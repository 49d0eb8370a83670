"""The doors on what is kept of the execution of orders: see ``order_policy/tests/test_doors.py``."""

from odoo import fields
from odoo.addons.order_policy.tests import test_doors
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestDoors(test_doors.TestDoors):
    """Nobody alters what was planned, reported, inspected, settled or told, by whatever way a client has."""

    addon = "order_policy_execution"
    unfinished = {
        **test_doors.UNFINISHED,
        "order.policy.followup": [("policy_id.state", "=", "draft")],
        "order.policy.inspection": [("policy_id.state", "=", "draft")],
        "order.policy.inspection.characteristic": [("policy_id.state", "=", "draft")],
        "order.policy.inspection.size": [("policy_id.state", "=", "draft")],
        "order.policy.milestone": [("policy_id.state", "=", "draft")],
        "sale.order.inspection": [("state", "=", "todo")],
        "sale.order.inspection.line": [("inspection_id.state", "=", "todo")],
    }

    @classmethod
    def _rules(cls):
        sales = cls.sales_department.id
        return {
            **super()._rules(),
            "followup_ids": [Command.create({"name": "All", "days": 5, "department_id": sales})],
            "inspection_ids": [
                Command.create(
                    {
                        "name": "Final inspection",
                        "department_id": cls.production_department.id,
                        "sample": "table",
                        "size_ids": [Command.create({"lot_from": 1})],
                        "characteristic_ids": [Command.create({"name": "Length"}), Command.create({"name": "Height"})],
                    }
                )
            ],
            "milestone_ids": [
                Command.create({"name": name, "department_id": sales}) for name in ("Packing", "Delivery", "Thanks")
            ],
        }

    @classmethod
    def _make_evidence(cls):
        result = super()._make_evidence()
        cls._reach_milestones()
        cls.env["order.policy.pace"]._measure()
        cls._settle_issues()
        cls._inspect()
        cls.confirmed.action_policy_record_followup("phone", "All goes well.", "Fine.")
        cls._say_how_it_was()
        return result

    @classmethod
    def _say_how_it_was(cls):
        delivered = cls._confirmed()
        delivered.sudo().order_line.qty_delivered = 1
        delivered._feedback_from_customer("2", "One leg is broken.", "Ms. Wang")

    @classmethod
    def _reach_milestones(cls):
        planned = cls.confirmed.sudo().milestone_ids
        planned[0].with_user(cls.salesman).action_done("Packed.")
        planned[1].with_user(cls.sales_head).action_skip("The customer fetched it.")

    @classmethod
    def _inspect(cls):
        """One inspection that was decided with a concession, one that is to be done."""
        inspection = cls._confirmed().sudo().inspection_ids.with_user(cls.production)
        inspection.line_ids.result = "good"
        inspection.photo_ids = [Command.create({"name": "Desk.txt", "raw": b"A picture"})]
        inspection.action_concede("Lighter colour", "Ms. Wang agrees")

    @classmethod
    def _settle_issues(cls):
        values = {"kind": "delay", "severity": "high", "description": "Late", "department": cls.sales_department.id}
        settled, left = (cls.confirmed.action_policy_report_issue(cause=cause, **values) for cause in ("Paper", "Wood"))
        for issue in (settled, left):
            issue.action_plan_measure("Call", cls.salesman.id, fields.Date.today())
        settled.measure_ids.action_done("Called.")
        settled.action_settle("It came.", "Nobody had ordered it.")
