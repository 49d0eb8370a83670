"""Files that hold one matter are short; a long one says at its top why it is one file."""

import os
import re
from pathlib import Path

from .paths import LOCAL, ROOT

LONGEST, TOP = 450, 15  # lines
WRITTEN_IN = {".py", ".js", ".xml", ".scss", ".sh"}
REASON = re.compile(r"\bone file, (because|so that) ", re.IGNORECASE)
NOT_OURS = {LOCAL.name, ".git", "build", "dist", "node_modules"}


def check():
    """Return what is to be complained about: files that are too long, and do not say why."""
    return [
        f"{file.relative_to(ROOT)} has {len(lines)} lines, and does not say within the first {TOP} why: split it by "
        "matter, or write “One file, because …”."
        for file in _files()
        if len(lines := file.read_text().splitlines()) > LONGEST
        and not REASON.search(" ".join(" ".join(lines[:TOP]).split()))
    ]


def _files():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - NOT_OURS)
        yield from (Path(folder, name) for name in sorted(names) if Path(name).suffix in WRITTEN_IN)
