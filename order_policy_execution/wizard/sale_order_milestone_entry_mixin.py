from odoo import fields, models


class SaleOrderMilestoneEntryMixin(models.AbstractModel):
    """What somebody enters for several milestones at once: those that were selected."""

    _name = "sale.order.milestone.entry.mixin"
    _description = "Entry for Milestones"
    _inherit = ["order.policy.entry.mixin"]

    milestone_ids = fields.Many2many(
        "sale.order.milestone",
        string="Milestones",
        required=True,
        default=lambda self: self._chosen_ids(),
    )
