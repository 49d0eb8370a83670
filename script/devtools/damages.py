"""The small damages that script/mutate does: each changes one place of the code, or opens one right in a database."""

import ast
import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatch
from xml.etree import ElementTree

from .paths import ROOT, addons

FOLDERS = ("models", "wizard", "controllers")
# What is said or logged decides nothing.
SAYING = ("_", "_lt", "_logger")
# What a class says about itself is built into the database when the addon is installed.
DECLARING = ("_name", "_inherit", "_inherits", "_description", "_order", "_rec_name", "_rec_names_search", "_table")
TURNED = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr}
LITERALS = (ast.List, ast.Tuple, ast.Set, ast.Dict)
MODES = ("read", "write", "create", "unlink")


@dataclass
class Damage:
    """One damage: what it does, where, and whatever the tests are found by that may notice it."""

    file: str
    line: int
    place: str
    what: str

    @property
    def key(self):
        """Names the damage as long as the code there stays, wherever it moves to."""
        return f"{self.file} {self.place}: {self.what}"

    def __str__(self):
        return f"{self.file}:{self.line} {self.place}: {self.what}"


@dataclass
class CodeDamage(Damage):
    """A damage in the code of a method, or of what is set once for a class or a file."""

    inside_line: int  # where the statement begins that it is in
    last_line: int
    holder: object  # a node and the name of its attribute, or a list and a position
    position: object
    damaged: object
    tree: ast.Module
    names: tuple  # of the class and the method, or of what is set
    is_set_once: bool = False

    def do(self):
        if isinstance(self.holder, list):
            self.holder[self.position] = self.damaged
        else:
            setattr(self.holder, self.position, self.damaged)
        return ast.fix_missing_locations(self.tree)


@dataclass
class RightDamage(Damage):
    """A record rule or a line of access rights that is opened in the database."""

    statement: str
    checked: str  # "rule MODEL" or "access MODEL MODE"


def every_damage(pattern=None):
    """All damages that are known, in an order that stays; those of files like the pattern alone if there is one."""
    used, declaring = usages(), _declaring()
    found = [damage for file in code_files() for damage in _of_code(file, used, declaring)]
    for addon in addons():
        found += _of_rights(ROOT / addon / "security")
    return [damage for damage in found if not pattern or fnmatch(damage.file, f"*{pattern}*")]


# The code


def code_files():
    return [file for addon in addons() for folder in FOLDERS for file in sorted((ROOT / addon / folder).rglob("*.py"))]


def usages():
    """Where methods use a name: file and line of the statement."""
    found = defaultdict(list)
    for file in code_files():
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef):
                for statement in function.body:
                    for name, line in _names_in(statement):
                        found[name].append((str(file.relative_to(ROOT)), line))
    return found


def _declaring():
    """Names that decorators use: what methods depend on, or constrain."""
    return {
        name
        for file in code_files()
        for function in ast.walk(ast.parse(file.read_text()))
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        for name, _line in _names_in(ast.Expr(decorator, lineno=decorator.lineno))
    }


def _names_in(statement):
    for node in ast.iter_child_nodes(statement):
        if isinstance(node, (ast.stmt, ast.excepthandler)):
            yield from _names_in(node)
        else:
            for part in ast.walk(node):
                name = getattr(part, "attr", None) or getattr(part, "id", None)
                if isinstance(name, str):
                    yield name, statement.lineno


