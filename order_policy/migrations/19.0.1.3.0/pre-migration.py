from odoo import SUPERUSER_ID, api
from odoo.addons.order_policy.hooks import pre_init_hook


def migrate(cr, version):
    """No order has a dossier yet: the column is added empty."""
    pre_init_hook(api.Environment(cr, SUPERUSER_ID, {}))
