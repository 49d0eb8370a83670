from . import test_queries
from . import test_review
