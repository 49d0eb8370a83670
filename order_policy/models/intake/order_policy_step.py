from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

FINER_THAN_MONEY = 6  # decimals: no currency has as many


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
                # Money that goes back is money, too.
                special |= orders.filtered(lambda order: self._is_reached_by(abs(amounts[order])))
            orders = special
        return self._matching(orders)

    def _is_reached_by(self, amount):
        # Both are money of the company, rounded: no currency has to be read to tell which is more.
        return float_compare(amount, self.amount_min, precision_digits=FINER_THAN_MONEY) >= 0
