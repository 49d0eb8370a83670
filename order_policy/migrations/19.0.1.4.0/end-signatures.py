from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Keep what customers signed, or are paying, on orders that wait: it holds for what these orders hold now."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    waiting = env["sale.order"].search([("policy_id", "!=", False), ("state", "in", ("draft", "sent"))])
    env["sale.order.confirmation"]._take_over_signatures(waiting.filtered("signature"))
    under_way = env["payment.transaction"].search(
        [("sale_order_ids", "in", waiting.ids), ("state", "in", ("draft", "pending", "authorized"))]
    )
    under_way._bind_to_content()
