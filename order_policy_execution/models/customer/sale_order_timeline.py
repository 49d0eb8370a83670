from datetime import datetime, time

from odoo import fields, models
from odoo.tools import formatLang

# How a step of the time line stands, and the picture and colour that go with it.
LOOKS = {
    "done": ("fa-check-circle", "text-success"),
    "late": ("fa-exclamation-circle", "text-danger"),
    "held": ("fa-pause-circle", "text-warning"),
    "now": ("fa-dot-circle-o", "text-info"),
    "planned": ("fa-circle-o", "text-muted"),
}


class SaleOrder(models.Model):
    """Where a confirmed order is, as its customer sees it: what was done, what comes next, by when (article 1.11)."""

    _inherit = "sale.order"

    def _customer_timeline(self):
        """Return the steps of an order for its customer, without anything internal, in superuser mode.

        Departments, people, notes and reasons are none of a customer's business. Milestones show where the policy says
        that the customer is told of them.

        :return: list of dicts: ``key``, ``name``, ``state`` (see ``LOOKS``), ``icon``, ``colour``, ``planned`` (date),
            ``since`` and ``done`` (datetimes), ``words``, and ``links`` (pairs of text and address)
        """
        self.ensure_one()
        # Superuser: the page of an order is shown to whoever has its link, and learns no more than these steps.
        order = self.sudo()
        if order.state != "sale" or not order._goes_by_policy():
            return []
        steps = [
            order._step_accepted(),
            order._step_of_kind("production", self.env._("Produced"), self.env._("In production")),
            order._step_of_kind("inspection", self.env._("Inspected"), self.env._("Being inspected")),
            order._step_ready(),
            order._step_shipped(),
            order._step_delivered(),
            order._step_invoiced(),
            order._step_paid(),
        ]
        steps = [step for step in steps if step]
        order._let_steps_wait_for_payment(steps)
        return [order._with_look(step, steps) for step in steps]

    # ------------------------------------------------------------------
    # The steps
    # ------------------------------------------------------------------

    def _step(self, key, name, **values):
        step = {"key": key, "name": name, "planned": False, "since": False, "done": False, "words": "", "links": []}
        return {**step, "late": False, "held": False, **values}

    def _step_accepted(self):
        confirmed = self.milestone_ids.mapped("confirmed_on")
        return self._step("accepted", self.env._("Order Accepted"), done=min(confirmed, default=self.date_order))

    def _told_milestones(self, kind):
        """Return the milestones of a kind that the customer is told of, and that are not skipped."""
        return self._current_milestones().filtered(
            lambda milestone: (
                milestone.kind == kind and milestone.state != "skipped" and milestone.policy_milestone_id.tell_customer
            )
        )

    def _step_of_kind(self, kind, name, meanwhile):
        """Return the step of all milestones of a kind; None where the customer is told of none.

        :param str name: how the step is called once it is done
        :param str meanwhile: how it is called until then
        """
        milestones = self._told_milestones(kind)
        if not milestones:
            return None
        is_done = all(milestone.state == "done" for milestone in milestones)
        return self._step(
            kind,
            name if is_done else meanwhile,
            planned=self._last_day(milestones.mapped("planned_on")),
            since=min(filter(None, milestones.mapped("started_on")), default=False),
            done=is_done and max(milestones.mapped("done_on")),
            **self._lateness(milestones.filtered("is_open")),
        )

    def _lateness(self, milestones):
        """Tell whether something is late, or will be, and until when, by the forecast."""
        expected = self._last_day(milestones.mapped("forecast_on"))
        planned = self._last_day(milestones.mapped("planned_on"))
        will_be_late = bool(expected and planned and expected > planned)
        if not will_be_late and not any(milestones.mapped("is_late")):
            return {}
        today = fields.Date.context_today(self)
        if expected and expected >= today:
            words = self.env._("Later than planned: we expect it on %s.", self._day_for_customer(expected))
        else:
            words = self.env._("Later than planned. We are working on it, and will let you know a new date.")
        return {"late": True, "words": words}

    def _step_ready(self):
        """Return when everything is made and inspected, so that it can be shipped."""
        before = self._told_milestones("production") | self._told_milestones("inspection")
        if not before:
            return None
        is_done = all(milestone.state == "done" for milestone in before)
        return self._step(
            "ready",
            self.env._("Ready to ship"),
            planned=self._last_day(before.mapped("planned_on")),
            done=is_done and max(before.mapped("done_on")),
        )

    def _step_shipped(self):
        """Return what left for the customer so far; None where no app tells of shipments, or nothing is shipped."""
        shipments = self._customer_shipments()
        if shipments is None:
            return None
        gone = [shipment["done"] for shipment in shipments if shipment["done"]]
        is_done = bool(gone) and len(gone) == len(shipments)
        words = ""
        if gone and not is_done:
            words = self.env._("%(shipped)s of %(all)s shipments", shipped=len(gone), all=len(shipments))
        return self._step(
            "shipped",
            self.env._("Shipped"),
            planned=self._planned_delivery(),
            since=min(gone, default=False),
            done=is_done and max(gone),
            words=words,
            links=[link for shipment in shipments for link in shipment["links"]],
        )

    def _customer_shipments(self):
        """Return what left or will leave for the customer; None where no app tells of that. Addons know.

        :return: list of dicts: ``done`` (datetime), and ``links`` (pairs of text and address) by which it is followed
        """
        return

    def _step_delivered(self):
        told = self._told_milestones("delivery")
        is_done = self._is_delivered_to_customer()
        reported = [done for done in told.mapped("done_on") if done]
        shipped = [shipment["done"] for shipment in self._customer_shipments() or () if shipment["done"]]
        return self._step(
            "delivered",
            self.env._("Delivered"),
            planned=self._planned_delivery(),
            done=is_done and max([*reported, *shipped], default=True),
            **({} if is_done else self._lateness_of_delivery(told.filtered("is_open"))),
        )

    def _lateness_of_delivery(self, milestones):
        late = self._lateness(milestones)
        planned = self._planned_delivery()
        if late or not planned or planned >= fields.Date.context_today(self):
            return late
        words = self.env._("Later than planned. We are working on it, and will let you know a new date.")
        return {"late": True, "words": words}

    def _is_delivered_to_customer(self):
        """Tell whether all that was ordered was delivered."""
        lines = self.order_line._policy_ordered_lines().filtered("product_id")
        return bool(lines) and all(line.qty_delivered >= line.product_uom_qty for line in lines)

    def _planned_delivery(self):
        promised = self.commitment_date and fields.Datetime.context_timestamp(self, self.commitment_date).date()
        return promised or self._last_day(self._told_milestones("delivery").mapped("planned_on"))

    def _step_invoiced(self):
        share = self._policy_invoiced_share()
        if share is None:
            return None
        days = [day for day in self._policy_posted_invoices().mapped("invoice_date") if day]
        return self._step(
            "invoiced",
            self.env._("Invoiced"),
            since=self._noon(min(days, default=False)),
            done=share >= 1 and self._noon(max(days, default=False)),
            words=self.env._("In part") if days and share < 1 else "",
        )

    def _step_paid(self):
        share = self._policy_invoiced_share()
        if share is None:
            return None
        amounts = {
            name: formatLang(self.env, self[f"policy_amount_{name}"], currency_obj=self.currency_id)
            for name in ("paid", "due")
        }
        is_done = share >= 1 and self.policy_collection == "paid"
        words = ""
        if self.policy_amount_paid and not is_done:
            words = self.env._("%(paid)s received, %(due)s due", **amounts)
        elif self.policy_amount_due:
            words = self.env._("%(due)s due", **amounts)
        days = self._policy_posted_invoices()._policy_payment_days()
        return self._step(
            "paid",
            self.env._("Paid"),
            planned=self.policy_due_on,
            done=is_done and (self._noon(max(days, default=False)) or True),
            words=words,
            late=self.policy_days_late > 0,
        )

    # ------------------------------------------------------------------
    # What they have in common
    # ------------------------------------------------------------------

    def _let_steps_wait_for_payment(self, steps):
        """Tell on the step that waits for it that the customer has to pay first."""
        hold = self._payment_holds().get(self)
        if not hold:
            return
        held = ("production", "shipped", "delivered") if hold.before == "production" else ("shipped", "delivered")
        waiting = [step for step in steps if step["key"] in held and not step["done"]]
        for step in waiting[:1]:
            step.update(held=True, late=False, words=self._payment_hold_for_customer(hold))

    def _with_look(self, step, steps):
        following = next((found for found in steps if not found["done"]), None)
        if step["done"]:
            state = "done"
        elif step["held"]:
            state = "held"
        elif step["late"]:
            state = "late"
        else:
            state = "now" if step["since"] or step is following else "planned"
        icon, colour = LOOKS[state]
        # A step that is done on a day that nobody knows is done all the same.
        when = step["done"] if step["done"] is not True else False
        return {**step, "state": state, "icon": icon, "colour": colour, "done": when}

    def _last_day(self, days):
        return max(filter(None, days), default=False)

    def _noon(self, day):
        """Return a moment that is on a day nearly everywhere."""
        return day and datetime.combine(day, time(12))

    def _day_for_customer(self, day):
        return self.env["order.policy.words"]._day_in_words(day)
