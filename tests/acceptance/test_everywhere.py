"""Everybody opens everything that he sees."""

import re
from pathlib import Path

import pytest

WALK = Path(__file__).with_name("walk.js").read_text()
SALES, POLICY = "sale.sale_menu_root", "order_policy.menu_order_policy_root"
OTHER_APPS = ["stock.menu_stock_root", "mrp.menu_mrp_root", "purchase.menu_purchase_root", "account.menu_finance"]

# Who walks how far. People with the same rights click on the same filters, so one of them does; what they find in the
# records differs, so everybody opens these.
RECORDS = {"records": 2, "groups": False}
GROUPS = {"records": 2, "groups": True}
DEPTHS = {
    "admin": {"records": 1, "groups": False, "apps": [SALES, POLICY, *OTHER_APPS]},
    "archive-keeper": GROUPS,
    "demo": {"records": 1, "groups": False},
    "finance-clerk": RECORDS,
    "finance-head": GROUPS,
    "general-manager": RECORDS,
    "policy-admin": {**GROUPS, "bot": [POLICY]},
    "policy-supervisor": GROUPS,
    "production-planner": RECORDS,
    "quality-inspector": RECORDS,
    "sales-anna": {**GROUPS, "bot": [SALES, POLICY]},
    "sales-chen": RECORDS,
    "sales-head": {**GROUPS, "bot": [SALES]},
    "warehouse-keeper": RECORDS,
}
# Two at a time, those with as much to see together: the machines that this runs on have two cores at least.
PAIRS = [
    ("sales-chen", "finance-clerk"),
    ("production-planner", "general-manager"),
    ("quality-inspector", "warehouse-keeper"),
    ("policy-supervisor", "archive-keeper"),
    ("admin", "demo"),
    ("finance-head", "policy-admin"),
    ("sales-anna", "sales-head"),
]


def _walk(clients):
    """Let several people walk at the same time; each error says where it was met."""
    for client in clients:
        client.page.add_script_tag(content=WALK)
        client.page.evaluate("depth => void walk(depth).finally(() => window.walked = true)", DEPTHS[client.login])
    walking, known = list(clients), dict.fromkeys(clients, 0)
    while walking:
        walking[0].page.wait_for_timeout(500)
        for client in walking:
            if len(client.errors) > known[client]:
                known[client] = len(client.errors)
                client.picture(f"trouble {client.login} {client.place}")
        walking = [client for client in walking if not client.page.evaluate("window.walked")]
    for client in clients:
        for text in client.page.evaluate("[...untranslated]"):
            print(f"{client.login} reads English: {text}")
    errors = [error for client in clients for error in client.errors]
    for client in clients:
        client.errors.clear()
    assert not errors, "\n\n".join(errors)


@pytest.mark.parametrize("logins", PAIRS, ids="+".join)
def test_everything_opens(sit_down, logins):
    _walk([sit_down(login) for login in logins])


def test_everybody_of_the_demo_walks(sit_down):
    admin = sit_down("admin")
    users = admin.call("res.users", "search_read", [("share", "=", False)], ["login"])
    assert {user["login"] for user in users} == set(DEPTHS) == {login for pair in PAIRS for login in pair}


def _read(customer, path):
    """Read a page or a paper; return where the page leads to."""
    if "report_type=" in path:
        answer = customer.page.request.get(f"{customer.url}{path}")
        assert answer.ok and answer.body(), f"{path}: {answer.status}"
        return []
    answer = customer.page.goto(f"{customer.url}{path}")
    assert answer.status == 200, f"{path}: {answer.status}"
    customer.page.add_script_tag(content=WALK)
    customer.page.evaluate("readPage()")
    return customer.page.eval_on_selector_all(
        "#wrapwrap a[href*='/my/']", "links => links.map(link => link.getAttribute('href'))"
    )


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_customers_read_all_their_pages(sit_down, phone):
    customer = sit_down("portal", phone=phone)
    seen, ahead = set(), ["/my", "/my/home", "/my/quotes", "/my/orders"]
    while ahead:
        path = ahead.pop()
        # A list is the same one in whatever order it is.
        alike = re.sub(r"=[^&]*", "", path)
        if alike not in seen and path.startswith("/my"):
            seen.add(alike)
            ahead += _read(customer, path)
    assert sum(path.startswith("/my/orders/") for path in seen) > 1, seen
    customer.check_no_errors()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_customers_read_what_they_were_sent(sit_down, phone):
    """Whoever got a link to an order opens it without an account, whatever became of the order."""
    admin, customer = sit_down("admin"), sit_down(None, phone=phone)
    what = ["policy_stage", "state", "require_signature", "change_ids"]
    orders = admin.call("sale.order", "search_read", [("policy_id", "!=", False)], what)
    different = {(*(order[field] for field in what[:3]), bool(order["change_ids"])): order["id"] for order in orders}
    assert len(different) > 5
    for order in different.values():
        _read(customer, admin.call("sale.order", "action_preview_sale_order", [order])["url"])
    customer.check_no_errors()
