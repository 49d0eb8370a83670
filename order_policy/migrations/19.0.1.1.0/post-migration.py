from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Bring the ready policies up to their articles on proofreading and the customer's confirmation.

    Companies adopt copies of them: nothing changes for what is in force.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})

    def ready(name):
        return env.ref(f"order_policy.{name}", raise_if_not_found=False)

    if accuracy := ready("policy_accuracy"):
        accuracy.write({"confirmation_required": True, "confirm_by_payment": False, "before_approval": "banner"})
    if strict := ready("policy_strict"):
        strict.write({"confirmation_required": True, "before_approval": "block"})
    for name in ("policy_accuracy_step_proofread", "policy_strict_step_proofread"):
        if step := ready(name):
            step.kind = "proofread"
    # Special orders are told by checks of the kind "sensitive" instead.
    for name in ("policy_risk_control", "policy_strict"):
        if policy := ready(name):
            policy.special_domain = False
