from odoo import api, fields, models
from odoo.exceptions import ValidationError


class OrderPolicyInspectionCharacteristic(models.Model):
    """What is measured or looked at in an inspection, and within which limits (article 1.9)."""

    _name = "order.policy.inspection.characteristic"
    _description = "Characteristic to Inspect"
    _inherit = "order.policy.part.mixin"
    _order = "plan_id, sequence, id"

    policy_id = fields.Many2one(related="plan_id.policy_id", store=True, precompute=True, required=False)
    plan_id = fields.Many2one("order.policy.inspection", required=True, index=True, ondelete="cascade")
    kind = fields.Selection([("measure", "Measured"), ("look", "Looked at")], "How", required=True, default="measure")
    target = fields.Float(digits="Product Unit")
    has_lower = fields.Boolean("Lower Limit")
    lower = fields.Float("Not Below", digits="Product Unit")
    has_upper = fields.Boolean("Upper Limit")
    upper = fields.Float("Not Above", digits="Product Unit")
    unit = fields.Char(help="In which it is measured, such as mm or N.")
    instruction = fields.Char(translate=True, help="How it is measured, or what it has to look like.")
    limits_in_words = fields.Char("Limits", compute="_compute_limits_in_words")

    @api.depends("kind", "target", "has_lower", "lower", "has_upper", "upper", "unit", "instruction")
    @api.depends_context("lang")
    def _compute_limits_in_words(self):
        for characteristic in self:
            characteristic.limits_in_words = characteristic._limits() or characteristic.instruction

    def _limits(self):
        number = self.env["order.policy.words"]._number_in_words
        values = {"lower": number(self.lower), "upper": number(self.upper), "unit": self.unit or ""}
        if self.kind != "measure":
            return False
        if self.has_lower and self.has_upper:
            return self.env._("%(lower)s to %(upper)s %(unit)s", **values).strip()
        if self.has_lower:
            return self.env._("at least %(lower)s %(unit)s", **values).strip()
        return self.has_upper and self.env._("at most %(upper)s %(unit)s", **values).strip()

    @api.constrains("has_lower", "lower", "has_upper", "upper")
    def _check_limits(self):
        for characteristic in self:
            if characteristic.has_lower and characteristic.has_upper and characteristic.lower > characteristic.upper:
                raise ValidationError(
                    self.env._(
                        "%s: the lower limit is above the upper one. Enter them the other way.", characteristic.name
                    )
                )

    def _is_within(self, value):
        """Tell whether a measured value is within the limits."""
        self.ensure_one()
        return not (self.has_lower and value < self.lower) and not (self.has_upper and value > self.upper)
