from odoo import models

# Odoo's states of payment in which nothing is left to be paid.
PAID = ("paid", "in_payment", "reversed")


class AccountMove(models.Model):
    """Whether invoices are paid, and when."""

    _inherit = "account.move"

    def _policy_is_paid(self):
        """Tell whether nothing of a posted invoice is left to be paid, by its state and by its entries."""
        self.ensure_one()
        return self.payment_state in PAID and self.currency_id.is_zero(self.amount_residual)

    def _policy_payment_days(self):
        """Return the days on which something of these invoices was paid."""
        receivable = self.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        return (receivable.matched_credit_ids | receivable.matched_debit_ids).mapped("max_date")
