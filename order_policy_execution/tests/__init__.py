from . import (
    test_collection,
    test_customer,
    test_doors,
    test_followup,
    test_forecast,
    test_issue,
    test_issue_escalation,
    test_issue_rights,
    test_milestone,
    test_payment_hold,
    test_quality,
    test_translation,
)
