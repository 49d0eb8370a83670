from math import ceil

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_list

MOST_ROWS = 100  # of one inspection: more are no page that anybody fills in
MOST_NAMED = 5  # pieces that a refusal names: of more it says how many


class SaleOrderInspection(models.Model):
    """Which rows of measured values are opened: one of each characteristic for each piece of the sample (article 1.9).

    Pieces are counted in units: a dozen is twelve, half a piece is one. What is weighed or measured has no pieces, nor
    has a unit that Odoo cannot convert to units, such as a *set* of one's own: of these one row of each characteristic
    is opened. So it is where there would be more than ``MOST_ROWS`` rows: whoever inspects adds those that he measures.
    """

    _inherit = "sale.order.inspection"

    has_more_pieces = fields.Boolean(
        compute="_compute_has_more_pieces",
        exportable=False,
        help="There are more pieces in the sample than rows were opened for.",
    )

    @api.depends("sample_size", "product_uom_id", "plan_id")
    def _compute_has_more_pieces(self):
        for inspection in self:
            opened = inspection._opened_pieces(inspection.plan_id, inspection.product_uom_id, inspection.sample_size)
            inspection.has_more_pieces = inspection._pieces(inspection.product_uom_id, inspection.sample_size) > opened

    @api.model
    def _pieces(self, uom, sample):
        """Return how many pieces a sample has, in whole ones; 1 where its unit is none that pieces are counted in.

        :param uom: uom.uom record
        :param float sample: in that unit
        """
        unit = self.env.ref("uom.product_uom_unit")
        if not uom._has_common_reference(unit):
            return 1
        # Rounded first: what is a whole number but for how computers count is not one more.
        return max(1, ceil(unit.round(uom._compute_quantity(sample, unit, round=False))))

    @api.model
    def _opened_pieces(self, plan, uom, sample):
        """Return for how many pieces of a sample rows are opened."""
        pieces = self._pieces(uom, sample)
        return pieces if pieces * len(plan.characteristic_ids) <= MOST_ROWS else 1

    @api.model
    def _prepare_rows(self, plan, uom, quantity):
        """Return the commands that open the rows of an inspection.

        :param uom: uom.uom record
        :param float quantity: how much is presented, in that unit
        """
        sample, _accepted = plan._sample_of(quantity)
        return [
            Command.create({"characteristic_id": characteristic.id, "sample": piece})
            for piece in range(1, self._opened_pieces(plan, uom, sample) + 1)
            for characteristic in plan.characteristic_ids
        ]

    # ------------------------------------------------------------------
    # What was not inspected yet
    # ------------------------------------------------------------------

    def _not_inspected(self):
        """Return of which pieces something was not inspected yet: in rows that are empty, or that were taken off.

        Where rows were opened for one piece only, it may be any piece.

        :return: dict by characteristic of sets of numbers of pieces
        """
        self.ensure_one()
        measured, opened = self.line_ids.filtered("verdict"), self._pieces_with_rows()
        done = {
            characteristic: {*lines.mapped("sample")}
            for characteristic, lines in measured.grouped("characteristic_id").items()
        }
        lacking = {
            characteristic: opened - done.get(characteristic, set())
            for characteristic in self.plan_id.characteristic_ids
            if len(opened) > 1 or characteristic not in done
        }
        for line in self.line_ids - measured:
            lacking.setdefault(line.characteristic_id, set()).add(line.sample)
        return {characteristic: pieces for characteristic, pieces in lacking.items() if pieces}

    def _pieces_with_rows(self):
        """Return the numbers of the pieces that rows were opened for."""
        return {*range(1, self._opened_pieces(self.plan_id, self.product_uom_id, self.sample_size) + 1)}

    def _not_inspected_in_words(self):
        """Return what was not inspected yet: characteristics, and of which pieces where it is not all of them."""
        opened = self._pieces_with_rows()
        return [
            characteristic.name if opened <= pieces else self._pieces_in_words(characteristic, sorted(pieces))
            for characteristic, pieces in self._not_inspected().items()
        ]

    def _pieces_in_words(self, characteristic, pieces):
        if len(pieces) > MOST_NAMED:
            return self.env._(
                "%(characteristic)s (%(count)s pieces)", characteristic=characteristic.name, count=len(pieces)
            )
        return self.env._(
            "%(characteristic)s (pieces: %(pieces)s)",
            characteristic=characteristic.name,
            pieces=format_list(self.env, [str(piece) for piece in pieces]),
        )

    # ------------------------------------------------------------------
    # Rows follow what is presented
    # ------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "quantity" in vals:
            self._check_can_be_entered()
            # Superuser: whoever may enter how much is presented has the rows follow from it.
            self.sudo().filtered(lambda inspection: inspection.state == "todo")._open_rows()
        return result

    def _open_rows(self):
        """Bring the rows in line with the sample; what was entered stays."""
        surplus = self.env["sale.order.inspection.line"]
        for inspection in self:
            lines, plan = inspection.line_ids, inspection.plan_id
            pieces = inspection._opened_pieces(plan, inspection.product_uom_id, inspection.sample_size)
            there = {(line.sample, line.characteristic_id) for line in lines}
            inspection.line_ids = [
                Command.create({"characteristic_id": characteristic.id, "sample": piece})
                for piece in range(1, pieces + 1)
                for characteristic in plan.characteristic_ids
                if (piece, characteristic) not in there
            ]
            surplus += lines.filtered(lambda line, pieces=pieces: line.sample > pieces and line._is_empty())
        surplus.unlink()
