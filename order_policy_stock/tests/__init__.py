from . import test_archive, test_change, test_change_queries, test_quantity, test_screens, test_translation
