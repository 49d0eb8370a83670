from odoo import api, models

from ..milestone.sale_order_milestone import COMPLETE


class SaleOrderMilestone(models.Model):
    """Milestones that follow from what was really received, and from nothing that can be typed (article 2.11).

    A payment that is taken back takes the milestone back.
    """

    _inherit = "sale.order.milestone"

    @api.model
    def _fact_dependencies(self):
        amounts = ("policy_amount_invoiced", "policy_amount_paid", "policy_amount_due")
        return [*super()._fact_dependencies(), *(f"order_id.{amount}" for amount in amounts)]

    def _facts_payment(self):
        self._read_invoices_at_once()
        facts = {}
        for milestone in self:
            order = milestone.order_id
            invoiced = order._policy_invoiced_share()
            if invoiced is None:
                facts[milestone] = milestone._nothing_to_pay()
                continue
            invoices = order._policy_posted_invoices()
            first, last = milestone._first_and_last(invoices._policy_payment_days())
            # Credit notes that balance what was invoiced are paid on the day of the invoice.
            _first_invoice, last_invoice = milestone._first_and_last(invoices.mapped("invoice_date"))
            is_paid = invoiced >= 1 and bool(invoices) and order.currency_id.is_zero(order.policy_amount_due)
            progress = COMPLETE * max(0.0, min(order.policy_amount_paid / order.amount_total, 1.0))
            facts[milestone] = (first, is_paid and (last or last_invoice), progress)
        return facts
