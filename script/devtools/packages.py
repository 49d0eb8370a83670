"""The pinned Python packages, in an environment of their own."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from . import debian
from .paths import LOCAL, ROOT
from .steps import need_space, output_of, run, step

ENVIRONMENT = LOCAL / "venv"
PYTHON = ENVIRONMENT / "bin/python"


def environment():
    """Where pip must not find what the commands put on Python's path for themselves."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _pip(*arguments):
    run([PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments],
        "pip", "Installing the Python packages", env=environment())  # fmt: skip


def _create():
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    create = [sys.executable, "-m", "venv", ENVIRONMENT]
    if output_of([sys.executable, "-m", "ensurepip", "--version"]):
        run(create, "venv", "Creating the Python environment")
        return
    # Debian's Python has the module that brings pip in a package of its own.
    run([*create, "--without-pip"], "venv", "Creating the Python environment")
    folder = LOCAL / "pip"
    wheel = debian.unpack_pip(folder)
    run([PYTHON, wheel / "pip", "install", "--no-index", wheel], "pip", "Installing pip", env=environment())
    shutil.rmtree(folder)


def ensure(name):
    """Install what requirements/<name>.txt lists, unless that was done, and return the Python that sees it."""
    pins = {path.stem: path.read_text() for path in (ROOT / "requirements").glob("*.txt")}

    def stamped(stem, *more):
        text = " ".join([str(sys.version_info[:2]), sys.base_prefix, str(ENVIRONMENT), pins["odoo"], *more])
        stamp, wanted = ENVIRONMENT / f"{stem}.stamp", hashlib.sha256(text.encode()).hexdigest()
        return stamp, wanted, stamp.is_file() and stamp.read_text() == wanted

    stamp, wanted, done = stamped(name, pins[name])
    # What the tests need includes what Odoo needs.
    if done or (name == "odoo" and stamped("dev", pins["dev"])[2]):
        return PYTHON
    need_space(1)
    step(f"Installing the Python packages of requirements/{name}.txt")
    made, made_for, same = stamped("made")
    if not same:
        _create()
        made.write_text(made_for)
    _pip("install", "--requirement", ROOT / "requirements" / f"{name}.txt")
    stamp.write_text(wanted)
    return PYTHON


def ensure_apart(package, version):
    """Install one package into a folder of its own, and return that folder."""
    target = LOCAL / f"{package}-{version}"
    if not target.is_dir():
        partial = Path(f"{target}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        _pip("install", "--no-deps", "--target", partial, f"{package}=={version}")
        partial.rename(target)
    return target
