"""Check an exported order archive without Odoo: is everything in it exactly what was sealed?

    python3 verify.py archive.zip [--seal HASH ...]

Needs nothing but Python, and is one file, because it goes with each archive. Prints one line per problem and a summary;
the exit code is 0 when all is as sealed, 1 when problems were found, and 2 when the file cannot be read as an archive
at all.

What a ZIP alone cannot tell: whether somebody rewrote a dossier, its seal and all that follows consistently, or left
out whole dossiers together with their lines of the register. Only comparing the seals with those in the register of
Odoo, or on a printed handover list, shows that; give those of the list with ``--seal``.
"""

import argparse
import collections
import hashlib
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile

CHUNK = 1024**2
LONGEST_MANIFEST = 256 * 1024**2
FORMAT = "order_policy archive 1"
DOSSIER_FORMAT = "order_policy dossier 1"
NAMESPACE = "{urn:order-policy:dossier:1}"
FILE_NAME = "ComputerFileName"
KINDS = ("dossier", "supplement")
TOP = ("register.json", "dossier.xsd", "verify.py")
OPTIONAL_TEXT = (str, type(None))
IN_REGISTER = {"position": int, "kind": str, "number": str, "folder": str, "previous_hash": str, "hash": str}
IN_MANIFEST = {
    "format": str, "kind": str, "number": str, "title": str, "fonds": str, "class": dict, "year": int,
    "retention": str, "retain_until": OPTIONAL_TEXT, "supplement_of": OPTIONAL_TEXT, "agents": list, "times": list,
    "missing": list, "items": list,
}  # fmt: skip
IN_ITEM = {"number": int, "title": str, "file": str, "size": int, "sha256": str}


class Unreadable(Exception):
    """A member of the archive cannot be read; the message says why, and follows the name of the member."""


def verify(path, expected_seals=()):
    """Check an exported archive.

    :param path: of the ZIP file, or a file object that holds it
    :param expected_seals: seals that have to be in it, as the register or a handover list shows them
    :return: list of problems in words, one line each, empty when everything is as sealed
    :raise zipfile.BadZipFile: when the file is no ZIP, or is cut off
    :raise OSError: when it cannot be read
    """
    with _open(path) as archive:
        problems = list(_names(archive))
        seals = _seals(archive, problems)
        known = set(TOP)
        for name in TOP[1:]:
            problems += _other(archive, name)
        problems += _chain(seals or [])
        for seal in seals or []:
            problems += _dossier(archive, seal, known)
        # Without a register everything would be surplus, which tells nothing more.
        problems += [] if seals is None else _surplus(archive, known)
    there = {seal["hash"] for seal in seals or []}
    # A seal that was copied from paper may have got capitals, and spaces where the line was broken.
    missing = {"".join(seal.split()).lower() for seal in expected_seals} - there
    problems += [f"seal {seal}: no dossier with this seal is in the archive" for seal in sorted(missing)]
    return [_printable(problem) for problem in problems]


def _printable(text):
    """Escape what would break the line, or let a name in the archive pass for a message of this script."""
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char
        for char in text
    )


# ----------------------------------------------------------------------
# ZIP
# ----------------------------------------------------------------------


def _open(path):
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile):
        raise
    except Exception as error:  # a damaged list of members raises whatever its bytes lead to
        raise zipfile.BadZipFile(str(error)) from error


def _names(archive):
    for name, count in collections.Counter(archive.namelist()).items():
        if count > 1:
            yield f"{name}: is in the archive more than once"
        if name.startswith("/") or name[1:2] == ":" or "\\" in name or ".." in name.split("/"):
            yield f"{name}: leads out of the archive"


def _surplus(archive, known):
    """Name what belongs to no dossier. Other programs add empty members for the folders, which is no harm."""
    folders = {name[: index + 1] for name in known for index, char in enumerate(name) if char == "/"}
    surplus = {info.filename for info in archive.infolist() if info.filename not in folders or info.file_size}
    return [f"{name}: is not part of what was sealed" for name in sorted(surplus - known)]


