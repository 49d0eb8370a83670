from odoo import models


class AccountPayment(models.Model):
    """Which part of a payment is for which invoice."""

    _inherit = "account.payment"

    def _policy_part_for(self, invoice, invoices):
        """Return what of a payment is for one of several invoices: the one that is due first is paid first.

        :param invoice: account.move record
        :param invoices: all posted ones that the payment is for
        :return: in the currency of the payment
        """
        self.ensure_one()
        left = self.amount
        for other in invoices.sorted(lambda found: (found.invoice_date_due or found.date, found.id)):
            asked = sum(abs(line.amount_currency) for line in other._policy_terms())
            asked = other.currency_id._convert(asked, self.currency_id, self.company_id, self.date, round=False)
            if other == invoice:
                return min(left, asked)
            left -= min(left, asked)
        return 0.0

    def _policy_used(self):
        """Return what of a payment is settled against invoices by now, in its currency."""
        self.ensure_one()
        if not self.move_id:
            return self.amount if self.invoice_ids else 0.0
        used = 0.0
        for line in self.move_id.line_ids.filtered(lambda line: line.account_id == self.destination_account_id):
            used += sum(line.matched_debit_ids.mapped("credit_amount_currency"))
            used += sum(line.matched_credit_ids.mapped("debit_amount_currency"))
        return min(used, self.amount)
