from . import test_queries
from . import test_review
from . import test_rights
