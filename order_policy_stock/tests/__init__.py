from . import test_change, test_quantity, test_screens, test_translation
