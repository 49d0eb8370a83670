from odoo import api, fields, models

# Kinds of exceptions that are faults of what was delivered.
FAULTS = ("quality", "quantity", "damage")


class SaleOrder(models.Model):
    """How good archived orders were: on time, in full, without fault, with the right papers (articles 1.13, 2.17)."""

    _inherit = "sale.order"

    policy_on_time_rate = fields.Float(
        "On Time",
        compute="_compute_policy_rates",
        store=True,
        copy=False,
        aggregator="avg",
        help="Delivered as planned.",
    )
    policy_in_full_rate = fields.Float(
        "In Full",
        compute="_compute_policy_rates",
        store=True,
        copy=False,
        aggregator="avg",
        help="All that was ordered was delivered.",
    )
    policy_faultless_rate = fields.Float(
        "Without Fault",
        compute="_compute_policy_rates",
        store=True,
        copy=False,
        aggregator="avg",
        help="No exception about quality, quantity or damage.",
    )
    policy_papers_rate = fields.Float(
        "Right Papers",
        compute="_compute_policy_rates",
        store=True,
        copy=False,
        aggregator="avg",
        help="The dossier was sealed with all papers that the policy asks for.",
    )
    policy_perfect_rate = fields.Float(
        "Perfect Orders",
        compute="_compute_policy_rates",
        store=True,
        copy=False,
        aggregator="avg",
        help="On time, in full, without fault and with the right papers.",
    )

    @api.depends("policy_stage")
    def _compute_policy_rates(self):
        for order in self:
            archived = order.state == "sale" and order.policy_stage == "archived"
            rates = [float(judged) for judged in order._judge_whether_perfect()] if archived else [0.0] * 4
            order.policy_on_time_rate, order.policy_in_full_rate = rates[:2]
            order.policy_faultless_rate, order.policy_papers_rate = rates[2:]
            order.policy_perfect_rate = float(all(rates))

    def _judge_whether_perfect(self):
        """Tell whether this order was on time, in full, without fault, and with the right papers."""
        self.ensure_one()
        # Superuser: facts of the order, of which only these four are told.
        order = self.sudo()
        deliveries = order.milestone_ids.filtered(
            lambda milestone: milestone.kind == "delivery" and milestone.state == "done"
        )
        return (
            all(milestone.days_late <= 0 for milestone in deliveries),
            all(line._policy_share(line.qty_delivered) == 1.0 for line in order.order_line._policy_wanted_lines()),
            not any(issue.kind in FAULTS for issue in order.issue_ids),
            order.dossier_id.is_complete,
        )
