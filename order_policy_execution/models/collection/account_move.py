from collections import defaultdict

from odoo import models

# What asks a customer for money, or gives it back.
OF_CUSTOMERS = ("out_invoice", "out_refund", "out_receipt")


class AccountMove(models.Model):
    """What of an invoice is for which order, and what of it was really received (articles 2.9, 2.11)."""

    _inherit = "account.move"

    def write(self, vals):
        if "move_type" in vals and not self.env.su and any(move.move_type != vals["move_type"] for move in self):
            self.line_ids._check_stays_with_orders()
        return super().write(vals)

    def _policy_shares(self):
        """Return which part of each invoice is for which order: one invoice may serve several.

        A line that stands for lines of several orders is divided by their amounts. What is for no order is left out.

        :return: dict of dicts by invoice and order, parts of 1.0
        """
        shares = {}
        self.invoice_line_ids.mapped("sale_line_ids.order_id")  # read of all invoices at once
        for invoice in self:
            amounts, total = defaultdict(float), 0.0
            for line in invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product"):
                total += line.price_total
                for order, part in line._policy_parts().items():
                    amounts[order] += line.price_total * part
            is_free = invoice.currency_id.is_zero(total)
            shares[invoice] = {} if is_free else {order: amount / total for order, amount in amounts.items()}
        return shares

    def _policy_instalments(self):
        """Return what these invoices still ask for, and when, by what was received and by nothing that can be typed.

        :return: dict by invoice of tuples (asked in all, list of pairs of day and amount still open, the earliest
            first), in the currency of the invoice, positive for credit notes too
        """
        received = self._policy_received()
        result = {}
        for invoice in self:
            left, open_parts, asked = received[invoice], [], 0.0
            for line in invoice._policy_terms().sorted(lambda line: (line.date_maturity or line.date, line.id)):
                amount = abs(line.amount_currency)
                asked += amount
                settled = min(left, amount)
                left -= settled
                if invoice.currency_id.compare_amounts(amount, settled) > 0:
                    open_parts.append((line.date_maturity or line.date, amount - settled))
            result[invoice] = asked, open_parts
        return result

    def _policy_payment_days(self):
        """Return the days on which something of these invoices was paid. By a credit note nothing is."""
        terms = self._policy_terms()
        settled = terms.matched_credit_ids | terms.matched_debit_ids
        paid = settled.filtered(
            lambda match: (
                not all(move.move_type in OF_CUSTOMERS for move in (match.credit_move_id | match.debit_move_id).move_id)
            )
        )
        return paid.mapped("max_date")

    def _policy_received(self):
        """Return what settled these invoices, in their currencies, never more than they ask for.

        The state of payment of an invoice, and what is left of it, can be written by whoever invoices. What counts is
        reconciled with posted entries, or paid by a payment that waits for the statement of the bank.
        """
        result = {}
        self._read_reconciled_at_once()
        for invoice in self:
            terms = invoice._policy_terms()
            of_bank, of_others = invoice._policy_reconciled(terms)
            announced = invoice._policy_paid_without_entry()
            # The statement of the bank, once it is there, tells of the payment that waited for it.
            result[invoice] = min(of_others + max(of_bank, announced), sum(abs(line.amount_currency) for line in terms))
        return result

    def _read_reconciled_at_once(self):
        """Read what is reconciled with each of these invoices, of all together."""
        terms = self._policy_terms()
        terms.matched_credit_ids.mapped("credit_move_id.move_id.statement_line_id")
        terms.matched_debit_ids.mapped("debit_move_id.move_id.statement_line_id")
        counterparts = terms.matched_credit_ids.credit_move_id | terms.matched_debit_ids.debit_move_id
        (counterparts.matched_credit_ids | counterparts.matched_debit_ids).mapped("amount")
        self.matched_payment_ids.mapped("invoice_ids.state")

    def _policy_terms(self):
        return self.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def _policy_reconciled(self, terms):
        """Return what is reconciled with statements of banks, and with anything else.

        Whoever invoices may write that lines are reconciled that Odoo itself would not reconcile: of other accounts, or
        for more than they are about.
        """
        of_bank = of_others = 0.0
        for line in terms:
            for counterpart, amount in line._policy_counterparts():
                if counterpart.parent_state != "posted" or counterpart.move_id == self:
                    continue
                settled = amount * counterpart._policy_settling_share(line)
                if counterpart.move_id.statement_line_id:
                    of_bank += settled
                else:
                    of_others += settled
        return of_bank, of_others

    def _policy_paid_without_entry(self):
        """Return what was paid by payments that no journal entry tells of until the statement of the bank is there."""
        self.ensure_one()
        paid = 0.0
        for payment in self.matched_payment_ids:
            if payment.move_id or payment.state not in ("in_process", "paid"):
                continue
            if payment.payment_type != ("outbound" if self.move_type == "out_refund" else "inbound"):
                continue
            others = payment.invoice_ids.filtered(lambda invoice: invoice.state == "posted")
            amount = payment._policy_part_for(self, others)
            paid += payment.currency_id._convert(
                amount, self.currency_id, payment.company_id, payment.date, round=False
            )
        return paid
