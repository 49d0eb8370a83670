# From the lowest floor to the highest: what is below knows nothing of what is above.
from . import milestone

# isort: split
from . import quality

# isort: split
from . import collection

# isort: split
from . import issue

# isort: split
from . import followup

# isort: split
from . import forecast

# isort: split
from . import customer

# isort: split
from . import record
