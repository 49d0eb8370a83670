from odoo import api, fields, models
from odoo.tools import float_compare

from .sale_order_line import PRECISION


class StockPicking(models.Model):
    """Tells before a transfer is validated what of it may not leave (article 1.9)."""

    _inherit = "stock.picking"

    policy_hold = fields.Text(
        "May Not Leave Yet",
        compute="_compute_policy_hold",
        compute_sudo=True,  # whoever moves goods may not read their order
        help="What of this transfer the order policy does not let leave yet, and who can.",
    )

    @api.depends("state", "move_ids.product_uom_qty", "move_ids.quantity", "move_ids.sale_line_id", "location_dest_id")
    @api.depends_context("lang")
    def _compute_policy_hold(self):
        open_transfers = self.filtered(lambda picking: picking.state not in ("done", "cancel"))
        self.policy_hold = False
        for picking, sentences in open_transfers._policy_hold_sentences().items():
            picking.policy_hold = "\n".join(sentences) or False

    def _policy_hold_sentences(self):
        """Tell what of open transfers may not leave. Each matter adds its own.

        :return: dict of lists of sentences by transfer
        """
        moves = self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))._that_leave()
        lines = moves.sale_line_id.filtered("policy_to_inspect")
        shipped, goods = (lines._policy_shipped(), lines._policy_goods()) if lines else ({}, {})
        sentences = {}
        for picking in self:
            own = moves.filtered(lambda move, picking=picking: move.picking_id == picking)
            sentences[picking] = [
                sentence
                for line in own.sale_line_id & lines
                if (sentence := self._hold_in_words(line, own, shipped[line], goods[line]))
            ]
            without_order = own - own._for_own_orders()
            sentences[picking] += dict.fromkeys(without_order._refusals_without_order())
        return sentences

    @api.model
    def _hold_in_words(self, line, moves, shipped, goods):
        """Tell how much of a line may leave by some moves, or return False when all of it may."""
        wanted = max(
            (
                move.product_uom._compute_quantity(move.product_uom_qty, move.product_id.uom_id, round=False)
                / goods[move.product_id]
                for move in moves
                if move.sale_line_id == line and goods.get(move.product_id)
            ),
            default=0.0,
        )
        allowed = max(line.policy_released_qty - shipped, 0.0)
        if float_compare(wanted, allowed, precision_digits=PRECISION) <= 0:
            return False
        number = self.env["order.policy.words"]._number_in_words
        return self.env._(
            "%(product)s: %(allowed)s of %(wanted)s may leave now, as far as quality released it. %(who)s",
            product=line.product_id.display_name,
            allowed=number(allowed),
            wanted=number(wanted),
            who=line._who_releases(),
        )
