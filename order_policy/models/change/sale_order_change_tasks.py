from odoo import fields, models
from odoo.tools import format_amount

# Aspects of an order that departments plan by.
PLANNED = {"product", "quantity", "delivery"}


class SaleOrderChange(models.Model):
    """What is left to do by hand once a request is carried out, and for whom (articles 2.8, 3.13, 3.15)."""

    _inherit = "sale.order.change"

    def _tasks_by_department(self):
        """Return what is left to do by hand, by department: a dict of lists of sentences.

        Every department that the request touches is among them, also with nothing to do. What no department of the
        company is there for is under the empty department, for the salesperson.
        """
        touched = self._counting_reviews()
        if self.kind == "cancel":
            touched |= self.order_id.review_ids.filtered(
                lambda review: review.is_current and review.state != "not_required"
            )
        tasks = {department: [] for department in touched.department_id.sorted("sequence")}
        for department in touched.filtered(self._is_of_who_plans).department_id:
            tasks[department].append(self._plans_to_adjust())
        for area, sentences in self._tasks().items():
            tasks.setdefault(self._department_for(area), []).extend(sentences)
        return {department: sentences for department, sentences in tasks.items() if department or sentences}

    def _is_of_who_plans(self, review):
        """Tell whether a department reviews goods or date to carry them out, so that its plans follow from them."""
        return review.step_id.kind == "review" and bool(PLANNED & set(review.step_id.aspect_ids.mapped("code")))

    def _plans_to_adjust(self):
        if self.kind == "cancel":
            return self.env._("Stop what you planned for %s.", self.order_id.name)
        return self.env._("Bring what you planned for %s in line with what changed.", self.order_id.name)

    def _department_for(self, area):
        """Return the department of the company that stands for a ready one, or none when nobody works there."""
        department = self.env.ref(f"order_policy.{area}")._own_of_company(self.company_id)
        return department if department and department._people("member") else department.browse()

    def _tasks(self):
        """Return what Odoo does not do by itself. Other addons add their own.

        :return: dict of lists of sentences by the name of the ready department that does it
        """
        return {"department_finance": self._finance_tasks(), "department_logistics": self._logistics_tasks()}

    # ------------------------------------------------------------------
    # Goods
    # ------------------------------------------------------------------

    def _logistics_tasks(self):
        """Goods that are with the customer already do not come back by themselves."""
        if self.kind != "cancel":
            return []
        return [
            self.env._(
                "Agree with the customer on the return of %(quantity)s %(unit)s %(product)s, delivered already.",
                quantity=self.env["order.policy.words"]._number_in_words(line.qty_delivered),
                unit=line.product_uom_id.name,
                product=line.product_id.display_name,
            )
            for line in self.order_id.order_line
            if line.qty_delivered > 0 and line.product_id.type != "service"
        ]

    # ------------------------------------------------------------------
    # Money: invoices and payments are never altered, people are told what to correct
    # ------------------------------------------------------------------

    def _finance_tasks(self):
        """Tell what to correct in what is still invoiced and paid on the order."""
        if self.kind == "cancel":
            corrections = self._invoices_to_credit()
        else:
            corrections = [task for line in self.line_ids for task in line._finance_tasks()]
        return corrections + self._payments_to_refund() + self._payments_to_release()

    def _invoices_to_credit(self):
        return [
            self.env._(
                "Issue a credit note for %(invoice)s over %(amount)s, taxes included.",
                invoice=invoice.name,
                amount=format_amount(self.env, amount, invoice.currency_id),
            )
            for invoice, amount in self._still_invoiced().items()
            if invoice.currency_id.compare_amounts(amount, 0.0) > 0
        ]

    def _payments_to_refund(self):
        order, tasks = self.order_id, []
        paid = self._still_paid()
        if self.kind == "change":
            paid = {order.currency_id: self._in_order_currency(paid)}
        worth = 0.0 if self.kind == "cancel" else order.amount_total
        for currency, amount in paid.items():
            if currency.compare_amounts(amount, worth) > 0:
                tasks.append(
                    self.env._(
                        "Refund %(difference)s: the customer paid %(paid)s, and the order is now worth %(total)s, "
                        "taxes included.",
                        difference=format_amount(self.env, amount - worth, currency),
                        paid=format_amount(self.env, amount, currency),
                        total=format_amount(self.env, worth, currency),
                    )
                )
        return tasks

    def _payments_to_release(self):
        """Money that a payment provider holds for a cancelled order is not the company's to keep."""
        held = self.order_id.transaction_ids.filtered(lambda transaction: transaction.state == "authorized")
        return [
            self.env._(
                "Release %(amount)s, which %(provider)s holds for payment %(reference)s.",
                amount=format_amount(self.env, transaction.amount, transaction.currency_id),
                provider=transaction.provider_id.name,
                reference=transaction.reference,
            )
            for transaction in held
            if self.kind == "cancel"
        ]

    def _posted_moves(self):
        """Return the invoices and credit notes of the order that count, those without a link to its lines included."""
        invoices = self.order_id.invoice_ids
        return (invoices | invoices.reversal_move_ids).filtered(
            lambda move: move.state == "posted" and move.move_type in ("out_invoice", "out_refund")
        )

    def _share_of(self, move):
        """Return what of an invoice or credit note is for this order, taxes included, in the currency of the move."""
        orders = move.invoice_line_ids.sale_line_ids.order_id
        if not orders and move.reversed_entry_id:
            invoice = move.reversed_entry_id
            whole = invoice.amount_total
            return move.amount_total * self._share_of(invoice) / whole if whole else 0.0
        if orders <= self.order_id:
            return move.amount_total
        own = move.invoice_line_ids.filtered(lambda line: line.sale_line_ids.order_id & self.order_id)
        return sum(own.mapped("price_total"))

    def _still_invoiced(self):
        """Return what of each invoice is for this order and not credited yet: amounts in its currency, by invoice."""
        moves = self._posted_moves()
        notes = moves.filtered(lambda move: move.move_type == "out_refund")
        still = {invoice: self._share_of(invoice) for invoice in moves - notes}
        for note in notes:
            credited = self._share_of(note)
            # First from the invoice that it corrects; one that names none corrects whatever is open.
            for invoice in sorted(still, key=lambda invoice, note=note: invoice != note.reversed_entry_id):
                rate = self._rate(note, invoice.currency_id)
                taken = min(credited * rate, max(still[invoice], 0.0))
                still[invoice] -= taken
                credited -= taken / rate
        return still

    def _rate(self, move, currency):
        day = move.invoice_date or move.date
        return move.currency_id._get_conversion_rate(move.currency_id, currency, move.company_id, day)

    def _still_paid(self):
        """Return what the customer paid on this order and did not get back: amounts by currency.

        Of an invoice for several orders, the others count as paid first.
        """
        paid = {}
        for move in self._posted_moves():
            settled = max(self._share_of(move) - move.amount_residual, 0.0)
            paid[move.currency_id] = paid.get(move.currency_id, 0.0) - move.direction_sign * settled
        for transaction in self.order_id.transaction_ids:
            currency = transaction.currency_id
            paid[currency] = paid.get(currency, 0.0) + self._paid_in_advance(transaction)
        return paid

    def _paid_in_advance(self, transaction):
        """Return what of an online payment is in no invoice yet."""
        payment = transaction.payment_id
        if payment.move_id and transaction.state == "done":
            lines = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
            return -sum(lines.mapped("amount_residual_currency"))
        in_invoices = (payment.reconciled_invoice_ids or transaction.invoice_ids) & self._posted_moves()
        if transaction.state != "done" or in_invoices:
            return 0.0
        refunds = transaction.child_transaction_ids.filtered(
            lambda child: child.operation == "refund" and child.state == "done"
        )
        return transaction.amount + sum((refunds - self.order_id.transaction_ids).mapped("amount"))

    def _in_order_currency(self, amounts):
        order, today = self.order_id, fields.Date.context_today(self)
        return sum(
            currency._convert(amount, order.currency_id, order.company_id, today)
            for currency, amount in amounts.items()
        )


