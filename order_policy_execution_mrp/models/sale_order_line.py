from odoo import fields, models


class SaleOrderLine(models.Model):
    """What is produced for a line, and kits, of which components leave."""

    _inherit = "sale.order.line"

    policy_production_ids = fields.One2many(
        "mrp.production", "sale_line_id", "Productions", readonly=True, copy=False, groups="mrp.group_mrp_user"
    )

    def _policy_kit(self):
        """Return the bill of materials of the kit that the line sells, if it is one."""
        self.ensure_one()
        kits = self.move_ids.bom_line_id.bom_id.filtered(lambda bom: bom.type == "phantom")
        own = kits.filtered(lambda kit: self.product_id in (kit.product_id or kit.product_tmpl_id.product_variant_ids))
        return own[:1]

    def _policy_delivered_share(self):
        kit = self._policy_kit()
        if not kit:
            return super()._policy_delivered_share()
        quantity = self.product_uom_id._compute_quantity(self.product_uom_qty, kit.product_uom_id)
        _boms, components = kit.explode(self.product_id, quantity / kit.product_qty)
        return min(
            (self._policy_component_share(component, data["qty"]) for component, data in components), default=0.0
        )

    def _policy_component_share(self, component, needed):
        """Return which share of a component of the kit is delivered, from 0 to 1; 1 for what Inventory never moves.

        :param needed: in the unit of the bill of materials
        """
        product = component.product_id
        needed = component.product_uom_id._compute_quantity(needed, product.uom_id)
        if product.type != "consu" or product.uom_id.compare(needed, 0.0) <= 0:
            return 1.0
        left = self._policy_left_lines().filtered(lambda moved: moved.move_id.bom_line_id == component)
        quantity = sum(left.mapped("policy_left_qty"))
        return 1.0 if product.uom_id.compare(quantity, needed) >= 0 else max(0.0, quantity / needed)
