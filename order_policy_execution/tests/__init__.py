from . import (
    test_doors,
    test_followup,
    test_forecast,
    test_issue,
    test_issue_escalation,
    test_milestone,
    test_translation,
)
