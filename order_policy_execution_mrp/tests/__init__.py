from . import test_inspection, test_payment, test_production, test_production_queries, test_translation
