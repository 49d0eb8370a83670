from odoo import api, fields, models

UNDER_WAY = ("progress", "to_close", "done")

PRODUCED = frozenset({"policy_produced_qty", "policy_produced_on"})


class MrpProduction(models.Model):
    """What was really produced, as stock itself received it: not what somebody entered as done (articles 1.8, 3.10)."""

    _inherit = "mrp.production"

    policy_produced_qty = fields.Float(
        "Received from Production",
        digits="Product Unit",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="In the unit of the product: what production delivered into stock.",
    )
    policy_produced_on = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.model
    def default_get(self, fields):
        # No default that somebody chose says that something was produced.
        defaults = super().default_get(fields)
        return {name: value for name, value in defaults.items() if name not in PRODUCED}

    def _note_produced(self):
        """Note what was produced by now, as stock was moved."""
        # Superuser: whoever ends a production, what was received is a fact.
        for production in self.sudo():
            received = production.move_finished_ids.filtered(
                lambda move, production=production: (
                    move.state == "done"
                    and move.product_id == production.product_id
                    and move.location_dest_id.usage != "inventory"
                )
            )
            quantity = sum(received.move_line_ids.mapped("quantity_product_uom"))
            if quantity != production.policy_produced_qty:
                production.write({"policy_produced_qty": quantity, "policy_produced_on": fields.Datetime.now()})

    def _policy_expected_qty(self):
        """Return how much of these productions may be taken as done, by their work orders where nothing is received."""
        expected = 0.0
        for production in self:
            orders = production.workorder_ids.filtered(lambda order: order.state != "cancel")
            finished = len(orders.filtered(lambda order: order.state == "done")) / len(orders) if orders else 0.0
            expected += max(production.policy_produced_qty, finished * production.product_uom_qty)
        return expected
