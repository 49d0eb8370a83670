from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Tell who holds the kinds of paper that were there before, and which orders are done already."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    sales = env.ref("order_policy.department_sales", raise_if_not_found=False)
    for kind in ("original", "contract", "confirmation", "application"):
        if document := env.ref(f"order_policy.document_{kind}", raise_if_not_found=False):
            document.department_id = sales
    orders = env["sale.order"].search([("policy_stage", "=", "execution")])
    env.add_to_compute(env["sale.order"]._fields["policy_stage"], orders)
