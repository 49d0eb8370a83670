from odoo import api, models


class SaleOrderDossier(models.Model):
    """What is listed in a dossier before it is sealed (articles 2.15, 3.16)."""

    _inherit = "sale.order.dossier"

    @api.model
    def _open(self, orders):
        """Open the dossiers of orders that have none, and fill them.

        :param orders: sale.order records in superuser mode
        """
        dossiers = self.sudo().create([self._prepare_values(order) for order in orders])
        dossiers._gather()
        return dossiers

    def _prepare_values(self, order, **values):
        return {
            "name": self.env._("New"),
            "title": self.env._("%(order)s, %(customer)s", order=order.name, customer=order.partner_id.display_name),
            "order_id": order.id,
            "class_id": self.env["order.policy.dossier.class"].sudo()._propose(order).id,
            **values,
        }

    def action_gather(self):
        """Bring the list of papers up to what is on the order, its requests, deliveries, invoices and payments."""
        self.check_access("read")
        # It lists what is there: nothing is decided.
        self.sudo()._gather()
        return True

    def _gather(self):
        """List what belongs into open dossiers and is not listed yet; drop what is not there any more."""
        for dossier in self.filtered(lambda dossier: dossier.state == "open"):
            Item = self.env["sale.order.dossier.item"].with_context(lang=dossier._language())
            sources = {Item._source_of(values): values for values in dossier.with_env(Item.env)._sources()}
            known = {item._listed_source() for item in (dossier | dossier._sealed_before()).item_ids}
            gone = dossier.item_ids.filtered(lambda item, sources=sources: item._listed_source() not in sources)
            new = [{"dossier_id": dossier.id, **values} for source, values in sources.items() if source not in known]
            if (gone or new) and dossier._lock_list():
                gone.unlink()
                Item.create(new)

    def _lock_list(self):
        """Let nobody else list papers of the dossier until this transaction ends.

        :return: whether it is this transaction that lists them; false while another one does
        """
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            return False
        # A transaction that began before this one ends is made to begin anew: it would not see what was listed here.
        self.listing += 1
        return True

    def _language(self):
        """Return the language of the archive: that of its company, whoever files and whoever checks."""
        return self.company_id.partner_id.lang or self.env.lang

    def _sealed_before(self):
        """Return the sealed dossiers to which this one is a supplement."""
        self.ensure_one()
        return (self.main_id | self.main_id.supplement_ids) - self

    def _sources(self):
        """Return what belongs into the dossier: files that are there, and papers to print. Other addons add theirs.

        :return: list of values of items
        """
        self.ensure_one()
        order, Item = self.order_id, self.env["sale.order.dossier.item"]
        sources = Item._from_files(order, "other") + Item._from_files(self | self._sealed_before(), "other")
        if order.review_ids or order.policy_refused_by_id:
            sources.append(Item._from_report(order, "order_policy.action_report_review_sheet", "review_sheet"))
        sources += Item._from_files(order.confirmation_ids, "confirmation")
        requests = order.change_ids.filtered(lambda change: change.state not in ("draft", "withdrawn"))
        for change in requests:
            sources.append(Item._from_report(change, "order_policy.action_report_change_request", "application"))
        sources += Item._from_files(requests, "application")
        sources += [Item._from_file(file, "application") for file in requests.application_ids]
        if letters := order._correspondence():
            sources.append(
                Item._from_report(
                    order,
                    "order_policy.action_report_correspondence",
                    "correspondence",
                    made_on=letters[-1].date,  # a later letter makes it another paper
                )
            )
        return sources + self._accounting_sources()

    def _accounting_sources(self):
        Item = self.env["sale.order.dossier.item"]
        invoices = self.order_id.invoice_ids.filtered(lambda move: move.state == "posted").sorted("id")
        sources = []
        for invoice in invoices:
            if invoice.invoice_pdf_report_id:
                sources.append(Item._from_file(invoice.invoice_pdf_report_id, "invoice"))
            else:
                sources.append(Item._from_report(invoice, "account.account_invoices", "invoice"))
        payments = invoices.matched_payment_ids.filtered(lambda payment: payment.state in ("in_process", "paid"))
        sources += [
            Item._from_report(payment, "account.action_report_payment_receipt", "payment") for payment in payments
        ]
        return sources + Item._from_files(invoices, "invoice") + Item._from_files(payments, "payment")
