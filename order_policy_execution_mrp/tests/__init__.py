from . import test_payment, test_production, test_translation
