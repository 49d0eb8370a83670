from odoo import SUPERUSER_ID, api

HOLDERS = {
    "original": "sales", "contract": "sales", "confirmation": "sales", "application": "sales",
}  # fmt: skip


def migrate(cr, version):
    """Tell who holds the kinds of paper that were there before, and which orders are done already."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for kind, department in HOLDERS.items():
        if document := env.ref(f"order_policy.document_{kind}", raise_if_not_found=False):
            document.department_id = env.ref(f"order_policy.department_{department}", raise_if_not_found=False)
    orders = env["sale.order"].search([("policy_stage", "=", "execution")])
    env.add_to_compute(env["sale.order"]._fields["policy_stage"], orders)
