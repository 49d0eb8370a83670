from datetime import datetime, time

from odoo import api, models

from .sale_order_milestone import COMPLETE


class SaleOrderMilestone(models.Model):
    """Milestones that follow from invoices (articles 2.11, 3.10).

    Only what is posted counts: an invoice that is set to draft, cancelled or credited takes the milestone back. An
    invoice for several orders counts with the lines of each.
    """

    _inherit = "sale.order.milestone"

    @api.model
    def _fact_dependencies(self):
        move = "order_id.order_line.invoice_lines.move_id"
        return [
            *super()._fact_dependencies(),
            "order_id.amount_total",
            f"{move}.state",
            f"{move}.invoice_date",
        ]

    def _facts_invoice(self):
        self._read_invoices_at_once()
        facts = {}
        for milestone in self:
            order = milestone.order_id
            share = order._policy_invoiced_share()
            if share is None:
                facts[milestone] = milestone._nothing_to_pay()
            else:
                first, last = milestone._first_and_last(order._policy_posted_invoices().mapped("invoice_date"))
                facts[milestone] = (first, share >= 1 and last, COMPLETE * share)
        return facts

    def _read_invoices_at_once(self):
        """Read what is looked at of each order, of all orders together."""
        lines = self.order_id.order_line
        lines.invoice_lines.move_id.line_ids.mapped("account_id.account_type")
        lines.mapped("qty_invoiced_posted")

    def _nothing_to_pay(self):
        """Return the fact of an order that costs nothing: there is nothing to invoice and to collect."""
        return (self.confirmed_on, self.confirmed_on, COMPLETE)

    @api.model
    def _first_and_last(self, days):
        """Return the moments of the first and the last of some days: noon in UTC, the same day nearly everywhere."""
        moments = sorted(datetime.combine(day, time(12)) for day in days if day)
        return (moments[0], moments[-1]) if moments else (False, False)
