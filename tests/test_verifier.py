"""The script inside an exported archive finds what was altered, without Odoo."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest

ARCHIVE = Path(__file__).parents[1] / "order_policy" / "static" / "archive"
SPEC = importlib.util.spec_from_file_location("verify", ARCHIVE / "verify.py")
verify = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(verify)

XML = """<Dossier xmlns="urn:order-policy:dossier:1" kind="dossier"><ArchivalCode>{number}</ArchivalCode>
<Title>{title}</Title><FondsName>{fonds}</FondsName><Category code="XS">Sales Orders</Category><Year>{year}</Year>
<RetentionPeriod>{retention}</RetentionPeriod><RetainUntil>{retain_until}</RetainUntil>
<Agents><Agent role="customer">Li &amp; Sons</Agent></Agents>
<Times><Time event="sealed">2026-11-25 10:00:00</Time></Times>
<Missing reason="{missing_reason}"><Kind>Contract</Kind></Missing><Documents>
<Document number="1"><Title>letter.txt</Title><Category>Order Original</Category><Description>By post</Description>
<ComputerFileName>001 letter.txt</ComputerFileName><FormatName>text/plain</FormatName>
<ComputerFileSize>{size}</ComputerFileSize><DigitalDigest algorithm="SHA-256">{sha256}</DigitalDigest></Document>
</Documents><Seal algorithm="SHA-256"><Position>{position}</Position><PreviousDigest>{previous}</PreviousDigest>
<Digest>{digest}</Digest></Seal></Dossier>"""
FIRST = "XS-2026-0001"
LETTER = f"{FIRST}/files/001 letter.txt"


def _dossier(position, previous):
    """Return the members of a dossier and its line of the register."""
    letter = f"We order {position} desks.".encode()
    number, digest = f"XS-2026-{position:04d}", hashlib.sha256(letter).hexdigest()
    manifest = {
        "format": "order_policy dossier 1", "kind": "dossier", "number": number, "title": "S00012",
        "fonds": "Nanhai Furniture", "class": {"code": "XS", "name": "Sales Orders"}, "year": 2026,
        "retention": "30 years", "retain_until": "2056-12-31", "supplement_of": None,
        "agents": [{"role": "customer", "name": "Li & Sons"}],
        "times": [{"event": "sealed", "time": "2026-11-25 10:00:00"}],
        "missing": ["Contract"], "missing_reason": "Lost in the mail", "order": {}, "records": [],
        "items": [{"number": 1, "kind": "Order Original", "title": "letter.txt", "description": "By post",
                   "file": "001 letter.txt", "format": "text/plain", "size": len(letter), "sha256": digest,
                   "created_on": "", "made_by": ""}],
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

    def pack_and_verify(*seals, more=()):
        path = tmp_path / "archive.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in (*members.items(), *more):
                archive.writestr(name, content)
        return "\n".join(verify.verify(path, seals))

    return pack_and_verify


def _seals(members):
    return json.loads(members["register.json"])["seals"]


def _set_seals(members, seals):
    members["register.json"] = json.dumps({"format": verify.FORMAT, "seals": seals}).encode()


def _reseal(members, content):
    """Put another manifest into the first dossier, with a seal that fits."""
    members[f"{FIRST}/manifest.json"] = content
    seals = _seals(members)
    seals[0]["hash"] = hashlib.sha256(content).hexdigest()
    _set_seals(members, seals)


def _edit_manifest(members, **values):
    manifest = json.loads(members[f"{FIRST}/manifest.json"])
    _reseal(members, json.dumps({**manifest, **values}).encode())


def _edit_zip(path, old, new):
    """Alter the bytes of a packed archive, where its checksums do not follow."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def _run(*arguments):
    command = [sys.executable, ARCHIVE / "verify.py", *arguments]
    # As in a terminal that knows no Chinese.
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_what_was_sealed_passes(members, problems, tmp_path):
    seals = [seal["hash"] for seal in _seals(members)]
    assert problems(*seals) == ""
    for arguments in ([], ["--seal", *seals], ["--seal", seals[0], "--seal", f" {seals[1].upper()} "]):
        outcome = _run(tmp_path / "archive.zip", *arguments)
        assert (outcome.returncode, outcome.stdout) == (0, "Everything is as it was sealed.\n")