def _of_code(file, used, declaring):
    tree = ast.parse(file.read_text())
    name = str(file.relative_to(ROOT))
    for holder in (tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))):
        above = (holder.name,) if isinstance(holder, ast.ClassDef) else ()
        for statement in holder.body:
            if isinstance(statement, ast.FunctionDef):
                if statement.name in declaring and statement.name not in used:
                    continue  # it is asked once, when the addon is loaded
                names, edits = (*above, statement.name), _in_block(statement.body, outermost=True)
            elif _is_set_once(statement) and statement.targets[0].id in used:
                names = (*above, statement.targets[0].id)
                edits = ((statement, *edit) for edit in _in_literals(statement, "value", statement.value))
            else:
                continue
            for inside, node, after, position, holder_of_node in edits:
                yield CodeDamage(
                    file=name,
                    line=node.lineno,
                    place=".".join(names),
                    what=_words(node, after),
                    inside_line=inside.lineno,
                    last_line=max(inside.lineno, node.end_lineno),
                    holder=holder_of_node,
                    position=position,
                    damaged=after,
                    tree=tree,
                    names=names,
                    is_set_once=not isinstance(statement, ast.FunctionDef),
                )


def _words(before, after):
    if isinstance(after, ast.Pass):
        return f"dropped: {_short(before)}"
    if hasattr(after, "takes_out"):
        return f"taken out: {_short(before)}"
    return f"{_short(before)} -> {_short(after)}"


def _short(node):
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 160 else f"{text[:157]}..."


def _is_set_once(statement):
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id not in DECLARING
        and not _calls(statement.value, "fields", "models")
    )


def _calls(node, *names):
    """Whether a node calls something of one of these names."""
    return isinstance(node, ast.Call) and any(
        re.match(rf"(.*\.)?{re.escape(name)}(\.|$)", ast.unparse(node.func)) for name in names
    )


def _in_block(block, outermost=False):
    """Damages in a list of statements: statement, node, what it becomes, where it is in what."""
    for position, statement in enumerate(block):
        last = outermost and position == len(block) - 1
        if _can_be_dropped(statement, last):
            yield statement, statement, ast.Pass(lineno=statement.lineno, col_offset=0), position, block
        for name, value in ast.iter_fields(statement):
            if name in ("body", "orelse", "finalbody"):
                yield from _in_block(value)
            elif name == "handlers":
                for handler in value:
                    yield from _in_block(handler.body)
            elif not isinstance(statement, (ast.Raise, ast.FunctionDef)) and name != "targets":
                for edit in _in_value(statement, name, value):
                    yield (statement, *edit)


def _can_be_dropped(statement, last):
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call) and not _calls(statement.value, *SAYING, "ensure_one")
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in statement.targets)
    if isinstance(statement, ast.Return):
        return not last
    return isinstance(statement, (ast.Raise, ast.AugAssign, ast.Continue, ast.Break))


def _in_value(holder, name, value):
    """Damages in an attribute of a node, which is an expression or a list of some."""
    if isinstance(value, list):
        for position, node in enumerate(value):
            if isinstance(node, ast.AST):
                yield from _in_expression(value, position, node, isinstance(holder, ast.comprehension))
    elif isinstance(value, ast.AST):
        yield from _in_expression(holder, name, value, name == "test")


def _in_expression(holder, position, node, is_condition=False):
    if _calls(node, *SAYING) or isinstance(node, (ast.JoinedStr, ast.arguments)):
        return
    for damaged in _turned(node, is_condition):
        yield node, damaged, position, holder
    yield from _without_one(holder, position, node)
    for name, value in ast.iter_fields(node):
        yield from _in_value(node, name, value)


