"""Orders whose goods are produced for them."""

from odoo.addons.order_policy_execution_stock.tests.common_delivery import LeavingCase
from odoo.fields import Command
from odoo.tests import Form


class ProductionCase(LeavingCase):
    """Cabinets are made to order, of wood."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.mto_pull_id.route_id.active = True
        cls.wood = cls._product("Wood", 10.0, is_storable=True)
        routes = cls.warehouse.mto_pull_id.route_id | cls.warehouse.manufacture_pull_id.route_id
        cls.cabinet = cls._product("Cabinet", 3000.0, is_storable=True, route_ids=[Command.set(routes.ids)])
        cls.env["stock.quant"]._update_available_quantity(cls.wood, cls.warehouse.lot_stock_id, 1000)
        cls._bom(cls.cabinet, (cls.wood, 2))
        cls.made = cls._confirmed((cls.cabinet, 10, 3000.0))
        cls.making = cls.env["mrp.production"].search([("sale_line_id", "=", cls.made.order_line.id)])

    @classmethod
    def _milestone_rules(cls):
        return (
            cls._rule("Production", cls.production_department, kind="production", source="production"),
            cls._rule("Delivery", cls.logistics_department, kind="delivery", source="delivery"),
        )

    @classmethod
    def _bom(cls, product, *components, **values):
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "company_id": cls.company.id,
                "bom_line_ids": [
                    Command.create({"product_id": component.id, "product_qty": quantity})
                    for component, quantity in components
                ],
                **values,
            }
        )

    def _produce(self, making, quantity, backorder=True):
        with Form(making) as form:
            form.qty_producing = quantity
        action = making.button_mark_done()
        if isinstance(action, dict) and action.get("res_model") == "mrp.production.backorder":
            wizard = Form.from_action(self.env, action).save()
            wizard.action_backorder() if backorder else wizard.action_close_mo()
        self.env.flush_all()

    def _produced(self, order=None):
        self._follow_documents()
        return self._fact(order or self.made, "Production")
