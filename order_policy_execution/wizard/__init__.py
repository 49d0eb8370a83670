from . import (
    order_policy_adopt,
    sale_order_inspection_decide,
    sale_order_letter_mixin,
    sale_order_milestone_entry_mixin,
    sale_order_milestone_reopen,
    sale_order_milestone_report,
    sale_order_milestone_skip,
)

# isort: split
from . import (
    sale_order_followup_letter,
    sale_order_followup_record,
    sale_order_issue_hand_over,
    sale_order_issue_letter,
    sale_order_issue_measure_end,
    sale_order_issue_measure_plan,
    sale_order_issue_report,
    sale_order_issue_settle,
)
