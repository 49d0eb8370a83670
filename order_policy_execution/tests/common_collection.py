"""Orders that are invoiced and paid."""

from odoo import fields
from odoo.addons.order_policy.tests.common_orders import GateCase, QueriesCase
from odoo.fields import Command


class CollectionCase(GateCase, QueriesCase):
    """A company with a chart of accounts, and a clerk of finance who invoices and registers payments."""

    PAYMENT = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._load_chart()
        cls.clerk = cls._user("clerk", "account.group_account_invoice")
        cls.finance_department.member_ids = [Command.link(cls.clerk.id)]
        cls.collector = cls.finance  # of finance, without rights in Invoicing
        if cls.PAYMENT:
            cls._pay_before(**cls.PAYMENT)

    @classmethod
    def _pay_before(cls, before="delivery", percent=100.0, **values):
        """Put a version in force under which customers pay in advance."""
        version = cls.env["order.policy"]._in_force(cls.company).sudo()._copy_as_next_version()
        version.write({"pay_before": before, "pay_before_percent": percent, **values})
        version.with_user(cls.policy_admin).action_activate()
        return version

    @classmethod
    def _delivered(cls, order):
        for line in order.sudo().order_line:
            line.qty_delivered = line.product_uom_qty
        return order

    @classmethod
    def _invoiced(cls, orders, due_in=0, date=None):
        """Return the posted invoice of what was ordered."""
        cls._delivered(orders)
        invoice = orders.sudo()._create_invoices(final=True)
        today = date or fields.Date.today()
        invoice.write({"invoice_date": today, "invoice_payment_term_id": False})
        invoice.invoice_date_due = fields.Date.add(today, days=due_in)
        invoice.action_post()
        return invoice

    @classmethod
    def _down_payment(cls, order, percent=50):
        wizard = cls.env["sale.advance.payment.inv"].with_context(active_ids=order.ids, active_model="sale.order")
        wizard = wizard.create({"advance_payment_method": "percentage", "amount": percent})
        invoice = wizard._create_invoices(order.sudo())
        invoice.invoice_date = fields.Date.today()
        invoice.action_post()
        return invoice

    @classmethod
    def _pay(cls, invoice, amount=None, **values):
        """Register what the customer paid, as the clerk does."""
        register = cls.env["account.payment.register"].with_user(cls.clerk)
        register = register.with_context(active_model="account.move", active_ids=invoice.ids)
        wizard = register.create({**({"amount": amount} if amount is not None else {}), **values})
        return wizard._create_payments()

    @classmethod
    def _bank(cls):
        own = [("code", "=", "none"), ("company_id", "=", cls.company.id), ("name", "=", "Bank")]
        return cls.env["payment.provider"].search(own, limit=1) or cls._provider()

    @classmethod
    def _transaction(cls, order, amount, state="done"):
        """Return what a customer paid online for an order."""
        method = cls.env.ref("payment.payment_method_unknown")
        transaction = cls.env["payment.transaction"].create(
            {
                "provider_id": cls._bank().id,
                "payment_method_id": method.id,
                "reference": f"{order.name}-{amount}",
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        transaction.state = state
        return transaction

    def _amounts(self, order):
        """Return what was invoiced, received, is due and is overdue."""
        self.env.flush_all()
        self.env.invalidate_all()
        order = order.sudo()
        names = ("invoiced", "paid", "due", "overdue")
        return tuple(order[f"policy_amount_{name}"] for name in names)
