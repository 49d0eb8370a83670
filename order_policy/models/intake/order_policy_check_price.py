from odoo import models
from odoo.fields import Domain
from odoo.tools import float_compare, formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class OrderPolicyCheck(models.Model):
    """The check of prices, good by good (articles 1.6, 3.7).

    A good is a line, or a combo: the line that names it, and those of its parts, which bear the price.
    """

    _inherit = "order.policy.check"

    def _judge_price(self, orders):
        compare = getattr(self, f"_compare_with_{self.price_basis}")
        wanted = orders.order_line._policy_wanted_lines()  # of all orders at once
        goods = {
            order: self._goods_to_price((order.order_line & wanted).with_prefetch(wanted._prefetch_ids))
            for order in orders
        }
        compared = compare({head: lines for of_order in goods.values() for head, lines in of_order.items()})
        return {order: self._price_result(of_order, compared) for order, of_order in goods.items()}

    def _goods_to_price(self, lines):
        """Return the lines that bear the price of each good, by the line that names it.

        A combo that is not as Odoo makes it is judged part by part: it bears no price itself, and has each part once,
        of the product that is offered for it, and as often as the combo.
        """
        parts_of = lines.filtered("combo_item_id").grouped(lambda part: self._identity(part._get_linked_line()))
        combos = {
            head: parts
            for head in lines.filtered(lambda line: line.product_id.type == "combo")
            if self._is_whole_combo(head, parts := parts_of.get(self._identity(head), lines.browse()))
        }
        parts = lines.browse(part_id for parts in combos.values() for part_id in parts._ids)
        return {line: combos.get(line, line) for line in lines if line not in parts}

    def _identity(self, line):
        return line._origin.id or line.id

    def _is_whole_combo(self, head, parts):
        chosen = sorted(part.combo_item_id.combo_id.id for part in parts)
        return (
            not head.price_unit
            and chosen == sorted(head.product_id.product_tmpl_id.combo_ids.ids)
            and all(
                part.product_id == part.combo_item_id.product_id
                and part.product_uom_id.compare(part.product_uom_qty, head.product_uom_qty) == 0
                for part in parts
            )
        )

    def _price_result(self, goods, compared):
        unknown = [head.product_id for head in goods if head not in compared]
        broken = [compared[head] for head in goods if compared.get(head)]
        remarks = self._remarks_on_prices(goods, compared)
        if broken:
            return self._failed(
                self._join_lines(broken + remarks),
                self._own_rule(),
                _lt("Change the price, or have the exception approved."),
            )
        if unknown or not goods:
            return self._not_judged(
                _lt("No cost is known of %s.", self._join_lines(unknown))
                if unknown
                else _lt("There is no product on the order."),
                self._own_rule(),
            )
        return self._passed(self._join_lines([_lt("All lines"), *remarks]), self._own_rule())

    def _remarks_on_prices(self, goods, compared):
        """Tell what breaks no rule and is to be seen by who reviews prices: what is free, costs that were lowered."""
        free = [
            _lt("%s: free of charge", head.product_id)
            for head, lines in goods.items()
            if not compared.get(head) and head.currency_id.is_zero(self._net_price(lines))
        ]
        if self.price_basis != "margin":
            return free
        lowered = [self._lower_cost_in_words(line) for lines in goods.values() for line in lines]
        return free + [words for words in lowered if words]

    def _price_limit_in_words(self):
        percent = formatLang(self.env, self.percent, digits=1)
        return {
            "pricelist": self.env._("At most %s%% below the price list", percent),
            "discount": self.env._("At most %s%% discount", percent),
            "margin": self.env._("At least %s%% margin", percent),
        }[self.price_basis]

    def _net_price(self, lines):
        """Return the price of one of a good after discounts."""
        return sum(line.price_unit * (1 - line.discount / 100) for line in lines)

    # ------------------------------------------------------------------
    # What prices are compared with: words for what breaks the rule, or False, by the line that names the good
    # ------------------------------------------------------------------

    def _compare_with_discount(self, goods):
        """A line that takes off from the total counts for all."""
        lines = self.env["sale.order.line"].union(*goods.values())
        shares = {order: self._share_taken_off(order_lines) for order, order_lines in lines.grouped("order_id").items()}
        compared = {}
        for head, parts in goods.items():
            discount = 100 - (100 - self._discount(parts)) * (1 - shares[head.order_id])
            too_high = (
                min(parts.mapped("price_unit")) >= 0 and float_compare(discount, self.percent, precision_digits=2) > 0
            )
            compared[head] = too_high and _lt(
                "%(product)s: %(discount)s%% discount",
                product=head.product_id,
                discount=self._number(discount, digits=1),
            )
        return compared

    def _discount(self, lines):
        """Return the discount on a good, in percent."""
        price = sum(lines.mapped("price_unit"))
        return 100 * (1 - self._net_price(lines) / price) if price else max(lines.mapped("discount"))

    def _share_taken_off(self, lines):
        """Return which share of what is ordered is taken off by lines with negative prices."""
        goods = sum(line.price_subtotal for line in lines if line.price_subtotal > 0)
        taken_off = -sum(line.price_subtotal for line in lines if line.price_subtotal < 0)
        return taken_off / goods if goods else 0.0

    def _compare_with_pricelist(self, goods):
        """What is taken back is paid for at the price list at most."""
        compared = {}
        for head, expected in self._pricelist_prices(goods).items():
            lowest = head.currency_id.round(expected * (1 - self.percent / 100))
            price = self._net_price(goods[head])
            breaks = (
                head.currency_id.compare_amounts(price, expected) > 0
                if head.product_uom_qty < 0
                else head.currency_id.compare_amounts(price, lowest) < 0
            )
            compared[head] = breaks and _lt(
                "%(product)s: %(price)s, price list %(expected)s",
                product=head.product_id,
                price=self._amount(price, head.currency_id),
                expected=self._amount(expected, head.currency_id),
            )
        return compared

    def _compare_with_margin(self, goods):
        """Goods of which no cost is known are left out: they cannot be judged.

        What is paid to the customer is a loss.
        """
        compared = {}
        for head, lines in goods.items():
            costs = [self._unit_cost(line) * line.product_uom_qty for line in lines]
            revenue = sum(lines.mapped("price_subtotal"))
            if head.currency_id.is_zero(revenue):
                compared[head] = _lt("%s: free of charge", head.product_id)
            elif all(costs):
                margin = (revenue - sum(costs)) / abs(revenue) * 100
                compared[head] = margin < self.percent and _lt(
                    "%(product)s: %(margin)s%% margin",
                    product=head.product_id,
                    margin=self._number(margin, digits=1),
                )
        return compared

    # ------------------------------------------------------------------
    # Costs
    # ------------------------------------------------------------------

    def _unit_cost(self, line):
        """Return the cost of one unit, in the currency and unit of the line; zero when it is not known.

        Where sellers can enter the cost of a line (with the Margins app), a lower one is not believed.
        """
        known = self._product_cost(line)
        return known and max(known, self._entered_cost(line))

    def _product_cost(self, line):
        product = line.product_id.with_company(line.company_id)
        cost = product.uom_id._compute_price(product.standard_price, line.product_uom_id)
        return product.cost_currency_id._convert(cost, line.currency_id, line.company_id, self._rate_day(line))

    def _entered_cost(self, line):
        return line.purchase_price if "purchase_price" in line._fields else self._product_cost(line)

    def _lower_cost_in_words(self, line):
        """Tell that a line has a lower cost than its product, or nothing when it has not."""
        known, entered = self._product_cost(line), self._entered_cost(line)
        if line.currency_id.compare_amounts(entered, known) >= 0:
            return ""
        return _lt(
            "%(product)s: a cost of %(entered)s was entered, it is %(known)s",
            product=line.product_id,
            entered=self._amount(entered, line.currency_id),
            known=self._amount(known, line.currency_id),
        )

    # ------------------------------------------------------------------
    # Price lists
    # ------------------------------------------------------------------

    def _pricelist_prices(self, goods):
        """Return what the price list of its order says of each good, taxes as on the lines.

        The rules of a price list are read once for all its lines: Odoo's own fields search them line by line.
        """
        prices = {}
        heads = self.env["sale.order.line"].union(*goods)
        for (pricelist, company), group in heads.grouped(
            lambda line: (line.order_id.pricelist_id, line.company_id)
        ).items():
            rules = self._pricelist_rules(pricelist, group.with_company(company))
            for head in group.with_company(company):
                moment = head.order_id.date_order
                price = self._pricelist_price(head, (rule for rule in rules if self._is_in_force(rule, moment)))
                lines = goods[head]
                shares = {head: price} if lines == head else self._shares_of_parts(lines, price)
                prices[head.with_env(heads.env)] = sum(
                    self._with_taxes_of_line(line, share) for line, share in shares.items()
                )
        return prices

    def _shares_of_parts(self, parts, price):
        """Return what is due for each part of a combo, spread as Odoo does it, extra prices included."""
        worth = {
            part: combo.currency_id._convert(combo.base_price, part.currency_id, part.company_id, self._rate_day(part))
            for part in parts
            for combo in part.combo_item_id.combo_id
        }
        total = sum(worth.values())
        return {
            part: (price * worth[part] / total if total else price / len(parts))
            + part.combo_item_id.extra_price
            + part.product_id._get_no_variant_attributes_price_extra(part.product_no_variant_attribute_value_ids)
            for part in parts
        }

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
        """Return the price of the product of a line by the first of some rules that fits, as Odoo does."""
        product = line.product_id.with_context(**line._get_product_price_context())
        quantity = line.product_uom_qty or 1.0
        in_product_unit = line.product_uom_id._compute_quantity(quantity, product.uom_id, raise_if_failure=False)
        no_rule = self.env["product.pricelist.item"].with_company(line.company_id)
        rule = next((rule for rule in rules if rule._is_applicable_for(product, in_product_unit)), no_rule)
        return rule._compute_price(
            product, quantity, line.product_uom_id, date=line.order_id.date_order, currency=line.currency_id
        )

    def _rate_day(self, line):
        """Return the day by whose rates Odoo prices a line. Without its hour, orders of one day share what is read."""
        return line.order_id.date_order.date()

    def _with_taxes_of_line(self, line, price):
        """Return a price of the price list with the taxes that the price on the line includes."""
        return line.product_id._get_tax_included_unit_price_from_price(
            price,
            product_taxes=line.product_id.taxes_id._filter_taxes_by_company(line.company_id),
            fiscal_position=line.order_id.fiscal_position_id,
        )
