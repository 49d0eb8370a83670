"""script/wheel: build the addons into one wheel."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import packages
from .paths import ROOT, addon_files, addons
from .steps import Stop, lock, main, step
from .workplace import SETTING_UP

HELP = "Builds all addons of this checkout into one wheel, to install with pip beside Odoo 19."
BUILT_FROM = ("LICENSE", "README.md", "pyproject.toml", "setup.cfg", "setup.py")


def build(python, target):
    """Build the wheel into a folder and return its path.

    It is built from a copy, as what an earlier build leaves in a checkout would get into it.
    """
    with tempfile.TemporaryDirectory() as copy:
        files = [ROOT / name for name in BUILT_FROM if (ROOT / name).is_file()]
        files += [ROOT / file for addon in addons() for file in addon_files(addon)]
        for file in files:
            place = copy / file.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
        built = subprocess.run(
            [python, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", target, copy],
            env=packages.environment(),
            cwd=copy,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if built.returncode:
        print(built.stdout, built.stderr, file=sys.stderr)
        raise Stop("building the wheel failed, as shown above.")
    return max(Path(target).glob("*.whl"), key=lambda wheel: wheel.stat().st_mtime)


def command():
    parser = argparse.ArgumentParser(prog="script/wheel", description=HELP)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="where to put it (dist/)")
    target = parser.parse_args().folder.absolute()
    with lock("setup", SETTING_UP):
        python = packages.ensure("dev")
        step(f"Built {build(python, target)}")


if __name__ == "__main__":
    main(command)
