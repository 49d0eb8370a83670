from odoo import api, fields, models
from odoo.exceptions import ValidationError


class OrderPolicyStep(models.Model):
    """What a step checks, and which orders need it."""

    _inherit = "order.policy.step"

    check_ids = fields.One2many("order.policy.check", "step_id", "Checks", copy=True)

    @api.constrains("automatic", "check_ids", "kind")
    def _check_automatic_has_checks(self):
        for step in self.filtered("automatic"):
            if step.kind == "proofread":
                raise ValidationError(
                    self.env._("%s: proofreading is done by a person. It cannot approve by itself.", step.name)
                )
            if step.policy_id.state == "active" and not step.check_ids:
                raise ValidationError(
                    self.env._(
                        "%s approves by itself and has no check, so it would approve everything. Add a check to it.",
                        step.name,
                    )
                )

    def _concerned_orders(self, orders, amounts):
        """Return which of some orders need this step, by its amount, its condition and special orders.

        :param orders: sale.order records of one company, all under the policy of this step
        :param dict amounts: by order, what thresholds are compared with, in company currency
        """
        self.ensure_one()
        if self.applies != "always":
            special = self.policy_id._special_orders(orders) if "special" in self.applies else orders.browse()
            if "amount" in self.applies:
                compare = self.company_id.currency_id.compare_amounts
                # Money that goes back is money, too.
                special |= orders.filtered(lambda order: compare(abs(amounts[order]), self.amount_min) >= 0)
            orders = special
        return self._matching(orders)
