from odoo import models
from odoo.fields import Command

from .sale_order_change_line import VALUES


class SaleOrderChangeLine(models.Model):
    """What lines of a request make of the order, and why they cannot."""

    _inherit = "sale.order.change.line"

    def _order_line_commands(self):
        """Return the commands that bring the order to what this line asks for."""
        self.ensure_one()
        line = self.order_line_id._origin
        if not line:
            return [] if self.was_on_order else [Command.create(self._new_line_values())]
        if self.display_type:
            if self.is_removed:
                return [Command.delete(line.id)]
            return [Command.update(line.id, {"name": self.name})] if self.name != self.was_name else []
        if self.product_id != self.was_product_id and not self.is_removed:
            # Odoo does not exchange the product of a line that has deliveries: the line ends, another takes its place.
            return [self._quantity_command(line, 0.0), Command.create(self._new_line_values())]
        if self.is_removed:
            return [self._quantity_command(line, 0.0)]
        values = {name: self._fields[name].convert_to_write(self[name], self) for name in self._changed_values()}
        if values.keys() & {"product_uom_qty", "product_uom_id", "price_unit", "discount"}:
            # With the quantity, which deliveries follow, and with the price, or Odoo would look for another one.
            values |= {"product_uom_qty": self.product_uom_qty, **self._price_values()}
        return [Command.update(line.id, values)] if values else []

    def _price_values(self):
        return {name: self[name] for name in ("price_unit", "technical_price_unit", "discount")}

    def _quantity_command(self, line, quantity):
        # With the price, or Odoo would look for the one of the new quantity.
        return Command.update(
            line.id,
            {"product_uom_qty": quantity, "price_unit": self.was_price_unit, "discount": self.was_discount},
        )

    def _new_line_values(self):
        places = self.change_id.order_id.order_line.mapped("sequence") or [10]
        return {
            **{name: self._fields[name].convert_to_write(self[name], self) for name in VALUES},
            **self._price_values(),
            "sequence": self.sequence if self.was_on_order else max(places),
        }

    # ------------------------------------------------------------------
    # What is not possible
    # ------------------------------------------------------------------

    def _problems(self):
        """Tell what keeps the order from becoming what this line asks for, in a list of sentences."""
        self.ensure_one()
        label = self.was_product_id.display_name or self.product_id.display_name or self.name or self.env._("New line")
        if self.was_on_order and not self.order_line_id:
            return [self.env._("%s: the line was deleted from the order meanwhile. Refresh the request.", label)]
        if self.display_type:
            return []
        if not self.product_id:
            return [self.env._("%s: choose a product.", label)]
        refusal = self._refusal_as_combo() or self._refusal_of_unit()
        if refusal:
            return [self.env._("%(what)s: %(said)s", what=label, said=refusal)]
        if self.product_uom_qty < 0 and self.is_changed:
            return [self.env._("%s: a quantity cannot be below zero. Enter 0 or more, or tick Remove.", label)]
        least = max(self.qty_delivered, self.qty_invoiced)
        if self.was_on_order and self._goes_below(least):
            number = self.env["order.policy.words"]._number_in_words
            return [
                self.env._(
                    "%(line)s: the quantity cannot go below what was delivered (%(delivered)s) or invoiced "
                    "(%(invoiced)s). Ask for %(least)s or more; for less, return the goods or correct the invoice "
                    "first.",
                    line=label,
                    delivered=number(self.qty_delivered),
                    invoiced=number(self.qty_invoiced),
                    least=number(least),
                )
            ]
        return []

    def _refusal_as_combo(self):
        """Tell why a combo cannot come by request, or one of its choices be exchanged; False where neither is asked."""
        if self.is_removed or not self._is_other_product():
            return False
        if self.was_part_of_id:
            return self.env._(
                "it is a choice of %s, and choices are made on a quotation. Change or remove the combo as a whole.",
                self.was_part_of_id.sudo().product_id.display_name,
            )
        if self.product_id.type == "combo":
            return self.env._(
                "%s is a combo, whose choices are made on a quotation. Enter it there, or ask for its parts as single "
                "lines.",
                self.product_id.display_name,
            )
        return False

    def _refusal_of_unit(self):
        """Tell why the line cannot have the unit asked for; False where it can."""
        unit, product_unit = self.product_uom_id, self.product_id.uom_id
        if self.is_removed or not unit:
            return False
        if not unit._has_common_reference(product_unit):
            return self.env._(
                "%(unit)s cannot be converted to %(product_unit)s. Choose a unit in which the product is sold.",
                unit=unit.name,
                product_unit=product_unit.name,
            )
        happened = self.qty_delivered or self.qty_invoiced
        if happened and self.product_id == self.was_product_id and unit != self.was_product_uom_id:
            return self.env._(
                "a part of it was delivered or invoiced in %(unit)s already, so its unit stays. Lower this line to "
                "that, and add a line for the rest.",
                unit=self.was_product_uom_id.name,
            )
        return False

    def _goes_below(self, least):
        """Tell whether the line is lowered, and to less than a quantity in its present unit."""
        unit, remaining = self.was_product_uom_id, 0.0
        if self.product_id == self.was_product_id:
            remaining = self.product_uom_id._compute_quantity(self._new_quantity(), unit, round=False)
        return unit.compare(remaining, self.was_product_uom_qty) < 0 and unit.compare(remaining, least) < 0
