"""script/wheel: build the addons into one wheel, or into one each."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import packages
from .paths import PACKED, ROOT, addon_files, addons
from .steps import Stop, lock, main, step
from .workplace import SETTING_UP

HELP = """\
Builds all addons of this checkout into one wheel, to install with pip beside Odoo 19;
with --each into one wheel for each addon, which name Odoo and each other as what they need.
Install the one or the others: they hold the same files. Where Odoo itself was not
installed with pip, those of each addon are installed with pip's --no-deps."""
BUILT_FROM = ("LICENSE", "README.md", "pyproject.toml", "setup.cfg", "setup.py")


def build(python, target):
    """Build one wheel of all addons into a folder and return its path."""
    (wheel,) = _build(python, target, [Path()])
    return wheel


def build_each(python, target):
    """Build a wheel of each addon into a folder and return their paths by addon."""
    return dict(zip(addons(), _build(python, target, map(Path, addons())), strict=True))


def _build(python, target, folders):
    """Build what is in folders of this checkout into a wheel each, and return their paths in that order.

    They are built from a copy, as what an earlier build leaves in a checkout would get into them.
    """
    target = Path(target)
    with tempfile.TemporaryDirectory() as copy, tempfile.TemporaryDirectory(dir=_made(target)) as built:
        files = [ROOT / name for name in BUILT_FROM if (ROOT / name).is_file()]
        files += [ROOT / file for addon in addons() for file in (*addon_files(addon), Path(addon, PACKED))]
        for file in files:
            place = copy / file.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
        wheels = []
        for number, folder in enumerate(folders):
            into = Path(built, str(number))
            ended = subprocess.run(
                [python, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", into, copy / folder],
                # Nor is the copy part of a repository that it happens to lie in.
                env={**packages.environment(), "GIT_CEILING_DIRECTORIES": copy},
                cwd=copy,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if ended.returncode:
                print(ended.stdout, ended.stderr, file=sys.stderr)
                raise Stop("building the wheel failed, as shown above.")
            (wheel,) = into.glob("*.whl")
            wheels.append(wheel.replace(target / wheel.name))
    return wheels


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def command():
    parser = argparse.ArgumentParser(
        prog="script/wheel", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="where to put it (dist/)")
    parser.add_argument("--each", action="store_true", help="a wheel for each addon")
    arguments = parser.parse_args()
    target = arguments.folder.absolute()
    with lock("setup", SETTING_UP):
        python = packages.ensure("dev")
        wheels = build_each(python, target).values() if arguments.each else [build(python, target)]
    for wheel in wheels:
        step(f"Built {wheel}")


if __name__ == "__main__":
    main(command)
