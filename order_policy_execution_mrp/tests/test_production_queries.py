from odoo import fields
from odoo.addons.order_policy_execution_stock.tests.common_queries import BridgeCostCase
from odoo.tests import Form, tagged

from .common import ProductionCase

MOST = 4  # queries that the addons add to whatever is done to a manufacturing order
FEW, MANY = 2, 8


@tagged("post_install", "-at_install")
class TestProductionQueries(ProductionCase, BridgeCostCase):
    """What orders and their milestones cost whoever plans and produces, for an order and for stock."""

    def _ordered(self, product=None):
        return self._confirmed((product or self.cabinet, 4, 3000.0)).sudo().order_line.policy_production_ids

    def _for_stock(self):
        production = self._drafted()
        production.action_confirm()
        return production

    def _drafted(self):
        return self.env["mrp.production"].create(
            {"product_id": self.cabinet.id, "product_qty": 4, "company_id": self.company.id}
        )

    def _assert_costs_little(self, operation, makers=None, prepare=None):
        for maker in makers or (self._ordered, self._for_stock):
            production = maker()
            if prepare:
                prepare(production)
            self.assertLessEqual(self._added(operation, production), MOST, maker.__name__)

    def test_new_dates(self):
        later = fields.Datetime.add(fields.Datetime.now(), days=20)
        for name in ("date_start", "date_finished"):
            with self.subTest(name):
                self._assert_costs_little(lambda production, name=name: production.write({name: later}))

    def test_new_quantities(self):
        def change(production):
            values = {"mo_id": production.id, "product_qty": 6}
            self.env["change.production.qty"].create(values).change_prod_qty()

        self._assert_costs_little(change)
        self._assert_costs_little(lambda production: production.write({"product_qty": 5}))

    def test_confirming(self):
        self._assert_costs_little(lambda production: production.action_confirm(), [self._drafted])

    def test_planning(self):
        self.env["mrp.routing.workcenter"].create(
            {
                "name": "Glue",
                "bom_id": self.cabinet.bom_ids.id,
                "workcenter_id": self.env["mrp.workcenter"].create({"name": "Bench"}).id,
                "time_cycle_manual": 10,
            }
        )
        self._assert_costs_little(lambda production: production.button_plan())

    def test_beginning(self):
        def begin(production):
            production.qty_producing = 1
            production.mapped("state")

        self._assert_costs_little(begin)

    def test_marking_done(self):
        def enter(production):
            with Form(production) as form:
                form.qty_producing = 4

        def end(production):
            production.button_mark_done()
            self.assertEqual(production.state, "done")

        self._assert_costs_little(end, prepare=enter)

    def test_cancelling(self):
        self._assert_costs_little(lambda production: production.action_cancel())

    def test_many_at_once_cost_no_more(self):
        later = fields.Datetime.add(fields.Datetime.now(), days=20)

        def delay(productions):
            for production in productions:
                production.date_start = later

        productions = self.env["mrp.production"].concat(*(self._ordered() for _number in range(MANY)))
        self.assertLessEqual(self._added(delay, productions), MOST)

    def test_following_costs_no_more_for_many_orders(self):
        products = [
            self._product(f"Cabinet {n}", 9.0, is_storable=True, route_ids=self.cabinet.route_ids.ids)
            for n in range(MANY)
        ]
        for product in products:
            self._bom(product, (self.wood, 2))
        makings = [self._ordered(product) for product in products]
        for making in makings[1::2]:
            self._produce(making.with_env(self.env), 3)
        orders = self.env["sale.order"].browse([making.sale_line_id.order_id.id for making in makings])
        orders.sudo()._follow_documents()
        few, many = (self._queries(some.sudo()._follow_documents) for some in (orders[:FEW], orders))
        self.assertLessEqual(many, few + 2)
