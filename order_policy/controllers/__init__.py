from . import archive, portal, thread
