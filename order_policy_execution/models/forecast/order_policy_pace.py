from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

LOOKED_BACK = 90  # days
FEWEST = 3  # milestones, of which something can be said at all


class OrderPolicyPace(models.Model):
    """How long a department really took lately for milestones of a kind, from when its turn came (article 1.11)."""

    _name = "order.policy.pace"
    _description = "Pace of a Department"
    _inherit = "order.policy.evidence.mixin"
    _order = "company_id, department_id, kind"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    department_id = fields.Many2one("order.policy.department", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(
        lambda self: self.env["order.policy.milestone"]._fields["kind"]._description_selection(self.env),
        required=True,
        readonly=True,
    )
    days = fields.Float(
        "Days (Median)",
        readonly=True,
        aggregator="avg",
        help="Calendar days from when its turn came until it was done: half of the milestones took longer.",
    )
    count = fields.Integer("Milestones", readonly=True, help=f"Done in the last {LOOKED_BACK} days.")
    measured_on = fields.Datetime(readonly=True)

    _one_each = models.UniqueIndex("(department_id, kind)", "The pace of this department is known already.")

    @api.depends("department_id.name", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for pace in self:
            pace.display_name = f"{pace.department_id.name} · {kinds.get(pace.kind, pace.kind)}"

    @api.model
    def _measure(self):
        """Measure how long departments took for what they did lately. Called by the job, in superuser mode."""
        self.env["sale.order.milestone"].flush_model()
        now = fields.Datetime.now()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT done.company_id, done.department_id, done.kind, COUNT(*) AS count,
                       percentile_cont(0.5) WITHIN GROUP (
                           ORDER BY EXTRACT(EPOCH FROM done.done_on - COALESCE(before.done_on, done.confirmed_on))
                                    / 86400
                       ) AS days
                  FROM sale_order_milestone done
                  LEFT JOIN LATERAL (
                       SELECT MAX(former.done_on) AS done_on
                         FROM sale_order_milestone former
                        WHERE former.order_id = done.order_id
                          AND former.sequence < done.sequence
                          AND former.done_on <= done.done_on
                       ) before ON TRUE
                 WHERE done.state = 'done' AND done.done_on >= %(since)s AND done.department_id IS NOT NULL
                 GROUP BY done.company_id, done.department_id, done.kind
                """,
                since=now - timedelta(days=LOOKED_BACK),
            )
        )
        known = {(pace.department_id.id, pace.kind): pace for pace in self.search([])}
        found = {(row["department_id"], row["kind"]): {**row, "measured_on": now} for row in rows}
        for key in known.keys() & found.keys():
            known[key].write(found[key])
        self.create([values for key, values in found.items() if key not in known])
        self.browse().concat(*(pace for key, pace in known.items() if key not in found)).count = 0

    @api.model
    def _usual_days(self, departments):
        """Return how many days departments usually take, where enough is known of it.

        :param departments: order.policy.department records
        :return: dict of days by pair of department and kind
        """
        # Superuser: how long a department takes is counted with, whoever stores the order.
        paces = self.sudo().search_fetch(
            [("department_id", "in", departments.ids), ("count", ">=", FEWEST)], ["department_id", "kind", "days"]
        )
        return {(pace.department_id, pace.kind): pace.days for pace in paces}
