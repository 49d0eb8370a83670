"""script/test: run all tests against a database cloned from a prepared one."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from . import debian
from .paths import LOCAL, ROOT, addons
from .steps import Stop, lock, main, note, step
from .workplace import SETTING_UP, ready

HELP = """\
usage: script/test [what pytest takes]

Runs the tests of all addons, and those in tests/, with pytest. For instance:
    script/test -k approval                       tests with that word in their name
    script/test order_policy/tests/test_sale.py   one file
    script/test -n 2                              two at a time
    script/test -x --pdb                          stop at the first failure, look around

Gets what is missing first (Odoo 19, Python packages, a private PostgreSQL, all below
.local/), which takes a few minutes once and seconds later. The tests have a database
of their own, without demo data, cloned from one that is made anew when an addon
changes, and dropped at the end. The private PostgreSQL ends with the last command
that uses it.

Tests in a browser need Chromium. Without one they are counted as not run; that is
a failure only where CI=true is set.

ODOO_HOME=FOLDER uses an Odoo 19.0 that is there already: a checkout of its sources,
or the folder or unpacked package that holds the Python package "odoo".
PGHOST, PGPORT, PGUSER and PGPASSWORD use a PostgreSQL that is there already."""

NOTHING_COLLECTED = 5


def _pytest_arguments(arguments):
    """What was given, with paths as seen from where the command was called."""
    given = []
    for argument in arguments:
        path, colons, test = argument.partition("::")
        if not argument.startswith("-") and Path(path).exists():
            argument = f"{Path(path).absolute()}{colons}{test}"
        given.append(argument)
    if any(re.match(r"-n|--numprocesses", argument) for argument in given):
        # A class is set up once, so its tests stay together.
        given = ["--dist", "loadscope", *given]
    return given


def _wait(pytest):
    """Wait for pytest; when interrupted let it end its browser and server first."""
    try:
        return pytest.wait()
    except (KeyboardInterrupt, SystemExit) as interruption:
        # Ctrl-C reaches pytest as well, the other signals do not.
        if isinstance(interruption, SystemExit):
            pytest.send_signal(signal.SIGINT)
        try:
            pytest.wait(20)
        except subprocess.TimeoutExpired:
            pytest.kill()
            pytest.wait()
        raise


def _run_pytest(databases, database, base, arguments):
    """Run pytest; return its exit code and what was counted."""
    counts = LOCAL / f"counts.{os.getpid()}.json"
    configuration = databases.odoo.configuration(database, databases.server)
    environment = {
        **databases.server.environment(),
        **databases.odoo.environment(
            **databases.server.settings,
            PYTHONPATH=f"{databases.odoo.home}:{ROOT / 'script'}",
            PATH=databases.server.environment()["PATH"],
            DEVTOOLS_COUNTS=str(counts),
            DEVTOOLS_BASE_DATABASE=base,
        ),
    }
    plugins = ["-p", "devtools.counting", "-p", "no:cacheprovider"]
    odoo = [f"--odoo-config={configuration}", f"--odoo-database={database}", "--odoo-http"]
    try:
        pytest = subprocess.Popen(
            [databases.python, "-m", "pytest", *plugins, *odoo, *_pytest_arguments(arguments)],
            env=environment,
            cwd=ROOT,
        )
        code = _wait(pytest)
        return code, json.loads(counts.read_text()) if counts.is_file() else {}
    finally:
        counts.unlink(missing_ok=True)
        configuration.unlink()


def _has_browser_tests():
    files = (file for addon in addons() for file in (ROOT / addon / "tests").rglob("*.py"))
    return any(re.search(r"\.(start_tour|browser_js)\(", file.read_text()) for file in files)


def _judge_browser_tests(counts, whole):
    """Say whether the tests in a browser ran; where CI=true they have to."""
    ran, not_run = counts["browser_ran"], counts["browser_not_run"]
    if ran or not_run:
        step(f"Browser tests: {ran} run, {not_run} NOT RUN")
    if not_run and not debian.browser():
        note("There is no Chromium on this machine; to install it: sudo apt-get install chromium")
    silent = whole and not ran and not not_run and _has_browser_tests()
    if silent:
        step("Browser tests: there are some, and NONE was run")
    in_ci = os.environ.get("CI", "").lower() in ("true", "1")
    return not (in_ci and (not_run or silent))


def command():
    arguments = sys.argv[1:]
    if {"-h", "--help"} & set(arguments):
        print(HELP)
        return 0
    with ready("dev") as databases, contextlib.ExitStack() as stack:
        with lock("setup", SETTING_UP):
            base = databases.prepare_tests()
            database = stack.enter_context(databases.cloned_for_tests())
        step("Running the tests")
        code, counts = _run_pytest(databases, database, base, arguments)
    if not counts:
        raise Stop(f"pytest ended with code {code} before it ran a test.")
    if code == NOTHING_COLLECTED:
        step("No test matches what was asked for")
    fine = _judge_browser_tests(counts, whole=not arguments)
    sys.stdout.flush()
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return code or int(not fine or counts["failed"] > 0)


if __name__ == "__main__":
    main(command)
