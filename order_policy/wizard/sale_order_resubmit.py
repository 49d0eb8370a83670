from odoo import api, fields, models


class SaleOrderResubmit(models.TransientModel):
    """Submit an order again as it was rejected, and say what was agreed with who rejected it."""

    _name = "sale.order.resubmit"
    _description = "Submit an Order Again"
    _inherit = ["order.policy.entry.mixin"]

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    rejections = fields.Text("Rejected Because", compute="_compute_rejections")
    comment = fields.Text("What Was Agreed", required=True)

    # Nobody learns of an order from here that is not his to submit.

    @api.constrains("order_id")
    def _check_may_write_order(self):
        self.order_id.sudo(False).check_access("write")  # Odoo checks constraints as superuser

    @api.depends("order_id")
    def _compute_rejections(self):
        self.order_id.sudo(False).check_access("write")
        for wizard in self:
            rejections = self.env["sale.order.review"]._rejections(wizard.order_id)
            wizard.rejections = "\n".join(review._decision_in_words() for review in rejections)

    def action_submit(self):
        """Submit the order, with what was agreed."""
        self.ensure_one()
        self.order_id.action_policy_submit(self.comment)
        return {"type": "ir.actions.act_window_close"}
