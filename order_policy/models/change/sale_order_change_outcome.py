from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_amount, format_list

from .sale_order import UNDER_WAY
from .sale_order_change import ORDER_FIELDS


class SaleOrderChange(models.Model):
    """What a request would make of its order, and whom that concerns."""

    _inherit = "sale.order.change"

    @api.depends("order_id")
    def _compute_base(self):
        """Start from the content that the order has when the request is entered; refreshing starts anew."""
        for change in self:
            # Superuser: who may see the request may see from what it starts.
            order = change.sudo()._origin_order()
            change.update(self._base_values(order) if order else {"base_digest": False, "base_snapshot": False})

    @api.depends(lambda self: ["base_digest", *ORDER_FIELDS, *(f"line_ids.{name}" for name in self._line_fields())])
    def _compute_outcome(self):
        Aspect = self.env["order.policy.aspect"]
        for change in self:
            if change.state != "draft" or not change.order_id:
                for name in ("proposed_digest", "proposed_snapshot", "amount_after", "amount_difference"):
                    change[name] = change[name]
                continue
            # Superuser: who may see the request may see what it would make of the order.
            order, proposed = change.sudo()._origin_order(), change.sudo()._proposed_order()
            snapshot = Aspect._take_snapshots(proposed)[proposed]
            change.proposed_snapshot = snapshot
            change.proposed_digest = Aspect._digest(snapshot)
            ends = change.kind == "cancel"
            change.amount_after = 0.0 if ends else proposed.amount_total
            change.amount_difference = (0.0 if ends else proposed.amount_company) - order.amount_company

    @api.depends("line_ids.progress")
    def _compute_has_progress(self):
        """Whether anything happened with the lines already: until then there is nothing to show of it."""
        for change in self:
            change.has_progress = any(change.line_ids.mapped("progress"))

    @api.depends("amount_before", "amount_after")
    def _compute_amount_change(self):
        for change in self:
            change.amount_change = change.amount_after - change.amount_before

    @api.model
    def _line_fields(self):
        return ["order_line_id", "product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount",
                "is_removed"]  # fmt: skip

    @api.constrains("commitment_date", "asked_on", "contact", "note", "customer_note")
    def _check_can_be_meant(self):
        self._check_is_believable(["asked_on", "contact", "note", "customer_note"])
        # What is on the order already is for the request to mend.
        self.filtered(lambda change: change.commitment_date != change.was_commitment_date)._check_is_believable(
            ["commitment_date"]
        )

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        self.line_ids._let_parts_follow()

    def _origin_order(self):
        return self.order_id._origin

    def _proposed_order(self):
        """Return the order as this request would have it, as a new record that is not stored."""
        self.ensure_one()
        order = self._origin_order()
        if self.kind == "cancel":
            return order
        values = self._order_values()
        lines = {"order_line": values.pop("order_line")} if "order_line" in values else {}
        self._forget_proposals(self._forget_proposals(order.new(origin=order)).order_line)
        proposed = order.new({"policy_id": order.policy_id.id, **lines}, origin=order)
        proposed.update(values)  # with what Odoo lets follow from them
        return proposed

    @api.model
    def _forget_proposals(self, records):
        """Free new records of what was proposed before: those of one origin share their values.

        :param records: new records of stored ones
        :return: the same
        """
        # What asks for it stays known: with requests Odoo would forget of which order a new one is.
        names = [name for name, field in records._fields.items() if field.comodel_name != self._name]
        records.invalidate_recordset(names, flush=False)
        for field in records._fields.values():
            if field.store and field.compute:
                self.env.remove_to_compute(field, records)
        return records

    def _order_values(self):
        """Return what is to be written on the order."""
        self.ensure_one()
        values = {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in ORDER_FIELDS
            if self[name] != self[f"was_{name}"]
        }
        commands = [command for line in self.line_ids for command in line._order_line_commands()]
        return {**values, "order_line": commands} if commands else values

    @api.depends("proposed_digest", "base_digest")
    @api.depends_context("lang")
    def _compute_differences_html(self):
        for change in self:
            change.differences_html = self.env["order.policy.aspect"]._differences_as_html(
                change.base_snapshot, change.proposed_snapshot
            )

    @api.depends("proposed_digest")
    @api.depends_context("lang", "uid")
    def _compute_margin_html(self):
        for change in self:
            change.margin_html = change._margin_in_words()

    def _margin_in_words(self):
        """Tell how the margin changes, to those who may see margins (with the Margins app)."""
        self.ensure_one()
        order = self._origin_order()
        if (
            "margin" not in order._fields
            or not order.sudo(False)._has_field_access(order._fields["margin"], "read")
            or self.kind == "cancel"
            or self.state not in ("draft", *UNDER_WAY)
        ):
            return False
        before, after = order.sudo().margin, self.sudo()._proposed_order().margin

        def amount(value):
            return format_amount(self.env, value, self.currency_id)

        return f"{amount(before)} → {amount(after)}" if before != after else amount(before)

    def _amounts_in_words(self):
        """Tell what the order comes to before and after the request."""
        self.ensure_one()
        return self.env._(
            "Order amount, taxes included: %(was)s → %(now)s",
            was=format_amount(self.env, self.amount_before, self.currency_id),
            now=Markup("<b>%s</b>") % format_amount(self.env, self.amount_after, self.currency_id),
        )

    def _asks_customer_in_words(self):
        """Ask the customer whether the content proposed is agreed to, as the policy lets customers agree."""
        self.ensure_one()
        return self.env._(
            "%(amounts)s. Please tell %(person)s whether you agree: %(ways)s.",
            amounts=self._amounts_in_words(),
            person=self.salesperson_id.name or self.company_id.name,
            ways=self.policy_id._ways_to_agree_in_words(self.order_id),
        )

    # ------------------------------------------------------------------
    # Whom it concerns
    # ------------------------------------------------------------------

    def _steps_to_ask(self, proposed):
        """Return the steps that have to review the request, in the order of the policy.

        :param proposed: the order as the request would have it
        """
        order = self._origin_order()
        steps = order.policy_id._request_steps(self.kind, order, proposed)
        if self.kind == "change":
            required = self.env["order.policy"]._required_steps(proposed)[proposed]
            steps |= required.filtered(lambda step: not self._is_untouched(order, step))
        return steps.sorted(lambda step: (step.sequence, step.id))

    def _is_untouched(self, order, step):
        """Tell whether what a step approved on the order is what the request proposes too."""
        review = order.review_ids.filtered(lambda review: review.is_current and review.step_id == step)
        if review.decision != "approved":
            return False
        if review.is_automatic:
            return self.proposed_digest == order.content_digest
        return self.env["order.policy.aspect"]._is_same(review.snapshot, step._restrict(self.proposed_snapshot))

    def _asks_for_nothing(self):
        return self.env["order.policy.aspect"]._is_same(self.base_snapshot, self.proposed_snapshot)

    @api.depends("proposed_digest", "state")
    @api.depends_context("lang")
    def _compute_consequences_html(self):
        for change in self:
            change.consequences_html = change.state == "draft" and change.sudo()._consequences_as_html()

    def _consequences_as_html(self):
        self.ensure_one()
        if self.kind == "change" and self._asks_for_nothing():
            return False
        steps = self._steps_to_ask(self._proposed_order())
        if not steps:
            return self.env._("No department has to review this.")
        return Markup("<ul class='mb-0 ps-3'>%s</ul>") % Markup().join(
            Markup("<li><b>%s</b> · %s</li>")
            % (
                step.name,
                self.env._("%(what)s: %(said)s", what=step.department_id.name, said=self._why_asked(step)),
            )
            for step in steps
        )

    def _why_asked(self, step):
        if step.used_for == "request":
            return self.env._("reviews every request")
        if self.kind == "cancel":
            return self.env._("approved the order, and so approves its end")
        Aspect = self.env["order.policy.aspect"]
        touched = Aspect._differences(step._restrict(self.base_snapshot), step._restrict(self.proposed_snapshot))
        known = step in self.order_id.review_ids.filtered("is_current").step_id
        if not known:
            return step.condition_in_words
        return format_list(self.env, dict.fromkeys(label for _subject, label, _was, _now in touched)) or self.env._(
            "its checks look at the whole order"
        )