def _chunks(archive, name):
    """Yield the content of a member piece by piece: documents may be larger than the memory."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise Unreadable("is missing") from None
    if info.flag_bits & 1:
        raise Unreadable("is encrypted")
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except Exception as error:  # each way to compress has errors of its own
        raise Unreadable(f"is damaged ({error})") from error


def _read(archive, name):
    content = bytearray()
    for chunk in _chunks(archive, name):
        content += chunk
        if len(content) > LONGEST_MANIFEST:
            raise Unreadable("is too large for what it should be")
    return bytes(content)


def _object(content):
    try:
        value = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"cannot be read ({error})") from error
    if not isinstance(value, dict):
        raise Unreadable("cannot be read (it is no JSON object)")
    return value


def _wrong(value, types):
    """Return the keys that are not there, or are of another type than they have to be."""
    if not isinstance(value, dict):
        return list(types)
    return [
        key
        for key, kind in types.items()
        # For Python, true is a number.
        if key not in value or not isinstance(value[key], kind) or isinstance(value[key], bool)
    ]


# ----------------------------------------------------------------------
# Register
# ----------------------------------------------------------------------


def _seals(archive, problems):
    """Return the lines of the register that can be read, or nothing when there is no register."""
    try:
        register = _object(_read(archive, "register.json"))
    except Unreadable as error:
        problems.append(f"register.json: {error}")
        return None
    if register.get("format") != FORMAT:
        problems.append(f"register.json: is of an unknown format, not “{FORMAT}”")
    seals = register.get("seals")
    if not isinstance(seals, list):
        problems.append("register.json: has no list of seals")
        return None
    good = []
    for line, seal in enumerate(seals, start=1):
        if wrong := _wrong(seal, IN_REGISTER):
            problems.append(f"register.json: line {line} of the register cannot be read ({', '.join(wrong)})")
        else:
            good.append(seal)
    return good


def _chain(seals):
    """Each seal covers the one before: where both are here, they have to fit."""
    problems = []
    for before, seal in zip([None, *seals], seals, strict=False):
        number, position, previous = seal["number"], seal["position"], seal["previous_hash"]
        if position < 1:
            problems.append(f"{number}: the register is wrong, there is no position {position}")
        elif position == 1 and previous:
            problems.append(f"{number}: the first seal covers another one")
        elif position > 1 and not re.fullmatch("[0-9a-f]{64}", previous):
            problems.append(f"{number}: the chain is broken, its seal does not cover another one")
        if before is None:
            continue
        if position <= before["position"]:
            problems.append(f"{number}: the register is not in the order of the seals")
        elif position == before["position"] + 1 and previous != before["hash"]:
            problems.append(f"{number}: the chain is broken, its seal does not cover {before['number']}")
    for key in ("number", "folder"):
        counts = collections.Counter(seal[key] for seal in seals)
        problems += [f"{value}: is the {key} of several dossiers" for value, count in counts.items() if count > 1]
    return problems


# ----------------------------------------------------------------------
# Dossiers
# ----------------------------------------------------------------------


def _other(archive, name):
    try:
        for _chunk in _chunks(archive, name):
            pass
    except Unreadable as error:
        return [f"{name}: {error}"]
    return []


def _dossier(archive, seal, known):
    """Check a dossier, and add the names of its members to those that are known."""
    folder, number = seal["folder"], seal["number"]
    known |= {f"{folder}/manifest.json", f"{folder}/manifest.xml"}
    problems = []
    try:
        content = _read(archive, f"{folder}/manifest.json")
        problems += _seal(seal, content)
        manifest = _object(content)
    except Unreadable as error:
        # Nobody knows which files belong here, so that none is surplus.
        known |= {name for name in archive.namelist() if name.startswith(f"{folder}/files/")}
        return [*problems, f"{number}: manifest.json: {error}, so that its files cannot be checked"]
    problems += _manifest(seal, manifest)
    problems += _items(archive, seal, manifest, known)
    try:
        problems += _xml(archive, seal, manifest)
    except RecursionError:
        problems.append(f"{number}: manifest.xml cannot be compared, it or manifest.json is nested too deeply")
    return problems


def _seal(seal, content):
    # What is not ASCII is no seal, and does not match either.
    previous = seal["previous_hash"].encode("ascii", "backslashreplace")
    if hashlib.sha256(previous + content).hexdigest() == seal["hash"]:
        return []
    return [f"{seal['number']}: manifest.json was altered, or its seal was: they do not match"]


def _manifest(seal, manifest):
    number = seal["number"]
    problems = []
    if wrong := _wrong(manifest, IN_MANIFEST):
        problems.append(f"{number}: manifest.json lacks what a dossier has, or has it wrong ({', '.join(wrong)})")
    if manifest.get("format") != DOSSIER_FORMAT:
        problems.append(f"{number}: manifest.json is of an unknown format, not “{DOSSIER_FORMAT}”")
    if manifest.get("kind") != seal["kind"] or seal["kind"] not in KINDS:
        problems.append(f"{number}: manifest.json is not of the kind that the register says, {seal['kind']}")
    if "number" not in wrong and manifest["number"] != number:
        problems.append(f"{number}: manifest.json is that of {manifest['number']}")
    return problems


def _items(archive, seal, manifest, known):
    number, files, problems = seal["number"], collections.Counter(), []
    for item in _list(manifest, "items"):
        if wrong := _wrong(item, IN_ITEM):
            file = item.get("file") if isinstance(item, dict) else None
            words = ", ".join(wrong)
            problems.append(f"{number}: manifest.json names a file without its size and digest ({file}: {words})")
            if isinstance(file, str):
                known.add(f"{seal['folder']}/files/{file}")
            continue
        files[item["file"]] += 1
        problems += _item(archive, seal, item, known)
    return problems + [
        f"{number}: manifest.json names {file} more than once" for file, count in files.items() if count > 1
    ]


def _item(archive, seal, item, known):
    number, file = seal["number"], item["file"]
    if "/" in file or "\\" in file or file in ("", ".", ".."):
        return [f"{number}: manifest.json names {file}, which is not the name of a file in its folder"]
    name = f"{seal['folder']}/files/{file}"
    known.add(name)
    found, length = hashlib.sha256(), 0
    try:
        for chunk in _chunks(archive, name):
            found.update(chunk)
            length += len(chunk)
    except Unreadable as error:
        return [f"{number}: {file} {error}"]
    if length != item["size"]:
        return [f"{number}: {file} was altered, it has {length} bytes instead of {item['size']}"]
    if found.hexdigest() != item["sha256"]:
        return [f"{number}: {file} was altered, it is not the file that was sealed"]
    return []


def _list(values, key):
    value = values.get(key)
    return value if isinstance(value, list) else []


# ----------------------------------------------------------------------
# XML: elements are compared as tuples of tag, attributes, text and children
# ----------------------------------------------------------------------


def _xml(archive, seal, manifest):
    """The XML says the same as the manifest that was sealed."""
    number = seal["number"]
    try:
        root = _parse(_read(archive, f"{seal['folder']}/manifest.xml"))
    except Unreadable as error:
        return [f"{number}: manifest.xml {error}"]
    if root.tag != f"{NAMESPACE}Dossier":
        return [f"{number}: manifest.xml cannot be read (it describes no dossier)"]
    problems = []
    if root.get("kind") != manifest.get("kind"):
        problems.append(f"{number}: manifest.xml was altered, its kind is not what was sealed")
    _tag, _attributes, text, stated = _stated(root)
    if text:
        problems.append(f"{number}: manifest.xml was altered, it has text that was not sealed")
    sealed = _sealed(seal, manifest)
    for tag in dict.fromkeys(element[0] for element in (*sealed, *stated)):
        problems += _difference(number, tag, *([one for one in each if one[0] == tag] for each in (stated, sealed)))
    return problems


def _parse(content):
    try:
        text = content.decode()
        # Exported files have none, and others could blow up the memory with its entities.
        if "<!DOCTYPE" in text:
            raise Unreadable("cannot be read (it has a document type)")
        return ElementTree.fromstring(text)
    except (ValueError, ElementTree.ParseError) as error:
        raise Unreadable(f"cannot be read ({error})") from error


def _difference(number, tag, stated, sealed):
    if stated == sealed:
        return []
    if tag == "Seal":
        return [f"{number}: manifest.xml was altered, its seal is another one"]
    if tag != "Documents":
        return [f"{number}: manifest.xml was altered, {tag} is not what was sealed"]
    documents = [{document for element in each for document in element[3]} for each in (stated, sealed)]
    names = {child[2] for document in documents[0] ^ documents[1] for child in document[3] if child[0] == FILE_NAME}
    words = f" ({', '.join(sorted(names))})" if names else ""
    return [f"{number}: manifest.xml was altered, its documents are not those that were sealed{words}"]


def _stated(element):
    children = tuple(_stated(child) for child in element)
    text = "".join([element.text or "", *(child.tail or "" for child in element)])
    return _element(element.tag.removeprefix(NAMESPACE), text, *children, **element.attrib)


def _element(tag, value="", /, *children, **attributes):
    return tag, tuple(sorted((key, _text(text)) for key, text in attributes.items())), _text(value), children


def _text(value):
    text = "" if value is None or value is False else str(value)
    return text if text.strip() else ""


def _sealed(seal, manifest):
    """Return the elements that the XML has to have."""

    def optional(tag, key):
        return [_element(tag, manifest[key])] if manifest.get(key) else []

    category = manifest.get("class") if isinstance(manifest.get("class"), dict) else {}
    agents = [_element("Agent", row.get("name"), role=row.get("role")) for row in _rows(manifest, "agents")]
    times = [_element("Time", row.get("time"), event=row.get("event")) for row in _rows(manifest, "times")]
    kinds = [_element("Kind", kind) for kind in _list(manifest, "missing")]
    return [
        _element("ArchivalCode", manifest.get("number")),
        _element("Title", manifest.get("title")),
        _element("FondsName", manifest.get("fonds")),
        _element("Category", category.get("name"), code=category.get("code")),
        _element("Year", manifest.get("year")),
        _element("RetentionPeriod", manifest.get("retention")),
        *optional("RetainUntil", "retain_until"),
        *optional("SupplementOf", "supplement_of"),
        _element("Agents", "", *agents),
        _element("Times", "", *times),
        *([_element("Missing", "", *kinds, reason=manifest.get("missing_reason"))] if kinds else []),
        _element("Documents", "", *(_document(item) for item in _rows(manifest, "items"))),
        _element(
            "Seal",
            "",
            _element("Position", seal["position"]),
            _element("PreviousDigest", seal["previous_hash"]),
            _element("Digest", seal["hash"]),
            algorithm="SHA-256",
        ),
    ]


def _document(item):
    optional = (("Description", "description"), ("Agent", "made_by"), ("CreatedOn", "created_on"), ("Remark", "remark"))
    return _element(
        "Document",
        "",
        _element("Title", item.get("title")),
        _element("Category", item.get("kind")),
        *(_element(tag, item[key]) for tag, key in optional if item.get(key)),
        _element(FILE_NAME, item.get("file")),
        _element("FormatName", item.get("format")),
        _element("ComputerFileSize", item.get("size")),
        _element("DigitalDigest", item.get("sha256"), algorithm="SHA-256"),
        number=item.get("number"),
    )


def _rows(manifest, key):
    return [row for row in _list(manifest, key) if isinstance(row, dict)]


def main(argv=None):
    """Check the archive named on the command line; see the description of this module.

    :return: exit code
    """
    parser = argparse.ArgumentParser(description="Check an exported order archive.")
    parser.add_argument("archive")
    parser.add_argument(
        "--seal", metavar="HASH", nargs="+", action="extend", default=[], help="seals that have to be in the archive"
    )
    arguments = parser.parse_args(argv)
    if hasattr(sys.stdout, "reconfigure"):
        # A terminal that has no Chinese still shows which file it is.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        problems = verify(arguments.archive, arguments.seal)
    except zipfile.BadZipFile as error:
        print(_printable(f"{arguments.archive}: is no ZIP file, or is cut off ({error})"))
        return 2
    except OSError as error:
        print(_printable(f"{arguments.archive}: cannot be read ({error.strerror or error})"))
        return 2
    for problem in problems:
        print(problem)
    print(_summary(len(problems)))
    return 1 if problems else 0


def _summary(count):
    if not count:
        return "Everything is as it was sealed."
    return "1 problem was found." if count == 1 else f"{count} problems were found."


if __name__ == "__main__":
    sys.exit(main())
