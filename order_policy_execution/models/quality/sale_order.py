from odoo import api, fields, models


class SaleOrder(models.Model):
    """What of an order is inspected, and who reads it for that (articles 1.8, 1.9, 3.10)."""

    _inherit = "sale.order"

    inspection_ids = fields.One2many("sale.order.inspection", "order_id", "Inspections", readonly=True, copy=False)
    inspection_count = fields.Integer("Inspections to Do", compute="_compute_inspection_count")
    inspection_total = fields.Integer("All Inspections", compute="_compute_inspection_count")

    def _compute_inspection_count(self):
        # Superuser: how much is still to be inspected shows to whoever sees the order.
        counts = (
            self.env["sale.order.inspection"]
            .sudo()
            ._read_group([("order_id", "in", self.ids)], ["order_id", "state"], ["__count"])
        )
        for order in self:
            of_order = {state: count for found, state, count in counts if found.id == order._origin.id}
            order.inspection_total = sum(of_order.values())
            order.inspection_count = of_order.get("todo", 0)

    @api.constrains("state", "policy_exempt_reason")
    def _ask_for_inspections(self):
        """Have inspected what confirmed orders lack; nothing more of those that ended or that the policy lets go.

        Whoever confirms an order, and however, has its inspections asked for.
        """
        # Superuser: that it is inspected follows from the policy, whoever confirms or changes the order.
        concerned = self.sudo().filtered(
            lambda order: order.state in ("sale", "cancel") and order.policy_id._inspection_plans()
        )
        if concerned:
            self.env["sale.order.inspection"].sudo()._follow(concerned.order_line)

    def _lines_delivered_by_hand(self):
        """Return the ordered lines of which nothing but people tells whether they left. Bridges leave out theirs."""
        return self.order_line._policy_ordered_lines()

    # ------------------------------------------------------------------
    # Who reads the order
    # ------------------------------------------------------------------

    @api.model
    def _reader_dependencies(self):
        return [*super()._reader_dependencies(), "inspection_ids.department_id", "inspection_ids.state"]

    def _readers(self):
        """The department that inspects, and the general manager's office, which decides on concessions."""
        if self.state in ("draft", "sent"):  # of quotations nothing is inspected
            return super()._readers()
        still_read = self._is_still_read()
        shown = self.inspection_ids.filtered(lambda inspection: still_read or inspection.state == "todo")
        departments = {self._reader_of_department(department.id) for department in shown.department_id}
        return super()._readers() | departments | {self._reader_of_office(company.id) for company in shown.company_id}

    # ------------------------------------------------------------------
    # What people see
    # ------------------------------------------------------------------

    def action_view_inspections(self):
        """Open the inspections of the order."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy_execution.sale_order_inspection_action")
        action["domain"] = [("order_id", "=", self.id)]
        return action
