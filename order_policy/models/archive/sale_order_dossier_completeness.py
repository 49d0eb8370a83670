from odoo import api, models


class SaleOrderDossier(models.Model):
    """What a dossier lacks before it can be sealed (articles 2.15, 3.16)."""

    _inherit = "sale.order.dossier"

    @api.depends("item_ids.document_id", "state", "missing_reason")
    def _compute_is_complete(self):
        for dossier in self:
            dossier.is_complete = not (dossier._what_lacks() if dossier.state == "open" else dossier.missing_reason)

    @api.depends("item_ids.document_id", "state")
    @api.depends_context("lang")
    def _compute_completeness_html(self):
        for dossier in self:
            dossier.completeness_html = (
                dossier.state == "open"
                and (not dossier.main_id or dossier.item_ids._missing())
                and self.env["ir.qweb"]._render(
                    "order_policy.dossier_completeness",
                    {
                        "rows": [] if dossier.main_id else dossier._completeness(),
                        "unfinished": dossier._unfinished(),
                        "lost": dossier._lost_files_in_words(),
                    },
                )
            )

    def _completeness(self):
        """Return the kinds of paper that the dossier has or should have.

        :return: list of dicts with ``kind``, ``count`` of papers, whether it is ``required``, and
            ``holder``, who has what lacks
        """
        self.ensure_one()
        required = self._required_documents()
        items = self.item_ids.grouped("document_id")
        kinds = (required | self.item_ids.document_id).sorted(lambda kind: (kind.sequence, kind.id))
        return [
            {
                "kind": kind.name,
                "count": len(items.get(kind, ())),
                "required": kind in required,
                "holder": kind not in items and kind._holder_in_words(self.order_id),
            }
            for kind in kinds
        ]

    def _required_documents(self):
        """Return the kinds of paper that the policy of the order wants in the archive."""
        self.ensure_one()
        order = self.order_id
        return order.policy_id.archive_requirement_ids._for_archive(order).document_id

    def _unfinished(self):
        """Tell that the order goes on still, or return False when it is done, cancelled or refused."""
        order = self.order_id
        if self.main_id or order.state == "cancel" or order._is_completed():
            return False
        return self.env._("%s is not delivered, invoiced and paid in full", order.name)

    def _what_lacks(self):
        """Return what keeps a dossier from being complete, as a list of words."""
        self.ensure_one()
        lost = self._lost_files_in_words()
        if self.main_id:
            return lost
        unfinished = self._unfinished()
        return [*([unfinished] if unfinished else []), *self._lacking_documents().mapped("name"), *lost]

    def _lost_files_in_words(self):
        return [
            self.env._(
                "the file of “%s”, which is missing from the file store: it is back once the same file is attached "
                "again, or the administrator of Odoo restores it from a backup",
                item.name,
            )
            for item in self.item_ids._missing()
        ]

    def _lacking_documents(self):
        """Return the kinds of paper that the policy wants and that are not there."""
        self.ensure_one()
        return self._required_documents() - self.item_ids.document_id
