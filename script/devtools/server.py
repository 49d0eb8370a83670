"""script/server: serve the addons with demo data on this machine."""

import argparse
import contextlib
import errno
import fcntl
import signal
import socket
import subprocess
import time
import urllib.request

from .paths import LOCAL, ROOT
from .steps import Stop, lock, log_path, main, step
from .workplace import SETTING_UP, ready

HELP = """\
Serves the addons of this checkout with demo data at http://127.0.0.1:8069, for
this machine only. Gets what is missing first (Odoo 19, Python packages, a private
PostgreSQL, all below .local/), which takes a few minutes once and seconds later.
When the addons changed since the last run, they are updated in the database.
Ctrl-C ends it; the private PostgreSQL ends with the last command that uses it.

ODOO_HOME=FOLDER uses an Odoo 19.0 that is there already: a checkout of its sources,
or the folder or unpacked package that holds the Python package "odoo".
PGHOST, PGPORT, PGUSER and PGPASSWORD use a PostgreSQL that is there already."""


def _arguments():
    parser = argparse.ArgumentParser(
        prog="script/server", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8069, help="the port to serve at (8069)")
    parser.add_argument("--fresh", action="store_true", help="make the database with demo data anew first")
    parser.add_argument(
        "--prepare", action="store_true", help="only prepare the database; fail if Odoo's log holds a warning"
    )
    return parser.parse_args()


def _check_port(port):
    if not 0 < port < 65536:
        raise Stop(f"{port} is no port: ports are 1 to 65535.")
    with socket.socket() as probe:
        # As Odoo does, so that a server that ended just now is not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Stop(f"port {port} is reserved for root: choose another one with --port.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise Stop(f"port {port} is taken by another program: choose another one with --port.") from None


@contextlib.contextmanager
def _alone():
    """Nobody may change or serve the database with demo data while somebody else does."""
    with open(LOCAL / "demo.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop("another script/server of this checkout is running: end it first.") from None
        yield


def _answers(url):
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/web/health", timeout=2) as answer:
        return answer.status == 200
    return False


@contextlib.contextmanager
def serving(databases, database, port, log):
    """Odoo, answering at a port of this machine for as long as the caller needs it: its address and its process."""
    url = f"http://127.0.0.1:{port}"
    # Whatever Odoo prints gets its styles from this address.
    databases.server.sql(f"UPDATE ir_config_parameter SET value = '{url}' WHERE key = 'web.base.url'", database)
    with open(log, "wb") as output:
        configuration = databases.odoo.configuration(database, databases.server)
        odoo = subprocess.Popen(
            [databases.python, "-m", "odoo", "-c", configuration, f"--http-port={port}", "--workers=0"],
            env=databases.odoo.environment(**databases.server.settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            # Ctrl-C is for this process, which then ends Odoo.
            start_new_session=True,
        )
    try:
        until = time.monotonic() + 120
        while not _answers(url):
            if odoo.poll() is not None or time.monotonic() > until:
                raise Stop(f"Odoo does not start: see the end of {log}.")
            time.sleep(0.3)
        yield url, odoo
    finally:
        odoo.send_signal(signal.SIGTERM)
        try:
            odoo.wait(10)
        except subprocess.TimeoutExpired:
            odoo.kill()
            odoo.wait()


def _serve(databases, port):
    log = log_path("server")
    try:
        with serving(databases, databases.demo, port, log) as (url, odoo):
            step(f"Odoo is at {url}  (log: {log.relative_to(ROOT)})")
            users = databases.demo_users()
            print("\nDemo logins, with the password equal to the login:\n")
            width = max(len(login) for login, _name, _kind in users)
            for login, name, kind in users:
                print(f"    {login:{width}}  {name}{f' ({kind})' if kind else ''}")
            print("\nCtrl-C ends the server.", flush=True)
            odoo.wait()
            raise Stop(f"Odoo ended by itself: see the end of {log}.")
    except KeyboardInterrupt:
        print()
        step("Ending")


def command():
    arguments = _arguments()
    if not arguments.prepare:
        _check_port(arguments.port)
    with ready("odoo") as databases, _alone():
        with lock("setup", SETTING_UP):
            databases.prepare_demo(fresh=arguments.fresh, strict=arguments.prepare)
        if arguments.prepare:
            step("The database with demo data is prepared")
        else:
            _serve(databases, arguments.port)


if __name__ == "__main__":
    main(command)