def test_script_names_problems(members, problems, tmp_path):
    members[f"{FIRST}/files/002 订单\nEverything is fine.txt"] = b"more"
    problems()
    outcome = _run(tmp_path / "archive.zip")
    name = f"{FIRST}/files/002 \\u8ba2\\u5355\\nEverything is fine.txt"
    assert outcome.stdout == f"{name}: is not part of what was sealed\n1 problem was found.\n"
    assert (outcome.returncode, outcome.stderr) == (1, "")


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (LETTER, b"We order 9 desks.", f"{FIRST}: 001 letter.txt was altered, it is not the file"),
        (LETTER, b"We order", f"{FIRST}: 001 letter.txt was altered, it has 8 bytes instead of 17"),
        (LETTER, None, f"{FIRST}: 001 letter.txt is missing"),
        (f"{FIRST}/files/002 more.txt", b"more", f"{FIRST}/files/002 more.txt: is not part of what was sealed"),
        ("XS-2026-0003/", b"", "XS-2026-0003/: is not part of what was sealed"),
        (f"{FIRST}/files/", b"hidden", f"{FIRST}/files/: is not part of what was sealed"),
        (f"{FIRST}/manifest.json", b"{", f"{FIRST}: manifest.json: cannot be read"),
        (f"{FIRST}/manifest.json", b"\xff", f"{FIRST}: manifest.json: cannot be read"),
        (f"{FIRST}/manifest.json", b"[" * 100_000, f"{FIRST}: manifest.json: cannot be read"),
        (f"{FIRST}/manifest.json", None, f"{FIRST}: manifest.json: is missing"),
        (f"{FIRST}/manifest.json", b"{}", f"{FIRST}: manifest.json was altered"),
        (f"{FIRST}/manifest.xml", b"<a", f"{FIRST}: manifest.xml cannot be read"),
        (f"{FIRST}/manifest.xml", b"<a/>", f"{FIRST}: manifest.xml cannot be read (it describes no dossier)"),
        (f"{FIRST}/manifest.xml", b"<!DOCTYPE a><a/>", "manifest.xml cannot be read (it has a document type)"),
        (f"{FIRST}/manifest.xml", b'<?xml version="1.0" encoding="x"?>\xff', "manifest.xml cannot be read"),
        (f"{FIRST}/manifest.xml", None, f"{FIRST}: manifest.xml is missing"),
        ("register.json", None, "register.json: is missing"),
        ("register.json", b"[]", "register.json: cannot be read"),
        ("register.json", b"{}", "register.json: has no list of seals"),
        ("register.json", b'{"format": "x", "seals": []}', "register.json: is of an unknown format"),
        ("register.json", b'{"seals": [1]}', "register.json: line 1 of the register cannot be read"),
        ("dossier.xsd", None, "dossier.xsd: is missing"),
        ("../evil.txt", b"x", "../evil.txt: leads out of the archive"),
        ("/evil.txt", b"x", "/evil.txt: leads out of the archive"),
    ],
)
def test_tampering_is_named(members, problems, name, content, found):
    members[name] = content
    if content is None:
        del members[name]
    assert found in problems()


def test_member_that_is_there_twice_is_named(problems):
    with pytest.warns(UserWarning, match="Duplicate name"):
        assert problems(more=[(LETTER, b"We order 1 desks.")]) == f"{LETTER}: is in the archive more than once"


def test_folders_that_other_programs_add_are_no_problem(problems):
    assert problems(more=[(f"{FIRST}/", b""), (f"{FIRST}/files/", b"")]) == ""


