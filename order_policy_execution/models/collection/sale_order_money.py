from collections import defaultdict
from typing import NamedTuple

from odoo import models

from .account_move import OF_CUSTOMERS


class Money(NamedTuple):
    """Of one order, in its currency: what was invoiced, what was received, and what is open by when."""

    invoiced: float = 0.0
    received: float = 0.0
    dues: tuple = ()


class SaleOrder(models.Model):
    """What was invoiced, received and is open of orders, as reconciled records tell it."""

    _inherit = "sale.order"

    def _money(self):
        """Return how it stands with the money of orders, in superuser mode, whoever asks.

        Of invoices that serve several orders each order has its part. Credit notes are taken off, first from what is
        due first. Online payments count before they are settled against an invoice, too.

        :return: dict of ``Money`` by order
        """
        # Superuser: who works on an order sees what is paid of it, and nothing of the invoices.
        orders = self.sudo()
        invoices = orders.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type in OF_CUSTOMERS
        )
        shares, instalments = invoices._policy_shares(), invoices._policy_instalments()
        of_rest = invoices._policy_shares_of_rest(shares)
        of_order = defaultdict(list)
        for invoice, parts in shares.items():
            asked, open_parts = instalments[invoice]
            for order, part in parts.items():
                rest = of_rest[invoice][order]
                of_order[order].append((invoice, part * asked, [(day, rest * amount) for day, amount in open_parts]))
        return {order: order._money_of(of_order[order]) for order in orders}

    def _money_of(self, parts):
        """Add up what invoices tell of one order.

        :param parts: tuples of an invoice, what it asks for the order, and what of that is open by when
        """
        self.ensure_one()
        invoiced = still_open = given_back = 0.0
        dues = defaultdict(float)
        for invoice, asked, open_parts in parts:
            rate = self._rate_from(invoice) * (-1 if invoice.move_type == "out_refund" else 1)
            invoiced += rate * asked
            still_open += rate * sum(amount for _day, amount in open_parts)
            for day, amount in open_parts:
                if rate * amount > 0:
                    dues[day] += rate * amount
                else:
                    given_back -= rate * amount
        return Money(
            self.currency_id.round(invoiced),
            self.currency_id.round(invoiced - still_open + self._paid_ahead()),
            tuple(self._take_off(sorted(dues.items()), given_back)),
        )

    def _rate_from(self, invoice):
        return self.env["res.currency"]._get_conversion_rate(
            invoice.currency_id, self.currency_id, invoice.company_id, invoice.invoice_date or invoice.date
        )

    def _take_off(self, dues, amount):
        """Take an amount off what is due, from the earliest on."""
        for day, due in dues:
            taken = min(due, amount)
            amount -= taken
            rest = self.currency_id.round(due - taken)
            if rest:
                yield day, rest

    def _paid_ahead(self):
        """Return what was paid online for the order and is not settled against invoices yet, in its currency.

        Money that is only authorised or announced is not there.
        """
        self.ensure_one()
        ahead = 0.0
        for transaction in self.transaction_ids.filtered(lambda transaction: transaction.state == "done"):
            left = transaction.amount
            if transaction.payment_id:
                if transaction.payment_id.state in ("draft", "canceled", "rejected"):
                    continue
                used = transaction.payment_id._policy_used()
                left = max(left - used, 0.0) if left > 0 else min(left + used, 0.0)
            part = self._part_of(transaction.sale_order_ids)
            ahead += part * transaction.currency_id._convert(
                left, self.currency_id, self.company_id, transaction.last_state_change, round=False
            )
        return ahead

    def _part_of(self, orders):
        """Return which part of something that is paid for several orders is for this one."""
        total = sum(orders.mapped("amount_total"))
        return self.amount_total / total if total else 1 / len(orders)
