from odoo import api, fields, models


class SaleOrderIssueLetter(models.TransientModel):
    """Tell the customer of an exception."""

    _name = "sale.order.issue.letter"
    _description = "Tell a Customer of an Exception"
    _inherit = ["sale.order.letter.mixin"]

    issue_id = fields.Many2one("sale.order.issue", "Exception", required=True, readonly=True)
    order_id = fields.Many2one(related="issue_id.order_id", store=True, required=False)

    @api.constrains("issue_id")
    def _check_may_read_issue(self):
        self.issue_id.sudo(False).check_access("read")  # Odoo checks constraints as superuser

    @api.depends("issue_id")
    def _compute_letter(self):
        return super()._compute_letter()

    def _prepare_letter(self):
        self.issue_id.sudo(False).check_access("read")
        # Superuser: whoever reads the exception reads what the customer is told of it.
        return self.issue_id.sudo()._prepare_customer_letter() if self.issue_id else {}

    def action_send(self):
        """Send the letter as it is shown."""
        self.ensure_one()
        self.issue_id.action_tell_customer(self._letter())
        return {"type": "ir.actions.act_window_close"}
