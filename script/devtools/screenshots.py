"""script/screenshots: make the pictures of the README from a running script/server."""

import argparse
import shutil
import subprocess

from . import packages
from .paths import ROOT
from .steps import Stop, lock, main, step

HELP = """\
Makes the pictures of the README, in headless Chromium, from the demo data that a
running script/server serves. Start that first, with --fresh for a clean demo."""

FOLDER = ROOT / "order_policy/static/description"


def _arguments():
    parser = argparse.ArgumentParser(
        prog="script/screenshots", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8069", help="where the server is (http://127.0.0.1:8069)")
    return parser.parse_args()


def command():
    arguments = _arguments()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        raise Stop("Chromium is missing: install it with “apt-get install chromium fonts-noto-cjk”.")
    with lock("setup", "another command of this checkout is setting up"):
        python = packages.ensure("screenshots")
    step("Taking pictures")
    ended = subprocess.run([python, "-m", "devtools.pictures", chromium, arguments.url, FOLDER], check=False)
    if ended.returncode:
        raise Stop(
            f"the pictures could not be made: is script/server running at {arguments.url}, with fresh demo data?"
        )
    step(f"They are in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main(command)
