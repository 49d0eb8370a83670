from . import test_gate, test_payment, test_timeline, test_translation
