from odoo import api, fields, models
from odoo.exceptions import UserError


class OrderPolicyChannel(models.Model):
    """A way by which orders arrive (articles 1.4, 2.4, 3.4)."""

    _name = "order.policy.channel"
    _description = "Order Channel"
    _inherit = "order.policy.rule.mixin"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("online", "Online"), ("offline", "Offline")],
        required=True,
        default="offline",
        help="Online: the website and marketplaces. Offline: people who talk or write to each other.",
    )
    original_required = fields.Boolean(
        "Original Paper",
        help="Orders from this channel are submitted only with the customer's own paper, attached to the order and "
        "filed as the order original: the fax, the e-mail, the order form of the agent.",
    )
    order_count = fields.Integer("Orders", compute="_compute_order_count")

    def _compute_order_count(self):
        counts = dict(self.env["sale.order"]._read_group([("channel_id", "in", self.ids)], ["channel_id"], ["__count"]))
        for channel in self:
            channel.order_count = counts.get(channel, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_itself(self):
        if self.env.ref("order_policy.channel_email") in self:
            raise UserError(
                self.env._(
                    "%s cannot be deleted: orders that arrive by e-mail are entered under it. Archive it instead.",
                    self.env.ref("order_policy.channel_email").name,
                )
            )

    def action_view_orders(self):
        """Open the orders that arrived by this channel."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy.sale_order_action")
        action["domain"] = [("channel_id", "=", self.id)]
        return action
