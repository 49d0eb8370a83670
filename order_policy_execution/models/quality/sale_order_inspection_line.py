from odoo import api, fields, models
from odoo.exceptions import ValidationError

MEASURED = frozenset({"value", "result"})


class SaleOrderInspectionLine(models.Model):
    """What was measured of a piece, or how it looked (article 1.9). Entered until the inspection is decided."""

    _name = "sale.order.inspection.line"
    _description = "Measured Value"
    _inherit = ["order.policy.believable.mixin", "order.policy.evidence.mixin"]
    _order = "inspection_id, sample, sequence, id"

    inspection_id = fields.Many2one("sale.order.inspection", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="inspection_id.company_id", store=True, precompute=True, index=True)
    plan_id = fields.Many2one(related="inspection_id.plan_id")
    inspection_state = fields.Selection(related="inspection_id.state", string="Status")
    characteristic_id = fields.Many2one(
        "order.policy.inspection.characteristic",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('plan_id', '=', plan_id)]",
    )
    sequence = fields.Integer(related="characteristic_id.sequence", store=True, precompute=True)
    kind = fields.Selection(related="characteristic_id.kind")
    limits_in_words = fields.Char(related="characteristic_id.limits_in_words")
    sample = fields.Integer("Piece", default=1, help="Which piece of the sample it was measured at.")
    value = fields.Float("Measured", digits="Product Unit", aggregator="avg")
    unit = fields.Char(related="characteristic_id.unit")
    result = fields.Selection(
        [("good", "Good"), ("faulty", "Faulty")],
        help="Of what is looked at. What is measured is judged by its limits; choose it where the value is zero.",
    )
    remark = fields.Char()
    measured_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    measured_on = fields.Datetime(readonly=True)
    verdict = fields.Selection(
        [("good", "Within Limits"), ("faulty", "Outside")], compute="_compute_verdict", store=True
    )

    _sample_positive = models.Constraint(
        "CHECK(sample > 0)", "Pieces of a sample are counted from 1. Enter its number."
    )

    @api.depends("value", "result", "measured_on", "characteristic_id")
    def _compute_verdict(self):
        for line in self:
            if not line.measured_on:
                line.verdict = False
            elif line.kind == "look" or line.result == "faulty":
                line.verdict = line.result
            else:
                line.verdict = "good" if line.characteristic_id._is_within(line.value) else "faulty"

    @api.constrains("value", "remark")
    def _check_can_be_meant(self):
        self._check_is_believable(["value", "remark"])

    @api.constrains("characteristic_id", "inspection_id")
    def _check_is_of_plan(self):
        for line in self:
            if line.characteristic_id.plan_id != line.inspection_id.plan_id:
                raise ValidationError(
                    self.env._(
                        "“%(characteristic)s” is not inspected here. Choose one of %(plan)s.",
                        characteristic=line.characteristic_id.name,
                        plan=line.inspection_id.plan_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # Entered by who inspects, until it is decided
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return frozenset({"inspection_id", "characteristic_id", "sample", "remark", *MEASURED})

    @api.model
    def _takes_defaults(self, field):
        return False

    @api.model
    def _clients_create(self):
        return True

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.inspection_id._check_can_be_entered()
        lines.filtered(lambda line: line.value or line.result)._note_who_measured()
        return lines

    def write(self, vals):
        self.inspection_id._check_can_be_entered()
        result = super().write(vals)
        if "inspection_id" in vals:
            self.inspection_id._check_can_be_entered()
        if MEASURED & vals.keys():
            self._note_who_measured()
        return result

    def _is_empty(self):
        """Tell whether nothing was entered in this row yet."""
        self.ensure_one()
        return not self.measured_on and not self.remark

    def _note_who_measured(self):
        # Superuser: who may measure, that he did is not for him to say.
        self.sudo().write({"measured_by_id": self.env.uid, "measured_on": fields.Datetime.now()})

    def _check_can_be_deleted(self):
        self.inspection_id._check_can_be_entered()
