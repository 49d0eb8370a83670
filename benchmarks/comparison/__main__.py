"""script/benchmark: measure what review and approval cost, beside plain Odoo and another addon."""

import argparse
import contextlib
import json
import os
import platform
import subprocess
import time
from datetime import date

from devtools import packages
from devtools.paths import LOCAL, ROOT
from devtools.steps import Stop, lock, log_path, main, step
from devtools.workplace import SETTING_UP, ready

from . import drawing, table
from .names import NAMES

HELP = """\
Measures what review and approval of an order cost in queries and time, for

    V  plain Odoo, without any review
    O  sale_tier_validation of the Odoo Community Association, which pip installs below .local/
    P  order_policy, with the same steps as the one before
    S  order_policy with its strictest ready policy, from entry to confirmation only

in one run on this machine, in databases of their own, by turns. It takes a quarter of an
hour or more, and means little while the machine has much else to do. The table and the drawing
are kept in benchmarks/comparison.md and .svg, and README.md quotes them, unless other numbers
are given: then they are below .local/comparison/, as is all that was found, with the
statements of each part of an order's life.

It stops when a product lets an order be confirmed before its last approval.

A try that takes some minutes:
    script/benchmark --orders 10 --warmup 11 --repeats 1 --samples 5 --scale 300

PGHOST and its like use a PostgreSQL that is there already, as a superuser."""

DEFAULTS = {"products": "V,O,P,S", "orders": 100, "warmup": 20, "repeats": 3, "samples": 20, "scale": "2000,20000"}
FOUND = LOCAL / "comparison"
README = ROOT / "README.md"
QUOTED = ("<!-- drawn by script/benchmark -->", "<!-- end -->")


