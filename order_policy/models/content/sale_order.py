from odoo import api, fields, models

# What was chosen and entered where a product is configured.
CONFIGURATION = ("product_no_variant_attribute_value_ids", "product_custom_attribute_value_ids")


class SaleOrder(models.Model):
    """What is ordered: the content that departments approve, its fingerprint, and what it amounts to."""

    _inherit = "sale.order"

    special_order = fields.Boolean(
        copy=False,
        tracking=True,
        help="Special orders may need more approvals, such as the general manager's, whatever their amount.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    amount_company = fields.Monetary(
        "Amount in Company Currency",
        compute="_compute_amount_company",
        store=True,
        copy=False,
        currency_field="company_currency_id",
        help="What is ordered, taxes included, at the rate of the day of submission. Thresholds compare with this.",
    )
    content_digest = fields.Char(compute="_compute_content_digest", store=True, copy=False, exportable=False)
    content_snapshot = fields.Json(
        compute="_compute_content_digest", store=True, copy=False, prefetch=False, exportable=False
    )

    @api.depends("company_id.currency_id", "order_line.price_total", "content_digest")
    def _compute_amount_company(self):
        rates = {}
        for order in self:
            if not order.policy_id:
                order.amount_company = 0.0
                continue
            rate_of = (order.currency_id, order.company_id, order._policy_day_of_rate())
            if rate_of not in rates:
                rates[rate_of] = order.currency_id._get_conversion_rate(
                    order.currency_id, order.company_id.currency_id, order.company_id, rate_of[2]
                )
            ordered = sum(order.order_line._policy_ordered_lines().mapped("price_total"))
            order.amount_company = order.company_id.currency_id.round(ordered * rates[rate_of])

    def _policy_day_of_rate(self):
        """Return the day whose rate counts, as it is in the company; False where no rate is needed."""
        if self.currency_id == self.company_id.currency_id:
            return False
        return self._policy_local_date(self._policy_moment_of_rate())

    def _policy_local_date(self, moment):
        """Return the day of a moment as it is in the company of the order."""
        self.ensure_one()
        timezone = self.company_id._policy_timezone()
        try:
            return fields.Datetime.context_timestamp(self.with_context(tz=timezone), moment).date()
        except OverflowError:  # the first or last day of all calendars
            return moment.date()

    def _policy_moment_of_rate(self):
        return fields.Datetime.now()

    def _policy_without_rate(self):
        """Return the orders whose amount in company currency nobody knows, as their currency never had a rate."""
        foreign = self.filtered(lambda order: order.currency_id != order.company_id.currency_id)
        if not foreign:
            return foreign
        # Superuser: rates are no secret, and Odoo converts with those of the main company.
        known = {
            (currency, company)
            for currency, company in self.env["res.currency.rate"]
            .sudo()
            ._read_group(
                [
                    ("currency_id", "in", foreign.currency_id.ids),
                    ("company_id", "in", [False, *foreign.sudo().company_id.root_id.ids]),
                ],
                ["currency_id", "company_id"],
            )
        }
        return foreign.filtered(
            lambda order: known.isdisjoint(
                (order.currency_id, company) for company in (order.company_id.browse(), order.sudo().company_id.root_id)
            )
        )

    def _policy_lacking_rate_in_words(self):
        self.ensure_one()
        return self.env._(
            "Exchange rate: none of %(currency)s is known in %(company)s, so the amount of the order cannot be "
            "compared with the limits of the policy. Ask accounting to enter the rate under "
            "Invoicing > Configuration > Currencies.",
            currency=self.currency_id.name,
            company=self.company_id.sudo().root_id.name,
        )

    @api.depends(lambda self: self.env["order.policy.aspect"]._content_dependencies())
    def _compute_content_digest(self):
        Aspect = self.env["order.policy.aspect"]
        under_policy = self.filtered("policy_id")
        (self - under_policy).content_digest = (self - under_policy).content_snapshot = False
        for order, snapshot in Aspect._take_snapshots(under_policy.sudo()).items():
            order.sudo(False).content_digest = Aspect._digest(snapshot)
            order.sudo(False).content_snapshot = snapshot

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Describe the fields, the delivery date in the words of the policy: in Chinese Odoo has another one for it."""
        described = super().fields_get(allfields, attributes)
        if "string" in described.get("commitment_date", {}):
            described["commitment_date"]["string"] = self.env._("Delivery Date")
        return described

    @api.model
    def _policy_aspect_fields(self):
        """Return the fields that make up the content of an order, by aspect and model. Other addons add theirs.

        Content is what changes what the customer gets, pays or when; doc/content.md says of each field why it is, or
        is not.
        """
        return {
            "customer": self._known_fields(["partner_id", "partner_invoice_id"]),
            "product": self._known_fields(
                [], ["product_id", "name", *CONFIGURATION, "event_id", "event_slot_id", "event_ticket_id"]
            ),
            "quantity": self._known_fields([], ["product_id", "product_uom_qty", "product_uom_id"]),
            "price": self._known_fields(
                ["currency_id"],
                ["product_id", *CONFIGURATION, "event_ticket_id", "product_uom_id", "price_unit", "discount",
                 "tax_ids", "extra_tax_data"],
            ),
            "delivery": self._known_fields(
                ["partner_shipping_id", "pickup_location_data", "commitment_date"],
                ["product_id", "event_id", "event_slot_id", "customer_lead"],
            ),
            "payment": self._known_fields(
                ["payment_term_id", "preferred_payment_method_line_id", "require_payment", "prepayment_percent", "note"]
            ),
        }  # fmt: skip

    @api.model
    def _known_fields(self, of_order, of_lines=()):
        """Leave out what belongs to apps that are not installed."""
        return {
            "sale.order": [name for name in of_order if name in self._fields],
            "sale.order.line": [name for name in of_lines if name in self.order_line._fields],
        }

    @api.model
    def _policy_entered_fields(self):
        """Return the fields in which people enter what reviewers read, beside those of the lines."""
        content = self.env["order.policy.aspect"]._content_fields()["sale.order"]
        return self._with_limits([*content, "policy_exempt_reason", "date_order", "validity_date"])

    @api.constrains(lambda self: self._policy_entered_fields())
    def _check_can_be_meant(self):
        self.filtered("policy_id")._check_is_believable(self._policy_entered_fields())

    @api.model
    def _client_fields(self):
        return super()._client_fields() | {"special_order"}
