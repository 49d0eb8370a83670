from functools import cache

from markupsafe import Markup

from odoo import models
from odoo.tools import format_amount, formatLang

# What is read of lines, beside the marks by which Odoo makes some by itself.
SHOWN = (
    "order_id", "display_type", "product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount",
    "price_subtotal", "price_total", "currency_id", "qty_delivered",
)  # fmt: skip
TABLE = Markup('<table class="table table-sm table-borderless mb-0 o_order_policy_lines">%s</table>%s')
TERM = Markup('<div class="text-muted text-break">%s</div>')
TEXT = Markup('<tr><td class="ps-0 text-break" colspan="3">%s</td></tr>')
LINE = Markup(
    '<tr><td class="ps-0 text-break">%s</td>'
    '<td class="text-end text-nowrap"><div>%s %s</div><div class="text-muted small">%s</div></td>'
    '<td class="text-end text-nowrap pe-0">%s</td></tr>'
)
NAME = Markup("<div>%s</div>")
MUTED = Markup('<div class="text-muted small">%s</div>')


class SaleOrder(models.Model):
    """What the cards of reviews list of orders: a page shows hundreds of lines, read and written all at once."""

    _inherit = "sale.order"

    def _subject_summaries(self):
        Line = self.env["sale.order.line"]
        shown = [*SHOWN, *Line._policy_mark_fields()]
        lines = Line.search_fetch([("order_id", "in", self.ids)], shown, order="sequence, id")
        rows = lines._policy_ordered_lines()._rows_of_cards()
        return {
            order: TABLE
            % (Markup().join(rows.get(order, ())), Markup().join(TERM % term for term in order._terms_in_words()))
            for order in self
        }

    def _terms_in_words(self):
        """Tell the terms below the lines; the margin to those who may see it (with the Margins app).

        :return: list of short sentences
        """
        terms = []
        if "margin" in self._fields and self.sudo(False)._has_field_access(self._fields["margin"], "read"):
            terms.append(
                self.env._(
                    "Margin: %(amount)s (%(percent)s%%)",
                    amount=format_amount(self.env, self.margin, self.currency_id),
                    percent=formatLang(self.env, 100 * self.margin_percent, digits=1),
                )
            )
        if self.payment_term_id:
            terms.append(self.env._("Payment: %s", self.payment_term_id.display_name))
        if self.partner_shipping_id != self.partner_id:
            terms.append(self.env._("Ship to: %s", self.partner_shipping_id.display_name))
        return terms


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _rows_of_cards(self):
        """Return these lines as rows of the cards of their orders: lists of HTML by order."""
        words = self.env["order.policy.words"]
        write_amount, write_quantity = words._amount_writer(), cache(self._quantity_as_html)
        rows = {}
        for order, lines in self.grouped("order_id").items():
            currency = order.currency_id
            rows[order] = [
                TEXT % line._text_on_card()
                if line.display_type
                else LINE
                % (
                    line._text_on_card(),
                    write_quantity(line.product_uom_qty),
                    line.product_uom_id.display_name or "",
                    write_amount(line.price_unit, currency) + line._discount_on_card(),
                    line._amounts_on_card(write_amount, currency),
                )
                for line in lines
            ]
        return rows

    def _quantity_as_html(self, quantity):
        field = self._fields["product_uom_qty"]
        _width, precision = field.get_digits(self.env)
        style = {"precision": precision, "min_precision": field.get_min_display_digits(self.env)}
        return self.env["ir.qweb.field.float"].value_to_html(quantity, style)

    def _text_on_card(self):
        """Return the name of the product, and what else the description says; a section or note says nothing else."""
        product = self.product_id
        if not product:
            return NAME % self.env["order.policy.words"]._shortened(self.name or "")
        name = product.display_name
        if self.name == name:
            return NAME % name
        description = self.env["order.policy.words"]._shortened((self.name or "").removeprefix(f"{name}\n"))
        return NAME % name + MUTED % description

    def _discount_on_card(self):
        if not self.discount:
            return ""
        return f" −{self.env['order.policy.words']._number_in_words(self.discount, 'Discount')}%"

    def _amounts_on_card(self, write_amount, currency):
        amount = write_amount(self.price_subtotal, currency)
        if not currency.compare_amounts(self.price_subtotal, self.price_total):
            return amount
        return (
            NAME % amount
            + MUTED % self.env._("without taxes")
            + MUTED % f"{write_amount(self.price_total, currency)} {self.env._('taxes included')}"
        )