class SaleOrderChangeLine(models.Model):
    _inherit = "sale.order.change.line"

    def _finance_tasks(self):
        """Tell what to correct in the invoices of this line, once the order holds its new price."""
        self.ensure_one()
        if not {"price_unit", "discount"} & set(self._changed_values()) or not self.order_line_id:
            return []
        return self._drafts_to_correct() + self._difference_to_invoice()

    def _drafts_to_correct(self):
        drafts = self.order_line_id.invoice_lines.move_id.filtered(lambda move: move.state == "draft")
        return [
            self.env._(
                "%(invoice)s is not posted yet: correct the price of %(product)s to %(after)s without taxes first.",
                invoice=invoice.display_name,
                product=self.product_id.display_name,
                after=format_amount(self.env, self._net_price(), self.currency_id),
            )
            for invoice in drafts
        ]

    def _difference_to_invoice(self):
        quantity, after = self._quantity_invoiced(), self._net_price()
        invoiced = self.order_line_id.untaxed_amount_invoiced
        difference = invoiced - quantity * after
        if self.currency_id.is_zero(difference):
            return []
        values = {
            "quantity": self.env["order.policy.words"]._number_in_words(quantity),
            "product": self.product_id.display_name,
            "before": format_amount(self.env, invoiced / quantity if quantity else 0.0, self.currency_id),
            "after": format_amount(self.env, after, self.currency_id),
            "difference": format_amount(self.env, abs(difference), self.currency_id),
        }
        if difference > 0:
            return [
                self.env._(
                    "%(product)s: %(quantity)s invoiced at %(before)s, agreed now %(after)s. "
                    "Issue a credit note for the difference of %(difference)s. All without taxes.",
                    **values,
                )
            ]
        return [
            self.env._(
                "%(product)s: %(quantity)s invoiced at %(before)s, agreed now %(after)s. "
                "Invoice the difference of %(difference)s. All without taxes.",
                **values,
            )
        ]

    def _net_price(self):
        """Return the price of one unit on the order, without taxes and after discount."""
        line = self.order_line_id
        return line.price_subtotal / line.product_uom_qty if line.product_uom_qty else 0.0

    def _quantity_invoiced(self):
        """Return the quantity that is invoiced and posted, less what was credited.

        A credit note below the price is an allowance: it takes nothing off the quantity.
        """
        unit = self.order_line_id.product_uom_id
        posted = self.order_line_id.invoice_lines.filtered(lambda line: line.parent_state == "posted" and line.quantity)
        invoiced = posted.filtered(lambda line: line.move_id.move_type == "out_invoice")
        least = min((abs(line.price_subtotal / line.quantity) for line in invoiced), default=0.0)
        returned = (posted - invoiced).filtered(
            lambda line: line.currency_id.compare_amounts(abs(line.price_subtotal / line.quantity), least) >= 0
        )

        def count(lines):
            return sum(line.product_uom_id._compute_quantity(line.quantity, unit, round=False) for line in lines)

        return count(invoiced) - count(returned)
