from odoo import api, models


class SaleOrderFollowupLetter(models.TransientModel):
    """Send the customer a progress message, made from the order."""

    _name = "sale.order.followup.letter"
    _description = "Progress Message"
    _inherit = ["sale.order.letter.mixin"]

    @api.depends("order_id")
    def _compute_letter(self):
        return super()._compute_letter()

    def _prepare_letter(self):
        self.order_id.sudo(False).check_access("read")
        # Superuser: whoever reads the order reads how it stands.
        return self.order_id.sudo()._prepare_progress_letter() if self.order_id else {}

    def action_send(self):
        """Send the message as it is shown, and file it as a follow-up."""
        self.ensure_one()
        self.order_id.action_policy_send_progress(self._letter())
        return {"type": "ir.actions.act_window_close"}
