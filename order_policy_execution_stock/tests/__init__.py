from . import (
    test_delivery,
    test_delivery_queries,
    test_facts,
    test_gate,
    test_gate_details,
    test_gate_free,
    test_gate_orders,
    test_moves_without_release,
    test_payment,
    test_timeline,
    test_translation,
)
