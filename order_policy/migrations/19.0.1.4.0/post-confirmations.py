from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Keep what customers wrote, and what came with it, with the confirmations that rest on it."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for confirmation in env["sale.order.confirmation"].search(
        [("message_id", "!=", False), ("message_date", "=", False)]
    ):
        confirmation.write(confirmation._prepare_message_values(confirmation.message_id))
        confirmation._keep_files(confirmation._files_of_message())