def _turned(node, is_condition):
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for operator in TURNED[type(node.ops[0])]:
            yield ast.Compare(node.left, [operator()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for operand in node.values:
            others = [value for value in node.values if value is not operand]
            yield ast.BoolOp(node.op, others) if others[1:] else others[0]
    elif isinstance(node, ast.BinOp) and type(node.op) in OTHER and not _is_text_or_list(node):
        yield ast.BinOp(node.left, OTHER[type(node.op)](), node.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif is_condition and isinstance(node, ast.expr):
        yield ast.UnaryOp(ast.Not(), node)


def _is_text_or_list(node):
    return any(
        isinstance(side, (*LITERALS, ast.JoinedStr, ast.ListComp))
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        or (isinstance(side, ast.BinOp) and _is_text_or_list(side))
        for side in (node.left, node.right)
    )


def _in_literals(holder, position, node):
    """Damages of what is set once: entries that are taken out, however deep."""
    yield from _without_one(holder, position, node)
    for name, value in ast.iter_fields(node):
        for index, inner in enumerate(value) if isinstance(value, list) else ((name, value),):
            if isinstance(inner, ast.expr):
                yield from _in_literals(value if isinstance(value, list) else node, index, inner)


def _without_one(holder, position, node):
    """The literal without one of its entries, for each."""
    if isinstance(node, ast.Dict):
        entries = list(zip(node.keys, node.values, strict=True))
        for entry in entries:
            rest = [other for other in entries if other is not entry]
            damaged = ast.Dict([key for key, _value in rest], [value for _key, value in rest])
            yield entry[0] or entry[1], _taken_out(damaged), position, holder
    elif isinstance(node, (ast.List, ast.Set, ast.Tuple)) and _is_collection(node):
        for entry in node.elts:
            rest = [other for other in node.elts if other is not entry]
            empty = ast.Call(ast.Name("set", ast.Load()), [], [])
            damaged = empty if isinstance(node, ast.Set) and not rest else type(node)(rest)
            if not isinstance(node, ast.Set):
                damaged.ctx = ast.Load()
            yield entry, _taken_out(damaged), position, holder


def _taken_out(damaged):
    damaged.takes_out = True
    return damaged


def _is_collection(node):
    """Whether a literal is a set of things, rather than a domain's term or several values that belong together."""
    if isinstance(getattr(node, "ctx", None), ast.Store) or not node.elts:
        return False
    texts = [entry.value for entry in node.elts if isinstance(entry, ast.Constant)]
    if isinstance(node, ast.Tuple):
        return len(texts) == len(node.elts) and not (len(texts) == 3 and texts[1] in ("=", "!=", "in", "not in"))
    return not {"|", "&", "!"} & set(filter(lambda text: isinstance(text, str), texts))


# The rights


def _of_rights(folder):
    for file in sorted(folder.glob("*.xml")):
        yield from _of_rules(file)
    for file in sorted(folder.glob("*.csv")):
        yield from _of_access(file)


def _of_rules(file):
    addon, lines = file.parts[-3], file.read_text().splitlines()
    for rule in ElementTree.parse(file).iter("record"):
        if rule.get("model") != "ir.rule":
            continue
        model = rule.find("field[@name='model_id']")
        if model is None or rule.find("field[@name='domain_force']") is None:
            continue
        name = rule.get("id")
        yield RightDamage(
            file=str(file.relative_to(ROOT)),
            line=_line_of(f'"{name}"', lines),
            place=name,
            what="opened",
            statement=f"UPDATE ir_rule SET domain_force = NULL WHERE id = ({_id_of(addon, name)})",
            checked=f"rule {_model_of(model.get('ref'))}",
        )


def _of_access(file):
    addon, lines = file.parts[-3], file.read_text().splitlines()
    for row in csv.DictReader(lines):
        for mode in MODES:
            if row[f"perm_{mode}"] == "0":
                yield RightDamage(
                    file=str(file.relative_to(ROOT)),
                    line=_line_of(row["id"], lines),
                    place=row["id"],
                    what=f"{mode} opened",
                    statement=f"UPDATE ir_model_access SET perm_{mode} = true WHERE id = ({_id_of(addon, row['id'])})",
                    checked=f"access {_model_of(row.get('model_id:id') or row['model_id/id'])} {mode}",
                )


def _line_of(text, lines):
    return next(number for number, line in enumerate(lines, 1) if text in line)


def _id_of(addon, name):
    module, _dot, name = name.rpartition(".")
    return f"SELECT res_id FROM ir_model_data WHERE module = '{module or addon}' AND name = '{name}'"


def _model_of(reference):
    """The technical name of a model as its external identifier writes it; dots and underscores are not told apart."""
    return reference.rpartition(".")[2].removeprefix("model_")
