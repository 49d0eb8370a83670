from odoo import api, fields, models, tools


class OrderPolicyPartMixin(models.AbstractModel):
    """A part of a policy, such as a step: it changes with drafts, and stays as it is once the policy is in force."""

    _name = "order.policy.part.mixin"
    _description = "Part of an Order Policy"
    _inherit = ["order.policy.kept.mixin", "order.policy.rule.mixin"]
    _order = "policy_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    policy_id = fields.Many2one("order.policy", required=True, index=True, ondelete="cascade")
    policy_state = fields.Selection(related="policy_id.state", string="Policy Status")
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    domain = fields.Char("Only Orders Matching")

    @api.constrains("domain")
    def _check_domain(self):
        for part in self:
            self._check_condition(part.domain, part.name)

    def _matching(self, orders):
        """Return which of some orders the condition of this part lets through: all of them where it has none."""
        self.ensure_one()
        return orders.filtered_domain(self._condition(self.domain))

    # ------------------------------------------------------------------
    # What is read once
    # ------------------------------------------------------------------

    def _known(self):
        """Return what this part goes by, as plain data."""
        self.ensure_one()
        return self._known_of(self.policy_id)[self.id]

    @api.model
    def _known_of(self, policy):
        """Return what these parts of a policy go by, as plain data by their ids, in the order of the parts.

        It never changes once orders are under the policy.
        """
        return self._read_known(policy.id) if policy.state == "draft" else self._cached_known(policy.id)

    @api.model
    @tools.ormcache("policy_id")
    def _cached_known(self, policy_id):
        return self._read_known(policy_id)

    @api.model
    def _read_known(self, policy_id):
        # Superuser: cached for everybody. What was chosen counts when it was archived later, too: the rule is the same.
        parts = self.sudo().with_context(active_test=False)
        parts = parts.search([("policy_id", "=", policy_id)], order="sequence, id")
        return {part.id: part._prepare_known() for part in parts}

    def _prepare_known(self):
        """Return what orders are judged by time and again: ids, codes and the like, as a dict. Floors add theirs."""
        self.ensure_one()
        return {}

    # ------------------------------------------------------------------
    # Frozen with the policy
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.policy_id._check_are_drafts()
        return parts

    def write(self, vals):
        self.policy_id._check_are_drafts()
        result = super().write(vals)
        self.policy_id._check_are_drafts()  # also of the one that they come to
        return result

    def _check_can_be_deleted(self):
        result = super()._check_can_be_deleted()
        self.policy_id._check_are_drafts()
        return result
