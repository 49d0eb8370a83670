from . import test_gate, test_payment, test_translation
