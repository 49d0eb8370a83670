# First what the others are made of.
from . import order_policy_task_mixin

# isort: split
from . import (
    order_policy,
    sale_order_issue,
    sale_order_issue_measure,
)

# isort: split
# What extends them.
from . import (
    res_users,
    sale_order,
    sale_order_dossier,
    sale_order_issue_escalation,
    sale_order_issue_facts,
    sale_order_issue_handling,
    sale_order_milestone,
)
