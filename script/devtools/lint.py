"""script/lint: check the style of the code, what Odoo's community asks of an addon, its floors, and long files."""

import argparse
import subprocess

from . import floors, length, packages
from .paths import ROOT, addons
from .steps import lock, main, note, step
from .workplace import SETTING_UP

HELP = """\
Checks the code with ruff (rules and layout) and pylint-odoo, that no floor of an addon names what is above it, and that
long files say why they are.
Changes nothing unless --fix is given."""


def command():
    parser = argparse.ArgumentParser(prog="script/lint", description=HELP)
    parser.add_argument("--fix", action="store_true", help="let ruff mend what it can, and draw the floors")
    fix = parser.parse_args().fix
    with lock("setup", SETTING_UP):
        python = packages.ensure("dev")
    checks = {
        "ruff check": ["ruff", "check", *(["--fix"] if fix else [])],
        "ruff format": ["ruff", "format", *([] if fix else ["--check", "--diff"])],
        "pylint-odoo": ["pylint", "--rcfile=.pylintrc", *addons()],
    }
    failed = []
    for name, (module, *arguments) in checks.items():
        step(name)
        # Without what the commands put on Python's path for themselves.
        if subprocess.run([python, "-P", "-m", module, *arguments], cwd=ROOT, env=packages.environment()).returncode:
            failed.append(name)
    for name, complaints in (("floors", floors.check(fix)), ("length", length.check())):
        step(name)
        for complaint in complaints:
            note(complaint)
        failed += [name] if complaints else []
    step(f"Failed: {', '.join(failed)}" if failed else "Nothing to complain about")
    return int(bool(failed))


if __name__ == "__main__":
    main(command)