def _arguments():
    parser = argparse.ArgumentParser(
        prog="script/benchmark", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--products", help="which are measured (V,O,P,S)")
    parser.add_argument("--orders", type=int, metavar="N", help="orders that are measured in each run (100)")
    parser.add_argument("--warmup", type=int, metavar="N", help="orders that go before them (20)")
    parser.add_argument("--repeats", type=int, metavar="N", help="how often each product has its turn (3)")
    parser.add_argument("--samples", type=int, metavar="N", help="how often each screen is read in a turn (20)")
    parser.add_argument("--scale", metavar="N,N", help="how many orders wait while screens are read (2000,20000)")
    parser.set_defaults(**DEFAULTS)
    return parser.parse_args()


class Run:
    """One run: its databases, and what was found in them."""

    def __init__(self, databases, arguments, database):
        """
        :param database: of this process alone, with Odoo's sales; others of this run begin with its name
        """
        self.databases, self.arguments, self.database = databases, arguments, database
        self.keys = arguments.products.split(",")
        self.found = {"about": self._about(), "products": {key: {"lives": [], "screens": {}} for key in self.keys}}

    def _about(self):
        [postgresql] = self.databases.server.sql(
            "SELECT format('%s, synchronous_commit %s, shared_buffers %s',"
            " split_part(current_setting('server_version'), ' ', 1),"
            " current_setting('synchronous_commit'), current_setting('shared_buffers'))"
        )
        return {
            "date": str(date.today()),
            "numbers": {name: getattr(self.arguments, name) for name in DEFAULTS},
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "postgresql": postgresql,
            "load": round(os.getloadavg()[1], 1),
        }

    def prepare(self):
        """Make a database of each product, set up."""
        installed = self._part(self.database, "found")["installed"]
        for key in self.keys:
            database = self._database(key)
            self.databases.clone(self.database, database)
            modules = NAMES[key].modules
            if modules:
                self.databases.install(
                    database, modules, demo=False, log=f"comparison_{key}", doing=f"Installing {key}"
                )
            product = self.found["products"][key]
            product |= self._part(database, "configure", key=key, without=list(installed))

    def live(self):
        """Let orders live in each product, by turns, each time in a fresh copy."""
        numbers = {"orders": self.arguments.orders, "warmup": self.arguments.warmup}
        for key in self._turns():
            with self._copy(key) as database:
                step(f"An order's life: {NAMES[key].label}")
                self.found["products"][key]["lives"].append(self._part(database, "live", key=key, **numbers))

    def read(self, waiting):
        """Read the screens of each product by turns while orders wait."""
        keys = [key for key in self.keys if NAMES[key].has_screens]
        with contextlib.ExitStack() as stack:
            filled = {}
            for key in keys:
                filled[key] = stack.enter_context(self._copy(key))
                step(f"{waiting} orders wait: {NAMES[key].label}")
                self._part(filled[key], "fill", key=key, waiting=waiting)
                self.found["products"][key]["screens"][waiting] = []
            for key in self._turns(keys):
                step(f"Screens while {waiting} orders wait: {NAMES[key].label}")
                part = self._part(filled[key], "read", key=key, samples=self.arguments.samples)
                self.found["products"][key]["screens"][waiting].append(part)

    def _turns(self, keys=None):
        for repeat in range(self.arguments.repeats):
            yield from (keys or self.keys)[:: -1 if repeat % 2 else 1]

    def _database(self, key):
        return f"{self.database}_{key.lower()}"

    @contextlib.contextmanager
    def _copy(self, key):
        database = f"{self._database(key)}_used"
        try:
            self.databases.clone(self._database(key), database)
            yield database
        finally:
            self.databases.drop(database)

    def _part(self, database, part, **task):
        """Do a part in a process of its own, and return what it found."""
        databases, log = self.databases, log_path("comparison")
        configuration = databases.odoo.configuration(database, databases.server)
        task |= {"part": part, "configuration": str(configuration), "database": database}
        try:
            with open(log, "w") as complaints:
                ended = subprocess.run(
                    [databases.python, "-m", "comparison.worker"],
                    env=databases.odoo.environment(
                        **databases.server.settings,
                        PYTHONPATH=f"{databases.odoo.home}:{ROOT / 'benchmarks'}",
                        PYTHONHASHSEED="0",
                    ),
                    input=json.dumps(task),
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    text=True,
                    cwd=ROOT,
                    check=False,
                )
        finally:
            configuration.unlink(missing_ok=True)
        if ended.returncode:
            raise Stop(f"measuring failed: see the end of {log}.")
        answer = json.loads(ended.stdout.splitlines()[-1])
        if "not_comparable" in answer:
            raise Stop(f"{NAMES[task['key']].label}: {answer['not_comparable']}.")
        return answer


def _get_packages(databases, keys):
    """Install what pip has of the products into folders of their own, and let Odoo find it there."""
    for key in keys:
        for package, version in NAMES[key].packages:
            databases.odoo.addons_path.append(packages.ensure_apart(package, version) / "odoo/addons")


def _keep(found, arguments):
    """Keep what was found, and return the page that shows it."""
    FOUND.mkdir(exist_ok=True)
    (FOUND / "found.json").write_text(json.dumps(found, indent=1))
    usual = all(getattr(arguments, name) == number for name, number in DEFAULTS.items())
    page = (ROOT / "benchmarks" if usual else FOUND) / "comparison.md"
    page.write_text(table.write(found))
    page.with_suffix(".svg").write_text(drawing.draw(found))
    if usual:
        quote(table.in_short(found))
    return page


def quote(text):
    """Let the README show these figures."""
    before, rest = README.read_text().split(QUOTED[0])
    README.write_text(f"{before}{QUOTED[0]}\n\n{text}\n\n{QUOTED[1]}{rest.split(QUOTED[1])[1]}")


def command():
    arguments = _arguments()
    keys = arguments.products.split(",")
    if unknown := set(keys) - NAMES.keys():
        raise Stop(f"there is no product {', '.join(sorted(unknown))}: {', '.join(NAMES)} are.")
    begun = time.monotonic()
    with ready("odoo") as databases, contextlib.ExitStack() as stack:
        if databases.server.sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") != ["t"]:
            raise Stop("orders are copied in SQL, for which the user of PostgreSQL has to be a superuser.")
        with lock("setup", SETTING_UP):
            _get_packages(databases, keys)
            base = databases.prepare_base("comparison", [], apps=("sale_management",))[0]
            databases.drop_left_behind(base)
            run = Run(databases, arguments, stack.enter_context(databases.cloned_for_tests(base)))
        step("Setting the products up")
        run.prepare()
        run.live()
        for waiting in filter(None, arguments.scale.split(",")):
            run.read(int(waiting))
        run.found["about"]["minutes"] = round((time.monotonic() - begun) / 60)
        kept = _keep(run.found, arguments)
    print(kept.read_text())
    step(f"Kept in {kept.relative_to(ROOT)}, and drawn beside it")


if __name__ == "__main__":
    main(command)
