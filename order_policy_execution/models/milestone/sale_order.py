from odoo import api, fields, models


class SaleOrder(models.Model):
    """Which milestones an order has, and that it is completed by them (articles 1.8, 2.9 to 2.11, 3.10)."""

    _inherit = "sale.order"

    milestone_ids = fields.One2many(
        "sale.order.milestone",
        "order_id",
        "Milestones",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    policy_due_ids = fields.One2many(
        "sale.order.due",
        "order_id",
        "Changes of Documents",
        readonly=True,
        copy=False,
        exportable=False,
        groups=fields.NO_ACCESS,
    )

    # ------------------------------------------------------------------
    # Made when the order is confirmed
    # ------------------------------------------------------------------

    @api.constrains("state", "policy_exempt_reason")
    def _make_milestones(self):
        """Give confirmed orders the milestones of their policy that they do not have yet, whoever stored them."""
        # Superuser: whoever confirms an order.
        confirmed = self.sudo().filtered(lambda order: order.state == "sale" and order._goes_by_policy())
        values = []
        for policy, orders in confirmed.grouped("policy_id").items():
            for rule in policy._milestones():
                lacking = orders.filtered(lambda order, rule=rule: rule not in order.milestone_ids.policy_milestone_id)
                values += [order._prepare_milestone(rule) for order in rule._matching(lacking)]
        if values:
            self.env["sale.order.milestone"].sudo().create(values)

    def _prepare_milestone(self, rule):
        return {
            "order_id": self.id,
            "policy_milestone_id": rule.id,
            "confirmed_on": self.date_order or fields.Datetime.now(),
        }

    def _follow_milestones(self):
        """Bring the milestones of these orders in line with the facts, and give them those that they lack.

        Stored facts that milestones depend on (``_fact_dependencies``) do so by themselves; what else stores one calls
        ``_follow_facts`` of milestones, or notes that documents changed (``order.policy.followed.mixin``).
        """
        # Superuser: facts are facts, whoever stored them.
        orders = self.sudo()
        orders._make_milestones()
        milestones = orders.milestone_ids
        self.env.add_to_compute(milestones._fields["planned_on"], milestones)
        milestones._follow_facts()
        milestones.flush_model()

    def _follow_documents(self):
        """Bring what is known of these orders in line with documents that changed. Called by jobs, as superuser.

        What was planned stays planned, whatever documents say. Each matter adds its own.
        """
        self.milestone_ids._follow_facts()

    def _current_milestones(self):
        """Return the milestones of the version of the policy that the order goes by."""
        self.ensure_one()
        # Superuser: whether an order is done shows to whoever sees it.
        order = self.sudo()
        return order.milestone_ids.filtered(
            lambda milestone: milestone.policy_milestone_id.policy_id == order.policy_id
        )

    # ------------------------------------------------------------------
    # When the order is done
    # ------------------------------------------------------------------

    @api.model
    def _completion_dependencies(self):
        return [*super()._completion_dependencies(), "milestone_ids.is_open"]

    def _is_completed(self):
        milestones = self._current_milestones() if self._goes_by_policy() else ()
        return not any(milestone.is_open for milestone in milestones) if milestones else super()._is_completed()

    def _policy_sentence(self, obstacles):
        if self._goes_by_policy() and self.policy_stage == "completed" and self._current_milestones():
            return self.env._("All its milestones are done. Its dossier is to be sealed by an archivist.")
        return super()._policy_sentence(obstacles)

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered("milestone_ids")
