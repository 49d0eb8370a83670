from . import test_milestone, test_translation
