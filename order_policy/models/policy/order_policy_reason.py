from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class OrderPolicyReason(models.Model):
    """A reason from the catalogue, so that what happens to orders can be counted (articles 1.5, 3.12, 3.14)."""

    _name = "order.policy.reason"
    _description = "Reason"
    _inherit = "order.policy.rule.mixin"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [("refusal", "Refusal"), ("change", "Change"), ("cancel", "Cancellation")],
        "Used For",
        required=True,
        default="refusal",
        help="What the reason can be given for.",
    )
    code = fields.Char(
        readonly=True,
        copy=False,
        help="By which the order policy finds the reasons it gives by itself.",
        exportable=False,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex("(code) WHERE code IS NOT NULL", "There is already a reason with this code.")

    @api.model
    def _made_by_methods(self):
        # By their codes the order policy finds them: another one is not theirs to take over.
        return frozenset({"code"})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_itself(self):
        kept = self.filtered("code")
        if kept:
            raise UserError(
                self.env._(
                    "%s cannot be deleted: the order policy gives this reason by itself. Archive it instead.",
                    format_list(self.env, kept.mapped("name")),
                )
            )

    @api.model
    def _by_code(self, code):
        """Return the reason that the order policy gives by itself, also when nobody else is to choose it."""
        return self.sudo().with_context(active_test=False).search([("code", "=", code)], limit=1)
