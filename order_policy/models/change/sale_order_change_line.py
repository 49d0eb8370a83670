from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_list

VALUES = ("product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount")
# What Odoo prices a line by.
PRICED_BY = ("product_id", "product_uom_qty", "product_uom_id")


class SaleOrderChangeLine(models.Model):
    """A line of an order as it is, and as a request would have it (articles 2.8, 3.13)."""

    _name = "sale.order.change.line"
    _description = "Line of a Change Request"
    _inherit = ["order.policy.believable.mixin", "order.policy.evidence.mixin"]
    _order = "sequence, id"
    _rec_name = "name"

    change_id = fields.Many2one("sale.order.change", required=True, index=True, ondelete="cascade")
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, index="btree_not_null", ondelete="set null", help="Empty for an added line."
    )
    was_on_order = fields.Boolean(
        readonly=True, help="Tells a line that is to be added from one deleted meanwhile.", exportable=False
    )
    sequence = fields.Integer(default=9999)
    company_id = fields.Many2one(related="change_id.company_id")
    currency_id = fields.Many2one(related="change_id.currency_id")
    display_type = fields.Selection(
        [("line_section", "Section"), ("line_subsection", "Subsection"), ("line_note", "Note")],
        readonly=True,
        exportable=False,
    )
    product_id = fields.Many2one(
        "product.product",
        domain="[('sale_ok', '=', True), ('type', '!=', 'combo'), ('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
    )
    name = fields.Text(
        "Description", compute="_compute_from_product", store=True, readonly=False, precompute=True,
        help="The specification, as it is to stand on the order.",
    )  # fmt: skip
    product_uom_qty = fields.Float("Quantity", default=1.0, digits="Product Unit")
    allowed_uom_ids = fields.Many2many(
        "uom.uom", string="Allowed Units", compute="_compute_allowed_uom_ids", exportable=False
    )
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", compute="_compute_from_product", store=True, readonly=False, precompute=True,
        domain="[('id', 'in', allowed_uom_ids)]", ondelete="restrict",
    )  # fmt: skip
    price_unit = fields.Float(
        "Unit Price", min_display_digits="Product Price", compute="_compute_price_unit", store=True, readonly=False,
        precompute=True,
    )  # fmt: skip
    technical_price_unit = fields.Float(
        "Price by Odoo",
        help="The price that Odoo computed. When the unit price is another, a person set it: it stays.",
        exportable=False,
    )
    discount = fields.Float(
        "Disc.%", digits="Discount", compute="_compute_discount", store=True, readonly=False, precompute=True
    )
    is_removed = fields.Boolean(
        "Remove", help="The line stays on the order with the quantity 0, as Odoo keeps lines of confirmed orders."
    )
    was_product_id = fields.Many2one("product.product", "Present Product", readonly=True, ondelete="restrict")
    was_name = fields.Text("Present Description", readonly=True)
    was_product_uom_qty = fields.Float("Present Quantity", readonly=True, digits="Product Unit")
    was_product_uom_id = fields.Many2one("uom.uom", "Present Unit", readonly=True, ondelete="restrict")
    was_price_unit = fields.Float("Present Price", readonly=True, min_display_digits="Product Price")
    was_discount = fields.Float("Present Disc.%", readonly=True, digits="Discount")
    was_part_of_id = fields.Many2one(
        "sale.order.line", "Part Of", readonly=True, index="btree_not_null", ondelete="set null",
        help="The combo that this line is a choice of: it is ordered as often as the combo.",
    )  # fmt: skip
    amount_difference = fields.Monetary("Difference", compute="_compute_amount_difference", help="Without taxes.")
    qty_delivered = fields.Float("Delivered", compute="_compute_progress", digits="Product Unit")
    qty_invoiced = fields.Float("Invoiced", compute="_compute_progress", digits="Product Unit")
    progress = fields.Char("So Far", compute="_compute_so_far", help="What happened with this line already.")
    is_changed = fields.Boolean(compute="_compute_is_changed", exportable=False)

    # ------------------------------------------------------------------
    # What Odoo would make of it
    # ------------------------------------------------------------------

    @api.depends("product_id")
    def _compute_from_product(self):
        """Let Odoo propose description and unit of another product, as on an order."""
        for line in self:
            is_other = line._is_other_product()
            proposed = line._new_on_order() if is_other else line
            for name in ("name", "product_uom_id"):
                line[name] = line[f"was_{name}"] if line.was_on_order and not is_other else proposed[name]

    @api.depends("product_id", "product_id.uom_id", "product_id.uom_ids")
    def _compute_allowed_uom_ids(self):
        for line in self:
            line.allowed_uom_ids = line.product_id.uom_id | line.product_id.uom_ids

    @api.depends(*PRICED_BY)
    def _compute_price_unit(self):
        """Let Odoo price the line as on an order: by product, quantity and unit, unless a person set the price."""
        self._fetch_what_prices_need()
        for line in self:
            if line._is_priced_as_before():
                price, by_odoo = line.was_price_unit, line.order_line_id.sudo().technical_price_unit
            elif not line.product_id or line._has_manual_price():
                price, by_odoo = line.price_unit, line.technical_price_unit
            else:
                proposed = line._as_order_line()
                price, by_odoo = proposed.price_unit, proposed.technical_price_unit
            line.price_unit = price
            line.technical_price_unit = by_odoo

    @api.depends(*PRICED_BY)
    def _compute_discount(self):
        """Let Odoo look for the discount of the price list, as on an order; parts of a combo have that of the combo."""
        by_price_list = self.env["product.pricelist.item"]._is_discount_feature_enabled()
        for line in self:
            if not by_price_list or not line.product_id or line.was_part_of_id:
                line.discount = line.discount
            elif line._is_priced_as_before():
                line.discount = line.was_discount
            else:
                line.discount = line._as_order_line().discount

    def _fetch_what_prices_need(self):
        """Read at once what Odoo would read for every single line."""
        # Superuser: who may write the request learns no more of the order than its prices.
        lines = self.order_line_id.sudo()
        lines.fetch()
        lines.mapped("invoice_lines")
        lines.mapped("product_no_variant_attribute_value_ids")

    @api.onchange("product_id")
    def _onchange_product_id(self):
        """Price another product anew, whatever was paid for the one before."""
        self.technical_price_unit = self.price_unit
        self._compute_price_unit()

    def _is_other_product(self):
        return bool(self.product_id) and self.product_id != self.was_product_id

    def _is_priced_as_before(self):
        """Tell whether this is still the line of the order, as far as its price follows from anything."""
        return (
            self.was_on_order
            and not self._has_manual_price()
            and all((self[name] or False) == (self[f"was_{name}"] or False) for name in PRICED_BY)
        )

    def _has_manual_price(self):
        currency = self.currency_id or self.env.company.currency_id
        return bool(currency.compare_amounts(self.technical_price_unit, self.price_unit))

    def _as_order_line(self):
        """Return what Odoo makes of the product, quantity and unit asked for, as an order line that is not stored."""
        if self._is_other_product() or not self.order_line_id:
            return self._new_on_order(product_uom_id=self.product_uom_id.id)
        line = self._blank(self.order_line_id)
        if self.was_part_of_id:
            # Its price is a share of what the whole combo costs at that quantity.
            line.linked_line_id = self._blank(self.was_part_of_id)
            line.linked_line_id.product_uom_qty = self.product_uom_qty
        line.update({name: self[name] for name in ("price_unit", "technical_price_unit")})
        line.update({name: self[name] for name in ("product_uom_id", "product_uom_qty")})
        return line

    def _new_on_order(self, **values):
        # Superuser: prices and taxes of the order's customer are those that Odoo would use.
        order = self.change_id.sudo().order_id._origin
        product = {"product_id": self.product_id._origin.id, "product_uom_qty": self.product_uom_qty}
        return order.order_line.new({"order_id": order.id, **product, **values})

    def _blank(self, order_line):
        # Superuser: see above.
        return self.env["sale.order.change"]._forget_proposals(order_line.sudo()._origin.new(origin=order_line._origin))

    @api.depends(*VALUES, "is_removed")
    def _compute_is_changed(self):
        for line in self:
            line.is_changed = not line.was_on_order or line.is_removed or bool(line._changed_values())

    @api.constrains("name", "product_uom_qty", "price_unit", "discount")
    def _check_can_be_meant(self):
        # What is on the order already is for the request to mend.
        for line in self:
            line._check_is_believable(line._changed_values())

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
            line.progress = format_list(self.env, line._progress_in_words()) or False

    def _progress_in_words(self):
        """Tell what happened with this line already, in a list of words. Other addons add their own."""
        self.ensure_one()
        number = self.env["order.policy.words"]._number_in_words
        words = [self.env._("%s delivered", number(self.qty_delivered))] if self.qty_delivered else []
        return words + ([self.env._("%s invoiced", number(self.qty_invoiced))] if self.qty_invoiced else [])

    def _new_quantity(self):
        return 0.0 if self.is_removed else self.product_uom_qty

    # ------------------------------------------------------------------
    # Only drafts are edited
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return frozenset({*VALUES, "technical_price_unit", "change_id", "sequence", "is_removed"})

    @api.model
    def _clients_create(self):
        return True

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if "price_unit" in vals:
                vals.setdefault("technical_price_unit", vals["price_unit"])
            if not vals.get("order_line_id"):
                vals.pop("order_line_id", None)  # the form says of each line that is added that it is none of the order
        lines = super().create(vals_list)
        lines.change_id._check_are_drafts()
        lines.change_id._note_who_writes()
        return lines

    def write(self, vals):
        self.change_id._check_are_drafts()
        if "product_id" in vals and "price_unit" not in vals:
            # Superuser: the line is the person's to write. Another product is priced anew.
            for line in self.sudo().filtered(lambda line: line.product_id.id != vals["product_id"]):
                line.technical_price_unit = line.price_unit
        result = super().write(vals)
        self.change_id._check_are_drafts()
        self.change_id._note_who_writes()
        if vals.keys() & {"product_id", "product_uom_qty", "discount", "is_removed"}:
            self.change_id.line_ids._let_parts_follow()
        return result

    def unlink(self):
        changes = self.change_id
        result = super().unlink()
        changes._note_who_writes()
        return result

    def _let_parts_follow(self):
        """Keep the parts of combos with their combo: as many, at its discount, and gone with it, as Odoo does."""
        for part in self.filtered("was_part_of_id"):
            combo = self.filtered(lambda line, part=part: line.order_line_id == part.was_part_of_id)
            values = {"is_removed": combo.is_removed or combo._is_other_product()}
            for name in ("product_uom_qty", "discount"):
                values[name] = combo[name] if combo[name] != combo[f"was_{name}"] else part[f"was_{name}"]
            for name, value in values.items():
                if part[name] != value:
                    part[name] = value

    def _check_can_be_deleted(self):
        self.change_id._check_are_drafts()
        # A line that the request lacks stays on the order: who deletes it means that it is to leave the order.
        ordered = self.change_id.order_id.order_line._policy_ordered_lines()
        for line in self:
            if line.order_line_id in ordered:
                raise UserError(
                    self.env._(
                        "%(line)s is on %(order)s. To ask for it to be taken off the order, switch on Remove; "
                        "to leave it as it is, change nothing about it.",
                        line=line.product_id.display_name or line.name,
                        order=line.change_id.order_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # From the order, and back to it
    # ------------------------------------------------------------------

    @api.model
    def _prepare_from(self, order_lines):
        """Return commands that make lines with the present content of an order."""
        return [
            Command.create(
                {
                    **self._present_values(line),
                    "technical_price_unit": line.technical_price_unit,
                    **self._was_values(line),
                }
            )
            for line in order_lines
        ]

    @api.model
    def _on_order(self, command, lines):
        """Return what a command on the lines of a new request means for it: lines of the order are there already.

        :param dict lines: of the new request, by the id of the line on the order
        """
        if (
            not isinstance(command, (list, tuple))
            or command[0] != Command.CREATE
            or not command[2].get("order_line_id")
        ):
            return command
        values = dict(command[2])
        line = lines.get(self._entered_record("sale.order.line", values.pop("order_line_id")).id)
        if not line:
            raise AccessError(
                self.env._(
                    "A line of another order cannot be changed here. Load the page again, and enter it once more."
                )
            )
        return Command.update(line.id, values)

    def _present_values(self, line):
        return {name: line._fields[name].convert_to_write(line[name], line) for name in VALUES}

    def _was_values(self, line):
        return {
            "order_line_id": line.id,
            "was_part_of_id": line.linked_line_id.id if line.combo_item_id else False,
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
            if "price_unit" not in asked:
                present["technical_price_unit"] = line.order_line_id.technical_price_unit
            line.write(
                {
                    **{name: value for name, value in present.items() if name not in asked},
                    **self._was_values(line.order_line_id),
                }
            )
        change.line_ids = self._prepare_from(order_lines - lines.order_line_id)
