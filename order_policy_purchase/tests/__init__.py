from . import test_change, test_translation
