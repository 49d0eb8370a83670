# First what the others are made of.
from . import (
    order_policy_entry_mixin,
    order_policy_evidence_mixin,
    order_policy_kept_mixin,
    order_policy_lock_mixin,
    order_policy_rule_mixin,
    order_policy_words,
)

# isort: split
from . import order_policy_part_mixin

# isort: split
from . import order_policy_department_part_mixin

# isort: split
from . import (
    ir_actions_server,
    ir_model_data,
    ir_rule,
    mail_thread,
    order_policy,
    order_policy_backlog_mixin,
    order_policy_believable_mixin,
    order_policy_department,
    order_policy_deputy,
    order_policy_deputy_mandates,
    order_policy_following,
    order_policy_letter_mixin,
    order_policy_reading_mixin,
    order_policy_reason,
    order_policy_step,
    res_company,
    res_config_settings,
    res_users,
    resource_calendar,
    sale_order,
    sale_order_exemption,
)
