"""No addon gives a method a name that another one has for something else: Odoo would take one of them for both."""

import ast
from collections import defaultdict

from devtools import paths


def _methods(addon):
    """The methods of the models of an addon: model, name, whether it goes on with that of below, and where it is."""
    for file in sorted((paths.ROOT / addon).rglob("*.py")):
        if "tests" in file.parts:
            continue
        for found in ast.walk(ast.parse(file.read_text())):
            if isinstance(found, ast.ClassDef):
                for model in _models(found):
                    for method in found.body:
                        if isinstance(method, ast.FunctionDef):
                            where = f"{file.relative_to(paths.ROOT)}:{method.lineno}"
                            yield model, method.name, _goes_on(method), where


def _models(found):
    """The name of the model that a class makes or extends."""
    said = {
        node.targets[0].id: node.value
        for node in found.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    named = said.get("_name") or said.get("_inherit")
    return [named.value] if isinstance(named, ast.Constant) else []


def _goes_on(method):
    return any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == "super" for node in ast.walk(method))


def test_no_two_addons_mean_something_else_by_one_name():
    found = defaultdict(list)
    for addon in paths.addons():
        for model, name, goes_on, where in _methods(addon):
            found[model, name].append((goes_on, where))
    clashes = [places for places in found.values() if sum(not goes_on for goes_on, _where in places) > 1]
    assert clashes == []
