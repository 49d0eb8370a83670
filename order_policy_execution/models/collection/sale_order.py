import operator

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .sale_order_money import Money

COMPARED = {
    "in": lambda amount, values: amount in values,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class SaleOrder(models.Model):
    """What is due, paid and overdue of orders (articles 2.9, 2.11)."""

    _inherit = "sale.order"

    policy_amount_invoiced = fields.Monetary(
        "Invoiced So Far",
        compute="_compute_policy_amounts",
        store=True,
        copy=False,
        compute_sudo=True,
        help="By posted invoices, less credit notes, taxes included, in the currency of the order.",
    )
    policy_amount_paid = fields.Monetary(
        "Received",
        compute="_compute_policy_amounts",
        store=True,
        copy=False,
        compute_sudo=True,
        help="What is reconciled with invoices or paid online, less what was paid back, in the currency of the order.",
    )
    policy_amount_due = fields.Monetary(
        "Amount Due",
        compute="_compute_policy_amounts",
        store=True,
        copy=False,
        compute_sudo=True,
        help="What posted invoices still ask for, in the currency of the order, whenever it is to be paid.",
    )
    policy_dues = fields.Json(
        compute="_compute_policy_amounts",
        store=True,
        copy=False,
        compute_sudo=True,
        exportable=False,
        help="Pairs of a day and what is to be paid by then.",
    )
    policy_due_on = fields.Date(
        "To Be Paid By",
        compute="_compute_policy_amounts",
        store=True,
        copy=False,
        compute_sudo=True,
        help="The first day by which something is to be paid that was not.",
    )
    policy_collection = fields.Selection(
        [("due", "To Be Paid"), ("partly", "Partly Paid"), ("paid", "Paid")],
        "Collection",
        compute="_compute_policy_amounts",
        store=True,
        copy=False,
        compute_sudo=True,
        help="Of what was invoiced so far.",
    )
    policy_amount_overdue = fields.Monetary(
        "Overdue Amount",
        compute="_compute_policy_overdue_amount",
        search="_search_policy_amount_overdue",
        aggregator="sum",
        help="What was to be paid before today and was not, in the currency of the order.",
    )
    policy_days_late = fields.Integer(
        "Days Late",
        compute="_compute_policy_overdue_amount",
        search="_search_policy_days_late",
        aggregator="max",
        help="Since the first day by which something was to be paid that was not.",
    )

    # Who collects looks at these alone.
    _policy_to_collect = models.Index("(policy_due_on, company_id) WHERE policy_due_on IS NOT NULL")

    @api.depends(lambda self: self._money_dependencies())
    def _compute_policy_amounts(self):
        concerned = self.filtered(lambda order: order.policy_id and order.state in ("sale", "cancel"))
        money = concerned._money()
        for order in self:
            found = money.get(order, Money())
            order.policy_amount_invoiced = found.invoiced
            order.policy_amount_paid = found.received
            order.policy_amount_due = sum(due for _day, due in found.dues)
            order.policy_dues = [[fields.Date.to_string(day), due] for day, due in found.dues] or False
            order.policy_due_on = found.dues[0][0] if found.dues else False
            order.policy_collection = order._collection_of(found)

    @api.model
    def _money_dependencies(self):
        """Return on what it depends what was invoiced, received and is due. Floors and addons add theirs."""
        invoice = "order_line.invoice_lines.move_id"
        return [
            "policy_id",
            "state",
            "currency_id",
            "order_line.invoice_lines.price_total",
            f"{invoice}.state",
            f"{invoice}.amount_residual",
            f"{invoice}.line_ids.date_maturity",
            f"{invoice}.matched_payment_ids.state",
            "transaction_ids.state",
            "transaction_ids.payment_id.state",
        ]

    def _collection_of(self, money):
        self.ensure_one()
        received = self.currency_id.compare_amounts(money.received, 0.0) > 0
        if money.dues:
            return "partly" if received else "due"
        return "paid" if received else False

    @api.depends("policy_dues")
    def _compute_policy_overdue_amount(self):
        today = fields.Date.context_today(self)
        for order in self:
            late = [(fields.Date.to_date(day), due) for day, due in order.policy_dues or ()]
            late = [(day, due) for day, due in late if day < today]
            order.policy_amount_overdue = sum(due for _day, due in late)
            order.policy_days_late = (today - late[0][0]).days if late else 0

    def _search_policy_amount_overdue(self, operator, value):
        return self._domain_compared("policy_amount_overdue", operator, value)

    def _search_policy_days_late(self, operator, value):
        return self._domain_compared("policy_days_late", operator, value)

    def _domain_compared(self, name, comparison, value):
        """Return the domain that compares what changes with the day, in the database."""
        if comparison not in COMPARED:
            return NotImplemented
        numbers = tuple(value) if comparison == "in" else (value or 0,)
        if any(type(number) not in (bool, int, float) for number in numbers):
            raise UserError(self.env._("“%s” is no number to compare with. Enter one.", repr(value)[:50]))
        value = tuple(number or 0 for number in numbers) if comparison == "in" else numbers[0]
        compared = Domain.custom(
            to_sql=lambda orders, alias, _query: SQL(
                "%s %s %s", orders._late_sql(alias, name), SQL(comparison.upper()), value
            ),
            predicate=lambda order: COMPARED[comparison](order[name], value),
        )
        if comparison != ">" or value < 0:
            return compared
        # The index on the day finds those that are late.
        return Domain("policy_due_on", "<", fields.Date.context_today(self)) & compared

    def _late_sql(self, alias, name):
        """Return what is overdue, or since how many days, as SQL: both change with the day, and nothing is written."""
        today = fields.Date.context_today(self)
        due_on = self._field_to_sql(alias, "policy_due_on")
        if name == "policy_days_late":
            return SQL("GREATEST(COALESCE(%s - %s, 0), 0)", SQL("%s::date", today), due_on)
        return SQL(
            "COALESCE((SELECT SUM((due->>1)::numeric) FROM jsonb_array_elements(%s) due "
            "WHERE (due->>0)::date < %s), 0)",
            self._field_to_sql(alias, "policy_dues"),
            today,
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr in ("policy_amount_overdue", "policy_days_late"):
            self._check_field_access(self._fields[field_expr], "read")
            return self._late_sql(alias, field_expr)
        return super()._field_to_sql(alias, field_expr, query)

    # ------------------------------------------------------------------
    # Who reads it
    # ------------------------------------------------------------------

    @api.model
    def _reader_dependencies(self):
        return [*super()._reader_dependencies(), "policy_amount_due"]

    def _readers(self):
        """Who collects reads the orders of which something is due."""
        readers = super()._readers()
        if not self.policy_amount_due or not self._goes_by_policy():
            return readers
        departments = self.env["order.policy.department"]._collecting_ids(self.company_id.id)
        return readers | {self._reader_of_department(department) for department in departments}
