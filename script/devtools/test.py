"""script/test: run all tests against a database cloned from a prepared one."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

from . import debian, packages, upstream
from .odoo import free_port
from .paths import LOCAL, ROOT, addons, bridges, standalone
from .server import serving
from .steps import Stop, lock, log_path, main, note, step
from .workplace import SETTING_UP, ready

HELP = """\
usage: script/test [--acceptance] [what pytest takes]
       script/test --upstream [tag of Odoo's tests ...]

Runs the tests of all addons, and those in tests/, with pytest. For instance:
    script/test --acceptance                      only the product as people use it, see below
    script/test --upstream                        only Odoo's own tests, see below
    script/test -k approval                       tests with that word in their name
    script/test order_policy/tests/test_sale.py   one file
    script/test -n 2                              two at a time; browser tests may time out then
    script/test -x --pdb                          stop at the first failure, look around

Gets what is missing first (Odoo 19, Python packages, a private PostgreSQL, all below
.local/), which takes a few minutes once and seconds later. The tests have databases
of their own, without demo data, cloned from ones that are made anew when an addon
changes, and dropped at the end: one with nothing beside the addons, and one with
other apps and the addons that install themselves beside these, for the tests of such
addons, those named *_apps.py, and those of the gate, the content and the reviews, which
run in both. The private PostgreSQL ends with the last command that uses it.

The acceptance tests, in tests/acceptance, use the product as people do: a database
with the demo data and all addons, served by Odoo as script/server does, in headless
Chromium, and opened by this process too where the screen would add nothing. Their
pictures, and Odoo's log, are below .local/.

Odoo's own tests of the apps that the addons extend run without and with the addons,
for a quarter of an hour or more. It fails when one of them ends differently, and names
it; the last result is kept in benchmarks/upstream.txt. With tags, such as
/sale:TestSaleOrder, only those tests run, and nothing is kept.

Tests in a browser need Chromium. Without one they are counted as not run; that is
a failure only where CI=true is set.

ODOO_HOME=FOLDER uses an Odoo 19.0 that is there already: a checkout of its sources,
or the folder or unpacked package that holds the Python package "odoo".
PGHOST, PGPORT, PGUSER and PGPASSWORD use a PostgreSQL that is there already."""

NOTHING_COLLECTED = 5
SUMMARY = "{passed} passed, {failed} failed, {skipped} skipped"

# Apps that confirm orders, add lines to them or reckon with them by themselves. Tests named *_apps.py need them, and
# those of the addons that install themselves beside them; what must hold with and without them is tested twice.
APPS = (
    "delivery", "event_sale", "mrp_subcontracting", "pos_sale", "repair", "sale_expense", "sale_loyalty", "sale_margin",
    "sale_mrp", "sale_project", "sale_purchase", "sale_stock", "stock_dropshipping", "website_sale_collect",
)  # fmt: skip
NEED_APPS = "*_apps.py"
ACCEPTANCE = "tests/acceptance"
TESTED_TWICE = ("test_content.py", "test_gate.py", "test_review.py")


def _split(arguments):
    """What was given to pytest: the options, and the paths as seen from where the command was called."""
    options, paths = [], []
    for argument in arguments:
        path, colons, test = argument.partition("::")
        if not argument.startswith("-") and Path(path).exists():
            paths.append(f"{Path(path).absolute()}{colons}{test}")
        else:
            options.append(argument)
    if any(re.match(r"-n|--numprocesses", option) for option in options):
        # A class is set up once, so its tests stay together.
        options = ["--dist", "loadscope", *options]
    return options, paths


def _needs_apps(path):
    """Whether what is tested there needs the other apps."""
    file = Path(path.partition("::")[0]).resolve()
    return fnmatch(file, NEED_APPS) or any(file.is_relative_to(ROOT / bridge) for bridge in bridges())


def _runs(arguments):
    """The runs of pytest that were asked for: kind of database, arguments."""
    options, paths = _split(arguments)
    if "--acceptance" in options:
        options.remove("--acceptance")
        yield "acceptance", [*options, *(paths or [ACCEPTANCE])]
        return
    if paths:
        acceptance = [path for path in paths if _is_acceptance(path)]
        with_apps = [path for path in paths if _needs_apps(path)]
        without = [path for path in paths if path not in with_apps + acceptance]
    else:
        acceptance = [ACCEPTANCE]
        without, with_apps = (
            [f"--ignore-glob={NEED_APPS}", f"--ignore={ACCEPTANCE}", *standalone(), "tests"],
            [
                str(file.relative_to(ROOT))
                for addon in standalone()
                for pattern in (NEED_APPS, *TESTED_TWICE)
                for file in sorted((ROOT / addon / "tests").glob(pattern))
            ]
            + bridges(),
        )
    for kind, chosen in (("tests", without), ("tests_apps", with_apps), ("acceptance", acceptance)):
        if chosen:
            yield kind, [*options, *chosen]


def _is_acceptance(path):
    return Path(path.partition("::")[0]).resolve().is_relative_to(ROOT / ACCEPTANCE)


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


def _run_pytest(databases, database, arguments, **environment):
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
            **environment,
        ),
    }
    plugins = ["-p", "devtools.counting", "-p", "no:cacheprovider"]
    odoo = [f"--odoo-config={configuration}", f"--odoo-database={database}"]
    try:
        pytest = subprocess.Popen(
            [databases.python, "-m", "pytest", *plugins, *odoo, *arguments],
            env=environment,
            cwd=ROOT,
        )
        code = _wait(pytest)
        return code, json.loads(counts.read_text()) if counts.is_file() else {}
    finally:
        counts.unlink(missing_ok=True)
        configuration.unlink(missing_ok=True)


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
    total, code = Counter(), 0
    with ready("dev") as databases, contextlib.ExitStack() as stack:
        if arguments[:1] == ["--upstream"]:
            return int(upstream.compare(databases, APPS, arguments[1:]) > 0)
        # Who runs everything waits for it once: the acceptance tests wait for a browser most of the time.
        acceptance = None if arguments else stack.enter_context(_acceptance_beside())
        for kind, pytest_arguments in _runs(arguments):
            if kind == "acceptance" and acceptance:
                counts, ended = _end_of(acceptance)
            else:
                run = _run_acceptance if kind == "acceptance" else _run
                counts, ended = run(databases, kind, pytest_arguments)
            total.update(counts)
            code = code or (ended if ended != NOTHING_COLLECTED else 0)
    if not total["passed"] + total["failed"] + total["skipped"]:
        step("No test matches what was asked for")
        code = code or NOTHING_COLLECTED
    fine = _judge_browser_tests(total, whole=not arguments)
    sys.stdout.flush()
    print(SUMMARY.format(**{outcome: total[outcome] for outcome in ("passed", "failed", "skipped")}))
    return code or int(not fine or total["failed"] > 0)


@contextlib.contextmanager
def _acceptance_beside():
    """Run the acceptance tests in a process of its own, which ends with this one."""
    with open(log_path("acceptance_tests"), "wb") as output:
        beside = subprocess.Popen(
            [sys.executable, "-m", "devtools.test", "--acceptance"], stdout=output, stderr=subprocess.STDOUT
        )
    step("Running the acceptance tests beside the others, which come first here")
    try:
        yield beside
    finally:
        if beside.poll() is None:
            beside.send_signal(signal.SIGTERM)
            beside.wait()


def _end_of(beside):
    """Wait for the acceptance tests, and show what they said; what was counted, and the exit code."""
    code = beside.wait()
    said = log_path("acceptance_tests").read_text(errors="replace")
    print(said, end="", flush=True)
    counts = re.findall(SUMMARY.format(passed=r"(\d+)", failed=r"(\d+)", skipped=r"(\d+)"), said)
    if not counts:
        raise Stop("the acceptance tests ended before they counted anything.")
    return dict(zip(("passed", "failed", "skipped"), map(int, counts[-1]), strict=True)), code


def _run(databases, kind, arguments):
    """Run some tests in a database of a kind; return what was counted, and the exit code of pytest."""
    apps = APPS if kind == "tests_apps" else ()
    with contextlib.ExitStack() as stack:
        with lock("setup", SETTING_UP):
            base, prepared = databases.prepare_tests(kind, apps)
            database = stack.enter_context(databases.cloned_for_tests(prepared))
        step("Running the tests beside other apps" if apps else "Running the tests")
        code, counts = _run_pytest(databases, database, ["--odoo-http", *arguments], DEVTOOLS_BASE_DATABASE=base)
    if not counts:
        raise Stop(f"pytest ended with code {code} before it ran a test.")
    if apps and counts["skipped"] > counts["browser_not_run"]:
        step("Tests beside other apps were skipped, though the apps are there")
        code = code or 1
    return counts, code


def _run_acceptance(databases, kind, arguments):
    """Run tests of the product as it is used, on a copy of the demo that is served; see ``_run``."""
    with contextlib.ExitStack() as stack:
        with lock("setup", SETTING_UP):
            packages.ensure("screenshots")
            prepared = databases.prepare_pristine_demo()
            database = stack.enter_context(databases.cloned_for_tests(prepared))
        log = log_path(kind)
        url, _odoo = stack.enter_context(serving(databases, database, free_port(), log))
        step("Running the acceptance tests")
        code, counts = _run_pytest(
            databases,
            database,
            arguments,
            DEVTOOLS_URL=url,
            DEVTOOLS_SERVER_LOG=str(log),
            DEVTOOLS_BROWSER=debian.browser() or "",
            DEVTOOLS_PICTURES=str(LOCAL / "screenshots" / kind),
        )
    if not counts:
        raise Stop(f"pytest ended with code {code} before it ran a test.")
    return counts, code


if __name__ == "__main__":
    main(command)
