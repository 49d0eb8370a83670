from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_amount

VALUES = ("product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount")


class SaleOrderChangeLine(models.Model):
    """A line of an order as it is, and as a request would have it (articles 2.8, 3.13)."""

    _name = "sale.order.change.line"
    _description = "Line of a Change Request"
    _order = "sequence, id"
    _rec_name = "name"

    change_id = fields.Many2one("sale.order.change", required=True, index=True, ondelete="cascade")
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, index="btree_not_null", ondelete="set null", help="Empty for an added line."
    )
    was_on_order = fields.Boolean(readonly=True, help="Tells a line that is to be added from one deleted meanwhile.")
    sequence = fields.Integer(default=9999)
    company_id = fields.Many2one(related="change_id.company_id")
    currency_id = fields.Many2one(related="change_id.currency_id")
    display_type = fields.Selection(
        [("line_section", "Section"), ("line_subsection", "Subsection"), ("line_note", "Note")], readonly=True
    )
    product_id = fields.Many2one(
        "product.product",
        domain="[('sale_ok', '=', True), ('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
    )
    name = fields.Text(
        "Description", compute="_compute_from_product", store=True, readonly=False, precompute=True,
        help="The specification, as it is to stand on the order.",
    )  # fmt: skip
    product_uom_qty = fields.Float("Quantity", default=1.0, digits="Product Unit")
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", compute="_compute_from_product", store=True, readonly=False, precompute=True,
        ondelete="restrict",
    )  # fmt: skip
    price_unit = fields.Float(
        "Unit Price", digits="Product Price", compute="_compute_from_product", store=True, readonly=False,
        precompute=True,
    )  # fmt: skip
    discount = fields.Float(
        "Disc.%", digits="Discount", compute="_compute_from_product", store=True, readonly=False, precompute=True
    )
    is_removed = fields.Boolean(
        "Remove", help="The line stays on the order with the quantity 0, as Odoo keeps lines of confirmed orders."
    )
    was_product_id = fields.Many2one("product.product", "Present Product", readonly=True, ondelete="restrict")
    was_name = fields.Text("Present Description", readonly=True)
    was_product_uom_qty = fields.Float("Present Quantity", readonly=True, digits="Product Unit")
    was_product_uom_id = fields.Many2one("uom.uom", "Present Unit", readonly=True, ondelete="restrict")
    was_price_unit = fields.Float("Present Price", readonly=True, digits="Product Price")
    was_discount = fields.Float("Present Disc.%", readonly=True, digits="Discount")
    amount_difference = fields.Monetary("Difference", compute="_compute_amount_difference", help="Without taxes.")
    qty_delivered = fields.Float("Delivered", compute="_compute_progress", digits="Product Unit")
    qty_invoiced = fields.Float("Invoiced", compute="_compute_progress", digits="Product Unit")
    progress = fields.Char("So Far", compute="_compute_so_far", help="What happened with this line already.")
    is_changed = fields.Boolean(compute="_compute_is_changed")

    @api.depends("product_id")
    def _compute_from_product(self):
        """Let Odoo propose description, unit and price of another product, as on an order."""
        for line in self:
            names = ("name", "product_uom_id", "price_unit", "discount")
            if line.product_id and line.product_id != line.was_product_id:
                # Superuser: prices and taxes of the order's customer are those that Odoo would use.
                order = line.change_id.sudo().order_id
                values = {"order_id": order._origin.id, "product_id": line.product_id._origin.id,
                          "product_uom_qty": line.product_uom_qty}  # fmt: skip
                proposed = order.order_line.new(values)
                for name in names:
                    line[name] = proposed[name]
            else:
                for name in names:
                    line[name] = line[name] or line[f"was_{name}"]

    @api.depends(*VALUES, "is_removed")
    def _compute_is_changed(self):
        for line in self:
            line.is_changed = not line.was_on_order or line.is_removed or bool(line._changed_values())

    def _changed_values(self):
        return [name for name in VALUES if (self[name] or False) != (self[f"was_{name}"] or False)]

    @api.depends("product_uom_qty", "price_unit", "discount", "is_removed")
    def _compute_amount_difference(self):
        for line in self:
            before = line.was_product_uom_qty * line.was_price_unit * (1 - line.was_discount / 100)
            after = line._new_quantity() * line.price_unit * (1 - line.discount / 100)
            line.amount_difference = after - before

    @api.depends("order_line_id.qty_delivered", "order_line_id.qty_invoiced")
    def _compute_progress(self):
        for line in self:
            # Superuser: who may see the request judges it by what was delivered and invoiced.
            order_line = line.order_line_id.sudo()
            line.qty_delivered = order_line.qty_delivered
            line.qty_invoiced = order_line.qty_invoiced

    @api.depends("qty_delivered", "qty_invoiced")
    @api.depends_context("lang")
    def _compute_so_far(self):
        for line in self:
            line.progress = ", ".join(line._progress_in_words()) or False

    def _progress_in_words(self):
        """Tell what happened with this line already, in a list of words. Other addons add their own."""
        self.ensure_one()
        words = [self.env._("%g delivered", self.qty_delivered)] if self.qty_delivered else []
        return words + ([self.env._("%g invoiced", self.qty_invoiced)] if self.qty_invoiced else [])

    def _new_quantity(self):
        return 0.0 if self.is_removed else self.product_uom_qty

    # ------------------------------------------------------------------
    # Only drafts are edited
    # ------------------------------------------------------------------

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and (
            field.name.startswith("was_") or field.name in ("order_line_id", "display_type")
        ):  # fmt: skip
            return False
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.change_id._check_are_drafts()
        return lines

    def write(self, vals):
        self.change_id._check_are_drafts()
        result = super().write(vals)
        self.change_id._check_are_drafts()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_submitted(self):
        self.change_id._check_are_drafts()

    # ------------------------------------------------------------------
    # From the order, and back to it
    # ------------------------------------------------------------------

    @api.model
    def _prepare_from(self, order_lines):
        """Return commands that make lines with the present content of an order."""
        return [Command.create({**self._present_values(line), **self._was_values(line)}) for line in order_lines]

    def _present_values(self, line):
        return {name: line._fields[name].convert_to_write(line[name], line) for name in VALUES}

    def _was_values(self, line):
        return {
            "order_line_id": line.id,
            "was_on_order": True,
            "sequence": line.sequence,
            "display_type": line.display_type,
            **{f"was_{name}": value for name, value in self._present_values(line).items()},
        }

    def _refresh(self, change):
        """Start from the present lines of the order; what the request asks for stays."""
        order_lines = change.order_id.order_line._policy_ordered_lines()
        self.filtered(lambda line: line.was_on_order and line.order_line_id not in order_lines).unlink()
        lines = self.exists()
        for line in lines.filtered("was_on_order"):
            present = self._present_values(line.order_line_id)
            asked = line._changed_values()
            line.write(
                {
                    **{name: value for name, value in present.items() if name not in asked},
                    **self._was_values(line.order_line_id),
                }
            )
        change.line_ids = self._prepare_from(order_lines - lines.order_line_id)

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
        if "product_uom_qty" in values:
            values |= {"price_unit": self.price_unit, "discount": self.discount}
        return [Command.update(line.id, values)] if values else []

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
            "sequence": self.sequence if self.was_on_order else max(places),
        }

    # ------------------------------------------------------------------
    # What is not possible, and what is left to do
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
        if self.product_uom_qty < 0 and self.is_changed:
            return [self.env._("%s: a quantity cannot be below zero. Enter 0 or more, or tick Remove.", label)]
        least = max(self.qty_delivered, self.qty_invoiced)
        if self.was_on_order and self._goes_below(least):
            return [
                self.env._(
                    "%(line)s: the quantity cannot go below what was delivered (%(delivered)s) or invoiced "
                    "(%(invoiced)s). Ask for %(least)s or more; for less, return the goods or correct the invoice "
                    "first.",
                    line=label,
                    delivered=f"{self.qty_delivered:g}",
                    invoiced=f"{self.qty_invoiced:g}",
                    least=f"{least:g}",
                )
            ]
        return []

    def _goes_below(self, least):
        """Tell whether the line is lowered, and to less than a quantity in its present unit."""
        unit, remaining = self.was_product_uom_id, 0.0
        if self.product_id == self.was_product_id:
            remaining = self.product_uom_id._compute_quantity(self._new_quantity(), unit, round=False)
        return unit.compare(remaining, self.was_product_uom_qty) < 0 and unit.compare(remaining, least) < 0

    def _finance_tasks(self):
        """Tell what to correct in the invoices of this line."""
        self.ensure_one()
        if not self.qty_invoiced or not {"price_unit", "discount"} & set(self._changed_values()):
            return []
        before = self.was_price_unit * (1 - self.was_discount / 100)
        after = self.price_unit * (1 - self.discount / 100)
        values = {
            "quantity": f"{self.qty_invoiced:g}",
            "product": self.product_id.display_name,
            "before": format_amount(self.env, before, self.currency_id),
            "after": format_amount(self.env, after, self.currency_id),
        }
        if after < before:
            return [
                self.env._(
                    "%(product)s: %(quantity)s invoiced at %(before)s, agreed now %(after)s. "
                    "Issue a credit note for the difference.",
                    **values,
                )
            ]
        return [
            self.env._(
                "%(product)s: %(quantity)s invoiced at %(before)s, agreed now %(after)s. Invoice the difference.",
                **values,
            )
        ]
