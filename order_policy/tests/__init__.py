from . import test_adoption
from . import test_companies
from . import test_decision
from . import test_policy
from . import test_queries
from . import test_review
from . import test_rights
