from . import test_capacity, test_change, test_translation
