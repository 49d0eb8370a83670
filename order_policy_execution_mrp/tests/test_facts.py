"""What facts of production rest on."""

from odoo.addons.order_policy_execution.tests.common_facts import FactsCase
from odoo.fields import Command
from odoo.tests import tagged

from .common import ProductionCase


@tagged("post_install", "-at_install")
class TestFacts(FactsCase, ProductionCase):
    """What was produced rests on nothing that somebody types, unless it is said why he is believed."""

    PAYMENT = {}
    documents = ("sale.order", "mrp.production", "mrp.workorder", "stock.")

    believed = {
        # Who types it may begin and end it with buttons as well. By that production is begun, or further on: done is
        # only what stock received from it.
        "mrp.production": {"date_finished", "product_uom_qty", "reference_ids", "state", "subcontractor_id"},
        "mrp.workorder": {"state"},
        # Whoever plans says how much is made and by when; the rest is delivered from stock, or stays to be delivered.
        # Everybody may link what is planned for orders. For which ones something was made is noted once it is.
        "sale.order": {"stock_reference_ids"},
        "stock.reference": {"move_ids", "production_ids", "sale_ids"},
        # As above; and where something was put is where stock has it.
        "stock.move": {
            "delay_alert_date", "is_subcontract", "location_dest_id", "raw_material_production_id", "repair_line_type",
            "sale_line_id",
        },
        # Marks are proven by documents: see _is_made_by_odoo.
        "sale.order.line": {"is_delivery", "is_downpayment", "is_expense", "move_ids", "reward_id"},
    }  # fmt: skip

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._need_apps("mrp_subcontracting", "repair")
        cls.maker = cls._user("maker", "mrp.group_mrp_user", "stock.group_stock_user")
        bench = cls.env["mrp.workcenter"].create({"name": "Bench"})
        cls.cabinet.bom_ids.operation_ids = [
            Command.create({"name": "Glue", "workcenter_id": bench.id, "time_cycle_manual": 10})
        ]
        cls.worked = cls._confirmed((cls.cabinet, 10, 3000.0))
        cls.working = cls.worked.sudo().order_line.policy_production_ids
        cls.env.flush_all()

    def _who_types(self, model):
        return self.salesman if model.startswith("sale.") else self.maker

    def test_facts(self):
        self._produce(self.working, 4)
        order = self.worked.sudo()
        milestones = order.milestone_ids.filtered(lambda milestone: milestone.source == "production")
        self._assert_facts_are_believed_for_a_reason(
            milestones._facts_production,
            lambda: [production._policy_received_qty() for production in order.order_line.policy_production_ids],
            milestones._expected_by_documents,
        )
