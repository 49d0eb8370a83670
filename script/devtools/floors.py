"""Floors of an addon: its models in one folder a matter, of which each names only what is on its own or a lower one."""

import ast
import re
from collections import defaultdict
from functools import cached_property

from .paths import ROOT, addons

PAGE = ROOT / "doc" / "floors.md"
DRAWN = ("<!-- drawn by script/lint --fix: {addon} -->", "<!-- end -->")
# What names fields of records by text.
BY_TEXT = frozenset({
    "Domain", "mapped", "filtered", "grouped", "sorted", "depends", "constrains", "onchange", "flush_recordset",
    "invalidate_recordset", "_read_group", "search_fetch", "fetch", "read",
})  # fmt: skip
PATH = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*( (asc|desc))?")


class Floors:
    """The floors of an addon, lowest first, and what is named from one on another."""

    def __init__(self, addon):
        self.folder = ROOT / addon / "models"
        source = self.folder / "__init__.py"
        tree = ast.parse(source.read_text())
        imported = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
        self.names = [name for name in imported if (self.folder / name).is_dir()]

    @cached_property
    def files(self):
        """The number of the floor by file."""
        return {
            file: number
            for number, name in enumerate(self.names)
            for file in sorted((self.folder / name).glob("*.py"))
            if file.name != "__init__.py"
        }

    @cached_property
    def _trees(self):
        return {file: ast.parse(file.read_text()) for file in self.files}

    @cached_property
    def _lowest(self):
        """The lowest floor on which a model, a field or a method is made, by its name."""
        found = {}
        for file, tree in self._trees.items():
            for made in (made for found_class in _classes(tree) for made in _made_in(found_class)):
                found[made] = min(found.get(made, self.files[file]), self.files[file])
        return found

    def upwards(self):
        """What is named from a lower floor: texts, each with where."""
        return [
            f"{file.relative_to(ROOT)}:{line}: {self.names[floor]} names “{name}” of {self.names[self._lowest[name]]}, "
            "which is above it"
            for file, floor in self.files.items()
            for line, name in sorted(set(_named(self._trees[file])))
            if self._lowest.get(name, -1) > floor
        ]

    def arrows(self):
        """The floors whose models, fields and methods each floor names, by their names."""
        found = defaultdict(set)
        for file, floor in self.files.items():
            for _line, name in _named(self._trees[file]):
                below = self._lowest.get(name, floor)
                if below < floor:
                    found[self.names[floor]].add(self.names[below])
        return {name: [below for below in self.names if below in found[name]] for name in reversed(self.names)}

    def drawing(self):
        """The arrows as text for the page of the documentation."""
        lines = ["```mermaid", "graph TD"]
        lines += [f"    {name} --> {below}" for name, found in self.arrows().items() for below in reversed(found)]
        return "\n".join([*lines, "```"])


def _classes(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def _made_in(found_class):
    """The names of what a class makes: a model, methods that extend none of below, fields of a model of below.

    Fields of a new model are left out: who reaches one has named the model, or a field that leads there.
    """
    said = {}
    for node in found_class.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__") and not _extends(node):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            said[node.targets[0].id] = node.value
    inherited = (
        [text.value for text in ast.walk(said["_inherit"]) if isinstance(text, ast.Constant)]
        if "_inherit" in said
        else []
    )
    model = said["_name"].value if "_name" in said else None
    if model and model not in inherited:
        yield model
        return
    for name, value in said.items():
        is_field = isinstance(value, ast.Call) and getattr(getattr(value.func, "value", None), "id", "") == "fields"
        # Another value of a selection is added to a field that is made below.
        if is_field and "selection_add" not in {keyword.arg for keyword in value.keywords}:
            yield name


def _extends(method):
    """Tell whether a method calls the one of below that it extends."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == method.name
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "super"
        for node in ast.walk(method)
    )


def _leads_anywhere(value, modules):
    """Tell whether what is named of a value may be of any floor: ``super()`` leads down alone, and modules nowhere."""
    of_below = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "super"
    return not of_below and getattr(value, "id", None) not in modules


def _named(tree):
    """Lines and names of the models, fields and methods that a file may name."""
    modules = {
        alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _leads_anywhere(node.value, modules):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
            yield node.lineno, node.value  # a model, or a path of fields
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = [keyword.value for keyword in node.keywords if keyword.arg in ("related", "order", "comodel_name")]
            if called in BY_TEXT:
                texts += node.args
            for text in texts:
                for path in ast.walk(text):
                    if isinstance(path, ast.Constant) and isinstance(path.value, str) and PATH.fullmatch(path.value):
                        yield from ((path.lineno, name) for name in path.value.split(" ")[0].split("."))


def check(fix):
    """Check that arrows point down, and that the page of the documentation shows them.

    :param fix: draw the page anew where it does not
    :return: what is to be complained about
    """
    complaints, page = [], PAGE.read_text()
    for addon in addons():
        floors = Floors(addon)
        if not floors.names:
            continue
        complaints += floors.upwards()
        begin = DRAWN[0].format(addon=addon)
        if begin not in page:
            complaints.append(f"{PAGE.relative_to(ROOT)} has no place for the floors of {addon}: write “{begin}”.")
            continue
        before, rest = page.split(begin)
        _old, after = rest.split(DRAWN[1], 1)
        drawn = f"{before}{begin}\n{floors.drawing()}\n{DRAWN[1]}{after}"
        if drawn != page and fix:
            PAGE.write_text(drawn)
            page = drawn
        elif drawn != page:
            complaints.append(
                f"{PAGE.relative_to(ROOT)} does not show the floors of {addon}: script/lint --fix draws them."
            )
    return complaints
