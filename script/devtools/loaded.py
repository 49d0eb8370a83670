"""The code of the addons as Odoo has loaded it, damaged or made to tell what runs, for script/mutate."""

import ast
import contextlib
import inspect
import sys

from .paths import ROOT


def is_loaded(file):
    """Tell whether Odoo has loaded a file."""
    return _module_name(file) in sys.modules


def _module_name(file):
    return f"odoo.addons.{file.removesuffix('.py').replace('/', '.')}"


def _function(found):
    """The function that was written, whatever decorators and descriptors there are around it."""
    if isinstance(found, property):
        found = found.fget
    return inspect.unwrap(getattr(found, "__func__", found))


def _find(module, names):
    owner = vars(module)
    for name in names[:-1]:
        owner = vars(owner[name])
    return _function(owner[names[-1]])


def give_code(damage):
    """Give a function its damaged code."""
    function = _find(sys.modules[_module_name(damage.file)], damage.names)
    code = _code_of(compile(damage.do(), function.__code__.co_filename, "exec"), damage.names)
    if code.co_freevars != function.__code__.co_freevars:
        _keep_free_variable(damage)
        code = _code_of(compile(damage.do(), function.__code__.co_filename, "exec"), damage.names)
    function.__code__ = code


def tell_lines(file, told):
    """Let each statement of a file tell its line when it runs."""
    tree, module = ast.parse((ROOT / file).read_text()), sys.modules[_module_name(file)]
    module.__dict__["__ran__"] = told
    owners = [(tree, ()), *((node, (node.name,)) for node in tree.body if isinstance(node, ast.ClassDef))]
    functions = {
        (*above, node.name): node for owner, above in owners for node in owner.body if isinstance(node, ast.FunctionDef)
    }
    for node in [node for function in functions.values() for node in ast.walk(function)]:
        for name in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(node, name, None), list):
                block[:] = [part for statement in block for part in (_telling(statement), statement)]
    code = compile(ast.fix_missing_locations(tree), str(ROOT / file), "exec")
    for names in functions:
        with contextlib.suppress(KeyError, AttributeError):  # replaced by another one of its name
            _find(module, names).__code__ = _code_of(code, names)


def _telling(statement):
    call = ast.Call(ast.Name("__ran__", ast.Load()), [ast.Constant(statement.lineno)], [])
    return ast.copy_location(ast.Expr(ast.copy_location(call, statement)), statement)


def _code_of(code, names):
    for name in names:
        code = next(const for const in code.co_consts if inspect.iscode(const) and const.co_name == name)
    return code


def _keep_free_variable(damage):
    """A method that called super() and does not any more has to be one that could."""
    tree = damage.do()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == damage.names[-1]:
            node.body.append(ast.Expr(ast.Lambda(_no_arguments(), ast.Name("__class__", ast.Load()))))


def _no_arguments():
    return ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


def set_anew(damage):
    """Set what a class or a file sets once to its damaged value, wherever it was taken to."""
    module, tree = sys.modules[_module_name(damage.file)], damage.do()
    body = tree.body
    for name in damage.names[:-1]:
        body = next(node.body for node in body if isinstance(node, ast.ClassDef) and node.name == name)
    name = damage.names[-1]
    assigned = next(
        node for node in body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name
    )
    owner, known = module, dict(vars(module))
    for outer in damage.names[:-1]:
        owner = getattr(owner, outer)
        known |= vars(owner)
    before = vars(owner)[name]
    value = eval(compile(ast.Expression(assigned.value), damage.file, "eval"), known)
    setattr(owner, name, value)
    for other in list(sys.modules.values()):
        if getattr(other, "__name__", "").startswith("odoo.addons.order_policy") and vars(other).get(name) is before:
            setattr(other, name, value)
