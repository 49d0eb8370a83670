from collections import defaultdict

from odoo import fields, models
from odoo.tools.translate import LazyTranslate

from ..policy.order_policy_believable_mixin import HIGHEST

_lt = LazyTranslate(__name__)


class OrderPolicyCheck(models.Model):
    """The kinds of checks that come with this addon, written as another addon would write its own."""

    _inherit = "order.policy.check"

    # ------------------------------------------------------------------
    # Kinds: information and products (1.5, 2.5, 3.7)
    # ------------------------------------------------------------------

    def _judge_complete(self, orders):
        missing = self.policy_id._requirements()._missing(orders)
        wanted = _lt("Everything that the policy requires")
        if not self.policy_id._requirements():
            return dict.fromkeys(orders, self._not_judged(_lt("The policy requires nothing."), wanted))
        return {
            order: self._failed(
                _lt("Missing: %s", self._join_lines([item["label"] for item in missing[order]])),
                wanted,
                _lt("Fill in what is missing."),
            )
            if missing[order]
            else self._passed(_lt("Complete"), wanted)
            for order in orders
        }

    def _judge_catalogue(self, orders):
        chosen = self._chosen("product_category_ids")
        wanted = _lt("Products that are sold")
        if chosen:
            wanted = _lt("Products that are sold, of %s", self._one_of(chosen))
        results = {}
        for order in orders:
            products = order.order_line._policy_wanted_lines().product_id
            outside = products.filtered(
                lambda product: (
                    not product.active or not product.sale_ok or (chosen and not self._is_of(product, chosen))
                )
            )
            if not products:
                results[order] = self._not_judged(_lt("There is no product on the order."), wanted)
            elif outside:
                results[order] = self._failed(
                    self._join_lines(outside),
                    wanted,
                    _lt("Choose a product of the catalogue, or have this one added to it."),
                )
            else:
                results[order] = self._passed(_lt("All products"), wanted)
        return results

    def _is_of(self, product, categories):
        """Tell whether a product is of one of some categories, or of one below them."""
        path = product.categ_id.parent_path or ""
        return not {int(category_id) for category_id in path.split("/") if category_id}.isdisjoint(categories.ids)

    # ------------------------------------------------------------------
    # Kinds: delivery, payment, credit (1.7, 2.6, 3.7)
    # ------------------------------------------------------------------

    def _judge_delivery_date(self, orders):
        results = {}
        notice = {company: self._date_after_notice(company) for company in orders.company_id}
        for order in orders:
            lead_time = max(order.order_line._policy_wanted_lines().mapped("customer_lead"), default=0.0)
            in_time = fields.Datetime.add(fields.Datetime.now(), days=min(lead_time, HIGHEST["customer_lead"]))
            earliest = max(order._policy_local_date(in_time), notice[order.company_id])
            limit = _lt("Not before %s", self._day(earliest))
            if not order.commitment_date:
                results[order] = self._not_judged(_lt("No delivery date is promised. Enter it on the order."), limit)
                continue
            promised = order._policy_local_date(order.commitment_date)
            observed = _lt("Promised for %s", self._day(promised))
            results[order] = (
                self._passed(observed, limit)
                if promised >= earliest
                else self._failed(
                    observed,
                    limit,
                    _lt("Lead times and notice do not allow it. Agree on a later date with the customer."),
                )
            )
        return results

    def _date_after_notice(self, company):
        """Return the first day that can be promised, after the notice in working days."""
        calendar = company.resource_calendar_id
        now = fields.Datetime.context_timestamp(self.with_context(tz=calendar.tz or "UTC"), fields.Datetime.now())
        if not self.days:
            return now.date()
        # Today is day one.
        planned = calendar.attendance_ids and calendar.plan_days(self.days + 1, now, compute_leaves=True)
        return (planned or fields.Datetime.add(now, days=self.days)).date()

    def _judge_payment_term(self, orders):
        allowed = self._chosen("payment_term_ids")
        limit = _lt("One of: %s", self._one_of(allowed))
        results = {}
        for order in orders:
            if not self._concerns_payment(order):
                results[order] = self._passed(_lt("Not concerned"), limit)
            elif not order.payment_term_id:
                results[order] = self._not_judged(
                    _lt("The order has no payment terms. Choose them on the order."), limit
                )
            elif order.payment_term_id in allowed:
                results[order] = self._passed(order.payment_term_id, limit)
            else:
                results[order] = self._failed(
                    order.payment_term_id,
                    limit,
                    _lt("Agree on other payment terms with the customer."),
                )
        return results

    def _concerns_payment(self, order):
        chosen = self._chosen("partner_category_ids")
        tags = (order.partner_id | order.partner_id.commercial_partner_id).category_id if chosen else chosen
        return (not chosen or tags & chosen) and (
            order.company_id.currency_id.compare_amounts(abs(order.amount_company), self.amount_min) >= 0
        )

    def _judge_credit(self, orders):
        results = {}
        for company, company_orders in orders.grouped("company_id").items():
            if not company.account_use_credit_limit:
                unknown = self._not_judged(
                    _lt("Credit limits are not in use. An accountant can switch them on in the settings.")
                )
                results |= dict.fromkeys(company_orders, unknown)
                continue
            # Odoo's own receivable and unbilled orders, read for all customers at once.
            customers = company_orders.partner_invoice_id.commercial_partner_id.with_company(company)
            # It does not notice what was confirmed, invoiced or paid earlier in the same transaction.
            customers.invalidate_recordset(["credit", "debit", "credit_to_invoice"])
            customers.mapped("credit")
            for order in company_orders:
                results[order] = self._credit_result(order, order.partner_invoice_id.commercial_partner_id)
        return results

    def _credit_result(self, order, customer):
        company = order.company_id
        customer = customer.with_company(company)
        if not customer.credit_limit:
            return self._not_judged(
                _lt("%s has no credit limit. An accountant can set it on the customer.", customer.display_name)
            )
        # Of an order that is confirmed already, Odoo counts what is not invoiced yet.
        counted, invoiced = self._credit_taken(order._origin, customer)
        owed, unbilled = customer.credit, customer.credit_to_invoice - counted
        this_order = order.amount_company - invoiced
        together = owed + unbilled + this_order

        def amount(value):
            return self._amount(value, company.currency_id)

        observed = _lt(
            "%(together)s: owed %(owed)s, orders not invoiced %(unbilled)s, this order %(order)s",
            together=amount(together),
            owed=amount(owed),
            unbilled=amount(unbilled),
            order=amount(this_order),
        )
        limit = _lt("At most %s", amount(customer.credit_limit))
        if company.currency_id.compare_amounts(together, customer.credit_limit) <= 0:
            return self._passed(observed, limit)
        return self._failed(observed, limit, _lt("Ask the customer to pay what is due, or for payment in advance."))

    def _credit_taken(self, order, customer):
        """Return what a confirmed order takes of a customer's credit already, in company currency.

        :return: tuple of what Odoo counts among the orders not invoiced, and what is invoiced
        """
        if order.state != "sale" or order.partner_invoice_id.commercial_partner_id != customer:
            return 0.0, 0.0
        company = order.company_id
        today = fields.Date.context_today(self)
        left = order.currency_id._convert(order.amount_to_invoice, company.currency_id, company, today)
        counted = left if any(line.untaxed_amount_to_invoice > 0 for line in order.order_line) else 0.0
        return counted, order.amount_company - left

    # ------------------------------------------------------------------
    # Kinds that make more approvals necessary (1.7, 2.7)
    # ------------------------------------------------------------------

    def _judge_sensitive(self, orders):
        limit = _lt("Needs a special approval")
        results = {}
        for order in orders:
            found, unknown = self._sensitive_about(order), self._unknown_about(order)
            if found:
                results[order] = self._failed(
                    self._join_lines(found), limit, _lt("The order goes on as a special order.")
                )
            elif unknown:
                results[order] = self._not_judged(
                    _lt(
                        "%(customer)s lacks: %(fields)s. Enter it on the customer.",
                        customer=order.partner_id.display_name,
                        fields=unknown,
                    ),
                    limit,
                )
            else:
                results[order] = self._passed(_lt("Nothing sensitive"), limit)
        return results

    def _unknown_about(self, order):
        """Return what is not known of a customer, and might be sensitive."""
        customers = order.partner_id | order.partner_id.commercial_partner_id
        asked = {"industry_id": "industry_ids", "country_id": "country_ids"}
        lacking = [name for name, chosen in asked.items() if self._chosen(chosen) and not customers[name]]
        return [self._label("res.partner", name) for name in lacking]

    def _sensitive_about(self, order):
        """Return what is sensitive about an order, as a list of records."""
        customers = order.partner_id | order.partner_id.commercial_partner_id
        tags, categories = self._chosen("product_tag_ids"), self._chosen("product_category_ids")
        products = order.order_line._policy_wanted_lines().product_id.filtered(
            lambda product: (tags and product._policy_bears_tag(tags)) or self._is_of(product, categories)
        )
        customer_tags = self._chosen("partner_category_ids")
        return [
            *products,
            *(customer_tags and customers.category_id & customer_tags),
            *(customers.industry_id & self._chosen("industry_ids")),
            *((customers | order.partner_shipping_id).country_id & self._chosen("country_ids")),
        ]

    def _sensitive_orders(self, orders):
        """Return the orders that one of these checks finds sensitive, and that are therefore special."""
        checks = self.filtered(lambda check: check.kind == "sensitive")
        return orders.filtered(lambda order: any(check._sensitive_about(order) for check in checks))

    def _judge_split(self, orders):
        steps = self.policy_id._threshold_steps().sorted("amount_min", reverse=True)
        if not steps:
            unknown = self._not_judged(_lt("The policy has no amount from which more approval is due."))
            return dict.fromkeys(orders, unknown)
        siblings = self._siblings(orders) | orders._origin  # those that are submitted together count together
        together = {step: self._amounts_together(orders, step.amount_min, siblings) for step in steps}
        return {order: self._split_result(order, steps, together) for order in orders}

    def _split_result(self, order, steps, together):
        """Return the result of an order for the highest threshold that it reaches with others alone."""
        compare = self.currency_id.compare_amounts
        reached = steps.filtered(
            lambda step: (
                compare(abs(order.amount_company), step.amount_min)
                < 0
                <= compare(together[step][order], step.amount_min)
            )
        )
        step = (reached or steps)[0]

        def amount(value):
            return self._amount(value, self.currency_id)

        observed = _lt(
            "%(together)s within %(days)s days, this order %(order)s",
            together=amount(together[step][order]),
            days=self.days,
            order=amount(order.amount_company),
        )
        limit = _lt("%(step)s from %(amount)s", step=self._name_in(step), amount=amount(step.amount_min))
        if reached:
            return self._failed(observed, limit, _lt("The orders are approved as if they were one."))
        return self._passed(observed, limit)

    def _amounts_together(self, orders, threshold, siblings=None):
        """Return the amount of each order with those of the same customer that are close to it in time.

        Only orders below a threshold may be one that was split up: one that reaches it is approved for what it is, and
        takes no others along. Returns count by what they are worth, whatever their sign.

        :param float threshold: in company currency
        :param siblings: what ``_siblings`` gives for these orders, where it is known already
        :return: dict of amounts in company currency by order; their own amounts when there is no such check
        """
        amounts = {order: abs(order.amount_company) for order in orders}
        days = max(self.mapped("days"), default=0)
        if not days:
            return amounts
        siblings = self._siblings(orders) if siblings is None else siblings
        compare = orders.company_id.currency_id.compare_amounts
        small = siblings.filtered(lambda order: compare(abs(order.amount_company), threshold) < 0)
        by_customer = small.grouped(self._customer)
        now = fields.Datetime.now()
        for order in orders:
            if not small or compare(amounts[order], threshold) >= 0:
                continue
            for other in by_customer.get(self._customer(order), ()):
                apart = abs((other.policy_submitted_on or now) - (order.policy_submitted_on or now))
                if other != order._origin and apart.days < days:
                    amounts[order] += abs(other.amount_company)
        return amounts

    def _siblings(self, orders):
        """Return the orders under way or confirmed that the customers of some orders placed around the same time.

        Those around the siblings themselves are among them, as what each of these adds up to depends on them.
        """
        days = 2 * max(self.mapped("days"), default=0)
        if not days or not orders:
            return orders.browse()
        # One that is withdrawn or cancelled was submitted after it was entered; a new one is being entered.
        now = fields.Datetime.now()
        first = min(order.policy_submitted_on or order.create_date or now for order in orders)
        return orders.search_fetch(
            [
                ("partner_id.commercial_partner_id", "in", orders.partner_id.commercial_partner_id.ids),
                ("company_id", "in", orders.company_id.ids),
                ("policy_submitted_on", ">", fields.Datetime.subtract(first, days=days)),
                ("state", "!=", "cancel"),
            ],
            ["partner_id", "company_id", "amount_company", "policy_submitted_on", "state"],
        )

    # ------------------------------------------------------------------
    # Kinds: entered twice, rules of one's own
    # ------------------------------------------------------------------

    def _judge_duplicate(self, orders):
        limit = _lt("Once within %s days", self.days)
        recent = self._recent_goods(orders)
        results = {}
        for order in orders:
            goods = self._goods(order)
            others = recent.get(self._customer(order), {})
            twins = [other for other, other_goods in others.items() if other_goods == goods]
            twins = order.concat(*twins) - order._origin
            if not goods:
                results[order] = self._not_judged(_lt("There is no product on the order."), limit)
            elif twins:
                results[order] = self._failed(
                    _lt("The same goods are on %s", self._join_lines(twins.mapped("name"))),
                    limit,
                    _lt("Ask the customer whether both are wanted; cancel one if not."),
                )
            else:
                results[order] = self._passed(_lt("No other order like it"), limit)
        return results

    def _goods(self, order):
        """Return the quantities on an order by product, in the product's own unit."""
        goods = defaultdict(float)
        for line in order.order_line.filtered("product_id"):
            goods[line.product_id] += self._in_product_unit(line.product_id, line.product_uom_id, line.product_uom_qty)
        return self._comparable_goods(goods)

    def _in_product_unit(self, product, unit, quantity):
        return unit._compute_quantity(quantity, product.uom_id, round=False, raise_if_failure=False)

    def _comparable_goods(self, goods):
        return {
            product: product.uom_id.round(quantity)
            for product, quantity in goods.items()
            if not product.uom_id.is_zero(quantity)
        }

    def _customer(self, order):
        return order.company_id, order.partner_id.commercial_partner_id

    def _recent_goods(self, orders):
        """Return what the customers of some orders ordered lately: by customer, order and product.

        Quotations that nobody submitted are no orders yet, and may be variants for the customer to choose from.
        """
        groups = (
            self.env["sale.order.line"]
            .sudo()
            ._read_group(
                [
                    ("order_partner_id.commercial_partner_id", "in", orders.partner_id.commercial_partner_id.ids),
                    ("company_id", "in", orders.company_id.ids),
                    ("order_id.create_date", ">=", fields.Datetime.subtract(fields.Datetime.now(), days=self.days)),
                    ("state", "!=", "cancel"),
                    ("product_id", "!=", False),
                    "|",
                    ("order_id", "in", orders._origin.ids),
                    "|",
                    ("state", "=", "sale"),
                    ("order_id.policy_submitted_on", "!=", False),
                ],
                ["company_id", "order_partner_id", "order_id", "product_id", "product_uom_id"],
                ["product_uom_qty:sum"],
            )
        )
        goods = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
        for company, partner, order, product, unit, quantity in groups:
            of_customer = goods[company, partner.commercial_partner_id]
            of_customer[order][product] += self._in_product_unit(product, unit, quantity)
        return {
            customer: {order: self._comparable_goods(of_order) for order, of_order in of_customer.items()}
            for customer, of_customer in goods.items()
        }

    def _judge_rule(self, orders):
        try:
            matching = self._matching(orders)
        except Exception as error:
            unknown = _lt(
                "The condition cannot be evaluated any more: %s. "
                "An administrator of the order policy has to change it.",
                self.env["order.policy.words"]._within_sentence(error),
            )
            return dict.fromkeys(orders, self._not_judged(unknown))
        return {
            order: self._passed(_lt("Follows the rule"), self._name_in(self))
            if order in matching
            else self._failed(_lt("Does not follow the rule"), self._name_in(self), self._own_rule())
            for order in orders
        }