def test_edited_manifest_is_named(members, problems):
    members[f"{FIRST}/manifest.json"] = members[f"{FIRST}/manifest.json"].replace(b"30 years", b"10 years")
    found = problems()
    assert f"{FIRST}: manifest.json was altered" in found
    assert "RetentionPeriod is not what was sealed" in found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"number": "XS-2026-0009"}, "manifest.json is that of XS-2026-0009"),
        ({"kind": "supplement"}, "manifest.json is not of the kind that the register says"),
        ({"format": "x"}, "manifest.json is of an unknown format"),
        ({"year": "2026", "class": 1, "agents": [1]}, "has it wrong (class, year)"),
        ({"items": None}, "has it wrong (items)"),
        ({"items": [1]}, "manifest.json names a file without its size"),
        ({"items": [{"file": "001 letter.txt", "size": True}]}, "(001 letter.txt: number, title, size, sha256)"),
        ({"items": 2 * [{"number": 1, "title": "", "file": "a", "size": 1, "sha256": ""}]}, "names a more than once"),
        ({"items": [{"number": 1, "title": "", "file": "../a", "size": 1, "sha256": ""}]}, "is not the name of a file"),
        ({"missing": []}, "manifest.xml was altered, Missing is not what was sealed"),
    ],
)
def test_manifest_that_was_sealed_anew_is_checked(members, problems, values, found):
    _edit_manifest(members, **values)
    assert f"{FIRST}: " in problems()
    assert found in problems()


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (b"<ComputerFileName>001", b"<ComputerFileName>007", "are not those that were sealed (001 letter.txt, 007 let"),
        (b"<ComputerFileSize>1", b"<ComputerFileSize>2", "documents are not those that were sealed (001 letter.txt)"),
        (b'<DigitalDigest algorithm="SHA-256">', b'<DigitalDigest algorithm="MD5">', "its documents are not those"),
        (b"<ArchivalCode>XS", b"<ArchivalCode>CG", "ArchivalCode is not what was sealed"),
        (b"<Year>2026", b"<Year>2025", "Year is not what was sealed"),
        (b"<Title>S00012</Title>", b"<Title>S00012</Title><Title>S00013</Title>", "Title is not what was sealed"),
        (b'role="customer"', b'role="customer" tag="a" value="b"', "Agents is not what was sealed"),
        (b"<Agents>", b"<Agents>Somebody", "Agents is not what was sealed"),
        (b"</Dossier>", b"<Note>Paid</Note></Dossier>", "Note is not what was sealed"),
        (b"</Dossier>", b"Paid</Dossier>", "it has text that was not sealed"),
        (b'kind="dossier"', b'kind="supplement"', "its kind is not what was sealed"),
        (b"<Position>1", b"<Position>2", "its seal is another one"),
    ],
)
def test_edited_xml_is_named(members, problems, old, new, found):
    name = f"{FIRST}/manifest.xml"
    assert old in members[name]
    members[name] = members[name].replace(old, new)
    assert problems().startswith(f"{FIRST}: manifest.xml was altered, ")
    assert found in problems()


def test_resealed_dossier_breaks_the_chain(members, problems):
    _reseal(members, members[f"{FIRST}/manifest.json"].replace(b"30 years", b"10 years"))
    found = problems()
    assert f"XS-2026-0002: the chain is broken, its seal does not cover {FIRST}" in found
    assert "manifest.json was altered" not in found


def test_register_out_of_order_is_named(members, problems):
    _set_seals(members, _seals(members)[::-1])
    assert f"{FIRST}: the register is not in the order of the seals" in problems()


def test_swapped_positions_are_named(members, problems):
    first, second = _seals(members)
    _set_seals(members, [{**first, "position": 2}, {**second, "position": 1}])
    found = problems()
    assert "XS-2026-0002: the first seal covers another one" in found
    assert f"{FIRST}: the chain is broken, its seal does not cover another one" in found
    assert "XS-2026-0002: the register is not in the order of the seals" in found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"previous_hash": "\ud800"}, f"{FIRST}: the first seal covers another one"),
        ({"number": "\ud800"}, f"\\ud800: manifest.json is that of {FIRST}"),
        ({"position": 0}, f"{FIRST}: the register is wrong, there is no position 0"),
        ({"position": True}, "line 1 of the register cannot be read (position)"),
        ({"hash": None}, "line 1 of the register cannot be read (hash)"),
        ({"folder": "XS-2026-0002"}, "XS-2026-0002: is the folder of several dossiers"),
    ],
)
def test_wrong_register_is_named(members, problems, values, found):
    first, second = _seals(members)
    _set_seals(members, [{**first, **values}, second])
    assert found in problems()


