from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list


class OrderPolicy(models.Model):
    """What a policy looks at in orders: what they need, what is checked, and the steps that follow from both."""

    _inherit = "order.policy"

    requirement_ids = fields.One2many(
        "order.policy.requirement", "policy_id", "Requirements", domain=[("due", "=", "intake")], copy=True
    )
    archive_requirement_ids = fields.One2many(
        "order.policy.requirement", "policy_id", "Papers in the Archive", domain=[("due", "=", "archive")], copy=True
    )
    intake_check_ids = fields.One2many(
        "order.policy.check", "policy_id", "Checks at Intake", domain=[("step_id", "=", False)], copy=True
    )
    check_ids = fields.One2many("order.policy.check", "policy_id", "All Checks", readonly=True)

    def _checks_of_kind(self, kind):
        """Return the checks of a kind, at intake and at steps."""
        return self._browse_parts("order.policy.check", lambda check: check["kind"] == kind)

    def _checks_of_step(self, step):
        """Return the checks of a step; those of the intake for none."""
        return self._browse_parts("order.policy.check", lambda check: check["step_id"] == step.id)

    def _checks_at_confirmation(self):
        """Return the checks that are judged again when an order is confirmed."""
        return self._browse_parts("order.policy.check", lambda check: check["at_confirmation"])

    def _requirements(self):
        """Return what orders need before they are submitted."""
        return self._browse_parts("order.policy.requirement", lambda requirement: requirement["due"] == "intake")

    def _browse_parts(self, model, wanted):
        parts = self.env[model]._known_of(self)
        return self.env[model].browse(part_id for part_id, known in parts.items() if wanted(known)).with_prefetch(parts)

    def _has_intake(self):
        """Tell whether the policy asks for anything when an order is submitted."""
        return bool(self._requirements() or self._checks_of_step(self.env["order.policy.step"]))

    @api.constrains("state")
    def _check_can_be_in_force(self):
        result = super()._check_can_be_in_force()
        self.filtered(lambda policy: policy.state == "active").step_ids._check_automatic_has_checks()
        return result

    # ------------------------------------------------------------------
    # What the policy decides
    # ------------------------------------------------------------------

    def _special_orders(self, orders):
        """Return which of some orders are special: marked by hand, or by the policy's condition (article 2.7)."""
        self.ensure_one()
        special = orders.filtered("special_order")
        if condition := self._condition(self.special_domain):
            special |= orders.filtered_domain(Domain(condition))
        return special | self._checks_of_kind("sensitive")._sensitive_orders(orders - special)

    def _special_in_words(self, orders):
        """Tell why orders are special, of those that are: by hand, by the policy's condition, or by what is sensitive.

        :return: dict of texts by order
        """
        self.ensure_one()
        sensitive = self._checks_of_kind("sensitive")
        words = {}
        for order in self._special_orders(orders):
            found = [record.display_name for check in sensitive for record in check._sensitive_about(order)]
            if order.special_order:
                words[order] = self.env._("marked as special by hand")
            elif found:
                words[order] = self.env._("sensitive: %s", format_list(self.env, dict.fromkeys(found)))
            else:
                words[order] = self.env._("as the policy says of such orders")
        return words

    @api.model
    def _siblings(self, orders):
        """Return the orders that may have been one with some orders, where their policies look for that."""
        siblings = orders.browse()
        for policy, policy_orders in orders.grouped("policy_id").items():
            siblings |= policy._checks_of_kind("split")._siblings(policy_orders)
        return siblings

    @api.model
    def _required_steps(self, orders, siblings=None):
        """Return the steps that orders need for their present content.

        Where the policy looks for orders that were split up, thresholds are compared with them as if they were one
        (article 2.7).

        :param orders: sale.order records
        :param siblings: what ``_siblings`` gives for these orders, where it is known already
        :return: dict of steps by order, in the order in which they are decided
        """
        required = dict.fromkeys(orders, orders.env["order.policy.step"])
        for policy, policy_orders in orders.grouped("policy_id").items():
            steps = policy._steps_in_order().filtered(lambda step: step.used_for == "order")
            splits = policy._checks_of_kind("split")
            around = splits._siblings(policy_orders) if siblings is None else siblings
            for step in steps:
                amounts = splits._amounts_together(policy_orders, step.amount_min, around)
                for order in step._concerned_orders(policy_orders, amounts):
                    required[order] += step
        return required
