"""Where things are in this checkout, and which files make up an addon."""

import ast
import hashlib
import os
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
DATA_DIR = LOCAL / "data"
PACKED = "pyproject.toml"  # how a folder is made into a wheel


def addons():
    """The names of the addons in this checkout."""
    return sorted(file.parent.name for file in ROOT.glob("*/__manifest__.py"))


def bridges():
    """Those of the addons that install themselves as soon as the apps that they connect are there."""
    return [addon for addon in addons() if manifest(addon).get("auto_install")]


def standalone():
    """Those of the addons that are installed because somebody wants them, and need no other apps."""
    return [addon for addon in addons() if addon not in bridges()]


def manifest(addon):
    """What an addon says about itself."""
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())


def addon_files(addon):
    """The files of an addon, relative to the checkout, without how it is packed and what tools leave behind."""
    found = []
    for folder, folders, names in os.walk(ROOT / addon):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        found += [Path(folder, name).relative_to(ROOT) for name in names if not name.endswith(".pyc")]
    return sorted(set(found) - {Path(addon, PACKED)})


def fingerprint(addon):
    """Changes with whatever an installed database depends on, so not with the tests."""
    digest = hashlib.sha256()
    for file in addon_files(addon):
        if file.parts[1] != "tests":
            content = (ROOT / file).read_bytes()
            digest.update(f"{file} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]


def checkout_key(*more):
    """Tells this checkout's databases and temporary folders from those of another one."""
    parts = (socket.gethostname(), os.getuid(), ROOT, *more)
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:8]
