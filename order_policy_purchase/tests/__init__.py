from . import test_change
