"""What the web client asks a server for, when it shows lists, cards and forms.

It reads with the specification that it derives from a view (getFieldsSpec in web/static/src/model/relational_model).
"""

import ast

from lxml import etree

from odoo.tools.safe_eval import safe_eval

X2MANY = ("one2many", "many2many")
ACTIVITY = (
    "activity_exception_decoration", "activity_exception_icon", "activity_state", "activity_summary",
    "activity_type_icon", "activity_type_id",
)  # fmt: skip
# Fields of the same record that a widget asks for.
WIDGET_DEPENDENCIES = {
    "list_activity": ACTIVITY,
    "kanban_activity": ACTIVITY,
    "analytic_distribution": ("analytic_precision",),
    "statusbar_duration": ("duration_tracking",),
}
MOST_COUNTED = 10_001


class Client:
    """The web client of one person, that has the views already."""

    def __init__(self):
        self._known = {}

    def get_order_views(self, env):
        """Get the views of orders: the one request of which only the server remembers anything."""
        views = [("sale.view_quotation_tree_with_onboarding", "list"), ("sale.view_order_form", "form")]
        return _get_views(env["sale.order"], views)

    def _order_spec(self, env, kind, columns=()):
        if "sale.order" not in self._known:
            answer = self.get_order_views(env)
            self._known["sale.order"] = {view: _spec_of(answer, view, "sale.order") for view in ("list", "form")}
        spec = dict(self._known["sale.order"][kind])
        fields = env["sale.order"]._fields
        for name in columns:
            spec.setdefault(name, {"fields": {"display_name": {}}} if fields[name].relational else {})
        return spec

    def read_orders(self, env, domain, columns=(), limit=80):
        """Read a page of the list of orders.

        :param columns: fields that are read besides those of the list
        """
        return _read_page(env["sale.order"], domain, self._order_spec(env, "list", columns), limit)

    def read_order(self, env, order_id):
        """Read what the form of an order shows."""
        return env["sale.order"].with_context(bin_size=True).browse(order_id).web_read(self._order_spec(env, "form"))

    def read_action(self, env, xmlid, kind, limit):
        """Read the first page of an action in one of its views, as it opens: with its filters, and in its order."""
        key = (xmlid, kind)
        if key not in self._known:
            self._known[key] = _opened(env, xmlid, kind)
        model, spec, domain, order = self._known[key]
        return _read_page(env[model], domain, spec, limit, order=order)


def _read_page(model, domain, spec, limit, **more):
    model = model.with_context(bin_size=True)
    return model.web_search_read(domain, spec, limit=limit, count_limit=MOST_COUNTED, **more)


def _get_views(model, views):
    return model.get_views(
        [*((model.env.ref(xmlid).id, kind) for xmlid, kind in views), (False, "search")],
        {"toolbar": True, "load_filters": True},
    )


def _opened(env, xmlid, kind):
    """Model, specification, domain and order with which an action opens in one of its views."""
    action = env["ir.actions.actions"]._for_xml_id(xmlid)
    model = env[action["res_model"]]
    answer = model.get_views(
        [*((view_id, mode) for view_id, mode in action["views"] if mode == kind), (action["search_view_id"], "search")],
        {"toolbar": True, "load_filters": True},
    )
    search = etree.fromstring(answer["views"]["search"]["arch"])
    domain = []
    for name in ast.literal_eval(action["context"]):
        [of_filter] = search.xpath(f"//filter[@name='{name.removeprefix('search_default_')}']/@domain")
        domain += safe_eval(of_filter, {"uid": env.uid})
    order = etree.fromstring(answer["views"][kind]["arch"]).get("default_order")
    return model._name, _spec_of(answer, kind, model._name), domain, order


def _spec_of(answer, kind, model):
    return _spec(etree.fromstring(answer["views"][kind]["arch"]), model, answer["models"])


def _field_nodes(root):
    """The fields of a view, but not those of the views within it."""
    todo = list(root)
    while todo:
        node = todo.pop(0)
        if not isinstance(node.tag, str):
            continue
        if node.tag == "field":
            yield node
        elif node.tag != "groupby":
            todo[:0] = list(node)


def _spec(root, model, models):
    spec, fields = {}, models[model]["fields"]
    for node in _field_nodes(root):
        name = node.get("name")
        if name not in fields:
            continue
        if not spec.get(name):
            spec[name] = _spec_of_field(node, fields[name], models)
        for dependency in WIDGET_DEPENDENCIES.get(node.get("widget"), ()):
            if dependency in fields:
                spec.setdefault(dependency, {})
    return spec


def _spec_of_field(node, field, models):
    hidden = node.get("invisible") in ("True", "1")
    if field["type"] in X2MANY:
        related = _related_spec(node, field, models)
        return {"fields": related, "limit": 40} if related is not None and not hidden else {}
    if field["type"] not in ("many2one", "reference"):
        return {}
    item = {"fields": {} if hidden else {"display_name": {}}}
    context = _literal(node.get("context"))
    return {**item, "context": context} if context and not hidden else item


def _related_spec(node, field, models):
    views = {sub.tag: sub for sub in node if isinstance(sub.tag, str)}
    sub = views.get("list", views.get("kanban"))
    if sub is not None and field["relation"] in models:
        return _spec(sub, field["relation"], models)
    if not (node.get("widget") or "").startswith("many2many_"):
        return None
    colour = (_literal(node.get("options")) or {}).get("color_field")
    return {"display_name": {}, **({colour: {}} if colour else {})}


def _literal(text):
    try:
        return ast.literal_eval(text) if text else None
    except (ValueError, SyntaxError):
        return None
