from odoo import SUPERUSER_ID, api
from odoo.fields import Command

READY = ("risk_control", "department_audit", "accuracy", "strict")


def migrate(cr, version):
    """Bring the ready policies up to date, and give companies the departments that own tasks. Their policies stay."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in READY:
        policy = env.ref(f"order_policy.policy_{name}", raise_if_not_found=False)
        if policy:
            policy.departments_read = "done"
        requirement = env.ref(f"order_policy.policy_{name}_requirement_specification", raise_if_not_found=False)
        if requirement:
            requirement.write({"kind": "specification", "field_ids": [Command.clear()]})
    special = env.ref("order_policy.policy_strict_check_sensitive", raise_if_not_found=False)
    if special:
        special.product_tag_ids += env.ref("order_policy.product_tag_made_to_order")
    ready = env["order.policy.department"].search([("company_id", "=", False)])
    for company in env["order.policy"].search([("company_id", "!=", False)]).company_id:
        for department in ready:
            department._for_company(company)
