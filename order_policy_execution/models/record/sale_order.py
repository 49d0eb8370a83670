from odoo import models
from odoo.fields import Domain

# What the record is made of, in this order: model, what of it, and how it is sorted.
SECTIONS = {
    "milestones": ("sale.order.milestone", Domain.TRUE, "sequence, id"),
    "inspections": ("sale.order.inspection", Domain("state", "!=", "dropped"), "order_line_id, round, id"),
    "issues": ("sale.order.issue", Domain.TRUE, "reported_on, id"),
    "followups": ("sale.order.followup", Domain("state", "!=", "ended"), "date_due, id"),
    "feedback": ("sale.order.feedback", Domain.TRUE, "given_on, id"),
}
# When something of it was reported, decided or said.
MOMENTS = {
    "milestones": ("started_on", "done_on", "skipped_on", "reopened_on"),
    "inspections": ("decided_on",),
    "issues": ("reported_on", "started_on", "settled_on", "customer_told_on"),
    "followups": ("done_on",),
    "feedback": ("given_on",),
}


class SaleOrder(models.Model):
    """The execution record: how an order was carried out, on one paper (articles 3.11, 3.16)."""

    _inherit = "sale.order"

    def _execution_records(self):
        """Return what the execution records of these orders tell, as far as the current user reads it.

        :return: dict by order of dicts: recordsets by names of ``SECTIONS``, and ``is_whole``: whether that is all
        """
        told = {name: self._execution_section(name) for name in SECTIONS}
        # Superuser: that something is left out is said, and nothing of what it is.
        all_of_it = {name: self.sudo()._count_execution_section(name) for name in SECTIONS}
        return {
            order: {
                **{name: told[name][order] for name in SECTIONS},
                "is_whole": all(len(told[name][order]) == all_of_it[name].get(order.id, 0) for name in SECTIONS),
            }
            for order in self
        }

    def _execution_section(self, name):
        model, domain, sorting = SECTIONS[name]
        found = self.env[model].search(self._of_these_orders() & domain, order=sorting).grouped("order_id")
        return {order: found.get(order, self.env[model]) for order in self}

    def _count_execution_section(self, name):
        model, domain, _order = SECTIONS[name]
        counts = self.env[model]._read_group(self._of_these_orders() & domain, ["order_id"], ["__count"])
        return {order.id: count for order, count in counts}

    def _of_these_orders(self):
        return Domain("order_id", "in", self.ids)

    def _execution_recorded_on(self):
        """Return when the last thing was reported, decided or said that the execution record of this order tells.

        :return: datetime; false where the record tells nothing yet
        """
        self.ensure_one()
        record = {name: self._execution_section(name)[self] for name in SECTIONS}
        measures = record["issues"].measure_ids
        return max(
            [
                moment
                for name, fields in MOMENTS.items()
                for entry in record[name]
                for moment in self._moments(entry, fields)
            ]
            + [moment for measure in measures for moment in self._moments(measure, ("ended_on",))],
            default=False,
        )

    def _moments(self, entry, fields):
        return [entry[field] for field in fields if entry[field]]
