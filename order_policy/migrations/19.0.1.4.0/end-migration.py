from odoo import SUPERUSER_ID, api

BATCH = 1000


def migrate(cr, version):
    """Keep beside fingerprints what they were taken of, where it still is what the order holds.

    With more fields in the content of orders it has other fingerprints from now on; it is compared with what was kept.
    At the end, as the addons beside this one have their part in the content.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    orders, last_id = env["sale.order"], 0
    while batch := orders.search([("policy_id", "!=", False), ("id", ">", last_id)], order="id", limit=BATCH):
        last_id = batch[-1].id
        for order, snapshot in env["order.policy.aspect"]._take_snapshots(batch).items():
            if order.policy_cleared_digest == order.content_digest:
                order.policy_cleared_snapshot = order.policy_cleared_digest and snapshot
            order.confirmation_ids.filtered(
                lambda act, order=order: act.digest == order.content_digest
            ).snapshot = snapshot
        env.flush_all()
        env.invalidate_all()  # or the memory would grow with the number of orders
