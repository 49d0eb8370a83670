from odoo import api, fields, models


class SaleOrderIssueMeasureEnd(models.TransientModel):
    """Say what came of a measure, or why it is not needed."""

    _name = "sale.order.issue.measure.end"
    _description = "End a Measure"
    _inherit = ["order.policy.entry.mixin"]

    measure_id = fields.Many2one("sale.order.issue.measure", required=True, readonly=True)
    ending = fields.Selection([("done", "Done"), ("dropped", "Dropped")], required=True, default="done")
    note = fields.Text()

    @api.constrains("measure_id")
    def _check_may_read_measure(self):
        self.measure_id.sudo(False).check_access("read")  # Odoo checks constraints as superuser

    def action_end(self):
        """End it."""
        self.ensure_one()
        if self.ending == "done":
            self.measure_id.action_done(self.note)
        else:
            self.measure_id.action_drop(self.note)
        return {"type": "ir.actions.act_window_close"}
