import hashlib
import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ARCHIVE = Path(__file__).parents[1] / "order_policy" / "static" / "archive"
SPEC = importlib.util.spec_from_file_location("verify", ARCHIVE / "verify.py")
verify = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(verify)

XML = """<Dossier xmlns="urn:order-policy:dossier:1" kind="dossier"><ArchivalCode>{number}</ArchivalCode>
<Title>{title}</Title><FondsName>{fonds}</FondsName><Category code="XS">Sales Orders</Category><Year>{year}</Year>
<RetentionPeriod>{retention}</RetentionPeriod><RetainUntil>{retain_until}</RetainUntil><Agents/><Times/><Documents>
<Document number="1"><Title>letter.txt</Title><Category>Order Original</Category>
<ComputerFileName>001 letter.txt</ComputerFileName><FormatName>text/plain</FormatName>
<ComputerFileSize>{size}</ComputerFileSize><DigitalDigest algorithm="SHA-256">{sha256}</DigitalDigest></Document>
</Documents><Seal algorithm="SHA-256"><Position>{position}</Position><PreviousDigest>{previous}</PreviousDigest>
<Digest>{digest}</Digest></Seal></Dossier>"""


def _dossier(position, previous):
    """Return the members of a dossier and its line of the register."""
    letter = f"We order {position} desks.".encode()
    number, digest = f"XS-2026-{position:04d}", hashlib.sha256(letter).hexdigest()
    manifest = {
        "format": "order_policy dossier 1", "kind": "dossier", "number": number, "title": "S00012",
        "fonds": "Nanhai Furniture", "class": {"code": "XS", "name": "Sales Orders"}, "year": 2026,
        "retention": "30 years", "retain_until": "2056-12-31", "supplement_of": None,
        "items": [{"number": 1, "kind": "Order Original", "title": "letter.txt", "file": "001 letter.txt",
                   "format": "text/plain", "size": len(letter), "sha256": digest}],
    }  # fmt: skip
    content = json.dumps(manifest, sort_keys=True)
    seal = hashlib.sha256((previous + content).encode()).hexdigest()
    xml = XML.format(**manifest, size=len(letter), sha256=digest, position=position, previous=previous, digest=seal)
    members = {
        f"{number}/manifest.json": content.encode(),
        f"{number}/manifest.xml": xml.encode(),
        f"{number}/files/001 letter.txt": letter,
    }
    line = {"position": position, "kind": "dossier", "number": number, "folder": number,
            "previous_hash": previous, "hash": seal}  # fmt: skip
    return members, line


@pytest.fixture
def members():
    """Return the members of an archive of two dossiers, by name."""
    first, first_line = _dossier(1, "")
    second, second_line = _dossier(2, first_line["hash"])
    register = {"format": "order_policy archive 1", "seals": [first_line, second_line]}
    top = {name: (ARCHIVE / name).read_bytes() for name in ("dossier.xsd", "verify.py")}
    return {"register.json": json.dumps(register).encode(), **top, **first, **second}


@pytest.fixture
def problems(members, tmp_path):
    """Return a function that packs the members and tells what the verifier finds."""

    def pack_and_verify(*seals):
        path = tmp_path / "archive.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return "\n".join(verify.verify(path, seals))

    return pack_and_verify


def _register(members):
    return json.loads(members["register.json"])


def test_what_was_sealed_passes(members, problems, tmp_path):
    seal = _register(members)["seals"][1]["hash"]
    assert problems(seal) == ""
    command = [sys.executable, ARCHIVE / "verify.py", tmp_path / "archive.zip", "--seal", seal]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout) == (0, "Everything is as it was sealed.\n")


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("XS-2026-0001/files/001 letter.txt", b"We order 9 desks.", "001 letter.txt was altered, it is not the file"),
        ("XS-2026-0001/files/001 letter.txt", b"We order", "001 letter.txt was altered, it has 8 bytes"),
        ("XS-2026-0001/files/001 letter.txt", None, "XS-2026-0001: 001 letter.txt is missing"),
        ("XS-2026-0001/files/002 more.txt", b"more", "002 more.txt: is not part of what was sealed"),
        ("XS-2026-0001/manifest.json", b"{", "manifest.json: cannot be read"),
        ("XS-2026-0001/manifest.json", None, "manifest.json: is missing"),
        ("XS-2026-0001/manifest.json", b'{"number": "XS-2026-0001", "items": [1]}', "names a file without its size"),
        ("XS-2026-0001/manifest.xml", b"<a", "manifest.xml cannot be read"),
        ("XS-2026-0001/manifest.xml", None, "manifest.xml is missing"),
        ("register.json", None, "register.json: is missing"),
        ("register.json", b"[]", "register.json: cannot be read"),
        ("register.json", b'{"format": "x", "seals": [1]}', "unknown format"),
        ("../evil.txt", b"x", "leads out of the archive"),
    ],
)
def test_tampering_is_named(members, problems, name, content, found):
    members[name] = content
    if content is None:
        del members[name]
    assert found in problems()


def test_edited_manifest_is_named(members, problems):
    members["XS-2026-0001/manifest.json"] = members["XS-2026-0001/manifest.json"].replace(b"30 years", b"10 years")
    found = problems()
    assert "XS-2026-0001: manifest.json was altered" in found
    assert "RetentionPeriod is not what was sealed" in found


def test_edited_xml_is_named(members, problems):
    name = "XS-2026-0001/manifest.xml"
    members[name] = members[name].replace(b"<ComputerFileName>001", b"<ComputerFileName>007")
    assert "its documents are not those that were sealed" in problems()


def test_resealed_dossier_breaks_the_chain(members, problems):
    name, register = "XS-2026-0001/manifest.json", _register(members)
    members[name] = members[name].replace(b"30 years", b"10 years")
    register["seals"][0]["hash"] = hashlib.sha256(members[name]).hexdigest()
    members["register.json"] = json.dumps(register).encode()
    assert "XS-2026-0002: the chain is broken, its seal does not cover XS-2026-0001" in problems()


def test_register_out_of_order_is_named(members, problems):
    register = _register(members)
    register["seals"].reverse()
    members["register.json"] = json.dumps(register).encode()
    assert "not in the order of the seals" in problems()


def test_seal_that_is_not_there_is_named(problems):
    assert "seal 12ab: no dossier with this seal" in problems("12ab")


def test_truncated_archive_is_refused(problems, tmp_path, capsys):
    problems()
    path = tmp_path / "archive.zip"
    path.write_bytes(path.read_bytes()[:-200])
    assert verify.main([str(path)]) == 2
    assert "is no ZIP file, or is cut off" in capsys.readouterr().out


def test_member_that_is_damaged_is_named(members, problems, tmp_path):
    problems()
    path = tmp_path / "archive.zip"
    content = members["XS-2026-0001/files/001 letter.txt"]
    path.write_bytes(path.read_bytes().replace(content, content[::-1]))
    assert "001 letter.txt is damaged" in "\n".join(verify.verify(path))


def test_xml_follows_its_schema(members):
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(ARCHIVE / "dossier.xsd"))
    good = members["XS-2026-0001/manifest.xml"]
    schema.assertValid(etree.fromstring(good))
    assert not schema.validate(etree.fromstring(good.replace(b"<Year>2026</Year>", b"<Year>soon</Year>")))
