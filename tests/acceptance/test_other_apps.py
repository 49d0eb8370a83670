"""Other apps with their demo data, on the product's own demo."""

import subprocess
import sys

import pytest

from devtools import odoo, postgres
from devtools.databases import Databases
from devtools.paths import ROOT

APPS = (
    "event_sale", "pos_sale", "sale_expense", "sale_loyalty", "sale_margin", "sale_project", "stock_dropshipping",
    "website_sale",
)  # fmt: skip


@pytest.fixture(scope="module")
def databases():
    with postgres.running() as server:
        yield Databases(server, odoo.ensure(), sys.executable)


def test_apps_install_with_their_demo_data_and_everybody_still_opens_everything(databases):
    with databases.cloned_for_tests(databases.prepare_pristine_demo()) as name:
        words = {"log": "acceptance_apps", "doing": "Installing other apps with demo data"}
        assert not databases.install(name, APPS, demo=True, **words)
        opening = subprocess.run(
            [
                sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                f"--odoo-config={databases.odoo.configuration(name, databases.server)}", f"--odoo-database={name}",
                "tests/acceptance/test_on_the_server.py::TestEverybodyOpensEverything::test_demo",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )  # fmt: skip
        assert not opening.returncode, opening.stdout[-8000:]
