from collections import defaultdict

from odoo import models

from .account_move import OF_CUSTOMERS


class AccountMove(models.Model):
    """What credit notes take off invoices that serve several orders (articles 2.9, 2.11)."""

    _inherit = "account.move"

    def _policy_shares_of_rest(self, shares):
        """Return which part of what these invoices still ask for is for which order.

        It is the part of the invoice, but what a credit note took off it is taken off the orders that this is for.

        :param dict shares: of the invoices as they were posted, see ``_policy_shares``
        :return: dict of dicts by invoice and order, parts of 1.0
        """
        shared = self.filtered(lambda invoice: shares[invoice] and not self._is_whole(shares[invoice]))
        credits = {invoice: found for invoice in shared if (found := invoice._policy_credits())}
        of_credits = self.union(*(note for found in credits.values() for note in found))._policy_shares()
        rest = {
            invoice: invoice._policy_parts_of_rest(shares[invoice], credits[invoice], of_credits) for invoice in credits
        }
        return {**shares, **rest}

    @staticmethod
    def _is_whole(parts):
        """Tell whether all of an invoice is for one order: most are, and nothing is to be looked up for them."""
        return len(parts) == 1 and next(iter(parts.values())) > 1 - 1e-9

    def _policy_credits(self):
        """Return what credit notes took off this invoice, in its currency, by credit note."""
        credits = defaultdict(float)
        for line in self._policy_terms():
            for counterpart, amount in line._policy_counterparts():
                if counterpart.parent_state == "posted" and counterpart.move_id.move_type in OF_CUSTOMERS:
                    credits[counterpart.move_id] += amount * counterpart._policy_settling_share(line)
        return credits

    def _policy_parts_of_rest(self, parts, credits, of_credits):
        asked = sum(abs(line.amount_currency) for line in self._policy_terms())
        # False stands for what is for no order.
        parts = {**parts, False: max(1 - sum(parts.values()), 0.0)}
        rest = {order: part * asked for order, part in parts.items()}
        for note, amount in credits.items():
            known = {order: part for order, part in of_credits[note].items() if order in rest}
            for order, part in parts.items():
                rest[order] -= amount * (known.get(order, 0.0) + (1 - sum(known.values())) * part)
        rest = {order: max(amount, 0.0) for order, amount in rest.items()}
        total = sum(rest.values())
        return {order: amount / total if total else parts[order] for order, amount in rest.items() if order}
