"""A part of the measurement, in a process of its own: reads from standard input what to do, and writes what it found.

The last line that it prints is the result.
"""

import json
import sys

from . import company as companies
from .life import Life, NotComparable
from .products import PRODUCTS
from .requests import Requests
from .waiting import Waiting


def found(requests):
    """Enter what all products work with; what is installed without them."""
    with requests.system() as env:
        companies.found(env)
        return {"installed": _installed(env)}


def configure(requests, key, without):
    """Set a product up; the versions of what it consists of.

    :param without: what is installed without it
    """
    with requests.system() as env:
        PRODUCTS[key](requests, companies.Company(env)).configure(env)
        versions = _installed(env)
    return {"versions": {name: version for name, version in versions.items() if name not in without}}


def live(requests, key, **numbers):
    return _life(requests, key).measure(**numbers)


def fill(requests, key, **numbers):
    return Waiting(_life(requests, key)).fill(**numbers)


def read(requests, key, **numbers):
    return Waiting(_life(requests, key)).measure(**numbers)


def _life(requests, key):
    with requests.system() as env:
        company = companies.Company(env)
    return Life(PRODUCTS[key](requests, company), requests, company)


def _installed(env):
    return {
        module.name: module.installed_version
        for module in env["ir.module.module"].search([("state", "=", "installed")])
    }


PARTS = {part.__name__: part for part in (found, configure, live, fill, read)}


def main():
    task = json.load(sys.stdin)
    part = PARTS[task.pop("part")]
    requests = Requests(task.pop("configuration"), task.pop("database"))
    try:
        print(json.dumps(part(requests, **task)))
    except NotComparable as reason:
        print(json.dumps({"not_comparable": str(reason)}))


if __name__ == "__main__":
    main()
