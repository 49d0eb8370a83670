from . import test_quantity, test_screens, test_translation
