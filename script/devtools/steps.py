"""What the commands say, and how they end: in one sentence rather than in a traceback."""

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time

from .paths import LOCAL, ROOT

BEGUN = time.monotonic()

# What a program says when it fails, and what that means to the person who waits for it.
KNOWN_FAILURES = {
    "No space left on device": "the disk is full.",
    "Temporary failure resolving": "there is no network, and something has to be downloaded.",
    "Could not resolve": "there is no network, and something has to be downloaded.",
    "Temporary failure in name resolution": "there is no network, and something has to be downloaded.",
    "Network is unreachable": "there is no network, and something has to be downloaded.",
    "Failed to establish a new connection": "there is no network, and something has to be downloaded.",
    "Could not connect to": "there is no network, and something has to be downloaded.",
    "Unable to connect to": "there is no network, and something has to be downloaded.",
    "Permission denied": "a permission is missing.",
}


class Stop(Exception):
    """Ends the command with one sentence."""


def step(text):
    print(f"{time.monotonic() - BEGUN:7.1f} s  {text}", flush=True)


def note(text):
    print(f"           {text}", flush=True)


def log_path(name):
    folder = LOCAL / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def explain(path):
    """What a log says went wrong, in plain words; nothing when it holds no known ones."""
    text = path.read_text(errors="replace")
    return next((meaning for words, meaning in KNOWN_FAILURES.items() if words in text), None)


def run(arguments, log, doing, **options):
    """Run a program with its words in a log file; `doing` is what to say went wrong when it fails."""
    path = log_path(log)
    with open(path, "wb") as output:
        ended = subprocess.run(
            [str(argument) for argument in arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            **options,
        )
    if ended.returncode:
        raise Stop(f"{doing} failed: {explain(path) or f'see the end of {path}.'}")
    return path


def output_of(arguments, **options):
    """What a program prints, or nothing when it fails."""
    ended = subprocess.run(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, **options
    )
    return ended.stdout.decode(errors="replace").strip() if not ended.returncode else ""


def need_space(gigabytes):
    LOCAL.mkdir(exist_ok=True)
    free = shutil.disk_usage(LOCAL).free / 1e9
    if free < gigabytes:
        raise Stop(f"the disk is full: about {gigabytes} GB are needed at {LOCAL}, and {free:.1f} GB are free.")


@contextlib.contextmanager
def lock(name, waiting):
    """Only one process at a time gets past; the others say what they wait for."""
    LOCAL.mkdir(exist_ok=True)
    with open(LOCAL / f"{name}.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            step(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sentence(error):
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full ({error.filename or ROOT})."
    if error.errno == errno.ENAMETOOLONG:
        return f"a path is too long: {error.filename}; move the checkout to a shorter one."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename or ROOT} cannot be read or written by the user who runs this."
    return str(error)


def main(command):
    """Run a command, and turn the ways in which it may end into an exit code."""

    def stop(number, _frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    # What a program prints is read for known words, which are those of the plain locale.
    os.environ["LC_ALL"] = "C.UTF-8"
    # These would lead Odoo, PostgreSQL or pip to somewhere else than where the commands look.
    for name in ("ODOO_RC", "PGDATABASE", "PGSERVICE", "PGDATABASE_TEMPLATE", "PGPATH", "PGOPTIONS", "PYTHONHOME"):
        os.environ.pop(name, None)
    try:
        code = command() or 0
    except Stop as stopped:
        print(f"Stopped: {stopped}", file=sys.stderr)
        code = 1
    except BrokenPipeError:
        os._exit(1)
    except OSError as error:
        print(f"Stopped: {_sentence(error)}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.stdout.flush()
    sys.exit(code)
