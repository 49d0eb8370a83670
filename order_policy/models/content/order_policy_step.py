from odoo import fields, models


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
        return self.env["order.policy.aspect"]._restrict(snapshot, self._known()["aspects"])

    def _prepare_known(self):
        return {**super()._prepare_known(), "aspects": tuple(self.aspect_ids.mapped("code"))}
