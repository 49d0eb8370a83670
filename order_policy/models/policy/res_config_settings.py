from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    order_policy_id = fields.Many2one("order.policy", "Order Policy in Force", compute="_compute_order_policy_id")
    order_policy_threshold = fields.Monetary(
        "General Manager From",
        compute="_compute_order_policy_threshold",
        store=True,
        readonly=False,
        currency_field="currency_id",
        help="Changing it puts a new version of the policy in force. Orders under review keep theirs.",
    )
    order_policy_following = fields.Char(related="order_policy_id.following")
    order_policy_has_threshold = fields.Boolean(compute="_compute_order_policy_id")

    @api.depends("company_id")
    def _compute_order_policy_id(self):
        for settings in self:
            policy = self.env["order.policy"]._in_force(settings.company_id)
            settings.order_policy_id = policy
            # Superuser: who sets up Odoo need not be a user of the policy to save other settings.
            settings.order_policy_has_threshold = bool(policy.sudo()._threshold_steps())

    @api.depends("company_id")
    def _compute_order_policy_threshold(self):
        for settings in self:
            settings.order_policy_threshold = settings.order_policy_id.sudo().approval_threshold

    @api.model
    def default_get(self, fields):
        # The threshold is that of the policy in force, and not a default that would be saved unseen.
        defaults = super().default_get(fields)
        defaults.pop("order_policy_threshold", None)
        return defaults

    @api.private
    def set_values(self):
        """Put a new version in force when the threshold was changed: a policy in force never changes itself."""
        super().set_values()
        policy = self.order_policy_id
        if not self.order_policy_has_threshold or not self.currency_id.compare_amounts(
            self.order_policy_threshold, policy.sudo().approval_threshold
        ):
            return
        version = policy._copy_as_next_version()
        version.approval_threshold = self.order_policy_threshold
        version.action_activate()
