"""Check an exported order archive without Odoo: is everything in it exactly what was sealed?

    python3 verify.py archive.zip [--seal HASH ...]

Needs nothing but Python. Prints one line per problem and a summary; the exit code is 0 when all is as sealed, 1 when
problems were found, and 2 when the file cannot be read as an archive at all.

What a ZIP alone cannot tell: somebody who rewrites a dossier, its seal and all that follows consistently. Compare the
seals with those in the register of Odoo, or on a printed handover list, by ``--seal``.
"""

import argparse
import collections
import hashlib
import json
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib

CHUNK = 1024**2
FORMAT = "order_policy archive 1"
NAMESPACE = "{urn:order-policy:dossier:1}"
TOP = {"register.json", "dossier.xsd", "verify.py"}
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError)


def verify(path, expected_seals=()):
    """Check an exported archive.

    :param path: of the ZIP file
    :param expected_seals: seals that have to be in it, as the register or a handover list shows them
    :return: list of problems in words, empty when everything is as sealed
    :raise zipfile.BadZipFile: when the file is no ZIP, or is cut off
    :raise OSError: when it cannot be read
    """
    with zipfile.ZipFile(path) as archive:
        problems = list(_names(archive))
        register = _json(archive, "register.json", problems)
        seals = _seals(register, problems)
        problems += _chain(seals)
        known = set(TOP)
        for seal in seals:
            problems += _dossier(archive, seal, known)
        surplus = sorted({name for name in archive.namelist() if not name.endswith("/")} - known)
        problems += [f"{name}: is not part of what was sealed" for name in surplus]
    missing = set(expected_seals) - {seal["hash"] for seal in seals}
    return problems + [f"seal {seal}: no dossier with this seal is in the archive" for seal in sorted(missing)]


def _names(archive):
    counts = collections.Counter(archive.namelist())
    for name, count in counts.items():
        if count > 1:
            yield f"{name}: is in the archive more than once"
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            yield f"{name}: leads out of the archive"


def _json(archive, name, problems):
    """Return the object that a member holds; an empty one when there is none, which is a problem."""
    try:
        value = json.loads(archive.read(name))
    except KeyError:
        problems.append(f"{name}: is missing")
    except BROKEN:
        problems.append(f"{name}: is damaged")
    except ValueError:
        problems.append(f"{name}: cannot be read")
    else:
        if isinstance(value, dict):
            return value
        problems.append(f"{name}: cannot be read")
    return {}


def _seals(register, problems):
    if register and register.get("format") != FORMAT:
        problems.append(f"register.json: is of an unknown format, not “{FORMAT}”")
    seals = register.get("seals")
    types = {"position": int, "number": str, "folder": str, "previous_hash": str, "hash": str}
    good = [
        seal
        for seal in (seals if isinstance(seals, list) else [])
        if isinstance(seal, dict) and all(isinstance(seal.get(key), kind) for key, kind in types.items())
    ]
    if register and (not isinstance(seals, list) or len(good) != len(seals)):
        problems.append("register.json: a line of the register cannot be read")
    return good


def _chain(seals):
    """Each seal covers the one before: where both are here, they have to fit."""
    problems = []
    for before, seal in zip([None, *seals], seals, strict=False):
        if seal["position"] == 1 and seal["previous_hash"]:
            problems.append(f"{seal['number']}: the first seal covers another one")
        if before is None:
            continue
        if seal["position"] <= before["position"]:
            problems.append(f"{seal['number']}: the register is not in the order of the seals")
        elif seal["position"] == before["position"] + 1 and seal["previous_hash"] != before["hash"]:
            problems.append(f"{seal['number']}: the chain is broken, its seal does not cover {before['number']}")
    return problems


def _dossier(archive, seal, known):
    folder, number, problems = seal["folder"], seal["number"], []
    known |= {f"{folder}/manifest.json", f"{folder}/manifest.xml"}
    manifest = _json(archive, f"{folder}/manifest.json", problems)
    if not manifest:
        return problems
    sealed = hashlib.sha256(seal["previous_hash"].encode() + archive.read(f"{folder}/manifest.json")).hexdigest()
    if sealed != seal["hash"]:
        problems.append(f"{number}: manifest.json was altered, or its seal was: they do not match")
    if manifest.get("number") != number:
        problems.append(f"{number}: manifest.json is that of {manifest.get('number')}")
    items = manifest.get("items")
    for item in items if isinstance(items, list) else []:
        problems += _item(archive, number, folder, item, known)
    return problems + _xml(archive, seal, manifest)


def _item(archive, number, folder, item, known):
    try:
        file, size, digest = str(item["file"]), item["size"], item["sha256"]
    except (KeyError, TypeError):
        return [f"{number}: manifest.json names a file without its size and digest"]
    name = f"{folder}/files/{file}"
    known.add(name)
    found, length = hashlib.sha256(), 0
    try:
        with archive.open(name) as stream:
            while chunk := stream.read(CHUNK):
                found.update(chunk)
                length += len(chunk)
    except KeyError:
        return [f"{number}: {file} is missing"]
    except BROKEN:
        return [f"{number}: {file} is damaged"]
    if length != size:
        return [f"{number}: {file} was altered, it has {length} bytes instead of {size}"]
    return [] if found.hexdigest() == digest else [f"{number}: {file} was altered, it is not the file that was sealed"]


def _xml(archive, seal, manifest):
    """The XML says the same as the manifest that was sealed."""
    number, name = seal["number"], f"{seal['folder']}/manifest.xml"
    try:
        root = ElementTree.fromstring(archive.read(name))
    except KeyError:
        return [f"{number}: manifest.xml is missing"]
    except (*BROKEN, ElementTree.ParseError):
        return [f"{number}: manifest.xml cannot be read"]

    def text(element, tag):
        return (element.findtext(f"{NAMESPACE}{tag}") or "") if element is not None else ""

    stated = {
        "ArchivalCode": manifest.get("number"),
        "Title": manifest.get("title"),
        "FondsName": manifest.get("fonds"),
        "Year": manifest.get("year"),
        "RetentionPeriod": manifest.get("retention"),
        "RetainUntil": manifest.get("retain_until"),
    }
    problems = [
        f"{number}: manifest.xml was altered, {tag} is not what was sealed"
        for tag, value in stated.items()
        if text(root, tag) != str(value or "")
    ]
    if text(root.find(f"{NAMESPACE}Seal"), "Digest") != seal["hash"]:
        problems.append(f"{number}: manifest.xml was altered, its seal is another one")
    tags = ("Title", "ComputerFileName", "ComputerFileSize", "DigitalDigest")
    documents = [
        tuple(text(document, tag) for tag in tags)
        for document in root.findall(f"{NAMESPACE}Documents/{NAMESPACE}Document")
    ]
    items = manifest.get("items") or []
    sealed = [
        tuple(str(item.get(key, "")) for key in ("title", "file", "size", "sha256"))
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]
    if documents != sealed:
        problems.append(f"{number}: manifest.xml was altered, its documents are not those that were sealed")
    return problems


def main(argv=None):
    """Check the archive named on the command line; see the description of this module."""
    parser = argparse.ArgumentParser(description="Check an exported order archive.")
    parser.add_argument("archive")
    parser.add_argument("--seal", action="append", default=[], help="a seal that has to be in the archive")
    arguments = parser.parse_args(argv)
    try:
        problems = verify(arguments.archive, arguments.seal)
    except BROKEN as error:
        print(f"{arguments.archive}: is no ZIP file, or is cut off ({error})")
        return 2
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems were found." if problems else "Everything is as it was sealed.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
