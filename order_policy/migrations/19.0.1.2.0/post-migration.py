from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Bring the ready policies up to their articles on written applications (2.8).

    Companies adopt copies of them: nothing changes for what is in force.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in ("policy_department_audit", "policy_strict"):
        if policy := env.ref(f"order_policy.{name}", raise_if_not_found=False):
            policy.application_required = True
