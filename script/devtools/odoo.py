"""The Odoo 19 that is used: the one ODOO_HOME names, or Debian's package unpacked below .local/."""

import configparser
import os
import re
import shutil
import socket
from pathlib import Path

from . import debian
from .paths import DATA_DIR, LOCAL, ROOT
from .steps import Stop, need_space, step

UNSTABLE = (
    "odoo-19",
    # What the package links to.
    "fonts-glyphicons-halflings",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
# Unstable has a newer version of this one, whose files have other names:
# it is taken from the machine's own suite.
OWN_SUITE = ("fonts-font-awesome",)
PACKAGES = Path("usr/lib/python3/dist-packages")
# The assets of the web client list this file, which Debian's package lacks;
# the browser then logs an error, and Odoo fails every browser test.
LACKING = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class Odoo:
    def __init__(self, home):
        self.home = home
        # A checkout of Odoo's sources has its addons in a folder beside the package;
        # the folder there in Debian's package holds only some of their files.
        self.core_addons = home / "odoo/addons"
        self.addons_path = [] if (self.core_addons / "sale").is_dir() else [home / "addons"]

    @property
    def key(self):
        """Changes when another Odoo is used."""
        return f"{self.home} {int((self.home / 'odoo/release.py').stat().st_mtime)}"

    def lacks_asset(self):
        return not any((folder / LACKING).is_file() for folder in (self.core_addons, *self.addons_path))

    def environment(self, **more):
        return {
            **os.environ,
            "PYTHONPATH": str(self.home),
            # An Odoo that is already there may be read-only, and compiling it takes long.
            "PYTHONPYCACHEPREFIX": str(LOCAL / "pycache"),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def configuration(self, database, server):
        """Write the configuration with which Odoo opens a database with the addons of this checkout."""
        folder = LOCAL / "conf"
        folder.mkdir(exist_ok=True)
        DATA_DIR.mkdir(exist_ok=True)
        options = configparser.RawConfigParser()
        options["options"] = {
            "addons_path": ",".join(map(str, [ROOT, *self.addons_path])),
            "data_dir": DATA_DIR,
            "db_name": database,
            "dbfilter": f"^{re.escape(database)}$",
            "list_db": False,
            "http_interface": "127.0.0.1",
            # Tests serve pages too, and print them; whatever else answers on this machine is not in the way.
            "http_port": free_port(),
            "screenshots": LOCAL / "screenshots",
            **server.odoo_options(),
        }
        path = folder / f"{database}.conf"
        with open(path, "w") as file:
            options.write(file)
        return path


def free_port():
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _given(path):
    for home in (path, path / PACKAGES, path.parent):
        release = home / "odoo/release.py"
        if not release.is_file():
            continue
        version = re.search(r"^version_info = \((\d+), (\d+)", release.read_text(), re.MULTILINE)
        if version and version.groups() == ("19", "0"):
            return Odoo(home)
        found = ".".join(version.groups()) if version else "something else"
        raise Stop(f"ODOO_HOME={path} holds Odoo {found}; Odoo 19.0 is needed.")
    raise Stop(f"ODOO_HOME={path} holds no Odoo: no odoo/release.py was found there.")


def ensure():
    if given := os.environ.get("ODOO_HOME"):
        return _given(Path(given).absolute())
    target = LOCAL / "odoo"
    if not target.is_dir():
        need_space(4)
        step("Downloading and unpacking Odoo 19 from Debian (about 130 MB)")
        partial = LOCAL / "odoo.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        debian.unpack_unstable(UNSTABLE, OWN_SUITE, partial)
        lacking = partial / PACKAGES / "odoo/addons" / LACKING
        lacking.parent.mkdir(parents=True, exist_ok=True)
        lacking.touch()
        partial.rename(target)
    return Odoo(target / PACKAGES)
