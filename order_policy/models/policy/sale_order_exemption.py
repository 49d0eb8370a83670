from odoo import api, fields, models


class SaleOrderExemption(models.Model):
    """That an order was exempted from the policy, or that its exemption was taken back: each is a record that stays."""

    _name = "sale.order.exemption"
    _description = "Exemption from the Order Policy"
    _inherit = "order.policy.evidence.mixin"
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    kind = fields.Selection([("given", "Given"), ("ended", "Taken Back")], "Exemption", required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, ondelete="restrict")
    date = fields.Datetime("On", required=True, readonly=True)
    was_confirmed = fields.Boolean("Order Confirmed", readonly=True, help="Whether the order was confirmed then.")

    @api.model
    def _record(self, orders, kind, reasons):
        """Keep that orders were exempted, or are not exempt any more.

        :param orders: sale.order records; whether the person may do so was checked before
        :param dict reasons: why, by order
        """
        return self.sudo().create(
            [
                {
                    "order_id": order.id,
                    "kind": kind,
                    "reason": reasons[order],
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "was_confirmed": order.state == "sale",
                }
                for order in orders
            ]
        )
