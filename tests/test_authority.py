"""Whoever calls a method, its authority is checked before it works as superuser: in the method itself, for all to see.

A client calls public methods, onchanges and routes with records and values of its choice. Methods behind them, which no
client reaches, rely on that check.
"""

import ast

import pytest

from devtools import paths

# Names of what tells whether a person may do something, beside ``_check_...``.
CHECKS = {
    "check_access",
    "has_access",
    "_filtered_access",
    "has_group",
    "has_groups",
    "_document_check_access",
    "_accessible_order",
}
# Where no person's authority is in question: file and method, and why.
WITHOUT_CHECK = {
    ("models/review/sale_order.py", "SaleOrder.write"): "Odoo asks; reviews follow whose order it is",
    ("models/stock_move_followed.py", "StockMove.write"): "Odoo asks; milestones follow for which order it was moved",
    ("models/stock_move_line_left.py", "StockMoveLine.create"): "Odoo asked; what left is noted, whoever moved it",
    ("models/stock_move_line_left.py", "StockMoveLine.write"): "Odoo asks; what left is noted, whoever moved it",
}


def _sources():
    for addon in paths.addons():
        for file in sorted((paths.ROOT / addon).rglob("*.py")):
            if not {"tests", "migrations"} & set(file.relative_to(paths.ROOT / addon).parts):
                yield file


def _name(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _decorators(method):
    for decorator in method.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield ast.unparse(called)


def _is_called_by_clients(method):
    decorators = set(_decorators(method))
    if "api.private" in decorators:
        return False
    return not method.name.startswith("_") or bool(decorators & {"api.onchange", "http.route"})


def _becomes_superuser(call):
    """``sudo(False)`` is the way back; another user may be the superuser too."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    if _name(call) == "sudo":
        return not (arguments and isinstance(arguments[0], ast.Constant) and not arguments[0].value)
    return _name(call) == "with_user" and "SUPERUSER_ID" in ast.unparse(call)


def _is_check(call):
    name = _name(call)
    return name in CHECKS or name.startswith("_check_")


def _unchecked(tree):
    """Return the qualified names of methods that become superuser before they check anything."""
    for cls in ast.walk(tree):
        for method in cls.body if isinstance(cls, ast.ClassDef) else ():
            if isinstance(method, ast.FunctionDef) and _is_called_by_clients(method):
                calls = [node for node in ast.walk(method) if isinstance(node, ast.Call)]
                superuser = [call.lineno for call in calls if _becomes_superuser(call)]
                checked = [call.lineno for call in calls if _is_check(call)]
                if superuser and not (checked and min(checked) < min(superuser)):
                    yield f"{cls.name}.{method.name}"


def _found():
    return {
        (str(file.relative_to(paths.ROOT).relative_to(file.relative_to(paths.ROOT).parts[0])), name)
        for file in _sources()
        for name in _unchecked(ast.parse(file.read_text()))
    }


def test_authority_is_checked_first():
    assert sorted(_found() - WITHOUT_CHECK.keys()) == []


def _asking_superuser(tree):
    """Return the constraints that ask as superuser, as whom Odoo checks them, what the person may do."""
    for method in ast.walk(tree):
        if isinstance(method, ast.FunctionDef) and "api.constrains" in set(_decorators(method)):
            for node in ast.walk(method):
                asks = isinstance(node, ast.Call) and _name(node) in ("check_access", "has_access", "_filtered_access")
                if ast.unparse(node).endswith("env.su") or (asks and ".sudo(False)." not in ast.unparse(node.func)):
                    yield f"{method.name}: {ast.unparse(node)}"


def test_constraints_ask_the_person():
    assert [asked for file in _sources() for asked in _asking_superuser(ast.parse(file.read_text()))] == []
    blind = "class A:\n @api.constrains('a')\n def b(self):\n  self.order_id.check_access('write')"
    assert len(list(_asking_superuser(ast.parse(blind)))) == 1


def test_what_needs_no_check_is_there():
    assert sorted(WITHOUT_CHECK.keys() - _found()) == []


@pytest.mark.parametrize(
    ("method", "found"),
    [
        ("def act(self):\n  self.sudo().state = 'sale'", True),
        ("def act(self):\n  self.check_access('write')\n  self.sudo().state = 'sale'", False),
        ("def act(self):\n  self.sudo().state = 'sale'\n  self.check_access('write')", True),
        ("def act(self):\n  self.sudo(False).state = 'sale'", False),
        ("def act(self):\n  self.with_user(SUPERUSER_ID).state = 'sale'", True),
        ("def _act(self):\n  self.sudo().state = 'sale'", False),
        ("@api.private\n def act(self):\n  self.sudo().state = 'sale'", False),
        ("@api.onchange('state')\n def _act(self):\n  self.sudo().state = 'sale'", True),
        ("@http.route(['/a'])\n def act(self):\n  request.env['sale.order'].sudo().search([])", True),
    ],
)
def test_it_is_noticed(method, found):
    assert bool(list(_unchecked(ast.parse(f"class Order:\n {method}")))) == found
