from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import format_list

# By which posted lines tell for which order how much is invoiced.
OF_POSTED = frozenset({"display_type", "parent_state", "price_total", "product_uom_id", "quantity", "sale_line_ids"})


class AccountMoveLine(models.Model):
    """Lines of invoices, and the orders that they are for."""

    _inherit = "account.move.line"

    def _policy_parts(self):
        """Return which part of a line is for which order, by the amounts of the order lines that it stands for.

        :return: dict by order, parts of 1.0
        """
        self.ensure_one()
        lines = self.sale_line_ids
        if len(lines.order_id) < 2:
            return {lines.order_id: 1.0} if lines else {}
        total = sum(lines.mapped("price_total"))
        return {
            order: sum(own.mapped("price_total")) / total if total else len(own) / len(lines)
            for order, own in lines.grouped("order_id").items()
        }

    def _policy_counterparts(self):
        """Return the lines that this one is said to be reconciled with, each with the amount, in its own currency."""
        self.ensure_one()
        of_credit = [(match.credit_move_id, match.debit_amount_currency) for match in self.matched_credit_ids]
        return of_credit + [(match.debit_move_id, match.credit_amount_currency) for match in self.matched_debit_ids]

    def _policy_settling_share(self, line):
        """Return which part counts of what this line is said to settle of another one, from 0 to 1.

        Odoo settles nothing with another account, and nothing with more than a line is about.
        """
        self.ensure_one()
        if self.account_id != line.account_id:
            return 0.0
        settled = sum((self.matched_debit_ids | self.matched_credit_ids).mapped("amount"))
        return min(1.0, abs(self.balance) / settled) if settled else 1.0

    def write(self, vals):
        kept = OF_POSTED & vals.keys()
        if not kept or self.env.su:
            return super().write(vals)
        if any(self._changes(name, vals[name]) for name in kept):
            self._check_stays_with_orders()
        result = super().write(vals)
        if "sale_line_ids" in kept:
            self._check_stays_with_orders()  # nor is it given to another one
        return result

    def _changes(self, name, value):
        """Tell whether a field of one of these lines would be another one by a value that is written."""
        field = self._fields[name]
        return field.relational or any(field.convert_to_write(line[name], line) != value for line in self)

    def _check_stays_with_orders(self):
        """
        :raise AccessError: when a posted invoice is for an order under a policy, of which it tells what is invoiced and
            paid, and so whether goods may leave
        """
        # Superuser: who invoices may not see the orders; no more is told than their numbers.
        posted = self.sudo().filtered(lambda line: line.parent_state == "posted")
        orders = posted.sale_line_ids.order_id.filtered(lambda order: order._goes_by_policy())
        if orders:
            raise AccessError(
                self.env._(
                    "%s: posted invoices tell what is invoiced and paid of these orders, so they stay as they are, "
                    "with the orders that they were made for. Reset the invoice to draft, or make a credit note and a "
                    "new invoice.",
                    format_list(self.env, orders.mapped("name")),
                )
            )
