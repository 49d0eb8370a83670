"""What comes from Debian: programs installed on the machine, and packages unpacked into a private folder."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from .paths import LOCAL
from .steps import Stop, explain, note, output_of, run, step

BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PRIVATE = LOCAL / "apt"
READING = "Reading the list of Debian's packages"


def browser():
    """The browser that Odoo would use, in the order in which Odoo looks for one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def missing_programs():
    """The Debian packages that tests and PDFs need, and what is lost without them."""
    missing = {}
    if not browser():
        missing["chromium"] = "browser tests"
    if "Noto Sans CJK" not in output_of(["fc-list"]) and not Path("/usr/share/fonts/opentype/noto").is_dir():
        missing["fonts-noto-cjk"] = "Chinese in screenshots and PDFs"
    if not shutil.which("wkhtmltopdf"):
        missing["wkhtmltopdf"] = "PDFs"
    return missing


def install_programs():
    """Install them when allowed to, else say how; the commands go on without them."""
    missing = missing_programs()
    if not missing:
        return
    if os.getuid() or not shutil.which("apt-get"):
        note(
            f"Without {', '.join(missing)} there are no {', '.join(missing.values())}; "
            f"to install: sudo apt-get install {' '.join(missing)}"
        )
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wait = ["-o", "DPkg::Lock::Timeout=120"]
    step(f"Installing {', '.join(missing)} from Debian")
    try:
        run(["apt-get", *wait, "update"], "apt-update", "apt-get update", env=environment)
    except Stop as stopped:
        note(str(stopped))
    # One by one, because newer suites of Debian have no wkhtmltopdf.
    for package, purpose in missing.items():
        try:
            install = ["apt-get", *wait, "install", "-y", "--no-install-recommends", package]
            run(install, f"apt-{package}", f"Installing {package}", env=environment)
        except Stop as stopped:
            note(f"{stopped} Going on without {purpose}.")


def _own_archive(options):
    """The address of the Debian archive from which the machine's own packages come."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.MULTILINE))
    form = "$(ORIGIN) $(CODENAME) $(REPO_URI)"
    for line in output_of(["apt-get", *options, "indextargets", "--format", form, "Created-By: Packages"]).splitlines():
        origin, suite, address = line.split()
        if origin == "Debian" and suite == release.get("VERSION_CODENAME"):
            return address
    return None


def _read_lists():
    """Read the machine's own sources into private lists; return the options for that, and Debian's address.

    The machine's configuration of apt is only read, so no root is needed, and nothing on it changes.
    """
    for program in ("apt-get", "dpkg-deb"):
        if not shutil.which(program):
            raise Stop(f"{program} is missing, Odoo is unpacked from a Debian package: set ODOO_HOME to an Odoo 19.")
    shutil.rmtree(PRIVATE, ignore_errors=True)
    (PRIVATE / "lists/partial").mkdir(parents=True)
    settings = {
        "Dir::State::Lists": PRIVATE / "lists",
        "Dir::Cache": PRIVATE / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": 3,
    }
    if not os.getuid():
        # The user that apt becomes for downloads may not look below the checkout.
        settings["APT::Sandbox::User"] = "root"
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    log = run(["apt-get", *options, "update"], "apt-update-own", READING)
    if not (address := _own_archive(options)):
        raise Stop(
            f"{READING} failed: {why}"
            if (why := explain(log))
            else "the packages of this machine are not Debian's, as Odoo's would be: set ODOO_HOME to an Odoo 19."
        )
    return options, address


def _unpack(options, packages, target):
    with tempfile.TemporaryDirectory(dir=PRIVATE) as archives:
        run(["apt-get", *options, "download", *packages], "apt-download", "Downloading from Debian", cwd=archives)
        for archive in sorted(Path(archives).glob("*.deb")):
            run(["dpkg-deb", "-x", archive, target], "dpkg", f"Unpacking {archive.name}")


def unpack_unstable(packages, own, target):
    """Unpack packages of Debian's unstable suite, and some of the machine's own one, without installing anything."""
    options, address = _read_lists()
    _unpack(options, own, target)
    sources = PRIVATE / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {address} sid main\n")
    options += ["-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=-"]
    run(["apt-get", *options, "-o", "APT::Update::Error-Mode=any", "update"], "apt-update-unstable", READING)
    if not output_of(["apt-cache", *options, "show", packages[0]]):
        raise Stop(f"Debian's unstable suite has no package {packages[0]} any more: set ODOO_HOME to an Odoo 19.")
    _unpack(options, packages, target)
    shutil.rmtree(PRIVATE)


def unpack_pip(target):
    """Unpack pip, for a Python that comes without it, and return the file to run it from."""
    options, _address = _read_lists()
    _unpack(options, ["python3-pip-whl"], target)
    shutil.rmtree(PRIVATE)
    return next(target.glob("usr/share/python-wheels/pip-*.whl"))
