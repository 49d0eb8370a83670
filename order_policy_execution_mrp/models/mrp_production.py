from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

UNDER_WAY = ("progress", "to_close", "done")

PRODUCED = frozenset({"policy_produced_qty", "policy_produced_on", "policy_produced_for_ids"})


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
    policy_produced_for_ids = fields.Many2many(
        "sale.order",
        "mrp_production_policy_produced_for_rel",
        "production_id",
        "order_id",
        "Produced For",
        readonly=True,
        copy=False,
        exportable=False,
        groups=fields.NO_ACCESS,
        help="For which orders it was produced, as it was then: every employee may link a production to an order.",
    )

    @api.model
    def default_get(self, fields):
        # No default that somebody chose says that something was produced.
        defaults = super().default_get(fields)
        return {name: value for name, value in defaults.items() if name not in PRODUCED}

    def write(self, vals):
        if "sale_line_id" in vals:
            self._check_stays_with_order(self.env["sale.order.line"].browse(vals["sale_line_id"] or ()))
        return super().write(vals)

    def _check_stays_with_order(self, line):
        """
        :raise ValidationError: when what was produced for one order would count for another one, or for none
        """
        # Superuser: it holds for everybody, and whoever produces may not read the orders.
        order = line.sudo().order_id
        produced = self.sudo().filtered("policy_produced_qty")
        for production in produced.filtered(lambda production: production.sale_line_id.order_id != order):
            before = production.sale_line_id.order_id
            if (before | order).filtered(lambda found: found._goes_by_policy()):
                raise ValidationError(
                    self.env._(
                        "%(production)s was produced already, and it stays as it was: %(order)s. Enter a manufacturing "
                        "order of its own for the other order.",
                        production=production.display_name,
                        order=before.name or self.env._("for no order"),
                    )
                )

    def _note_produced(self):
        """Note what was produced by now, as stock was moved."""
        # Superuser: whoever ends a production, what was received is a fact.
        changed = self.browse().sudo()
        for production in self.sudo():
            quantity = production._policy_received_qty()
            if quantity != production.policy_produced_qty:
                production.write({"policy_produced_qty": quantity, "policy_produced_on": fields.Datetime.now()})
                changed |= production
        changed._note_for_which_orders()

    def _policy_received_qty(self):
        """Return what this production delivered into stock, less what of it was taken apart again."""
        received = self.move_finished_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.product_id == self.product_id
                and move.location_id.usage == "production"
                and move.location_dest_id.usage != "inventory"
            )
        )
        taken_apart = received.browse()
        # Nothing is taken apart before something was received: who produces waits for no further query.
        if self.policy_produced_qty:
            taken_apart = received.returned_move_ids.filtered(lambda move: move.state == "done" and move.unbuild_id)
        came, went = (sum(moves.move_line_ids.mapped("quantity_product_uom")) for moves in (received, taken_apart))
        return came - went

    def _note_for_which_orders(self):
        """Note for which orders these productions were, as they are linked now, in one statement for all of them."""
        if not self:
            return
        self.flush_recordset(["reference_ids", "sale_line_id"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mrp_production_policy_produced_for_rel (production_id, order_id)
                %s
                ON CONFLICT DO NOTHING
                """,
                self._query_of_pairs(),
            )
        )
        self.invalidate_recordset(["policy_produced_for_ids"], flush=False)

    def _policy_expected_qty(self):
        """Return how much of these productions may be taken as done, by their work orders where nothing is received."""
        expected = 0.0
        for production in self:
            orders = production.workorder_ids.filtered(lambda order: order.state != "cancel")
            finished = len(orders.filtered(lambda order: order.state == "done")) / len(orders) if orders else 0.0
            expected += max(production.policy_produced_qty, finished * production.product_uom_qty)
        return expected
