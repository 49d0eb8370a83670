from odoo import models
from odoo.exceptions import ValidationError


class StockLocation(models.Model):
    """Places where goods of orders went stay what they are: by them it is known what left (articles 1.9, 3.10)."""

    _inherit = "stock.location"

    def write(self, vals):
        if not {"usage", "location_id"} & vals.keys():
            return super().write(vals)
        self.check_access("write")
        # Superuser: it holds for what is archived, and for places that others alone see.
        below = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])
        before = {place: place._is_outgoing() for place in below}
        result = super().write(vals)
        below.filtered(lambda place: place._is_outgoing() != before[place])._check_no_goods_went_there()
        return result

    def _that_are_outside(self):
        """Return those of these places that are a customer's or a sister company's, as Odoo's ``_is_outgoing`` does.

        Costs no query: whatever is moved asks for it, place by place.
        """
        sisters = str(self.env["ir.model.data"]._xmlid_to_res_id("stock.stock_location_inter_company"))
        return self.filtered(lambda place: place.usage == "customer" or sisters in (place.parent_path or "").split("/"))

    def _check_no_goods_went_there(self):
        """
        :raise ValidationError: when goods of orders went to or from one of these places
        """
        # Superuser: it holds for everybody.
        details = self.env["stock.move.line"].sudo()
        for name in ("location_dest_id", "location_id"):
            went = [(name, "in", self.ids), ("policy_moved", "=", True)]
            if found := details.search([*went, ("move_id.sale_line_id.order_id.policy_id", "!=", False)], limit=1):
                raise ValidationError(
                    self.env._(
                        "%s: goods of orders went there, so it stays what it is. Archive it, and make another place.",
                        found[name].display_name,
                    )
                )
