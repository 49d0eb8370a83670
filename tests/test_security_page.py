"""Each test that doc/security.md names as a proof is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROOFS = re.findall(r"`([\w/]*test_\w+\.py)(?:::(\w+)(?:\.(\w+))?)?`", (ROOT / "doc/security.md").read_text())


def test_page_names_proofs():
    assert len(PROOFS) > 30


@pytest.mark.parametrize(("path", "case", "test"), PROOFS)
def test_proof_is_there(path, case, test):
    file = ROOT / path if "/" in path else ROOT / "order_policy/tests" / path
    names = {
        node.name: {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    assert not case or case in names
    assert not test or test in names[case]
