from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import is_html_empty

PRICES = frozenset({"price_unit", "price_subtotal", "price_total"})


class OrderPolicyRequirement(models.Model):
    """Information or a paper that an order must have before it is submitted (articles 2.5, 3.5, 3.6)."""

    _name = "order.policy.requirement"
    _description = "Requirement of an Order Policy"
    _inherit = "order.policy.part.mixin"

    MODELS = {"order": "sale.order", "customer": "res.partner", "line": "sale.order.line"}

    name = fields.Char(help="What is missing, as the salesperson calls it: “Delivery time”.")
    kind = fields.Selection(
        [
            ("order", "Field of the order"),
            ("customer", "Field of the customer"),
            ("line", "Field of each line"),
            ("specification", "Specification of each line"),
            ("document", "Paper"),
        ],
        "What",
        required=True,
        default="order",
    )
    field_model = fields.Char(compute="_compute_field_model", exportable=False)
    field_ids = fields.Many2many(
        "ir.model.fields",
        string="Fields",
        groups="order_policy.group_order_policy_manager",
        domain="[('model', '=', field_model)]",
        help="One of them has to be filled in. A quantity of zero counts as not filled in; a price of zero does: "
        "it is for who reviews prices to see.",
    )
    document_id = fields.Many2one(
        "order.policy.document",
        "Paper",
        ondelete="restrict",
        help="A file of this kind has to be attached to the order.",
    )
    due = fields.Selection(
        [("intake", "Before the order is submitted"), ("archive", "In the archive")],
        "Needed",
        required=True,
        default="intake",
        help="Only papers can be asked for in the archive: a dossier without them is incomplete.",
    )
    domain = fields.Char(help="Leave empty when all orders need this paper in the archive.")
    channel_ids = fields.Many2many(
        "order.policy.channel", string="Channels", help="Leave empty when orders from all channels need this."
    )

    what_in_words = fields.Char(
        "Has to Be There", compute="_compute_what_in_words", compute_sudo=True, help="One of these is enough."
    )

    @api.depends("kind", "field_ids", "document_id")
    @api.depends_context("lang")
    def _compute_what_in_words(self):
        for requirement in self:
            if requirement.kind == "specification":
                requirement.what_in_words = self.env._(
                    "Texts that attributes ask for; of what is made to order an attribute or a drawing"
                )
                continue
            requirement.what_in_words = self.env._(" or ").join(
                requirement._labels() or requirement.document_id.mapped("name")
            )

    def _labels(self):
        """Return what the fields that are required are called on screen."""
        Aspect = self.env["order.policy.aspect"]
        return [Aspect._label_of(field.model, field.name) for field in self.field_ids]

    @api.depends("kind")
    def _compute_field_model(self):
        for requirement in self:
            requirement.field_model = self.MODELS.get(requirement.kind)

    # ------------------------------------------------------------------
    # Rules that a requirement has to follow
    # ------------------------------------------------------------------

    @api.constrains("due", "kind")
    def _check_archive_needs_papers(self):
        for requirement in self:
            if requirement.due == "archive" and requirement.kind != "document":
                raise ValidationError(
                    self.env._("%s: only papers can be asked for in the archive. Choose Paper.", requirement.name)
                )

    @api.constrains("kind", "field_ids", "document_id")
    def _check_names_something(self):
        for requirement in self:
            if requirement.kind == "document" and not requirement.document_id:
                raise ValidationError(self.env._("%s: choose the kind of paper that is required.", requirement.name))
            if requirement.kind in self.MODELS and not requirement.field_ids:
                raise ValidationError(self.env._("%s: choose the field that is required.", requirement.name))
            if any(field.model != requirement.field_model for field in requirement.sudo().field_ids):
                raise ValidationError(
                    self.env._(
                        "%(requirement)s: the chosen field does not belong to “%(kind)s”. Choose it again.",
                        requirement=requirement.name,
                        kind=dict(self._fields["kind"]._description_selection(self.env))[requirement.kind],
                    )
                )

    def _for_archive(self, order):
        """Return which of these requirements an order has to meet in the archive (articles 2.15, 3.16).

        :param order: sale.order record in superuser mode
        """
        return self.filtered(
            lambda requirement: (
                not (requirement.channel_ids and order.channel_id not in requirement.channel_ids)
                and requirement._matching(order)
            )
        )

    # ------------------------------------------------------------------
    # What is missing
    # ------------------------------------------------------------------

    def _missing(self, orders):
        """Tell what orders lack.

        :param orders: sale.order records in superuser mode, all under the policy of these requirements
        :return: dict of lists by order; each item is a dict with ``label`` in words, and ``model``, ``res_id`` and
            ``field`` of where to fill it in
        """
        papers = self._papers_by_order(orders)
        contents = self.env["order.policy.aspect"]._snapshots(orders)
        return {
            order: self._missing_products(order, contents[order])
            + [
                item
                for requirement in self
                if requirement._concerns_channel(order.channel_id)
                for item in requirement._missing_of(order, papers)
            ]
            + self._missing_original(order, papers)
            for order in orders
        }

    @api.model
    def _missing_products(self, order, content):
        if any(line["values"]["product_id"] for line in content["lines"]):
            return []
        return [self._prepare_missing(self.env._("Products"), order, "order_line")]

    def _papers_by_order(self, orders):
        """Return the ids of orders with those of the kinds of paper that they have, as a set of pairs."""
        asked = any(
            known["document_id"] or known["kind"] == "specification"
            for known in (requirement._known() for requirement in self)
        )
        if not asked and not any(orders.channel_id.mapped("original_required")):
            return set()
        groups = self.env["ir.attachment"]._read_group(
            [
                ("res_model", "=", "sale.order"),
                ("res_id", "in", orders.ids),
                ("policy_document_id", "!=", False),
            ],
            ["res_id", "policy_document_id"],
        )
        return {(order_id, document.id) for order_id, document in groups}

    def _missing_original(self, order, papers):
        """Return the customer's own paper, when the channel of the order demands it and it is not there."""
        original_id = self.env["ir.model.data"]._xmlid_to_res_id("order_policy.document_original")
        if not order.channel_id.original_required or (order._origin.id, original_id) in papers:
            return []
        label = self.env._(
            "%(paper)s, which orders by %(channel)s need",
            paper=self.env["order.policy.document"].browse(original_id).name,
            channel=order.channel_id.name,
        )
        return [self._prepare_missing(label, order, "policy_paper_ids")]

    def _prepare_known(self):
        return {
            **super()._prepare_known(),
            "due": self.due,
            "kind": self.kind,
            "names": tuple(self.field_ids.mapped("name")),
            "document_id": self.document_id.id,
            "channel_ids": self.channel_ids._ids,
        }

    def _concerns_channel(self, channel):
        channel_ids = self._known()["channel_ids"]
        return not channel_ids or channel.id in channel_ids

    def _missing_of(self, order, papers):
        self.ensure_one()
        asked = self._known()
        if asked["kind"] == "document":
            if (order._origin.id, asked["document_id"]) in papers:
                return []
            return [self._prepare_missing(self.name, order, "policy_paper_ids")]
        if asked["kind"] == "specification":
            return self._missing_specifications(order, papers)
        names = [name for name in asked["names"] if name in self.env[self.MODELS[asked["kind"]]]._fields]
        if not names:
            label = self.env._(
                "%s: the field that the policy asks for does not exist any more. "
                "An administrator of the order policy has to make a version without it",
                self.name,
            )
            return [self._prepare_missing(label, order, "policy_id")]
        return getattr(self, f"_missing_of_{asked['kind']}")(order, names)

    def _missing_of_order(self, order, names):
        return [] if self._is_filled_in(order, names) else [self._prepare_missing(self.name, order, names[0])]

    def _missing_of_customer(self, order, names):
        customer = order.partner_id
        # An order without a customer lacks that, whose form asks for it, and not what is known of nobody.
        if not customer or any(self._is_filled_in(one, names) for one in customer | customer.commercial_partner_id):
            return []
        label = self.env._("%(what)s of %(customer)s", what=self.name, customer=customer.display_name)
        return [self._prepare_missing(label, customer, names[0])]

    def _missing_of_line(self, order, names):
        return [
            self._prepare_missing(
                self.env._("%(what)s of %(line)s", what=self.name, line=line.product_id.display_name or line.name),
                order,
                "order_line",
            )
            for line in order.order_line._policy_lines_to_fill_in()
            if not self._is_settled_on(line, names) and not self._is_filled_in(line, names)
        ]

    def _missing_specifications(self, order, papers):
        """Return the lines of which it is not said what exactly is ordered.

        A product of the catalogue says that by itself. Where it leaves something open, the order has to say it.
        """
        drawing_id = self.env["ir.model.data"]._xmlid_to_res_id("order_policy.document_drawing")
        has_drawing = (order._origin.id, drawing_id) in papers
        return [
            self._prepare_missing(
                self.env._("%(what)s of %(line)s", what=self.name, line=line.product_id.display_name),
                order,
                "order_line",
            )
            for line in order.order_line._policy_lines_to_fill_in().filtered("product_id")
            if not line._policy_is_specified(has_drawing)
        ]

    def _is_settled_on(self, line, names):
        """Tell whether a line has what is asked for though the field is empty.

        A price of zero is a price: the checks of prices show to who reviews them what is free of charge. The parts of a
        combo have its quantity.
        """
        return not PRICES.isdisjoint(names) or (line.combo_item_id and "product_uom_qty" in names)

    def _is_filled_in(self, record, names):
        return any(
            not is_html_empty(value) if field.type == "html" else value.strip() if isinstance(value, str) else value
            for field, value in ((record._fields[name], record[name]) for name in names)
        )

    def _prepare_missing(self, label, record, field):
        return {"label": label, "model": record._name, "res_id": record._origin.id, "field": field}
