from . import test_payment, test_translation
