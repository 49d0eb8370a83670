from . import test_quantity, test_translation
