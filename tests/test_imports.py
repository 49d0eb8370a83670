"""Odoo's own runner runs the tests that an addon imports, and no others: every file of tests is imported."""

import ast

import pytest

from devtools import paths


def _imported(package):
    tree = ast.parse((package / "__init__.py").read_text())
    relative = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 1]
    return sorted(name.name for node in relative if not node.module for name in node.names)


@pytest.mark.parametrize("addon", paths.addons())
def test_every_file_of_tests_is_imported(addon):
    package = paths.ROOT / addon / "tests"
    assert sorted(file.stem for file in package.glob("test_*.py")) == _imported(package)
