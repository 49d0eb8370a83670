from collections import defaultdict
from datetime import timezone

import pytz

from odoo import fields, models
from odoo.tools import float_compare
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class OrderPolicyCheck(models.Model):
    _inherit = "order.policy.check"

    kind = fields.Selection(
        selection_add=[("capacity", "Work centers have capacity")],
        # Whatever was in force stays as it was, and cannot be judged any more.
        ondelete={"capacity": "set null"},
    )

    def _kinds_used_up(self):
        return super()._kinds_used_up() | {"capacity"}

    def _describe_rule(self):
        if self.kind == "capacity":
            return self.env._("The working hours until the promised date")
        return super()._describe_rule()

    def _boms(self, goods, company, kind):
        """Return the bills of materials of one kind in a company, by product."""
        products = self.env["product.product"].union(*(product for product, _quantity, _values in goods))
        found = self._plain_env()["mrp.bom"]._bom_find(products, company_id=company.id, bom_type=kind)
        return {product: bom for product, bom in found.items() if bom}

    # ------------------------------------------------------------------
    # Kits are delivered as what they consist of
    # ------------------------------------------------------------------

    def _ordered_goods(self, orders):
        goods = super()._ordered_goods(orders)
        for company, company_orders in orders.grouped("company_id").items():
            # Kits may consist of kits.
            while kits := self._boms([item for order in company_orders for item in goods[order]], company, "phantom"):
                for order in company_orders:
                    goods[order] = [part for item in goods[order] for part in self._parts(kits, *item)]
        return goods

    def _parts(self, kits, product, quantity, values):
        """Return what is delivered of a product: its components if it is a kit, else itself."""
        if product not in kits:
            return [(product, quantity, values)]
        bom = kits[product]
        batches = product.uom_id._compute_quantity(quantity, bom.product_uom_id, round=False) / bom.product_qty
        return [
            (
                line.product_id,
                line.product_uom_id._compute_quantity(line.product_qty * batches, line.product_id.uom_id, round=False),
                values,
            )
            for line in bom.bom_line_ids
            if not line._skip_bom_line(product, values)
        ]

    # ------------------------------------------------------------------
    # Capacity
    # ------------------------------------------------------------------

    def _judge_capacity(self, orders):
        """Compare the load of the work centers until the promised date with their working hours (articles 1.6, 2.6).

        What is ordered counts as if all of it had to be made. Components that are made themselves are not looked at.
        What is planned for a confirmed order already counts once, and what is done does not count any more.
        """
        made = self._made_goods(orders)
        needed = {order: self._hours_needed(goods) for order, goods in made.items()}
        own = {order: self._hours_of(order) for order in orders}
        centers = self.env["mrp.workcenter"].union(*(center for hours in needed.values() for center in hours))
        last = max((order.commitment_date for order in orders if order.commitment_date), default=False)
        planned, working = self._hours_planned(centers, last), self._hours_worked(centers, last)
        return {
            order: self._capacity_result(
                order, made[order], *self._without_own(needed[order], planned, own[order]), working
            )
            for order in orders
        }

    def _hours_of(self, order):
        """Return the work for a confirmed order: lists of start, hours and whether it is done, by center."""
        hours = defaultdict(list)
        confirmed = order._origin.filtered(lambda order: order.state == "sale")
        for work in confirmed.sudo().mrp_production_ids.workorder_ids.filtered(lambda work: work.state != "cancel"):
            hours[work.workcenter_id].append((work.production_date, work.duration_expected / 60, work.state == "done"))
        return hours

    def _without_own(self, needed, planned, own):
        """Return the hours that an order still needs, and those planned for others, by center."""
        if not own:
            return needed, planned
        done = {center: sum(hours for _start, hours, is_done in works if is_done) for center, works in own.items()}
        taken = {
            center: [(start, -hours) for start, hours, is_done in works if not is_done] for center, works in own.items()
        }
        return (
            {center: max(hours - done.get(center, 0.0), 0.0) for center, hours in needed.items()},
            defaultdict(list, {center: planned[center] + taken.get(center, []) for center in needed}),
        )

    def _made_goods(self, orders):
        """Return what is to be made for each order: lists of product, quantity, attribute values, bill of materials."""
        goods = self._ordered_goods(orders)
        made = {}
        for company, company_orders in orders.grouped("company_id").items():
            boms = self._boms([item for order in company_orders for item in goods[order]], company, "normal")
            for order in company_orders:
                made[order] = [(*item, boms[item[0]]) for item in goods[order] if item[0] in boms]
        return made

    def _operations(self, product, values, bom):
        # A list, as a filtered recordset would be read by itself: one query for each bill of materials.
        return [operation for operation in bom.operation_ids if not operation._skip_operation_line(product, values)]

    def _work_centers(self, orders):
        """Return the work centers that make what is ordered."""
        return self.env["mrp.workcenter"].union(
            *(
                operation.workcenter_id
                for goods in self._made_goods(orders).values()
                for product, _quantity, values, bom in goods
                for operation in self._operations(product, values, bom)
            )
        )

    def _hours_needed(self, made):
        """Return the hours that goods need of each work center, as Odoo would plan them."""
        hours = defaultdict(float)
        for product, quantity, values, bom in made:
            unit = bom.product_uom_id
            quantity = product.uom_id._compute_quantity(quantity, unit, round=False)
            for operation in self._operations(product, values, bom):
                planned = operation.with_context(product=product, quantity=quantity, unit=unit)
                hours[operation.workcenter_id] += planned.time_total / 60
        return hours

    def _hours_planned(self, centers, last):
        """Return the work that is not done yet and starts before a moment: pairs of its start and hours, by center."""
        planned = defaultdict(list)
        if not last:
            return planned
        domain = [
            ("workcenter_id", "in", centers.ids),
            ("state", "not in", ("done", "cancel")),
            ("production_date", "<", last),
        ]
        for center, start, minutes in self._plain_env()["mrp.workorder"]._read_group(
            domain, ["workcenter_id", "production_date:hour"], ["duration_expected:sum"]
        ):
            planned[center].append((start, minutes / 60))
        return planned

    def _hours_worked(self, centers, last):
        """Return when people work until a moment, holidays and maintenance left out: start and end, by center."""
        worked, now = {}, fields.Datetime.now()
        for calendar, of_calendar in centers.grouped("resource_calendar_id").items():
            if not calendar or not last or last <= now:
                continue
            span = (now.replace(tzinfo=timezone.utc), last.replace(tzinfo=timezone.utc))
            intervals = calendar._work_intervals_batch(*span, of_calendar.resource_id, tz=pytz.timezone(calendar.tz))
            for center in of_calendar:
                worked[center] = [(start, stop) for start, stop, _attendance in intervals[center.resource_id.id]]
        return worked

    def _capacity_result(self, order, made, needed, planned, worked):
        if not made:
            return self._passed(_lt("Nothing that is made"), self._own_rule())
        if not order.commitment_date:
            return self._not_judged(_lt("No delivery date is promised. Enter it on the order."), self._own_rule())
        overloaded = [
            words
            for center, hours in needed.items()
            if (words := self._overload_in_words(order, center, hours, planned, worked))
        ]
        if overloaded:
            return self._failed(
                self._join_lines(overloaded),
                self._own_rule(),
                _lt("Agree on a later date, have other orders wait, or work overtime."),
            )
        unknown = self._unknown_in_words(made, needed)
        return (
            self._not_judged(unknown, self._own_rule())
            if unknown
            else self._passed(_lt("Capacity is there"), self._own_rule())
        )

    def _overload_in_words(self, order, center, hours, planned, worked):
        """Tell how much more a work center is to do until the promised date than it can, or nothing when it can."""
        until = order.commitment_date
        load = sum(busy for start, busy in planned[center] if start < until)
        end = until.replace(tzinfo=timezone.utc)
        available = sum(
            (min(stop, end) - start).total_seconds() / 3600 for start, stop in worked.get(center, ()) if start < end
        )
        if not center.resource_calendar_id or float_compare(load + hours, available, precision_digits=2) <= 0:
            return ""
        return _lt(
            "%(center)s: %(load)s h planned and %(hours)s h for this order, %(available)s h until %(date)s",
            center=center.display_name,
            load=self._number(load, digits=1),
            hours=self._number(hours, digits=1),
            available=self._number(available, digits=1),
            date=self._day(order._policy_local_date(until)),
        )

    def _unknown_in_words(self, made, centers):
        """Tell what is missing to judge goods, if anything: operations, or the hours of a work center."""
        lacking = self.env["product.product"].union(
            *(product for product, _quantity, values, bom in made if not self._operations(product, values, bom))
        )
        if lacking:
            return _lt(
                "The bills of materials have no operations: %s. Production can add them.",
                self._join_lines(lacking),
            )
        idle = [center.display_name for center in centers if not center.resource_calendar_id]
        if idle:
            return _lt("The work centers have no working hours: %s. Production can enter them.", self._join_lines(idle))
        return ""
