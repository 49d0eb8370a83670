from . import (
    test_facts,
    test_inspection,
    test_kits,
    test_payment,
    test_production,
    test_production_queries,
    test_subcontracting,
    test_translation,
)
