# From the lowest floor to the highest: what is below knows nothing of what is above.
from . import policy

# isort: split
from . import content

# isort: split
from . import intake

# isort: split
from . import review

# isort: split
from . import customer

# isort: split
from . import change

# isort: split
from . import archive
