from odoo import api, fields, models


class OrderPolicyInspectionSize(models.Model):
    """A line of a sampling table, such as one of GB/T 2828.1 (ISO 2859-1): the sample of lots from a size on."""

    _name = "order.policy.inspection.size"
    _description = "Size of a Sample"
    _inherit = "order.policy.part.mixin"
    _order = "plan_id, lot_from, id"

    name = fields.Char(compute="_compute_name", required=False, translate=False)
    policy_id = fields.Many2one(related="plan_id.policy_id", store=True, precompute=True, required=False)
    plan_id = fields.Many2one("order.policy.inspection", required=True, index=True, ondelete="cascade")
    lot_from = fields.Float(digits="Product Unit", required=True, help="Smallest lot that this is for.")
    sample_size = fields.Integer(required=True, default=1)
    accept_most = fields.Integer(
        "Accepted With",
        help="The lot is accepted with so many faulty pieces in the sample, and refused with more (Ac).",
    )

    _sizes_possible = models.Constraint(
        "CHECK(lot_from >= 0 AND sample_size > 0 AND accept_most >= 0)",
        "Lots and numbers of faulty pieces are not below zero, and a sample has at least one piece.",
    )
    _one_of_a_size = models.UniqueIndex(
        "(plan_id, lot_from)", "The sampling table has two lines for lots of the same size. Take one of them off."
    )

    @api.depends("lot_from")
    def _compute_name(self):
        for size in self:
            size.name = self.env["order.policy.words"]._number_in_words(size.lot_from)
