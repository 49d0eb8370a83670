from ast import literal_eval
from collections import defaultdict

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import float_compare, format_amount, format_date, formatLang


class OrderPolicyCheck(models.Model):
    """The kinds of checks that come with this addon, written as another addon would write its own."""

    _inherit = "order.policy.check"

    # ------------------------------------------------------------------
    # Kinds: information and products (1.5, 2.5, 3.7)
    # ------------------------------------------------------------------

    def _check_complete(self, orders):
        missing = self.policy_id._requirements()._missing(orders)
        wanted = self.env._("Everything that the policy requires")
        if not self.policy_id._requirements():
            return dict.fromkeys(orders, self._not_judged(self.env._("The policy requires nothing."), wanted))
        return {
            order: self._failed(
                self.env._("Missing: %s", self._join_lines([item["label"] for item in missing[order]])),
                wanted,
                self.env._("Fill in what is missing."),
            )
            if missing[order]
            else self._passed(self.env._("Complete"), wanted)
            for order in orders
        }

    def _check_catalogue(self, orders):
        chosen = self._chosen("product_category_ids")
        wanted = self.env._("Products that are sold")
        if chosen:
            wanted = self.env._("Products that are sold, of %s", ", ".join(chosen.mapped("name")))
        results = {}
        for order in orders:
            products = order.order_line._policy_wanted_lines().product_id
            outside = products.filtered(
                lambda product: (
                    not product.active or not product.sale_ok or (chosen and not self._is_of(product, chosen))
                )
            )
            if not products:
                results[order] = self._not_judged(self.env._("There is no product on the order."), wanted)
            elif outside:
                results[order] = self._failed(
                    self._join_lines(outside.mapped("display_name")),
                    wanted,
                    self.env._("Choose a product of the catalogue, or have this one added to it."),
                )
            else:
                results[order] = self._passed(self.env._("All products"), wanted)
        return results

    def _is_of(self, product, categories):
        """Tell whether a product is of one of some categories, or of one below them."""
        path = product.categ_id.parent_path or ""
        return not {int(category_id) for category_id in path.split("/") if category_id}.isdisjoint(categories.ids)

    # ------------------------------------------------------------------
    # Kind: price, line by line (1.6, 3.7)
    # ------------------------------------------------------------------

    def _check_price(self, orders):
        compare = getattr(self, f"_compare_with_{self.price_basis}")
        limit = self._price_limit_in_words()
        wanted = {order: order.order_line._policy_wanted_lines() for order in orders}
        compared = compare(orders.order_line.browse(line.id for lines in wanted.values() for line in lines))
        results = {}
        for order, lines in wanted.items():
            unknown = lines.filtered(lambda line: line not in compared)
            broken = [compared[line] for line in lines if compared.get(line)]
            if broken:
                results[order] = self._failed(
                    self._join_lines(broken), limit, self.env._("Change the price, or have the exception approved.")
                )
            elif unknown or not lines:
                results[order] = self._not_judged(
                    self.env._("No cost is known of %s.", self._join_lines(unknown.mapped("product_id.display_name")))
                    if unknown
                    else self.env._("There is no product on the order."),
                    limit,
                )
            else:
                results[order] = self._passed(self.env._("All lines"), limit)
        return results

    def _price_limit_in_words(self):
        percent = formatLang(self.env, self.percent, digits=1)
        return {
            "pricelist": self.env._("At most %s%% below the price list", percent),
            "discount": self.env._("At most %s%% discount", percent),
            "margin": self.env._("At least %s%% margin", percent),
        }[self.price_basis]

    def _net_unit_price(self, line):
        return line.price_unit * (1 - line.discount / 100)

    def _compare_with_discount(self, lines):
        """Return for each line what breaks the rule, or False. A line that takes off from the total counts for all."""
        shares = {order: self._share_taken_off(order_lines) for order, order_lines in lines.grouped("order_id").items()}
        compared = {}
        for line in lines:
            discount = 100 - (100 - line.discount) * (1 - shares[line.order_id])
            too_high = line.price_unit >= 0 and float_compare(discount, self.percent, precision_digits=2) > 0
            compared[line] = too_high and self.env._(
                "%(product)s: %(discount)s%% discount",
                product=line.product_id.display_name,
                discount=formatLang(self.env, discount, digits=1),
            )
        return compared

    def _share_taken_off(self, lines):
        """Return which share of what is ordered is taken off by lines with negative prices."""
        goods = sum(line.price_subtotal for line in lines if line.price_subtotal > 0)
        taken_off = -sum(line.price_subtotal for line in lines if line.price_subtotal < 0)
        return taken_off / goods if goods else 0.0

    def _compare_with_pricelist(self, lines):
        compared = {}
        for line, expected in self._pricelist_prices(lines).items():
            lowest = line.currency_id.round(expected * (1 - self.percent / 100))
            price = self._net_unit_price(line)
            compared[line] = line.currency_id.compare_amounts(price, lowest) < 0 and self.env._(
                "%(product)s: %(price)s, price list %(expected)s",
                product=line.product_id.display_name,
                price=format_amount(self.env, price, line.currency_id),
                expected=format_amount(self.env, expected, line.currency_id),
            )
        return compared

    def _pricelist_prices(self, lines):
        """Return what the price list of its order says of each line, taxes as on the line.

        The rules of a price list are read once for all its lines: Odoo's own fields search them line by line.
        """
        prices = {}
        for (pricelist, company), group in lines.grouped(
            lambda line: (line.order_id.pricelist_id, line.company_id)
        ).items():
            rules = self._pricelist_rules(pricelist, group.with_company(company))
            for line in group.with_company(company):
                moment = line.order_id.date_order
                prices[line.with_env(lines.env)] = self._pricelist_price(
                    line, (rule for rule in rules if self._is_in_force(rule, moment))
                )
        return prices

    def _pricelist_rules(self, pricelist, lines):
        """Return the rules of a price list that may concern some lines, at the time of one of their orders."""
        if not pricelist:
            return pricelist.item_ids
        moments = lines.order_id.mapped("date_order")
        first, last = min(moments), max(moments)
        domain = Domain(pricelist._get_applicable_rules_domain(products=lines.product_id, date=last))
        return pricelist.item_ids.search(
            domain.map_conditions(
                lambda condition: (
                    Domain("date_end", ">=", first)
                    if (condition.field_expr, condition.operator) == ("date_end", ">=")
                    else condition
                )
            )
        )

    def _is_in_force(self, rule, moment):
        return (not rule.date_start or rule.date_start <= moment) and (not rule.date_end or rule.date_end >= moment)

    def _pricelist_price(self, line, rules):
        product = line.product_id.with_context(**line._get_product_price_context())
        quantity = line.product_uom_qty or 1.0
        in_product_unit = line.product_uom_id._compute_quantity(quantity, product.uom_id, raise_if_failure=False)
        no_rule = self.env["product.pricelist.item"].with_company(line.company_id)
        rule = next((rule for rule in rules if rule._is_applicable_for(product, in_product_unit)), no_rule)
        price = rule._compute_price(
            product, quantity, line.product_uom_id, date=line.order_id.date_order, currency=line.currency_id
        )
        return line.product_id._get_tax_included_unit_price_from_price(
            price,
            product_taxes=line.product_id.taxes_id._filter_taxes_by_company(line.company_id),
            fiscal_position=line.order_id.fiscal_position_id,
        )

    def _compare_with_margin(self, lines):
        """Lines of which no cost is known are left out: they cannot be judged."""
        compared = {}
        for line in lines:
            cost, price = self._unit_cost(line), line.price_subtotal / (line.product_uom_qty or 1.0)
            if not cost:
                continue
            margin = (price - cost) / price * 100 if price else -100.0
            compared[line] = margin < self.percent and self.env._(
                "%(product)s: %(margin)s%% margin",
                product=line.product_id.display_name,
                margin=formatLang(self.env, margin, digits=1),
            )
        return compared

    def _unit_cost(self, line):
        """Return the cost of one unit, in the currency and unit of the line."""
        if "purchase_price" in line._fields:  # the Margins app, where the cost of a line can be set
            return line.purchase_price
        product = line.product_id.with_company(line.company_id)
        cost = product.uom_id._compute_price(product.standard_price, line.product_uom_id)
        return product.cost_currency_id._convert(cost, line.currency_id, line.company_id, line.order_id.date_order)

    # ------------------------------------------------------------------
    # Kinds: delivery, payment, credit (1.7, 2.6, 3.7)
    # ------------------------------------------------------------------

    def _check_delivery_date(self, orders):
        results = {}
        notice = {company: self._date_after_notice(company) for company in orders.company_id}
        for order in orders:
            lead_time = max(order.order_line._policy_wanted_lines().mapped("customer_lead"), default=0.0)
            in_time = fields.Datetime.add(fields.Datetime.now(), days=lead_time)
            earliest = max(self._local_date(order, in_time), notice[order.company_id])
            limit = self.env._("Not before %s", format_date(self.env, earliest))
            if not order.commitment_date:
                results[order] = self._not_judged(
                    self.env._("No delivery date is promised. Enter it on the order."), limit
                )
                continue
            promised = self._local_date(order, order.commitment_date)
            observed = self.env._("Promised for %s", format_date(self.env, promised))
            results[order] = (
                self._passed(observed, limit)
                if promised >= earliest
                else self._failed(
                    observed,
                    limit,
                    self.env._("Lead times and notice do not allow it. Agree on a later date with the customer."),
                )
            )
        return results

    def _local_date(self, order, moment):
        timezone = order.company_id.resource_calendar_id.tz or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=timezone), moment).date()

    def _date_after_notice(self, company):
        """Return the first day that can be promised, after the notice in working days."""
        calendar = company.resource_calendar_id
        now = fields.Datetime.context_timestamp(self.with_context(tz=calendar.tz or "UTC"), fields.Datetime.now())
        if not self.days:
            return now.date()
        # Today is day one.
        planned = calendar.attendance_ids and calendar.plan_days(self.days + 1, now, compute_leaves=True)
        return (planned or fields.Datetime.add(now, days=self.days)).date()

    def _check_payment_term(self, orders):
        allowed = self._chosen("payment_term_ids")
        limit = self.env._("One of: %s", ", ".join(allowed.mapped("display_name")))
        results = {}
        for order in orders:
            if not self._concerns_payment(order):
                results[order] = self._passed(self.env._("Not concerned"), limit)
            elif not order.payment_term_id:
                results[order] = self._not_judged(
                    self.env._("The order has no payment terms. Choose them on the order."), limit
                )
            elif order.payment_term_id in allowed:
                results[order] = self._passed(order.payment_term_id.display_name, limit)
            else:
                results[order] = self._failed(
                    order.payment_term_id.display_name,
                    limit,
                    self.env._("Agree on other payment terms with the customer."),
                )
        return results

    def _concerns_payment(self, order):
        chosen = self._chosen("partner_category_ids")
        tags = (order.partner_id | order.partner_id.commercial_partner_id).category_id if chosen else chosen
        return (not chosen or tags & chosen) and (
            order.company_id.currency_id.compare_amounts(order.amount_company, self.amount_min) >= 0
        )

    def _check_credit(self, orders):
        results = {}
        for company, company_orders in orders.grouped("company_id").items():
            if not company.account_use_credit_limit:
                unknown = self._not_judged(
                    self.env._("Credit limits are not in use. An accountant can switch them on in the settings.")
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
                self.env._("%s has no credit limit. An accountant can set it on the customer.", customer.display_name)
            )
        owed, unbilled = customer.credit, customer.credit_to_invoice
        together = owed + unbilled + order.amount_company

        def amount(value):
            return format_amount(self.env, value, company.currency_id)

        observed = self.env._(
            "%(together)s: owed %(owed)s, orders not invoiced %(unbilled)s, this order %(order)s",
            together=amount(together),
            owed=amount(owed),
            unbilled=amount(unbilled),
            order=amount(order.amount_company),
        )
        limit = self.env._("At most %s", amount(customer.credit_limit))
        if company.currency_id.compare_amounts(together, customer.credit_limit) <= 0:
            return self._passed(observed, limit)
        return self._failed(
            observed, limit, self.env._("Ask the customer to pay what is due, or for payment in advance.")
        )

    # ------------------------------------------------------------------
    # Kinds that make more approvals necessary (1.7, 2.7)
    # ------------------------------------------------------------------

    def _check_sensitive(self, orders):
        limit = self.env._("Needs a special approval")
        results = {}
        for order in orders:
            found, unknown = self._sensitive_about(order), self._unknown_about(order)
            if found:
                results[order] = self._failed(
                    self._join_lines(found), limit, self.env._("The order goes on as a special order.")
                )
            elif unknown:
                results[order] = self._not_judged(
                    self.env._(
                        "%(customer)s lacks: %(fields)s. Enter it on the customer.",
                        customer=order.partner_id.display_name,
                        fields=", ".join(unknown),
                    ),
                    limit,
                )
            else:
                results[order] = self._passed(self.env._("Nothing sensitive"), limit)
        return results

    def _unknown_about(self, order):
        """Return what is not known of a customer, and might be sensitive."""
        customers = order.partner_id | order.partner_id.commercial_partner_id
        asked = {"industry_id": "industry_ids", "country_id": "country_ids"}
        lacking = [name for name, chosen in asked.items() if self._chosen(chosen) and not customers[name]]
        labels = customers.fields_get(lacking, ["string"])
        return [labels[name]["string"] for name in lacking]

    def _sensitive_about(self, order):
        """Return what is sensitive about an order, in words."""
        customers = order.partner_id | order.partner_id.commercial_partner_id
        tags, categories = self._chosen("product_tag_ids"), self._chosen("product_category_ids")
        products = order.order_line._policy_wanted_lines().product_id.filtered(
            lambda product: (tags and product.all_product_tag_ids & tags) or self._is_of(product, categories)
        )
        customer_tags = self._chosen("partner_category_ids")
        return (
            products.mapped("display_name")
            + (customer_tags and customers.category_id & customer_tags).mapped("name")
            + (customers.industry_id & self._chosen("industry_ids")).mapped("name")
            + ((customers | order.partner_shipping_id).country_id & self._chosen("country_ids")).mapped("name")
        )

    def _sensitive_orders(self, orders):
        """Return the orders that one of these checks finds sensitive, and that are therefore special."""
        checks = self.filtered(lambda check: check.kind == "sensitive")
        return orders.filtered(lambda order: any(check._sensitive_about(order) for check in checks))

    def _check_split(self, orders):
        limit = self.policy_id.approval_threshold
        results = {}
        together = self._amounts_together(orders)

        def amount(value):
            return format_amount(self.env, value, self.currency_id)

        for order in orders:
            words = self.env._("General manager from %s", amount(limit))
            counted = together[order]
            observed = self.env._(
                "%(together)s within %(days)s days, this order %(order)s",
                together=amount(counted),
                days=self.days,
                order=amount(order.amount_company),
            )
            compare = self.currency_id.compare_amounts
            if not self.policy_id._threshold_steps():
                results[order] = self._not_judged(
                    self.env._("The policy has no amount from which more approval is due.")
                )
            elif compare(order.amount_company, limit) < 0 <= compare(counted, limit):
                results[order] = self._failed(
                    observed, words, self.env._("The orders are approved as if they were one.")
                )
            else:
                results[order] = self._passed(observed, words)
        return results

    def _amounts_together(self, orders, siblings=None):
        """Return the amount of each order with those of the same customer that are close to it in time.

        :param siblings: what ``_siblings`` gives for these orders, where it is known already
        :return: dict of amounts in company currency by order; their own amounts when there is no such check
        """
        days = max(self.mapped("days"), default=0)
        siblings = self._siblings(orders) if siblings is None else siblings
        if not siblings:
            return {order: order.amount_company for order in orders}
        by_customer = siblings.grouped(self._customer)
        now = fields.Datetime.now()
        amounts = {}
        for order in orders:
            amounts[order] = order.amount_company
            for other in by_customer.get(self._customer(order), ()):
                apart = abs((other.policy_submitted_on or now) - (order.policy_submitted_on or now))
                if other != order._origin and apart.days < days:
                    amounts[order] += other.amount_company
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

    def _check_duplicate(self, orders):
        limit = self.env._("Once within %s days", self.days)
        recent = self._recent_goods(orders)
        results = {}
        for order in orders:
            goods = self._goods(order)
            twins = [other for other, other_goods in recent[self._customer(order)].items() if other_goods == goods]
            twins = order.concat(*twins) - order._origin
            if not goods:
                results[order] = self._not_judged(self.env._("There is no product on the order."), limit)
            elif twins:
                results[order] = self._failed(
                    self.env._("The same goods are on %s", self._join_lines(twins.mapped("name"))),
                    limit,
                    self.env._("Ask the customer whether both are wanted; cancel one if not."),
                )
            else:
                results[order] = self._passed(self.env._("No other order like it"), limit)
        return results

    def _goods(self, order):
        """Return the quantities on an order, by product and unit."""
        goods = defaultdict(float)
        for line in order.order_line.filtered("product_id"):
            goods[line.product_id, line.product_uom_id] += line.product_uom_qty
        return dict(goods)

    def _customer(self, order):
        return order.company_id, order.partner_id.commercial_partner_id

    def _recent_goods(self, orders):
        """Return what the customers of some orders ordered lately: by customer, order, product and unit."""
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
                ],
                ["company_id", "order_partner_id", "order_id", "product_id", "product_uom_id"],
                ["product_uom_qty:sum"],
            )
        )
        goods = defaultdict(lambda: defaultdict(dict))
        for company, partner, order, product, unit, quantity in groups:
            goods[company, partner.commercial_partner_id][order][product, unit] = quantity
        return goods

    def _check_rule(self, orders):
        try:
            matching = orders.filtered_domain(Domain(literal_eval(self.domain.strip())))
        except Exception as error:
            unknown = self.env._(
                "The condition cannot be evaluated any more: %s. "
                "An administrator of the order policy has to change it.",
                error,
            )
            return dict.fromkeys(orders, self._not_judged(unknown))
        return {
            order: self._passed(self.env._("Follows the rule"), self.name)
            if order in matching
            else self._failed(self.env._("Does not follow the rule"), self.name, self.message)
            for order in orders
        }
