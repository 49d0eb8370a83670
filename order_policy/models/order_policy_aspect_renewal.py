from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

BATCH = 1000
# Where fingerprints of the whole content of an order are kept, and by what column each row tells its order.
OF_WHOLE_ORDER = (
    ("sale_order", "id", ("content_digest", "policy_cleared_digest", "policy_intake_digest")),
    ("sale_order_review", "order_id", ("content_digest", "checked_digest")),
    ("sale_order_check", "order_id", ("content_digest",)),
    ("sale_order_confirmation", "order_id", ("digest",)),
    ("sale_order_change", "order_id", ("base_digest", "proposed_digest")),
)


class OrderPolicyAspect(models.Model):
    _inherit = "order.policy.aspect"

    @api.model
    def _renew_digests(self):
        """Let what was decided go on to count after the content of orders got more fields.

        Whatever stands for the present content of an order stands for it in the new way, as nobody changed anything:
        approvals, the customer's confirmation, results of checks, that the order was let through, open requests. What
        was approved before, of other content, is taken to have agreed with the present one in the added fields.

        Snapshots that were decided on stay as they are. What is archived is left alone: its seal covers the
        fingerprints, and nothing of it changes any more.
        """
        orders = self.env["sale.order"].sudo()
        of_orders = Domain("policy_id", "!=", False) & (
            Domain("dossier_id", "=", False) | Domain("dossier_id.state", "=", "open")
        )
        last_id = 0
        while batch := orders.search(of_orders & Domain("id", ">", last_id), order="id", limit=BATCH):
            last_id = batch[-1].id
            self._renew_digests_of(batch)
            self.env.flush_all()
            self.env.invalidate_all()  # or the memory would grow with the number of orders

    def _renew_digests_of(self, orders):
        self.env.flush_all()
        snapshots = self._take_snapshots(orders)
        renewed = [
            (order.id, order.content_digest, digest)
            for order, snapshot in snapshots.items()
            if order.content_digest and (digest := self._digest(snapshot)) != order.content_digest
        ]
        if not renewed:
            return
        former = {order_id: digest for order_id, digest, _new in renewed}
        orders = orders.browse(former)
        changes = orders.change_ids.filtered(
            lambda change: (
                change.state in ("draft", "submitted", "approved") and change.base_digest == former[change.order_id.id]
            )
        )
        reviews = self._renewed_reviews(orders.review_ids, former, snapshots)
        for table, key, columns in OF_WHOLE_ORDER:
            for column in columns:
                self._replace_in(table, key, column, renewed)
        self._replace_in("sale_order_review", "id", "digest", reviews)
        self.env.invalidate_all()
        self._renew_requests(changes, snapshots)

    def _renewed_reviews(self, reviews, former, snapshots):
        """Return the fingerprints of what reviews look at, as triples of id, former and new one.

        What is still to be decided is shown with the added fields.
        """
        renewed = []
        for review in reviews.filtered(lambda review: review.snapshot and review.digest):
            present = review.step_id._restrict(snapshots[review.order_id])
            content = present
            if review.content_digest != former[review.order_id.id]:
                content = self._completed(review.snapshot, present)
            elif not review.decision:
                review.snapshot = present
            renewed.append((review.id, review.digest, self._digest(content)))
        self.env.flush_all()
        return renewed

    def _completed(self, snapshot, present):
        """Return a snapshot of earlier times with the fields that it lacks, as they are now."""
        by_key = {line["key"]: line for line in present["lines"]}
        by_product = {self._product_of(line): line for line in present["lines"]}
        nothing = {"values": {}}
        return {
            "order": present["order"] | snapshot["order"],
            "lines": [
                {
                    **line,
                    "values": by_key.get(line["key"], by_product.get(self._product_of(line), nothing))["values"]
                    | line["values"],
                }
                for line in snapshot["lines"]
            ],
        }

    def _renew_requests(self, changes, snapshots):
        """Let open requests start from, and propose, the content in the new way."""
        proposals, reviewed = [], defaultdict(list)
        for change in changes:
            change.base_snapshot = snapshots[change.order_id]
            if change.state == "draft":
                self.env.add_to_compute(change._fields["proposed_snapshot"], change)
                continue
            proposed = change._proposed_order()
            snapshot = self._take_snapshots(proposed)[proposed]
            digest = self._digest(snapshot)
            proposals.append((change.order_id.id, change.proposed_digest, digest))
            for review in change.review_ids.filtered("digest"):
                part = review.step_id._restrict(snapshot)
                reviewed["digest"].append((review.id, review.digest, self._digest(part)))
                reviewed["content_digest"].append((review.id, review.content_digest, digest))
                if not review.decision:
                    review.snapshot = part
            change.proposed_snapshot = snapshot
        self.env.flush_all()
        for table, column in (
            ("sale_order_change", "proposed_digest"),
            ("sale_order_review", "checked_digest"),
            ("sale_order_check", "content_digest"),
            ("sale_order_confirmation", "digest"),
        ):
            self._replace_in(table, "order_id", column, proposals)
        for column, renewed in reviewed.items():
            self._replace_in("sale_order_review", "id", column, renewed)
        self.env.invalidate_all()

    def _replace_in(self, table, key, column, renewed):
        """Replace values in a column, of the rows that hold them.

        :param list renewed: triples of the value of the key, the former and the new value
        """
        if renewed:
            keys, former, new = (list(values) for values in zip(*renewed, strict=True))
            self.env.execute_query(
                SQL(
                    "UPDATE %(table)s AS kept SET %(column)s = renewed.new"
                    " FROM unnest(%(keys)s::int[], %(former)s::varchar[], %(new)s::varchar[])"
                    " AS renewed(key, former, new)"
                    " WHERE kept.%(key)s = renewed.key AND kept.%(column)s = renewed.former",
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    key=SQL.identifier(key),
                    keys=keys,
                    former=former,
                    new=new,
                )
            )
