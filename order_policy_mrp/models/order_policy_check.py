from collections import defaultdict

from odoo import fields, models
from odoo.tools import format_date, formatLang


class OrderPolicyCheck(models.Model):
    _inherit = "order.policy.check"

    kind = fields.Selection(
        selection_add=[("capacity", "Work centers have capacity")],
        # Whatever was in force stays as it was, and cannot be judged any more.
        ondelete={"capacity": "set null"},
    )

    def _check_capacity(self, orders):
        """Compare the load of the work centers until the promised date with their working hours (articles 1.6, 2.6).

        What is ordered counts as if all of it had to be made. Components that are made themselves are not looked at.
        """
        boms = self._boms(orders)
        needed = {order: self._hours_needed(order, boms) for order in orders}
        centers = self.env["mrp.workcenter"].concat(*(center for hours in needed.values() for center in hours))
        planned = self._hours_planned(centers)
        working_hours = {}  # by calendar and day, for all orders
        return {order: self._capacity_result(order, boms, needed[order], planned, working_hours) for order in orders}

    def _boms(self, orders):
        """Return how the products of orders are made: bills of materials by company and product."""
        boms = {}
        for company, company_orders in orders.grouped("company_id").items():
            products = company_orders.order_line._policy_ordered_lines().product_id
            found = self.env["mrp.bom"].sudo()._bom_find(products, company_id=company.id, bom_type="normal")
            boms |= {(company, product): bom for product, bom in found.items() if bom}
        return boms

    def _made_lines(self, order, boms):
        lines = order.order_line._policy_ordered_lines().filtered("product_id")
        return lines.filtered(lambda line: (order.company_id, line.product_id) in boms)

    def _hours_needed(self, order, boms):
        """Return the hours that an order needs of each work center, as Odoo would plan them."""
        hours = defaultdict(float)
        for line in self._made_lines(order, boms):
            product, bom = line.product_id, boms[order.company_id, line.product_id]
            unit = bom.product_uom_id
            quantity = line.product_uom_id._compute_quantity(line.product_uom_qty, unit, round=False)
            for operation in bom.operation_ids:
                if not operation._skip_operation_line(product):
                    planned = operation.with_context(product=product, quantity=quantity, unit=unit)
                    hours[operation.workcenter_id] += planned.time_total / 60
        return hours

    def _hours_planned(self, centers):
        """Return what is planned on work centers and not done: pairs of day and hours, by work center."""
        groups = (
            self.env["mrp.workorder"]
            .sudo()
            ._read_group(
                [("workcenter_id", "in", centers.ids), ("state", "not in", ("done", "cancel"))],
                ["workcenter_id", "production_date:day"],
                ["duration_expected:sum"],
            )
        )
        planned = defaultdict(list)
        for center, day, minutes in groups:
            planned[center.id].append((day, minutes / 60))
        return planned

    def _capacity_result(self, order, boms, needed, planned, working_hours):
        limit = self.env._("The working hours until the promised date")
        if not self._made_lines(order, boms):
            return self._passed(self.env._("Nothing that is made"), limit)
        if not order.commitment_date:
            return self._not_judged(self.env._("No delivery date is promised. Enter it on the order."), limit)
        if not needed:
            return self._not_judged(
                self.env._("The bills of materials have no operations. Production can add them."), limit
            )
        overloaded = []
        for center, hours in needed.items():
            load = sum(busy for day, busy in planned[center.id] if not day or day <= order.commitment_date)
            available = self._working_hours(center, order.commitment_date, working_hours)
            if load + hours > available:
                overloaded.append(
                    self.env._(
                        "%(center)s: %(load)s h planned and %(hours)s h for this order, %(available)s h until %(date)s",
                        center=center.display_name,
                        load=formatLang(self.env, load, digits=1),
                        hours=formatLang(self.env, hours, digits=1),
                        available=formatLang(self.env, available, digits=1),
                        date=format_date(self.env, order.commitment_date),
                    )
                )
        if not overloaded:
            return self._passed(self.env._("Capacity is there"), limit)
        return self._failed(
            self._join_lines(overloaded),
            limit,
            self.env._("Agree on a later date, have other orders wait, or work overtime."),
        )

    def _working_hours(self, center, until, known):
        """Return the working hours of a work center from now on.

        :param dict known: those that were looked up before, by calendar and day
        """
        calendar, day = center.resource_calendar_id, until.date()
        if (calendar, day) not in known:
            now = fields.Datetime.now()
            known[calendar, day] = calendar.get_work_hours_count(now, until) if calendar and until > now else 0.0
        return known[calendar, day]
