from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """The general manager's offices that companies made from the ready one decide where nobody else may."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    ready = env.ref("order_policy.department_management", raise_if_not_found=False)
    if ready:
        Department = env["order.policy.department"].with_context(active_test=False)
        (ready | Department.search([("origin_id", "=", ready.id)])).is_management = True