def test_dossiers_that_do_not_follow_each_other_pass(members, problems):
    first, second = _dossier(1, ""), _dossier(2, "0" * 64)
    third = _dossier(3, second[1]["hash"])
    for name in [name for name in members if "/" in name]:
        del members[name]
    members.update({**first[0], **third[0]})
    _set_seals(members, [first[1], third[1]])
    assert problems() == ""


def test_seal_that_is_not_there_is_named(problems, tmp_path):
    assert problems("12ab") == "seal 12ab: no dossier with this seal is in the archive"
    assert _run(tmp_path / "archive.zip", "--seal", "12ab").returncode == 1


def test_what_cannot_be_opened_is_refused(problems, tmp_path, capsys):
    problems()
    truncated, text = tmp_path / "archive.zip", tmp_path / "text.zip"
    truncated.write_bytes(truncated.read_bytes()[:-200])
    text.write_text("no ZIP")
    for path in (truncated, text):
        assert verify.main([str(path)]) == 2
        assert f"{path}: is no ZIP file, or is cut off" in capsys.readouterr().out
    assert verify.main([str(tmp_path / "none.zip")]) == 2
    assert "none.zip: cannot be read (No such file" in capsys.readouterr().out


def test_list_of_members_that_is_damaged_is_refused(members, problems, tmp_path):
    members[f"{FIRST}/files/订.txt"] = b""
    problems()
    _edit_zip(tmp_path / "archive.zip", "订".encode(), b"\xff\xff\xff")
    assert verify.main([str(tmp_path / "archive.zip")]) == 2


def test_member_that_is_damaged_is_named(members, problems, tmp_path):
    problems()
    path = tmp_path / "archive.zip"
    _edit_zip(path, members[LETTER], members[LETTER][::-1])
    assert f"{FIRST}: 001 letter.txt is damaged" in "\n".join(verify.verify(path))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressed_member_that_is_damaged_is_named(members, problems, tmp_path, method):
    path, letter = tmp_path / "archive.zip", members.pop(LETTER)
    problems()
    with zipfile.ZipFile(path, "a", method) as archive:
        archive.writestr(LETTER, letter)
        info = archive.getinfo(LETTER)
    assert verify.verify(path) == []
    content = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len(LETTER)
    content[start : start + info.compress_size] = b"\xff" * info.compress_size
    path.write_bytes(content)
    assert f"{FIRST}: 001 letter.txt is damaged" in "\n".join(verify.verify(path))


def test_encrypted_member_is_named(problems, tmp_path):
    problems()
    path = tmp_path / "archive.zip"
    content = bytearray(path.read_bytes())
    # The flags of the member are eight bytes into its line in the list of members, its name 46.
    content[content.rindex(LETTER.encode()) - 46 + 8] |= 1
    path.write_bytes(content)
    assert f"{FIRST}: 001 letter.txt is encrypted" in "\n".join(verify.verify(path))


def test_documents_are_not_loaded(members, problems, tmp_path):
    """A document that is larger than a piece is read piece by piece."""
    members[LETTER] = bytes(32 * verify.CHUNK)
    problems()
    del members[LETTER]
    tracemalloc.start()
    try:
        assert "it has 33554432 bytes instead of 17" in "\n".join(verify.verify(tmp_path / "archive.zip"))
        assert tracemalloc.get_traced_memory()[1] < 8 * verify.CHUNK
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Year>2026</Year>", b"<Year>soon</Year>"),
        (b"<Year>2026</Year>", b""),
        (b' kind="dossier"', b""),
        (b'<Document number="1">', b'<Document number="0">'),
        (b'<DigitalDigest algorithm="SHA-256">', b'<DigitalDigest algorithm="MD5">'),
        (b"<Digest>", b"<Digest>g"),
        (b"<Agents>", b"<Note/><Agents>"),
    ],
)
def test_xml_follows_its_schema(members, old, new):
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(ARCHIVE / "dossier.xsd"))
    for number in (FIRST, "XS-2026-0002"):
        schema.assertValid(etree.fromstring(members[f"{number}/manifest.xml"]))
    good = members[f"{FIRST}/manifest.xml"]
    assert old in good
    assert not schema.validate(etree.fromstring(good.replace(old, new)))
