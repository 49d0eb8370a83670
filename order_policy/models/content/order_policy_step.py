from odoo import fields, models, tools


class OrderPolicyStep(models.Model):
    """What of an order a step looks at."""

    _inherit = "order.policy.step"

    aspect_ids = fields.Many2many(
        "order.policy.aspect",
        string="Looks At",
        help="A change to one of these asks for this review again. Leave empty to look at everything.",
    )

    def _restrict(self, snapshot):
        """Keep of a snapshot of an order what this step looks at."""
        codes = self.aspect_ids.mapped("code") if self.policy_id.state == "draft" else self._cached_aspect_codes()
        return self.env["order.policy.aspect"]._restrict(snapshot, codes)

    @tools.ormcache("self.id")
    def _cached_aspect_codes(self):
        # Superuser: cached for everybody, and only codes. Steps never change once orders are under the policy.
        return tuple(self.sudo().aspect_ids.mapped("code"))
