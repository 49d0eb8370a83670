from ast import literal_eval

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain


class OrderPolicyRuleMixin(models.AbstractModel):
    """A rule of the policy, or who decides by it: only administrators of the policy make, change and delete it.

    Whoever administers settings, sales or the access rights of Odoo, and not the policy, changes none, whatever access
    rights he hands out. That somebody who may edit groups makes himself an administrator of the policy is outside.
    """

    _name = "order.policy.rule.mixin"
    _description = "Rule of the Order Policy"
    _inherit = "order.policy.evidence.mixin"

    @api.model
    def _is_policy_administrator(self):
        return self.env.su or self.env.user.has_group("order_policy.group_order_policy_manager")

    @api.model
    def _made_by_methods(self):
        """Return the names of the fields that administrators of the policy do not write either."""
        return frozenset()

    @api.model
    def _is_kept_from_clients(self, field):
        return field.name in self._made_by_methods() or not self._is_policy_administrator()

    @api.model
    def _takes_defaults(self, field):
        # An administrator enters what stands in the context himself. What others chose for him he would not notice.
        chosen = not self.env.su and f"default_{field.name}" in self.env.context
        return chosen and super()._takes_defaults(field)

    @api.model
    def _clients_create(self):
        return self._is_policy_administrator()

    @api.model
    def _refusal_to_create(self):
        return self._refusal_to_others()

    @api.model
    def _refusal_to_others(self):
        return self.env._(
            "%s: only an administrator of the order policy may change the rules of the policy and who decides by them. "
            "Ask one of them.",
            self.env["ir.model"]._get(self._name).name,
        )

    def _check_field_access(self, field, operation):
        if operation == "write" and not self._is_policy_administrator():
            raise AccessError(self._refusal_to_others())
        return super()._check_field_access(field, operation)

    def _check_can_be_deleted(self):
        """
        :raise AccessError: for everybody but administrators of the policy
        :raise UserError: when one of these is in use, and so has to stay
        """
        if not self._is_policy_administrator():
            raise AccessError(self._refusal_to_others())

    # ------------------------------------------------------------------
    # Conditions on orders
    # ------------------------------------------------------------------

    @api.model
    def _condition(self, text):
        """Return a condition on orders as a domain. Blanks, and what the editor leaves of a removed one, are none: [].

        :param text: the domain as stored
        """
        return literal_eval(text.strip()) if text and text.strip() else []

    @api.model
    def _check_condition(self, text, rule):
        """Make sure that a condition on orders can be evaluated.

        :param text: the domain as stored
        :param rule: the rule it belongs to, for the message
        :raise ValidationError: when it does not parse or names a field that orders do not have
        """
        try:
            domain = Domain(self._condition(text))
        except Exception as error:
            raise ValidationError(
                self.env._(
                    "%(rule)s: “%(condition)s” is not a condition. "
                    "Choose fields of the order with the condition editor.",
                    rule=rule,
                    condition=text,
                )
            ) from error
        try:
            # Superuser: whether a condition works does not depend on the orders that this person sees.
            with self.env.cr.savepoint(flush=False):
                self.env["sale.order"].sudo().search(domain, limit=1).filtered_domain(domain)
        except Exception as error:
            raise ValidationError(
                self.env._(
                    "%(rule)s: the condition “%(condition)s” cannot be used: %(error)s. "
                    "Choose fields of the order with the condition editor.",
                    rule=rule,
                    condition=text,
                    error=self.env["order.policy.words"]._within_sentence(error),
                )
            ) from error
