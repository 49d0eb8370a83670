"""Long files say why they are: that one which does not is noticed."""

import pytest

from devtools import length


@pytest.mark.parametrize(
    ("top", "lines", "noticed"),
    [
        ('"""Everything."""', 451, True),
        ('"""Everything."""', 450, False),
        ('"""Everything. One file,\nbecause all of it is one."""', 451, False),
        ("\n" * 20 + "# One file, because nobody looks here.", 500, True),
    ],
)
def test_long_file(tmp_path, monkeypatch, top, lines, noticed):
    monkeypatch.setattr(length, "ROOT", tmp_path)
    (tmp_path / "file.py").write_text(top + "\n" * (lines - top.count("\n")))
    assert bool(length.check()) == noticed


def test_no_file_is_long_without_a_reason():
    assert length.check() == []
