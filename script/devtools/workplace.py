"""What every command that runs Odoo needs before it can."""

import contextlib

from . import debian, odoo, packages, postgres
from .databases import Databases
from .paths import ROOT, addons
from .steps import Stop, lock

SETTING_UP = "Waiting for another command that sets up this checkout"


@contextlib.contextmanager
def ready(requirements):
    """Get Odoo, its packages and PostgreSQL, and hand out the databases."""
    if "," in str(ROOT):
        raise Stop(f"{ROOT} has a comma in its path, at which Odoo would split it: move the checkout.")
    if not addons():
        raise Stop(f"{ROOT} holds no addon: no folder in it has a __manifest__.py.")
    with lock("setup", SETTING_UP):
        debian.install_programs()
        used = odoo.ensure()
        python = packages.ensure(requirements)
    with postgres.running() as server:
        yield Databases(server, used, python)
